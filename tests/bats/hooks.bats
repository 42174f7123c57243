# hooks.bats: what is told of a transition: hooks and the log, once for each, after it was committed.
load helper
load processes

# configure LINE...: these settings for every breaker, for subcommands too.
configure() {
	printf '%s\n' '[default]' "$@" >"$CONFIG"
}

# --- when ---

@test "each transition runs its hooks, in this order" {
	hooks=(--on-change 'echo "change $BREAKER_FROM $BREAKER_TO" >>told' --on-open 'echo "open" >>told' --on-close 'echo "close" >>told')
	policy=(-n api -f 1 -o 1h --successes 1)
	cbrun "${policy[@]}" "${hooks[@]}" true
	refute [ -e told ]
	expect 1 "" "" cbrun "${policy[@]}" "${hooks[@]}" false
	assert_equal "$(cat told)" "change closed open
open"
	expect 75 "" "~cbrun: api: open .*" cbrun "${policy[@]}" "${hooks[@]}" true
	advance 1h
	rm told
	expect 1 "" "" cbrun "${policy[@]}" "${hooks[@]}" false
	assert_equal "$(cat told)" "change open half-open
change half-open open
open"
	advance 1h
	rm told
	expect 0 "" "" cbrun "${policy[@]}" "${hooks[@]}" true
	assert_equal "$(cat told)" "change open half-open
change half-open closed
close"
}

@test "a hook runs after the commit, and holds nothing up" {
	hook="'$CBRUN' status api --json >during; '$CBRUN' -q -n api true; echo \$? >status"
	expect 1 "" "" cbrun -n api -f 1 -o 1h --on-change "$hook" false
	assert_equal "$(jq -c '.breakers[0] | [.state, .in_flight, .totals.calls]' during)" '["open",0,1]'
	assert_equal "$(cat status)" 75
}

@test "a hook learns from its environment what happened" {
	hook='printf "%s|" "$BREAKER_NAME" "$BREAKER_FROM" "$BREAKER_TO" "$BREAKER_REASON" "$BREAKER_RETRY_AFTER" "$BREAKER_LAST_EXIT" >>told; echo >>told'
	policy=(-n some/api:1 -f 2 -o 90s --successes 1 --on-change "$hook")
	repeat 2 private BREAKER_NAME=other BREAKER_LAST_EXIT=9 "$CBRUN" "${policy[@]}" -- sh -c 'exit 7'
	advance 90s
	cbrun "${policy[@]}" true
	assert_equal "$(cat told)" "some/api:1|closed|open|2 consecutive failures|90|7|
some/api:1|open|half-open|open period of 1m30s is over||7|
some/api:1|half-open|closed|1 successful trial call||0|"
}

@test "a hook learns since when the breaker has not been closed" {
	policy=(-n api -f 1 -o 90s --on-change 'echo "$BREAKER_TO $BREAKER_DOWN_SINCE" >>told')
	repeat 2 cbrun "${policy[@]}" false
	at=$(cbrun history api --json | jq -r 'select(.to == "open").at')
	for _ in 1 2; do
		advance 10m
		cbrun "${policy[@]}" false || :
	done
	cbrun trip api
	configure 'on-change = echo "$BREAKER_TO $BREAKER_DOWN_SINCE" >>told'
	cbrun reset api
	assert_equal "$(grep -v closed told | sort -u)" "half-open $at
open $at"
	assert_equal "$(grep -c '^closed [-0-9]*T[:.0-9]*Z$' told)" 1
}

@test "trip, reset, disable and enable run the configured hooks, once for each breaker" {
	configure 'on-change = echo "$BREAKER_NAME: $BREAKER_FROM > $BREAKER_TO, ${BREAKER_RETRY_AFTER:-unknown}" >>told' 'on-open = echo opened >>told'
	cbrun -n a true
	cbrun -n b true
	expect 0 "" "" cbrun trip --for 5m a b
	expect 0 "" "" cbrun reset a
	expect 0 "" "" cbrun trip --hold a
	expect 0 "" "" cbrun disable a
	expect 0 "" "" cbrun enable a
	expect 0 "" "" cbrun reset a
	assert_equal "$(cat told)" "a: closed > open, 300
opened
b: closed > open, 300
opened
a: open > closed, unknown
a: closed > open, unknown
opened
a: open > closed, unknown"
}

