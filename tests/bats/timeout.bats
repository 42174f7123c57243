# timeout.bats: the ground that people know from GNU timeout: durations, signals, groups, what is inherited.
load helper
load processes

# --- durations and signals on the command line ---

@test "a bad duration is a usage error, and nothing runs" {
	for option in timeout kill-after; do
		for value in invalid 42D -1 '' 1e3 +1 0x10 ' 1' 1,5 .; do
			expect 125 "" "cbrun: invalid --$option '$value': expected a duration such as 30s, 1.5m, 200ms or 1m30s" \
				cbrun -n api --timeout 10 --$option "$value" touch ran
		done
	done
	refute [ -e ran ]
}

@test "a bad signal is a usage error, and nothing runs" {
	for value in invalid SIGFOO SIG '' 1000 65 -1 0 RTMAX+1 RTMAX-31 RTMIN+31 RTMIN-1; do
		expect 125 "" "cbrun: invalid --signal '$value': expected a signal such as TERM, SIGINT or 9" \
			cbrun -n api -t 10 -s "$value" touch ran
	done
	refute [ -e ran ]
}

@test "durations may have a fraction and any unit" {
	for value in 0.02 .02 20ms 0.5ms 0.0004m 0.00001h 0.0000003d 0s20ms; do
		expect 124 "" "" cbrun -n api -f 0 --failure-rate 0 --slow 1h -t "$value" sleep 120
	done
}

@test "the smallest durations fire" {
	for value in 0.000000000000000000001 1ms 0.0001ms 0.000000001d; do
		expect 124 "" "" cbrun -n api -f 0 --failure-rate 0 --slow 1h -t "$value" sleep 120
	done
	expect 137 "" "" private env --ignore-signal=TERM "$CBRUN" -n api -t 1ms -k 0.0000001 sleep 120
}

@test "durations too large for any number mean for ever" {
	digits=$(printf '9%.0s' {1..400})
	for value in 2147483648 4294967296s 9223372036854775807ms 9223372036854775807d 9223372036854775808h \
		18446744073709551616m "$digits" "${digits}ms" "$digits.$digits"; do
		expect 0 "" "" cbrun -n api -t "$value" -k "$value" sleep 0.01
	done
	close_gate
	start call "$CBRUN" -n api -t "${digits}d" -- flock -w 300 -s gate echo ran
	eventually in_flight api 1
	let_pass 3000d
	in_flight api 1
	open_gate
	ends call 0 ran ""
}

@test "a duration of 0 is no limit, however it is written" {
	for value in 0 0.0 0ms 0d 000; do
		expect 0 "" "" cbrun -n api -t "$value" -k "$value" sleep 0.01
	done
}

@test "signals go by name, by name with SIG, and by number" {
	for value in USR1 SIGUSR1 10; do
		expect 124 "" "~cbrun: api: closed, running 'sleep'
cbrun: sending signal USR1 to command 'sleep'
cbrun: api: time limit of 20ms: timeout" cbrun -n api -f 0 --failure-rate 0 --slow 1h -v -t 20ms -s "$value" sleep 120
	done
	for value in usr1 sigUsr1; do
		expect 124 "" "" cbrun -n api -f 0 --failure-rate 0 --slow 1h -t 20ms -s $value sleep 120
	done
	for row in 'RTMIN RTMIN' 'rtmin+1 RTMIN\+1' 'RTMAX-2 RTMIN\+28' 'rtmax RTMAX' '64 RTMAX'; do
		expect 124 "" "~cbrun: api: closed, running 'sleep'
cbrun: sending signal ${row#* } to command 'sleep'(
.*)?" cbrun -n api -f 0 --failure-rate 0 --slow 1h -v -t 20ms -s "${row%% *}" sleep 120
	done
	for value in RTMIN RTMIN+1 RTMIN+30 RTMAX-30 RTMAX-2 RTMAX 64; do
		expect 124 "" "" cbrun -n api -f 0 --failure-rate 0 --slow 1h -t 20ms -s "$value" sleep 120
	done
}

