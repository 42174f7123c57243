# rules.bats: what counts as what, the rates, and the modes that let calls run or not.
load helper

# --- outcomes ---

@test "a time limit is a failure, counted as a timeout too" {
	expect 124 "" "" cbrun -n api -t 50ms sleep 120
	assert_field api '.totals | [.calls, .failures, .timeouts]' '[1,1,1]'
	assert_field api '[.consecutive_failures, .last_exit]' '[1,124]'
}

@test "death by a signal is a failure" {
	expect 137 "" "" cbrun -n api -- sh -c 'kill -KILL $$'
	assert_field api '.totals | [.failures, .timeouts]' '[1,0]'
}

@test "a command that cannot be started is ignored: no failure, no success" {
	echo data >"$DIR/data"
	repeat 4 cbrun -n api -f 5 false
	run -127 cbrun -n api -f 5 no-such-command
	run cbrun -n api -f 5 ./data
	assert_field api '[.state, .consecutive_failures, .window.calls, .totals.ignored, .last_exit]' '["closed",4,4,2,126]'
}

@test "126 and 127 as the command's own exit status are failures" {
	run -126 cbrun -n api -- sh -c 'exit 126'
	run -127 cbrun -n api -- sh -c 'exit 127'
	assert_field api '[.totals.failures, .totals.ignored]' '[2,0]'
}

@test "a call that a signal to cbrun cancelled is ignored" {
	start call "$CBRUN" -n api -f 1 -- sh -c 'echo >started; exec sleep 120'
	eventually test -e started
	kill -TERM "$PID"
	finish "$PID" 143
	assert_field api '[.state, .totals.calls, .totals.ignored, .consecutive_failures]' '["closed",1,1,0]'
}

@test "an ignored trial call gives its permit back and decides nothing" {
	half_opened api
	for _ in 1 2 3; do
		run -127 cbrun -n api --probes 1 no-such-command
	done
	assert_field api '[.state, .trial_successes, .in_flight]' '["half-open",0,0]'
	expect 0 "ran" "" cbrun -n api --probes 1 -- echo ran
}

@test "--success-on says which exit statuses are successes" {
	expect 3 "" "" cbrun -n api --success-on 0,3-4,SIGUSR1 -- sh -c 'exit 3'
	expect 138 "" "" cbrun -n api --success-on 0,3-4,SIGUSR1 -- sh -c 'kill -USR1 $$'
	expect 5 "" "" cbrun -n api --success-on 0,3-4,SIGUSR1 -- sh -c 'exit 5'
	assert_field api '.totals | [.successes, .failures]' '[2,1]'
}

@test "--ignore-on says which outcomes count as neither" {
	expect 7 "" "" cbrun -n api -f 1 --ignore-on 7,signal,timeout -- sh -c 'exit 7'
	expect 143 "" "" cbrun -n api -f 1 --ignore-on 7,signal,timeout -- sh -c 'kill $$'
	expect 124 "" "" cbrun -n api -f 1 --ignore-on 7,signal,timeout -t 50ms sleep 120
	assert_field api '[.state, .totals.ignored, .totals.calls]' '["closed",3,3]'
}

@test "--failure-on makes the rest succeed" {
	expect 1 "" "" cbrun -n api --failure-on 22,signal -- sh -c 'exit 1'
	expect 22 "" "" cbrun -n api --failure-on 22,signal -- sh -c 'exit 22'
	expect 143 "" "" cbrun -n api --failure-on 22,signal -- sh -c 'kill $$'
	assert_field api '.totals | [.successes, .failures]' '[1,2]'
}

# --- rates ---

@test "a failure rate counts once the window holds --min-calls" {
	repeat 1 cbrun -n api -f 0 --failure-rate 50 --min-calls 4 true
	repeat 2 cbrun -n api -f 0 --failure-rate 50 --min-calls 4 false
	assert_field api '[.state, .window.enough]' '["closed",false]'
	repeat 1 cbrun -n api -f 0 --failure-rate 50 --min-calls 4 false
	assert_field api '[.state, .reason, .window.enough]' '["open","failure rate 75% (3 of 4 calls)",true]'
}

@test "a failure rate that is exactly reached opens it, and a success never does" {
	repeat 2 cbrun -n api -f 0 --failure-rate 50 --min-calls 3 false
	repeat 1 cbrun -n api -f 0 --failure-rate 50 --min-calls 3 true
	assert_field api '[.state, .window.failure_rate > 0.5, .window.enough]' '["closed",true,true]'
	repeat 1 cbrun -n api -f 0 --failure-rate 75 --min-calls 3 false
	assert_field api '[.state, .reason]' '["open","failure rate 75% (3 of 4 calls)"]'
}

