# hints.bats: --hints, by which a command tells more of its outcome than an exit status can.
load helper

# say LINE...: a command that gives these hints, and exits with $STATUS.
say() {
	printf 'printf "%%s\\n"'
	printf " '%s'" "$@"
	printf ' >&"$BREAKER_HINT_FD"; exit %s' "${STATUS:-0}"
}

# hinted LINE...: one call of it.
hinted() {
	expect "${STATUS:-0}" "" "" cbrun -n api -f 2 -o 30s --open-max 10m --hints "${OPTIONS[@]}" -- sh -c "$(say "$@")"
}

# assert_last OUTCOME CAUSE: how the last call of it ended.
assert_last() {
	assert_equal "$(cbrun history api --json | jq -r 'select(.kind == "call").outcome' | tail -n 1)" "$1"
}

@test "a command that exits with 0 can say that the call has failed" {
	hinted "outcome failure"
	hinted "outcome failure"
	assert_field api '[.state, .totals.failures, .last_exit]' '["open",2,0]'
}

@test "a command that fails can say that the service is well" {
	STATUS=1 hinted "outcome success"
	assert_field api '[.totals.calls, .totals.successes, .last_exit]' '[1,1,1]'
}

@test "a command can say that its outcome is none of the service's" {
	STATUS=1 hinted "outcome ignored"
	assert_field api '[.totals.ignored, .totals.failures]' '[1,0]'
}

@test "a failure with retry-after opens the breaker at once, for that long" {
	STATUS=1 hinted "retry-after 90" "reason HTTP 429"
	assert_field api '[.state, .reason]' '["open","the service asked to be left alone for 1m30s: HTTP 429"]'
	advance 1m
	assert_state api open
	advance 30s
	assert_state api half-open
}

@test "retry-after is at most --open-max, and nothing with a success" {
	hinted "retry-after 90"
	assert_state api closed
	STATUS=1 hinted "retry-after 86400"
	advance 9m
	assert_state api open
	advance 1m
	assert_state api half-open
}

@test "retry-after takes the time that HTTP may give, by the wall clock, and never one that is over" {
	WALL_MS=$(($(date +%s -d '2026-10-21 07:00:00 UTC') * 1000 - $(date +%s) * 1000))
	write_clock
	STATUS=1 hinted "retry-after Wed, 21 Oct 2026 06:59:00 GMT"
	assert_field api '[.state, .totals.failures]' '["closed",1]'
	STATUS=1 hinted "retry-after Wed, 21 Oct 2026 07:08:00 GMT"
	assert_field api '[.state, (.retry_after_seconds | . > 400 and . <= 480)]' '["open",true]'
	advance 10m
	OPTIONS=(--probes 1)
	STATUS=1 hinted "retry-after Wed, 21 Oct 2099 07:08:00 GMT" # at most --open-max
	assert_field api '[.state, (.retry_after_seconds | . > 500 and . <= 600)]' '["open",true]'
}

@test "hints count before the lists and the table of programs" {
	OPTIONS=(--ignore-on 3 --outcomes ssh)
	STATUS=3 hinted "outcome failure"
	assert_field api .totals.failures 1
}

@test "of several attempts the last one's hints count" {
	count() {
		cbrun -n api --hints -r 2 --retry-delay 1ms -- sh -c 'echo x >>n
			[ "$(wc -l <n)" -eq 3 ] || echo "outcome failure" >&"$BREAKER_HINT_FD"'
	}
	expect 0 "" "" count
	assert has_lines n 3
	assert_field api '[.totals.successes, .totals.retries]' '[1,2]'
}

@test "a call that ran past its time limit is that, whatever it has said" {
	expect 124 "" "" real -n api --hints -t 0.5s -- sh -c 'echo outcome success >&"$BREAKER_HINT_FD"; exec sleep 120'
	assert_last timeout
}

@test "a line that is no hint is told with -v, with its control characters escaped" {
	wrong() {
		cbrun -n api --hints "$@" -- sh -c "printf 'out\033come failure\n' >&\$BREAKER_HINT_FD"
	}
	expect 0 "" "" wrong
	expect 0 "" "~cbrun: api: closed, running 'sh'
cbrun: the command wrote a line that is not a hint: 'out\\\\ecome failure'
cbrun: api: exit 0 after [0-9ms]+: success" wrong -v
	assert_field api .totals.successes 2
}

@test "a command that writes more than a pipe holds is not held up" {
	expect 1 "" "" cbrun -n api --hints -- sh -c 'yes "reason what is there" | head -n 50000 >&"$BREAKER_HINT_FD"
		echo "outcome ignored" >&"$BREAKER_HINT_FD"; exit 1'
	assert_last ignored
}