@test "a command that cannot be run gives 126 or 127 whatever the time limit" {
	echo >plain
	expect 126 "" "cbrun: api: cannot run '.': Permission denied" cbrun -n api -t 10 .
	expect 126 "" "cbrun: api: cannot run './plain': Permission denied" cbrun -n api -t 10 ./plain
	expect 127 "" "cbrun: api: cannot run 'no-such': No such file or directory" cbrun -n api -t 10 no-such
	assert_field api '[.totals.ignored, .totals.calls]' '[3,3]'
}

@test "a command that ends in time has its status passed on, and gets no signal" {
	write_stubborn TERM CONT
	for status in 0 1 124 125 126 127 255; do
		expect $status "" "" cbrun -n "s$status" -t 1h -- sh -c "exit $status"
	done
	start call "$CBRUN" -n api -t 1h -k 1h ./stubborn
	eventually test -s pid
	: >end
	ends call 0 "" ""
	refute [ -e signals ]
}

# --- the time limit ---

@test "after the signal comes CONT, so that a stopped command can end" {
	write_stubborn TERM CONT
	start call "$CBRUN" -n api -t 1h -k 1h ./stubborn
	eventually test -s pid
	kill -STOP "$(cat pid)"
	eventually is_stopped "$(cat pid)"
	let_pass 1h
	eventually has_line signals CONT
	eventually has_line signals TERM
	let_pass 1h
	ends call 137 "" ""
}

@test "after KILL and CONT no further signal is sent" {
	write_stubborn CONT
	start call "$CBRUN" -n api -t 1h -s CONT -k 1h -v ./stubborn
	eventually test -s pid
	let_pass 1h
	eventually has_line signals CONT
	let_pass 1h
	ends call 137 "" "~cbrun: api: closed, running './stubborn'
cbrun: sending signal CONT to command './stubborn'
cbrun: sending signal KILL to command './stubborn'(
.*)?"
	assert_equal "$(cat signals)" CONT
}

@test "a stopped member of the group dies with the group" {
	start call "$CBRUN" -n api -t 1h -- sh -c 'sleep 120 & kill -STOP $!; echo $! >child; wait'
	eventually test -s child
	eventually is_stopped "$(cat child)"
	let_pass 1h
	ends call 124 "" ""
	eventually gone "$(cat child)"
}

@test "a STOP at the time limit is followed by CONT, and KILL comes after --kill-after" {
	write_stubborn CONT
	start call "$CBRUN" -n api -t 1h -s STOP -k 1h ./stubborn
	eventually test -s pid
	let_pass 1h
	eventually has_line signals CONT
	refute gone "$(cat pid)"
	let_pass 1h
	ends call 137 "" ""
}

@test "signals that cannot be ignored are sent to the group and spare cbrun" {
	for signal in KILL 32 33; do
		rm -f child
		start "call$signal" "$CBRUN" -n "s$signal" -t 1h -s $signal -- sh -c 'sleep 120 & echo $! >child; wait'
		eventually test -s child
		let_pass 1h
		eventually gone "$PID"
		wait "$PID" || :
		eventually gone "$(cat child)"
		assert_field "s$signal" '[.totals.timeouts, .in_flight]' '[1,0]'
	done
}

@test "signals of every kind can be what is sent at the time limit" {
	for signal in ABRT SEGV TRAP SYS QUIT XCPU VTALRM; do
		expect 124 "" "" cbrun -n api -f 0 --failure-rate 0 --slow 1h -t 20ms -s $signal -- sh -c 'ulimit -c 0; exec sleep 120'
	done
	assert_field api '[.totals.timeouts, .totals.calls]' '[7,7]'
}

