# breaker.bats: closed, open, half-open, and what a guarded run gets to see of it.
load helper

# minutes_in_state NAME: rounded.
minutes_in_state() {
	field "$1" "(now + $WALL_MS / 1000 - (.since | .[:19] + \"Z\" | fromdate)) / 60 | round"
}

# --- closed, until failures in a row open it ---

@test "five failures in a row open it, and the sixth call is rejected at once and does not run" {
	for _ in 1 2 3 4 5; do
		expect 0 "" "" cbrun check api
		expect 22 "" "" cbrun -n api -o 1h -- sh -c 'echo >>ran; exit 22'
	done
	assert_state api open
	expect 75 "" "~cbrun: api: open \(5 consecutive failures\), retry in $HOUR" \
		cbrun -n api -o 1h -- sh -c 'echo >>ran'
	assert has_lines ran 5
	assert_field api '[.totals.calls, .totals.rejected]' '[5,1]'
}

@test "a success ends the streak" {
	repeat 4 cbrun -n api false
	assert_field api .consecutive_failures 4
	cbrun -n api true
	assert_field api .consecutive_failures 0
	repeat 4 cbrun -n api false
	assert_state api closed
	cbrun -n api false || :
	assert_state api open
}

@test "--failures says how many" {
	repeat 2 cbrun -n api -f 3 false
	assert_state api closed
	repeat 1 cbrun -n api -f 3 false
	assert_field api '[.state, .reason]' '["open","3 consecutive failures"]'
}

@test "--failures 0 leaves the rates alone to decide" {
	repeat 9 cbrun -n api -f 0 false
	assert_state api closed
	repeat 1 cbrun -n api -f 0 false
	assert_field api '[.state, .reason]' '["open","failure rate 100% (10 of 10 calls)"]'
}

@test "--reject-exit is the exit status of a rejected call" {
	opened api
	expect 0 "" "~cbrun: api: open \(1 consecutive failure\), retry in $HOUR" cbrun -n api --reject-exit 0 -- echo ran
}

@test "the time to wait is told in two units at most, rounded up" {
	opened api -o 90m
	advance 5s
	expect 75 "" "~cbrun: api: open \(1 consecutive failure\), retry in 1h29m[0-9]*s?" cbrun -n api -- echo ran
}

@test "--within counts the failures of the last while, whatever succeeds between them" {
	for _ in 1 2; do
		cbrun -n api -f 3 --within 1h false || :
		cbrun -n api -f 3 --within 1h true
	done
	assert_state api closed
	cbrun -n api -f 3 --within 1h false || :
	assert_field api '[.state, .reason]' '["open","3 failures within 1h"]'
}

@test "--within forgets failures that are older" {
	repeat 2 cbrun -n api -f 3 --within 1h false
	advance 1h
	repeat 2 cbrun -n api -f 3 --within 1h false
	assert_state api closed
	cbrun -n api -f 3 --within 1h false || :
	assert_state api open
}

# --- open, until the deadline ---

@test "it rejects until the deadline, and the deadline itself makes it half-open" {
	opened api
	advance 59m
	assert_state api open
	advance 1m
	assert_field api '[.state, .retry_after_seconds, .reason]' '["half-open",null,"open period of 1h is over"]'
}

@test "half-open has lasted since the deadline, whoever notices it when" {
	half_opened api
	advance 10m
	assert_equal "$(minutes_in_state api)" 10
	cbrun -n api true
	assert_equal "$(minutes_in_state api)" 10
	run cbrun status api
	assert_line --regexp '^api +half-open +1h1[0-9]m' # FOR: since it ceased to be closed
}

@test "the policy of a later call does not move a deadline" {
	opened api
	advance 59m
	expect 75 "" "~cbrun: api: open .*, retry in [0-9]+s|.*1m" cbrun -n api -o 1s -- echo ran
	advance 1m
	expect 0 "ran" "" cbrun -n api -o 5h -- echo ran
}

@test "--jitter lengthens an open period by a share that is drawn once" {
	opened api --jitter 100
	first=$(field api .retry_after_seconds)
	assert_field api '.retry_after_seconds | . > 3500 and . <= 7200' true
	cbrun -q -n api --jitter 100 true || :
	advance 10m
	assert_field api "$first - 600 - .retry_after_seconds | . >= 0 and . < 60" true
}

# --- half-open, and its trial calls ---