@test "what outlives the command does not hold up the call" {
	start late "$CBRUN" -n api --hints -- sh -c 'sleep 60 & echo $! >pid; echo "outcome ignored" >&"$BREAKER_HINT_FD"; exit 1'
	wait "$PID" || :
	assert_last ignored
	run kill "$(cat pid)"
	assert_success
}

@test "a shell that knows descriptors of one digit can write to it" {
	full() {
		cbrun -n api --hints -- sh -c 'case $BREAKER_HINT_FD in [4-9]) echo one digit ;; *) echo "$BREAKER_HINT_FD" ;; esac' 3<&0
	}
	expect 0 "one digit" "" full
}

# has PROGRAM...: which of the first descriptors the command has, and the variable.
has() {
	"$@" sh -c 'for fd in /proc/$$/fd/?; do
		[ -e "$fd" ] && printf "%s " "${fd##*/}"
	done; echo "${BREAKER_HINT_FD-none}"' 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
}

@test "without --hints there is neither a descriptor nor a variable" {
	expect 0 "0 1 2 none" "" has cbrun -n api --
}

@test "the command gets one descriptor more, and no other of cbrun's" {
	expect 0 "0 1 2 3 3" "" has cbrun -n api --hints --output failure --stale-ok 1h -r 1 --
}

@test "hints pass through a cbrun that was not asked for them to one that was" {
	expect 1 "" "" cbrun -n outer --hints -- "$CBRUN" -n inner -- sh -c 'echo outcome ignored >&"$BREAKER_HINT_FD"; exit 1'
	assert_field outer .totals.ignored 1
	assert_field inner .totals.failures 1
}

@test "of two that were asked for hints the inner one gets them" {
	expect 1 "" "" cbrun -n outer --hints -- "$CBRUN" -n inner --hints -- sh -c 'echo outcome ignored >&"$BREAKER_HINT_FD"; exit 1'
	assert_field outer .totals.failures 1
	assert_field inner .totals.ignored 1
}

# --- the recipe for curl ---

HINTED_CURL=$(realpath "$BATS_TEST_DIRNAME/../../contrib/hinted-curl")

start_httpd() {
	start httpd "$BATS_TEST_DIRNAME/../tools/httpd" "$DIR"
	eventually test -s httpd.out
	URL=http://127.0.0.1:$(cat httpd.out)
}

# get STATUS STDOUT STDERR PATH [OPTION...]
get() {
	expect "$1" "$2" "$3" cbrun -n api -f 2 -o 30s --outcomes curl --hints "${@:5}" -- "$HINTED_CURL" -f "$URL$4"
}

@test "hinted-curl tells a page that does not exist from a server in trouble" {
	start_httpd
	get 0 "up" "" /
	get 22 "" "curl: (22) The requested URL returned error: 404" /404
	assert_field api '[.totals.successes, .totals.ignored, .totals.failures]' '[1,1,0]'
	get 22 "" "curl: (22) The requested URL returned error: 503" /503
	assert_field api '[.state, .totals.failures]' '["closed",1]'
	get 22 "" "curl: (22) The requested URL returned error: 503" /503
	assert_state api open
}

@test "hinted-curl leaves a server alone for as long as that asks for" {
	start_httpd
	get 22 "" "curl: (22) The requested URL returned error: 429" "/429?120"
	assert_field api '[.state, .reason]' '["open","the service asked to be left alone for 2m: HTTP 429"]'
	get 75 "" "~cbrun: api: open \(the service asked .*" /
	advance 2m
	get 0 "up" "" / --successes 1
	assert_state api closed
}

@test "hinted-curl leaves a server alone until the time that that names" {
	start_httpd
	get 22 "" "curl: (22) The requested URL returned error: 503" "/503?+7200" --open-max 1d
	assert_field api '[.state, (.retry_after_seconds | . > 7000 and . <= 7200)]' '["open",true]'
}

@test "hinted-curl leaves a server that does not answer to curl's exit status" {
	URL=http://127.0.0.1:1
	get 7 "" "~curl: \(7\) Failed to connect .*" /
	assert_field api .totals.failures 1
	URL=htp://x
	get 1 "" "~curl: \(1\) Protocol .*" /
	assert_field api '[.totals.failures, .totals.ignored]' '[1,1]'
}

@test "hinted-curl without --hints is curl" {
	start_httpd
	expect 0 "up" "" private "$HINTED_CURL" "$URL/"
	expect 2 "" "~curl: option --nosuch: is unknown
.*" private "$HINTED_CURL" --nosuch
}