@test "a count window forgets calls beyond its size" {
	repeat 2 cbrun -n api -f 0 -w 4 --min-calls 4 --failure-rate 75 false
	repeat 4 cbrun -n api -f 0 -w 4 --min-calls 4 --failure-rate 75 true
	repeat 2 cbrun -n api -f 0 -w 4 --min-calls 4 --failure-rate 75 false
	assert_field api '[.state, .window.calls, .window.failures]' '["closed",4,2]'
	repeat 1 cbrun -n api -f 0 -w 4 --min-calls 4 --failure-rate 75 false
	assert_state api open
}

@test "a time window forgets calls that are as old as it" {
	repeat 3 cbrun -n api -f 0 -w 1h --min-calls 4 false
	assert_field api '.window | [.kind, .size, .calls, .failures]' '["time",3600,3,3]'
	advance 1h
	assert_field api '.window | [.calls, .failures, .failure_rate]' '[0,0,null]'
	repeat 3 cbrun -n api -f 0 -w 1h --min-calls 4 false
	assert_state api closed
	repeat 1 cbrun -n api -f 0 -w 1h --min-calls 4 false
	assert_state api open
}

@test "a slow call is one that takes longer than --slow, and too many of them open it" {
	repeat 3 cbrun -n api --slow 1m --min-calls 3 true
	assert_field api '[.state, .totals.slow]' '["closed",0]'
	repeat 2 cbrun -n api --slow 1ms --min-calls 3 --slow-rate 40 sleep 0.05
	assert_field api '[.state, .reason, .totals.slow]' '["open","slow rate 40% (2 of 5 calls)",2]'
}

@test "a slow success ends the streak of failures" {
	repeat 4 cbrun -n api false
	cbrun -n api --slow 1ms sleep 0.05
	assert_field api '[.state, .consecutive_failures]' '["closed",0]'
}

@test "a slow trial call is a failed one" {
	half_opened api
	expect 0 "" "" cbrun -n api --slow 1ms sleep 0.05
	assert_field api '[.state, .reason]' '["open","1 failed trial call"]'
}

# --- calls at once ---

@test "--max-concurrent rejects the call that would be one too many" {
	close_gate
	start first "$CBRUN" -n api -c 1 -- flock -w 300 -s gate true
	eventually in_flight api 1
	expect 75 "" "~cbrun: api: not started: 1 of at most 1 is running \(pid $PID, for [0-9ms]+\)" cbrun -n api -c 1 -- echo ran
	expect 0 "ran" "" cbrun -n api -c 2 -- echo ran
	open_gate
	finish "$PID" 0
	expect 0 "ran" "" cbrun -n api -c 1 -- echo ran
	assert_field api '[.totals.rejected, .in_flight]' '[1,0]'
}

@test "--probes rejects the trial call that would be one too many" {
	half_opened api
	close_gate
	start first "$CBRUN" -n api --probes 1 -- flock -w 300 -s gate true
	eventually in_flight api 1
	expect 75 "" "cbrun: api: half-open (1 trial call running)" cbrun -n api --probes 1 -- echo ran
	expect 0 "ran" "" cbrun -n api --probes 2 -- echo ran
	open_gate
	finish "$PID" 0
	assert_field api '[.state, .trial_successes]' '["half-open",2]'
}

@test "a call that ends in a later generation is counted and decides nothing" {
	close_gate
	start call "$CBRUN" -n api -f 2 -- sh -c 'flock -w 300 -s gate true; exit 1'
	eventually in_flight api 1
	cbrun -n api -f 2 false || :
	cbrun reset api
	open_gate
	finish "$PID" 1
	assert_field api '[.state, .consecutive_failures, .window.calls, .totals.failures]' '["closed",0,0,2]'
	assert_equal "$(cbrun history api --json | jq -rc 'select(.kind == "call") | .generation' | paste -sd ' ')" "1 1"
}

@test "a trial call keeps its permit whatever the state does meanwhile" {
	half_opened api
	close_gate
	start call "$CBRUN" -n api --probes 1 -- flock -w 300 -s gate true
	eventually in_flight api 1
	cbrun trip api --for 1h
	advance 1h
	expect 75 "" "cbrun: api: half-open (1 trial call running)" cbrun -n api --probes 1 -- echo ran
	open_gate
	finish "$PID" 0
	assert_field api '[.state, .trial_successes]' '["half-open",0]'
}

# --- shadow ---

@test "--shadow logs every transition and rejects nothing" {
	repeat 2 cbrun -n api -f 2 -o 1h --shadow false
	assert_field api '[.state, .mode, .reason]' '["open","shadow","2 consecutive failures"]'
	expect 0 "ran" "" cbrun -n api -f 2 --shadow -- echo ran
	assert_field api '[.totals.rejected, .totals.successes]' '[0,1]'
	advance 1h
	repeat 3 cbrun -n api --shadow true
	assert_transitions api "closed>open open>half-open half-open>closed"
}

@test "--shadow --verbose says what it would have rejected" {
	opened api --shadow
	expect 0 "ran" "~cbrun: api: shadow: would reject, open \(1 consecutive failure\); running 'echo'
cbrun: api: exit 0 after [0-9ms]+: success" \
		cbrun -v -n api -f 1 -o 1h --shadow -- echo ran
}