@test "record runs the configured hooks" {
	configure 'failures = 1' 'on-open = echo opened >>told'
	expect 0 "" "" cbrun record api failure
	assert_equal "$(cat told)" opened
}

@test "twenty processes that see a breaker open run its hook once" {
	close_gate
	pids=()
	for ((i = 0; i < 20; i++)); do
		start "call$i" "$CBRUN" -n api -f 3 -o 1h --on-change 'echo "$BREAKER_FROM $BREAKER_TO" >>told' -- flock -w 300 -s gate false
		pids+=("$PID")
	done
	eventually in_flight api 20
	open_gate
	for pid in "${pids[@]}"; do
		finish "$pid" 1
	done
	assert_equal "$(cat told)" "closed open"
	assert_transitions api closed\>open
	assert_field api '.totals | [.calls, .failures]' '[20,20]'
}

@test "twenty processes that come when the period is over run one hook for half-open, and one for closed" {
	opened api
	advance 1h
	pids=()
	for ((i = 0; i < 20; i++)); do
		start "call$i" "$CBRUN" -n api --probes 100 --successes 20 --on-change 'echo "$BREAKER_FROM $BREAKER_TO" >>told' true
		pids+=("$PID")
	done
	for pid in "${pids[@]}"; do
		finish "$pid" 0
	done
	assert_equal "$(cat told)" "open half-open
half-open closed"
}

# --- what a hook may not do ---

@test "no hook changes an exit status" {
	own_file "it makes a new one again and again"
	for hook in 'exit 9' 'kill -KILL $$' no-such-command 'kill -TERM $PPID; exit 9'; do
		rm -f "$STORE"*
		expect 3 "" "~(sh: 1: no-such-command: not found)?" cbrun -n api -f 1 --on-change "$hook" -- sh -c 'exit 3'
		expect 75 "" "~cbrun: api: open .*" cbrun -n api true
	done
}

@test "a hook that cannot be started changes no exit status" {
	expect 3 "" "cbrun: hook: cannot run 'sh': No such file or directory" \
		private PATH=/nowhere "$CBRUN" -n api -f 1 --on-change true -- /bin/sh -c 'exit 3'
}

@test "--verbose tells how a hook ended" {
	expect 1 "" "~cbrun: api: closed, running 'false'
cbrun: api: exit 1 after [0-9ms]+: failure \(1 of 1\)
cbrun: api: closed -> open \(1 consecutive failure\), retry in 1h
cbrun: hook 'exit 9' ended with status 9" cbrun -n api -v -f 1 -o 1h --on-open 'exit 9' false
}

@test "a hook has no input, and its output goes to standard error" {
	piped() { echo "for the command" | "$@"; }
	expect 1 "for the command" "/dev/null
told" piped cbrun -n api -f 1 --on-change 'readlink /proc/self/fd/0; echo told; cat' -- sh -c 'cat; exit 1'
}

@test "nothing of what a person gave as a reason is executed" {
	reason=$'"; touch pwned1; $(touch pwned2) `touch pwned3` \'; touch pwned4; #\n touch pwned5 \\ %s %n ${IFS}'
	configure 'on-change = printf "%s" "$BREAKER_REASON" >told'
	cbrun -n api true
	expect 0 "" "" cbrun trip --hold --reason "$reason" api
	assert_regex "$(cat told)" '^held by .*touch pwned2'
	grep -qF '$(touch pwned2) `touch pwned3`' told
	assert_equal "$(ls | grep pwned)" ""
	expect 75 "" "~[^
]*" cbrun -n api true
}