@test "three successful trial calls close it and clear what it remembered" {
	half_opened api
	for successes in 1 2; do
		expect 0 "" "" cbrun -n api true
		assert_field api '[.state, .trial_successes]' "[\"half-open\",$successes]"
	done
	expect 0 "" "" cbrun -n api true
	assert_field api '[.state, .reason, .consecutive_failures, .trial_successes, .window.calls]' \
		'["closed","3 successful trial calls",0,0,0]'
	assert_transitions api "closed>open open>half-open half-open>closed"
}

@test "--successes says how many close it" {
	half_opened api
	cbrun -n api --successes 1 true
	assert_state api closed
}

@test "a failed trial call opens it again" {
	half_opened api
	expect 1 "" "" cbrun -n api -o 1h false
	assert_field api '[.state, .reason, .reopenings]' '["open","1 failed trial call",1]'
	expect 75 "" "~cbrun: api: open \(1 failed trial call\), retry in $HOUR" cbrun -n api -- echo ran
	assert_transitions api "closed>open open>half-open half-open>open"
}

@test "--probe-failures says how many open it again, and successes between do not matter" {
	half_opened api
	for command in false true false; do
		assert_state api half-open
		cbrun -n api --probe-failures 3 $command || :
	done
	assert_state api half-open
	repeat 1 cbrun -n api --probe-failures 3 false
	assert_field api .reason "3 failed trial calls"
}

@test "a trial call over the time limit of --probe-timeout is a failed one" {
	half_opened api
	expect 124 "" "" cbrun -n api -t 20s --probe-timeout 50ms sleep 120
	assert_field api '[.state, .totals.timeouts]' '["open",1]'
}

@test "trial calls enter no window" {
	half_opened api
	repeat 2 cbrun -n api true
	assert_field api '.window | [.calls, .failures]' '[1,1]'
}

# --- how long it opens ---

@test "each reopening lasts --open-factor times longer, up to --open-max" {
	opened api -o 1h --open-factor 3 --open-max 10h
	for hours in 3 9 10 10; do
		advance 10h
		cbrun -n api -o 1h --open-factor 3 --open-max 10h false || :
		assert_field api '.retry_after_seconds / 3600 * 50 | ceil / 50' "$hours"
	done
}

@test "closing resets the growth" {
	half_opened api
	cbrun -n api -o 1h --open-factor 3 --open-max 10h false || :
	advance 3h
	repeat 3 cbrun -n api true
	assert_field api '[.state, .reopenings]' '["closed",0]'
	opened api --open-factor 3 --open-max 10h
	assert_field api '.retry_after_seconds <= 3600' true
}

@test "--open-max below --open-for does not shorten it" {
	opened api --open-max 1m
	assert_field api '.retry_after_seconds > 3000' true
}

# --- one breaker and another ---

@test "two breakers do not influence each other" {
	opened api
	expect 0 "ran" "" cbrun -n web -- echo ran
	assert_field web '[.state, .totals.calls, .totals.rejected]' '["closed",1,0]'
	repeat 3 cbrun -n web -f 9 false
	assert_field api '[.totals.calls, .totals.rejected]' '[1,0]'
}

@test "two stores do not influence each other" {
	opened api
	expect 0 "ran" "" cbrun --store "$DIR/other/s.db" -n api -- echo ran
	expect 75 "" "~cbrun: api: open .*" cbrun -n api -- echo ran
	assert_field api .totals.calls 1
}

# --- time ---

@test "a wall clock that is set forward or back neither opens nor holds a breaker" {
	opened api
	step_wall 400d
	assert_state api open
	step_wall -800d
	assert_state api open
	advance 59m
	assert_state api open
	advance 1m
	assert_state api half-open
}

@test "across a restart the open period goes by the wall clock" {
	opened api
	reboot_clock 30m
	assert_field api '[.state, .retry_after_seconds > 1700, .retry_after_seconds <= 1800]' '["open",true,true]'
	advance 30m
	assert_state api half-open
}

@test "across a restart with a clock set back, a deadline beyond the open period counts as passed" {
	opened api
	reboot_clock -2h
	assert_state api half-open
	expect 0 "ran" "" cbrun -n api -- echo ran
}

@test "a clock set back makes no old failure new, and one set forward no new one old" {
	repeat 2 cbrun -n api -f 3 --within 1h false
	advance 2h
	step_wall -2h
	cbrun -n api -f 3 --within 1h false || :
	assert_state api closed
	step_wall 300d
	repeat 2 cbrun -n api -f 3 --within 1h false
	assert_state api open
}
