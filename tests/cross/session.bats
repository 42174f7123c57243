# session.bats: a short session with a cbrun of another machine (CBRUN), and a store that it shares with the one HERE. Run by
# tests/tools/cross.
load ../bats/helper

here() {
	private "$HERE" "$@"
}

# tell PROGRAM: all that it has to say of the store, as JSON, but for what it reckons from the clocks, which go on: how long
# still, and when a period was over.
tell() {
	private "$1" status --json |
		sed -E 's/"retry_after_seconds":[0-9.]*,//g; s/("state":"half-open","mode":"normal",)"since":"[^"]*",/\1/g'
	private "$1" history --all --json
}

# fill PROGRAM: a store with a breaker in each state, with outcomes, a kept output, and a failing one.
fill() {
	private "$1" -n closed -f 3 --stale-ok 1d -- echo kept >closed.out
	private "$1" -n closed -f 3 sh -c 'exit 7' || :
	private "$1" -n open -f 1 -o 1h --preset cron -- sh -c 'echo broken; exit 3' >open.out 2>&1 || :
	private "$1" -n half -f 1 -o 1m false || :
	private "$1" trip held --reason 'a reason, größer' >/dev/null 2>&1
	private "$1" -n rate -f 0 --failure-rate 50% --min-calls 4 --window 20 -- true
	private "$1" -n rate -f 0 --failure-rate 50% --min-calls 4 --window 20 -- false || :
	private "$1" -n slow --slow-after 1ms --latency 9 -- true 2>/dev/null || :
	private "$1" disable off >/dev/null 2>&1 || :
	advance 90s
}

# --- a session ---

@test "five failures open it, a call is rejected, a trial call closes it, and the history tells so" {
	repeat 5 cbrun -n api -o 1h -- sh -c 'exit 22'
	expect 75 "" "~cbrun: api: open \(5 consecutive failures\), retry in $HOUR" cbrun -n api -o 1h echo ran
	advance 1h
	expect 0 "ran" "" cbrun -n api -o 1h --successes 1 echo ran
	assert_transitions api "closed>open open>half-open half-open>closed"
	assert_field api '[.state, .totals.calls, .totals.rejected]' '["closed",6,1]'
}

@test "a command that cannot be run gives 126 or 127" {
	expect 127 "" "~.*" cbrun -n api -- ./missing
	: >plain
	expect 126 "" "~.*" cbrun -n api -- ./plain
}

@test "a time limit ends the command" {
	expect 124 "" "" cbrun -n api -t 300ms -- sleep 300
	assert_field api .totals.timeouts 1
}

@test "--kill-tree ends what has left the process group, too" {
	[ -z "$RUNNER" ] || skip "qemu has no PR_SET_CHILD_SUBREAPER"
	expect 124 "" "" cbrun -n api -t 2s --kill-tree -- sh -c 'setsid sleep 300 >/dev/null 2>&1 & echo $! >pid; wait'
	eventually gone "$(cat pid)"
}

@test "a signal is passed on" {
	start call "$CBRUN" -n api -- sh -c 'trap "exit 9" TERM; echo >ready; while :; do sleep 0.1; done'
	eventually test -e ready
	kill -TERM "$PID"
	finish "$PID" 9
}

@test "with KILL to cbrun its command is gone, and its permit" {
	start call "$CBRUN" -n api -c 1 -- sh -c 'echo $$ >ready; exec sleep 300'
	eventually test -s ready
	expect 75 "" "~.*" cbrun -n api -c 1 echo ran
	kill -KILL "$PID"
	finish "$PID" 137
	eventually gone "$(cat ready)"
	eventually in_flight api 0
	expect 0 "ran" "" cbrun -n api -c 1 echo ran
}

@test "--max-concurrent holds between this machine and that one" {
	# keeps_out PROGRAM OTHER: while a call of the one runs, a call of the other is rejected
	keeps_out() {
		close_gate
		start first "$1" -n api -c 1 -- flock -w 300 -s gate true
		eventually in_flight api 1
		expect 75 "" "~.*" "$2" -n api -c 1 echo ran
		open_gate
		finish "$PID" 0
	}
	keeps_out "$CBRUN" here
	keeps_out "$HERE" cbrun
}

@test "held output is printed after a failure, and a kept one instead of a rejected call" {
	expect 0 "" "" cbrun -n job --output failure -- sh -c 'echo fine >&2'
	expect 3 "" "broken" cbrun -n job --output failure -- sh -c 'echo broken >&2; exit 3'
	expect 0 "kept" "" cbrun -n api --stale-ok 1h echo kept
	cbrun trip api
	expect 0 "kept" "~.*" cbrun -n api --stale-ok 1h echo new
}

@test "attempts read the same input" {
	expect 0 "one
one" "" cbrun -n api -r 1 --retry-delay 0 -- sh -c 'cat; [ -e second ] || { : >second; exit 1; }' <<<one
}

@test "a hint of the command is heeded" {
	expect 5 "" "" cbrun -n api --hints -- sh -c 'echo outcome success >&"$BREAKER_HINT_FD"; exit 5'
	assert_field api .totals.successes 1
}

# --- a store that goes from machine to machine ---

@test "a store that was written here is read there" {
	fill "$HERE"
	assert_equal "$(tell "$CBRUN")" "$(tell "$HERE")"
	expect 0 "~.*" "" cbrun doctor
}

@test "a store that was written there is read here" {
	fill "$CBRUN"
	assert_equal "$(tell "$HERE")" "$(tell "$CBRUN")"
	expect 0 "~.*" "" here doctor
}

@test "outputs that were kept here are served there, and the other way round" {
	fill "$HERE"
	here trip closed
	expect 0 "kept" "~.*" cbrun -n closed --stale-ok 1d echo new
	expect 0 "broken" "~.*" cbrun output open
	here remove --all
	fill "$CBRUN"
	cbrun trip closed
	expect 0 "kept" "~.*" here -n closed --stale-ok 1d echo new
	expect 0 "broken" "~.*" here output open
}

@test "what one begins the other goes on with" {
	fill "$HERE"
	fill "$CBRUN"
	expect 0 "" "" cbrun -n half -f 1 true
	expect 75 "" "~.*" here -n open -f 1 echo ran
	assert_equal "$(tell "$HERE")" "$(tell "$CBRUN")"
	expect 0 "~.*" "" here doctor
}

@test "calls of both at once are each counted exactly once" {
	for _ in 1 2 3 4 5; do
		start there "$CBRUN" -n api true
		there+=("$PID")
		start here "$HERE" -n api true
		there+=("$PID")
	done
	for pid in "${there[@]}"; do
		finish "$pid" 0
	done
	assert_field api .totals.calls 10
	expect 0 "~.*" "" cbrun doctor
}