@test "a signal that is sent to a group of ours is not ignored by the next attempt" {
	expect 124 "" "" cbrun -n api -t 20ms -k 30s -r 2 --retry-delay 1ms -s ABRT -- sh -c 'ulimit -c 0; exec sleep 120'
	assert_field api '[.totals.retries, .totals.calls]' '[2,1]'
}

@test "without --kill-after a command that does not heed the signal has ten seconds" {
	write_stubborn TERM
	start call "$CBRUN" -n api -t 1h ./stubborn
	eventually test -s pid
	let_pass 1h
	eventually has_line signals TERM
	let_pass 5s
	refute gone "$(cat pid)"
	let_pass 5s
	ends call 137 "" ""
}

@test "--kill-after does nothing to a command that ends in time" {
	expect 0 "done" "" cbrun -n api -k 1ms -- sh -c 'sleep 0.1; echo "done"'
	expect 0 "done" "" cbrun -n api -t 1h -k 1ms -- sh -c 'sleep 0.1; echo "done"'
}

@test "--verbose names each signal and the command" {
	write_stubborn TERM
	start call "$CBRUN" -n api -t 1h -k 1h -v ./stubborn
	eventually test -s pid
	let_pass 1h
	eventually has_line signals TERM
	let_pass 1h
	ends call 137 "" "~cbrun: api: closed, running './stubborn'
cbrun: sending signal TERM to command './stubborn'
cbrun: sending signal KILL to command './stubborn'
cbrun: api: time limit of 1h: timeout .*"
}

@test "--preserve-status passes on a status, a death by the signal, and a death by KILL" {
	goes_on tidy <<-'END'
		#!/bin/bash
		trap 'exit 5' TERM
		echo >started
	END
	start call "$CBRUN" -n api -t 1h --preserve-status ./tidy
	eventually test -e started
	let_pass 1h
	ends call 5 "" ""
	expect 0 "exit 143" "" how_it_ends "$CBRUN" -n api -t 20ms --preserve-status sleep 120
	expect 0 "exit 137" "" how_it_ends "$CBRUN" -n api -t 20ms --preserve-status -s KILL sleep 120
	assert_field api .totals.timeouts 3
}

@test "a time limit within a time limit: the inner one counts first" {
	expect 124 "" "" cbrun -n outer -t 1h "$CBRUN" -n inner -t 50ms sleep 120
	assert_field inner '[.totals.timeouts, .totals.ignored]' '[1,0]'
	assert_field outer '[.totals.timeouts, .totals.failures]' '[0,1]'
}

@test "a time limit around another reaches the command through both" {
	start call "$CBRUN" -n outer -t 1h -- sh -c "FAKE_CLOCK= exec '$CBRUN' -n inner -- sh -c 'echo \$\$ >pid; exec sleep 120'"
	eventually test -s pid
	let_pass 1h
	ends call 124 "" ""
	assert gone "$(cat pid)"
	assert_field inner '[.totals.timeouts, .totals.ignored]' '[0,1]'
	assert_field outer '[.totals.timeouts, .totals.ignored]' '[1,0]'
}

# --- groups ---

@test "a descendant in the group is ended with the command" {
	start call "$CBRUN" -n api -t 1h -- sh -c '(sleep 120 & echo $! >child; wait) & wait'
	eventually test -s child
	let_pass 1h
	ends call 124 "" ""
	eventually gone "$(cat child)"
}

@test "a descendant in the group that heeds no signal gets KILL with the command" {
	write_stubborn TERM
	start call "$CBRUN" -n api -t 1h -k 1h -- sh -c 'trap : TERM; ./stubborn & wait; wait'
	eventually test -s pid
	let_pass 1h
	eventually has_line signals TERM
	let_pass 1h
	ends call 137 "" ""
	eventually gone "$(cat pid)"
}

@test "a command that has left the group gets the signal all the same" {
	start call "$CBRUN" -n api -t 1h -- setsid sh -c 'echo $$ >pid; exec sleep 120'
	eventually test -s pid
	let_pass 1h
	ends call 124 "" ""
	assert gone "$(cat pid)"
}

