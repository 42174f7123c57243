# probe.bats: health checks run by a timer, so that a breaker closes before anybody calls.
load helper
load processes

# configure LINE...: these settings for every breaker.
configure() {
	printf '%s\n' '[default]' "$@" >"$CONFIG"
}

@test "probe runs the health check of a half-open breaker as a trial call" {
	configure 'health-check = echo >>checks' 'successes = 2'
	half_opened api
	expect 0 "" "" cbrun probe api
	assert_field api '[.state, .trial_successes, .in_flight, .totals.calls]' '["half-open",1,0,2]'
	expect 0 "" "" cbrun probe api
	assert_state api closed
	has_lines checks 2
	assert_transitions api closed\>open open\>half-open half-open\>closed
}

@test "a breaker that is closed or open is not probed" {
	configure 'health-check = echo >>checks'
	cbrun -n closed true
	opened open
	cbrun -n held true
	cbrun trip --hold held
	before=$(cbrun status --json | jq -S 'del(.. | .since?)')
	expect 0 "" "" cbrun probe closed open held
	expect 0 "" "" cbrun probe
	refute [ -e checks ]
	assert_equal "$(cbrun status --json | jq -S 'del(.. | .since?)' | grep -v '"retry_after')" "$(grep -v '"retry_after' <<<"$before")"
}

@test "a health check that fails opens the breaker again, for as long as its policy says" {
	configure 'health-check = echo down; exit 3'
	half_opened api --open-factor 2 --open-max 10h
	expect 1 "" "down
cbrun: api: the health check failed" cbrun probe api
	assert_field api '[.state, .reason, .reopenings, .policy["open-factor"]]' '["open","1 failed trial call",1,2]'
	assert_field api '.retry_after_seconds > 3600' true
}

@test "without names, every breaker that has a health check is probed, and the others are left alone" {
	printf '%s\n' '[breaker web*]' 'health-check = echo $BREAKER_NAME $BREAKER_FROM $BREAKER_TO >>checks' >"$CONFIG"
	half_opened web1
	half_opened api
	half_opened web2
	expect 0 "" "" cbrun probe
	assert_equal "$(sort checks)" "web1 half-open half-open
web2 half-open half-open"
	assert_field api .trial_successes 0
	expect 0 "" "cbrun: api: no health-check is configured
cbrun: web1: the health check succeeded
cbrun: web2: the health check succeeded" cbrun probe -v
}

@test "a breaker that is asked for and has no health check is named" {
	half_opened api
	expect 1 "" "cbrun: api: no health-check is configured" cbrun probe api
	assert_field api .trial_successes 0
	expect 0 "" "" cbrun probe
}

@test "a health check that cannot be run is status 1, and counts as neither" {
	configure 'health-check = /no/such/check'
	half_opened api
	expect 1 "" "~.*not found
cbrun: api: the health check says nothing: it was cancelled, or could not be run" cbrun probe api
	assert_field api '[.state, .totals.failures, .totals.ignored]' '["half-open",1,1]'
}

@test "what is wrong with one breaker keeps probe from none, and shows in its status" {
	printf '%s\n' '[breaker a]' 'health-check = exit 3' '[breaker c]' 'health-check = true' >"$CONFIG"
	half_opened a
	half_opened b
	half_opened c
	expect 1 "" "cbrun: a: the health check failed
cbrun: b: no health-check is configured" cbrun probe a b c
	assert_field c .trial_successes 1
	advance 1h
	expect 1 "" "cbrun: a: the health check failed" cbrun probe
	expect 0 "" "" cbrun probe
	assert_state c closed
}

@test "an unknown breaker is status 1, and without a store nothing is made" {
	configure 'health-check = true'
	expect 1 "" "cbrun: no breaker named 'api'" cbrun probe api
	expect 0 "" "" cbrun probe
	refute [ -e "${STORE%/*}" ]
}

@test "the command line may give the health check" {
	half_opened api
	expect 0 "" "checked" cbrun probe --health-check 'echo checked' api
	assert_field api .trial_successes 1
}