@test "a hook has ten seconds, and does not change the status when they are over" {
	start call "$CBRUN" -n api -f 1 --on-change 'sleep 120 & echo $! >child; wait; sleep 120' false
	eventually test -s child
	let_pass 10s
	ends call 1 "" "cbrun: hook 'sleep 120 & echo \$! >child; wait; sleep 120' took longer than 10s and was stopped"
	eventually gone "$(cat child)"
}

@test "a hook that does not heed the end of its time is killed" {
	start call "$CBRUN" -n api -f 1 --on-change 'trap "echo >>terms" TERM; echo $$ >pid; while :; do sleep 0.05; done' false
	eventually test -s pid
	let_pass 10s
	eventually test -s terms
	let_pass 1s
	ends call 1 "" "~(Terminated
)?cbrun: hook '.*' took longer than 10s and was stopped"
	eventually gone "$(cat pid)"
}

@test "a hook of an act by hand is bounded, with all that it has started" {
	configure 'on-open = sleep 120 & echo $! >child; wait; sleep 120'
	cbrun -n api true
	start call "$CBRUN" trip api
	eventually test -s child
	let_pass 10s
	ends call 0 "" "~cbrun: hook '.*' took longer than 10s and was stopped"
	eventually gone "$(cat child)"
}

@test "what a hook leaves in the background is not waited for" {
	expect 1 "" "" cbrun -n api -f 1 --on-change 'sleep 120 >/dev/null 2>&1 & echo $! >child' false
	refute gone "$(cat child)"
	kill -KILL "$(cat child)"
}

@test "a hook that is stopped takes nothing of the command's with it" {
	start call "$CBRUN" -n api -f 1 --on-change 'echo >ready; sleep 120; sleep 120' -- sh -c 'sleep 120 >/dev/null 2>&1 & echo $! >child; exit 1'
	eventually test -e ready
	let_pass 10s
	ends call 1 "" "~cbrun: hook '.*' took longer than 10s and was stopped"
	refute gone "$(cat child)"
	kill -KILL "$(cat child)"
}

# --- signals ---

@test "a signal during a hook before the command ends the call: the command does not run" {
	half_opened api
	start call "$CBRUN" -n api --on-change 'echo $$ >pid; sleep 120; sleep 120' touch ran
	eventually test -s pid
	kill -TERM "$PID"
	ends call 143 "" ""
	refute [ -e ran ]
	eventually gone "$(cat pid)"
	assert_field api '[.state, .in_flight, .totals.ignored, .totals.calls]' '["half-open",0,1,2]'
}

@test "a signal during a hook after the call ends the hook alone, and the next one runs" {
	start call "$CBRUN" -n api -f 1 --on-change 'echo $$ >pid; sleep 120; sleep 120' --on-open 'echo opened >told' -- sh -c 'exit 3'
	eventually test -s pid
	kill -TERM "$PID"
	ends call 3 "" ""
	assert_equal "$(cat told)" opened
}

@test "a signal during a hook of an act by hand ends both, after the commit" {
	configure 'on-open = echo $$ >pid; sleep 120; sleep 120'
	cbrun -n api true
	start call "$CBRUN" trip --for 1h api
	eventually test -s pid
	kill -TERM "$PID"
	ends call 143 "" ""
	eventually gone "$(cat pid)"
	assert_state api open
}

@test "every hook gets the caller's mask and dispositions, and a group of its own" {
	program note <<-'END'
		#!/usr/bin/python3
		import os
		text = [line for line in open("/proc/self/status") if line.startswith(("SigBlk", "SigIgn"))]
		open("seen", "a").writelines(text)
		open("groups", "a").write(f"{os.getpgrp() == os.getpid()}\n")
	END
	private env --block-signal=USR2 --ignore-signal=TTIN ./note
	plain=$(cat seen)
	rm seen groups
	configure 'on-change = exec ./note'
	for name in a b c; do
		cbrun -n $name true
	done
	expect 0 "" "" private env --block-signal=USR2 --ignore-signal=TTIN PATH="$DIR:$PATH" "$CBRUN" trip a b c
	expect 3 "" "" private env --block-signal=USR2 --ignore-signal=TTIN PATH="$DIR:$PATH" "$CBRUN" -n d -f 1 -- sh -c 'exit 3'
	assert_equal "$(cat groups | sort | uniq -c | tr -s ' ')" " 4 True"
	assert_equal "$(sort -u seen)" "$(sort <<<"$plain")"
}

