# http.bats: the whole story, with curl and a real web server on loopback that is switched to failing and back.
load helper

setup() {
	make_private
	start httpd "$BATS_TEST_DIRNAME/../tools/httpd" "$DIR"
	HTTPD=$PID
	eventually test -s httpd.out
	URL=http://127.0.0.1:$(cat httpd.out)/
}

# connections N: so many have reached the server.
connections() {
	has_lines connections "$1"
}

# call PROGRAM [OPTION...]: the guarded curl.
call() {
	local program=$1
	shift
	"$program" -n api -f 5 "$@" -- curl -fsS "$URL"
}

tried_again() {
	real check -q api
}

CURL_FAILED="curl: (22) The requested URL returned error: 503"

@test "a failing server opens the breaker, is left in peace, is tried again, and closes it" {
	# up: calls get through
	expect 0 "up" "" call cbrun -o 1h
	assert_field api '[.state, .totals.calls, .totals.successes]' '["closed",1,1]'

	# down: five calls run and fail
	touch down
	for failures in 1 2 3 4 5; do
		assert_state api closed
		expect 22 "" "$CURL_FAILED" call cbrun -o 1h
		assert_field api '[.consecutive_failures, .totals.failures, .last_exit]' "[$failures,$failures,22]"
	done
	assert connections 6
	assert_field api '[.state, .reason, .window.failures, .window.calls, .retry_after_seconds > 3500]' \
		'["open","5 consecutive failures",5,6,true]'

	# open: the sixth call is rejected at once, without a connection
	expect 75 "" "~cbrun: api: open \(5 consecutive failures\), retry in $HOUR" call cbrun -o 1h
	assert connections 6
	assert_field api '[.totals.calls, .totals.rejected]' '[6,1]'
	expect 0 "~NAME .*
api   open +[0-9]+s +6 +5 +1  5 consecutive failures \(exit 22\), retry in $HOUR" "" cbrun status

	# half-open: the trial call fails, and it opens again
	advance 1h
	assert_state api half-open
	assert connections 6
	expect 22 "" "$CURL_FAILED" call cbrun -o 1h
	assert connections 7
	assert_field api '[.state, .reason, .reopenings]' '["open","1 failed trial call",1]'
	expect 75 "" "~cbrun: api: open \(1 failed trial call\), retry in $HOUR" call cbrun
	assert connections 7

	# up again: three successful trial calls close it
	rm down
	expect 75 "" "~cbrun: api: open .*" call cbrun
	advance 1h
	for successes in 0 1 2; do
		assert_field api '[.state, .trial_successes]' "[\"half-open\",$successes]"
		expect 0 "up" "" call cbrun
	done
	assert connections 10
	assert_field api '[.state, .reason, .consecutive_failures, .window.calls, .retry_after_seconds]' \
		'["closed","3 successful trial calls",0,0,null]'
	expect 0 "up" "" call cbrun

	# and what the story was
	assert_field api '.totals | [.calls, .successes, .failures, .rejected, .transitions]' '[11,5,6,3,5]'
	assert_equal "$(cbrun history api --json | jq -r '.exit // "\(.from)>\(.to)"' | paste -sd ' ')" \
		"0 22 22 22 22 22 closed>open open>half-open 22 half-open>open open>half-open 0 0 0 half-open>closed 0"
}

@test "the real program keeps callers away from a failing server" {
	touch down
	for _ in 1 2 3 4 5; do
		expect 22 "" "$CURL_FAILED" call real -o 1h
	done
	for _ in 1 2 3; do
		expect 75 "" "~cbrun: api: open \(5 consecutive failures\), retry in $HOUR" call real -o 1h
	done
	assert connections 5
}

@test "the real program tries a server again when the time is over" {
	touch down
	repeat 5 call real -o 1ms
	eventually tried_again
	rm down
	for _ in 1 2 3; do
		expect 0 "up" "" call real
	done
	assert_equal "$(real history api --json | jq -r '.exit // "\(.from)>\(.to)"' | paste -sd ' ')" \
		"22 22 22 22 22 closed>open open>half-open 0 0 0 half-open>closed"
	assert connections 8
}

@test "a server that does not answer in time is a timeout" {
	kill -STOP "$HTTPD"
	expect 124 "" "" call cbrun -t 300ms
	kill -CONT "$HTTPD"
	assert_field api '.totals | [.failures, .timeouts]' '[1,1]'
}

@test "a server that is not there is a failure" {
	kill "$HTTPD"
	wait "$HTTPD" || :
	expect 7 "" "~curl: \(7\) Failed to connect .*" call cbrun
	assert_field api '[.consecutive_failures, .last_exit]' '[1,7]'
}