@test "probe takes a trial call's permit, and waits for none" {
	configure 'health-check = echo >>checks' 'probes = 1'
	half_opened api
	close_gate
	start call "$CBRUN" -n api -- flock -w 300 -s gate true
	eventually has_lines checks 1 # a trial call has one, too
	expect 0 "" "" cbrun probe api
	has_lines checks 1
	open_gate
	finish "$PID" 0
	expect 0 "" "" cbrun probe api
	has_lines checks 2
}

@test "while a probe runs it counts as a running trial call" {
	configure 'probes = 1'
	half_opened api
	close_gate
	start probe "$CBRUN" probe --health-check 'flock -w 300 -s gate true' api
	eventually in_flight api 1
	expect 75 "" "cbrun: api: half-open (1 trial call running)" cbrun -n api true
	open_gate
	ends probe 0 "" ""
	assert_field api '[.in_flight, .trial_successes]' '[0,1]'
}

@test "of many probes at once no more than --probes run" {
	configure 'health-check = echo >>checks; flock -w 300 -s gate true' 'probes = 1' 'successes = 1'
	half_opened api
	close_gate
	pids=()
	for ((i = 0; i < 10; i++)); do
		start "probe$i" "$CBRUN" probe
		pids+=("$PID")
	done
	eventually in_flight api 1
	ended() {
		local pid count=0
		for pid in "${pids[@]}"; do
			if gone "$pid"; then ((++count)); fi
		done
		[ $count -eq 9 ]
	}
	eventually ended
	open_gate
	for pid in "${pids[@]}"; do
		finish "$pid" 0
	done
	has_lines checks 1
	assert_state api closed
}

@test "probe tells of its transitions as a call does" {
	configure 'health-check = true' 'successes = 1' "log = $DIR/log" 'on-change = echo "$BREAKER_FROM $BREAKER_TO" >>told' 'on-close = echo closed >>told'
	half_opened api
	rm -f log told
	expect 0 "" "" cbrun probe
	assert_equal "$(cat told)" "open half-open
half-open closed
closed"
	has_lines log 2
}

@test "a health check that hangs is ended: by the probe's time limit, or after ten seconds" {
	configure 'health-check = sleep 120 & echo $! >child; wait; sleep 120' 'probe-timeout = 5s'
	half_opened api
	start probe "$CBRUN" probe api
	eventually test -s child
	let_pass 5s
	ends probe 1 "" "cbrun: api: the health check failed"
	assert_field api '[.state, .totals.failures]' '["open",2]'
	eventually gone "$(cat child)"
	rm child
	configure 'health-check = sleep 120 & echo $! >child; wait; sleep 120'
	half_opened web
	start probe "$CBRUN" probe web
	eventually test -s child
	let_pass 10s
	ends probe 1 "" "cbrun: web: the health check failed"
	eventually gone "$(cat child)"
	assert_field web '[.state, .in_flight]' '["open",0]'
}

@test "a signal ends the probe, counts as neither, and no further breaker is probed" {
	configure 'health-check = echo $BREAKER_NAME >>checks; echo $$ >pid; trap "exit 3" TERM; while :; do sleep 0.02; done'
	half_opened a
	half_opened b
	advance 1h
	start probe "$CBRUN" probe a b
	eventually test -s pid
	kill -TERM "$PID"
	ends probe 143 "" "~(Terminated)?"
	assert_equal "$(cat checks)" a
	assert_field a '[.state, .in_flight, .totals.ignored]' '["half-open",0,1]'
	assert_field b '.totals.ignored' 0
}

@test "each breaker's health check gets the caller's mask and dispositions" {
	program note <<-'END'
		#!/usr/bin/python3
		open("seen", "a").writelines(line for line in open("/proc/self/status") if line.startswith(("SigBlk", "SigIgn")))
	END
	private env --block-signal=USR2 --ignore-signal=TTOU ./note
	plain=$(cat seen)
	rm seen
	configure 'health-check = exec ./note'
	half_opened a
	half_opened b
	expect 0 "" "" private env --block-signal=USR2 --ignore-signal=TTOU "$CBRUN" probe
	assert_equal "$(cat seen)" "$plain
$plain"
}