# --- --log ---

# log_lines: the log without its times, which must be such.
log_lines() {
	grep -vE '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z ' "$1" || cut -d' ' -f2- "$1"
}

@test "--log writes a line for each transition, with its level, to a file of mode 0600" {
	umask 0
	policy=(-n api -f 1 -o 1h --successes 1 --log "$DIR/log")
	cbrun "${policy[@]}" true
	refute [ -e log ]
	expect 1 "" "" cbrun "${policy[@]}" false
	expect 75 "" "~cbrun: api: open .*" cbrun "${policy[@]}" true
	advance 1h
	expect 0 "" "" cbrun "${policy[@]}" true
	assert_equal "$(log_lines log)" "warning api: closed -> open (1 consecutive failure), retry in 1h
info api: open -> half-open (open period of 1h is over)
notice api: half-open -> closed (1 successful trial call)"
	assert_equal "$(stat -c %a log)" 600
}

@test "acts by hand are logged with who and why, in one line each" {
	configure "log = $DIR/log"
	cbrun -n api true
	cbrun trip --for 5m --reason $'upgrade\nwarning api: forged' api
	cbrun reset api
	run log_lines log
	assert_line -n 0 --regexp '^warning api: closed -> open \(tripped for 5m by .*: upgrade\\nwarning api: forged\), retry in 5m$'
	assert_line -n 1 --regexp '^notice api: open -> closed \(reset by .*\)$'
	assert_equal "${#lines[@]}" 2
}

@test "a store that cannot be used is logged as an error" {
	echo >file
	expect 0 "ran" "~cbrun: .*; running the command unguarded" cbrun --store "$DIR/file/s.db" -n api --log "$DIR/log" echo ran
	run log_lines log
	assert_line -n 0 --regexp '^error api: .*file'
	assert_equal "${#lines[@]}" 1
}

@test "twenty processes write whole lines to one log, once for each transition" {
	pids=()
	for ((i = 0; i < 20; i++)); do
		start "call$i" "$CBRUN" -n "b$((i % 5))" -f 2 -o 1h --log "$DIR/log" false
		pids+=("$PID")
	done
	for pid in "${pids[@]}"; do
		wait "$pid" || :
	done
	assert_equal "$(log_lines log | sort)" "$(for i in 0 1 2 3 4; do echo "warning b$i: closed -> open (2 consecutive failures), retry in 1h"; done)"
}

@test "a log that cannot be written is told, and changes no exit status" {
	expect 3 "" "cbrun: cannot log to $DIR/missing/log: No such file or directory" \
		cbrun -n a -f 1 --log "$DIR/missing/log" -- sh -c 'exit 3'
	mkfifo fifo
	expect 3 "" "cbrun: cannot log to $DIR/fifo: No such device or address" cbrun -n b -f 1 --log "$DIR/fifo" -- sh -c 'exit 3'
	expect 3 "" "~cbrun: cannot log to /dev/full: No space left on device" cbrun -n c -f 1 --log /dev/full -- sh -c 'exit 3'
	expect 3 "" "~(cbrun: cannot log to the journal: .*)?" cbrun -n d -f 1 --log journal -- sh -c 'exit 3'
	expect 3 "" "" cbrun -n e -f 1 --log syslog -- sh -c 'exit 3'
	for name in a b c d e; do
		assert_state $name open
	done
}

@test "--quiet silences cbrun, not its hooks and not its log" {
	expect 1 "" "told" cbrun -q -n api -f 1 --on-change 'echo told' --log "$DIR/log" false
	has_lines log 1
	expect 1 "" "" cbrun -q -n web -f 1 --log "$DIR/missing/log" false
}