@test "the time limit does not reach the process that started cbrun" {
	expect 0 "124, and still here" "" private sh -c "'$CBRUN' -n api -t 50ms sleep 120; echo \$?, and still here"
	expect 0 "137, and still here" "" private sh -c "'$CBRUN' -n api --foreground -s KILL -t 50ms sleep 120; echo \$?, and still here"
}

@test "a process that the command leaves behind does not hold cbrun up" {
	start call "$CBRUN" -n api -t 1h -- sh -c 'sleep 120 >/dev/null 2>&1 & echo $! >child; exit 3'
	ends call 3 "" ""
	child=$(cat child)
	refute gone "$child"
	kill -KILL "$child"
}

# --- what is inherited ---

@test "all signals blocked or ignored by the caller do not keep the time limit from its work" {
	expect 137 "" "" private env --block-signal "$CBRUN" -n a -t 50ms -k 50ms sleep 120
	expect 137 "" "" private env --ignore-signal "$CBRUN" -n b -t 50ms -k 50ms sleep 120
	for signal in ALRM CHLD TERM; do
		want=124 kill=30s
		[ $signal != TERM ] || want=137 kill=50ms
		expect $want "" "" private env --block-signal=$signal "$CBRUN" -n "c$signal" -t 50ms -k $kill sleep 120
		expect $want "" "" private env --ignore-signal=$signal "$CBRUN" -n "d$signal" -t 50ms -k $kill sleep 120
	done
}

@test "with SIGCHLD ignored or blocked by the caller cbrun still learns how the command ended" {
	for option in --ignore-signal=CHLD --block-signal=CHLD; do
		expect 0 "exit 3" "" how_it_ends env $option "$CBRUN" -n api -t 1h -- sh -c 'exit 3'
		expect 0 "signal 10" "" how_it_ends env $option "$CBRUN" -n api -t 1h -- sh -c 'kill -USR1 $$'
	done
}

@test "the command gets the caller's mask and dispositions, whatever stands between" {
	no_sanitizer "the sanitizer keeps signals of its own"
	for options in --default-signal --block-signal --ignore-signal --block-signal=CHLD,ALRM,TERM,USR1,TTIN \
		--ignore-signal=CHLD,PIPE,TTIN,TTOU,INT; do
		private env $options cp -f /proc/self/status plain
		for between in '-t 1h' '--foreground --kill-tree' '-r 1 --output failure --stale-ok 1h'; do
			expect 0 "" "" private env $options "$CBRUN" -n "api${between//[!a-z]/}" $between cp -f /proc/self/status seen
			assert_equal "$(grep -E '^Sig(Blk|Ign|Cgt)' seen)" "$(grep -E '^Sig(Blk|Ign|Cgt)' plain)"
		done
	done
}

@test "every attempt gets the caller's mask and dispositions" {
	odd=(env --block-signal=USR1,CHLD --ignore-signal=TTIN,HUP)
	program note <<-'END'
		#!/usr/bin/python3
		import sys
		text = [line for line in open("/proc/self/status") if line.startswith(("SigBlk", "SigIgn"))]
		open("seen", "a").writelines(text)
		sys.exit(1)
	END
	expect 1 "" "" private "${odd[@]}" ./note
	plain=$(cat seen)
	rm seen
	expect 1 "" "" private "${odd[@]}" "$CBRUN" -n api -r 2 --retry-delay 1ms ./note
	assert_equal "$(cat seen)" "$plain
$plain
$plain"
}

# --- side by side ---

@test "side by side with GNU timeout, nothing differs but what is listed with a reason" {
	run private "$BATS_TEST_DIRNAME/../tools/compare-timeout" "$CBRUN_REAL" "$DIR"
	refute_line --partial DIFFERS
	assert_line --regexp '^[0-9]+ rows, 0 differ without a reason$'
	assert_success
}
