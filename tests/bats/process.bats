# process.bats: the command as a process: time limits, signals, groups, and that nothing is left behind.
load helper
load processes

# write_heeding STATUS: a command that tidies up at TERM and exits with that status.
write_heeding() {
	goes_on heeding <<-END
		#!/bin/bash
		trap 'echo cleaned up; exit $1' TERM
		echo >started
	END
}

# --- the time limit ---

@test "a command within its time limit is left alone" {
	expect 3 "ran" "" cbrun -n api -t 20m -- sh -c 'echo ran; exit 3'
}

@test "a command past its time limit is ended" {
	expect 124 "" "" cbrun -n api -t 50ms sleep 120
}

@test "at the time limit the command gets TERM, and KILL after --kill-after" {
	write_stubborn TERM
	start call "$CBRUN" -n api -t 1h -k 1h ./stubborn
	eventually test -s pid
	let_pass 1h
	eventually test -s signals
	refute gone "$(cat pid)"
	let_pass 1h
	finish "$PID" 137
	assert_equal "$(sort -u signals) $(cat call.out call.err)" "TERM "
	assert gone "$(cat pid)"
	assert_field api '[.totals.timeouts, .last_exit]' '[1,137]'
}

@test "a command that heeds the signal is not killed, and the status is 124" {
	write_heeding 5
	start call "$CBRUN" -n api -t 1h ./heeding
	eventually test -e started
	let_pass 1h
	finish "$PID" 124
	assert_equal "$(cat call.out call.err)" "cleaned up"
}

@test "--preserve-status passes on what the command made of the signal" {
	write_heeding 5
	start call "$CBRUN" -n api -t 1h --preserve-status ./heeding
	eventually test -e started
	let_pass 1h
	finish "$PID" 5
	expect 143 "" "" cbrun -n api -t 50ms --preserve-status sleep 120
	assert_field api .totals.timeouts 2
}

@test "--signal says what is sent at the time limit" {
	write_stubborn INT TERM USR1
	start call "$CBRUN" -n api -t 1h -k 1h -s USR1 ./stubborn
	eventually test -s pid
	let_pass 1h
	eventually test -s signals
	let_pass 1h
	finish "$PID" 137
	assert_equal "$(sort -u signals)" USR1
}

@test "--signal KILL gives 137" {
	expect 137 "" "" cbrun -n api -t 50ms -s KILL sleep 120
	assert_field api .totals.timeouts 1
}

@test "--kill-after 0 never kills" {
	write_stubborn TERM
	start call "$CBRUN" -n api -t 1h -k 0 ./stubborn
	eventually test -s pid
	let_pass 1h
	eventually test -s signals
	let_pass 100d
	refute gone "$(cat pid)"
	: >end
	finish "$PID" 124
}

@test "a stopped command is continued, so that it can end" {
	start call "$CBRUN" -n api -t 1h -- sh -c 'echo $$ >pid; kill -STOP $$'
	stopped() { is_stopped "$(<pid)"; }
	eventually test -s pid
	eventually stopped
	let_pass 1h
	finish "$PID" 124
}

@test "the time limit ends the whole process group" {
	start call "$CBRUN" -n api -t 1h -- sh -c 'sleep 120 & echo $! >child; wait'
	eventually test -s child
	let_pass 1h
	finish "$PID" 124
	eventually gone "$(cat child)"
}

@test "with --foreground only the command itself is signalled" {
	start call "$CBRUN" -n api -t 1h --foreground -- sh -c 'sleep 120 & echo $! >child; wait'
	eventually test -s child
	let_pass 1h
	finish "$PID" 124
	child=$(cat child)
	refute gone "$child"
	kill -KILL "$child"
}

@test "a very long time limit means for ever, and a very short one fires" {
	expect 0 "ran" "" cbrun -n api -t 99999999999999999999d -k 99999999999999999999d -- echo ran
	expect 124 "" "" cbrun -n api -t 0.0000001 sleep 120
}

@test "no time limit is what 0 means" {
	close_gate
	start call "$CBRUN" -n api -t 0 -- flock -w 300 -s gate echo ran
	eventually in_flight api 1
	let_pass 1000d
	open_gate
	finish "$PID" 0
	assert_equal "$(cat call.out)" ran
}

@test "KILL reaches the command where there is no /proc, and no free descriptor" {
	expect 137 "" "" cbrun -n api -t 50ms -s KILL -- sh -c 'sleep 120; sleep 120'
	expect 137 "" "~.*" private sh -c "ulimit -n 7; exec $CBRUN -n api -t 50ms -s KILL sleep 120"
	unshare -m true 2>/dev/null || skip "needs a mount namespace"
	expect 137 "" "" private unshare -m sh -c "umount -l /proc; exec $CBRUN -n api -t 50ms -s KILL sleep 120"
}

# write_hanging: `hanging`, a program whose execution hangs, as on a dead mount, until $HOLDER is killed.
write_hanging() {
	cp /bin/true hanging
	cat >hold <<-'END'
		#!/usr/bin/python3
		import fcntl, os, signal, time
		signal.signal(signal.SIGIO, signal.SIG_IGN)
		fd = os.open("hanging", os.O_RDWR)
		try:
		    fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_WRLCK)
		except OSError:
		    open("refused", "w")
		open("held", "w")
		time.sleep(60)
	END
	chmod +x hold
	start hold ./hold
	HOLDER=$PID
	eventually test -e held
	[ ! -e refused ] || skip "needs a file system with leases"
	[ "$(cat /proc/sys/fs/lease-break-time)" -ge 30 ] || skip "leases are broken too early"
}

@test "the time limit holds while executing the command hangs" {
	write_hanging
	expect 124 "" "" cbrun -n api -t 300ms ./hanging
	expect 137 "" "" private env --ignore-signal=TERM "$CBRUN" -n api -t 300ms -k 300ms ./hanging
	kill -KILL "$HOLDER"
	assert_field api '[.totals.timeouts, .in_flight]' '[2,0]'
}

@test "a signal ends cbrun and the command while executing it hangs" {
	write_hanging
	for signal in TERM INT HUP; do
		start call "$CBRUN" -n api ./hanging
		eventually in_flight api 1
		has_child() { ps -o pid= --ppid "$PID" >child; }
		eventually has_child
		kill -s $signal "$PID"
		finish "$PID" $((128 + $(kill -l $signal)))
		eventually gone "$(tr -d ' ' <child)"
	done
	kill -KILL "$HOLDER"
	eventually in_flight api 0
}

@test "a command whose execution hangs for a while runs when it can, once" {
	strace_works
	no_sanitizer "it does not work under strace"
	local program path=$CBRUN calls=()
	write_hanging
	has_tried_twice() { [ "$(grep -cE '^(vfork|fork|clone|clone3)\(' "$program.trace")" = 2 ]; }
	for program in cbrun cbrun-forking; do
		start $program strace -qq -o $program.trace -e trace=vfork,fork,clone,clone3 "$path" -n api -v -- ./hanging
		calls+=("$PID")
		path=$BUILT/tests/cbrun-forking
		eventually has_tried_twice
	done
	kill -KILL "$HOLDER"
	finish "${calls[0]}" 0
	finish "${calls[1]}" 0
	assert_field api '[.totals.successes, .totals.calls, .in_flight]' '[2,2,0]'
}

# --- signals to cbrun ---

@test "a signal of the kernel to cbrun alone is passed on" {
	expect 142 "" "" private python3 -c 'import os, signal, sys; signal.alarm(1); os.execv(sys.argv[1], sys.argv[1:])' "$CBRUN" -n api sleep 120
}

@test "a signal at the very end changes neither the status nor what was recorded" {
	no_sanitizer "it takes its time to end"
	for ((i = 1; i <= 24; i++)); do
		status=0
		cbrun record "n$i" ignored
		private strace -o /dev/null -e trace=rt_sigaction,rt_sigprocmask -e "inject=rt_sigaction,rt_sigprocmask:signal=TERM:when=$i" \
			"$CBRUN" -n "n$i" -- sh -c 'exit 3' || status=$?
		if [ "$(field "n$i" .totals.failures)" = 1 ]; then assert_equal "$i: $status" "$i: 3"; fi
	done
}

@test "a terminating signal to cbrun is passed on, and the call is ignored" {
	for signal in INT TERM HUP QUIT USR1 USR2 ALRM; do
		rm -f pid
		start call "$CBRUN" -n "s$signal" -f 1 -- sh -c 'echo $$ >pid; exec sleep 120'
		eventually test -s pid
		kill -s $signal "$PID"
		finish "$PID" $((128 + $(kill -l $signal)))
		assert gone "$(cat pid)"
		assert_field "s$signal" '[.state, .totals.ignored, .totals.failures]' '["closed",1,0]'
	done
	assert_equal "$(cat call.out call.err)" ""
}

@test "a command that turns a signal to cbrun into an exit status has it passed on, ignored all the same" {
	write_heeding 9
	start call "$CBRUN" -n api -f 1 ./heeding
	eventually test -e started
	kill -TERM "$PID"
	finish "$PID" 9
	assert_equal "$(cat call.out call.err)" "cleaned up"
	assert_field api '[.totals.ignored, .totals.failures, .last_exit]' '[1,0,9]'
}

@test "a signal to cbrun arms --kill-after" {
	write_stubborn TERM
	start call "$CBRUN" -n api -k 1h ./stubborn
	eventually test -s pid
	kill -TERM "$PID"
	eventually test -s signals
	let_pass 1h
	finish "$PID" 137
	assert_equal "$(sort -u signals)" TERM
	assert_field api .totals.ignored 1
}

@test "a signal that cbrun ignored from the start is ignored by the command too" {
	expect 1 "~SigIgn:	[0-9a-f]{13}001" "" private env --ignore-signal=HUP "$CBRUN" -n api -- \
		sh -c 'grep SigIgn /proc/self/status; exit 1'
	close_gate
	start call env --ignore-signal=HUP "$CBRUN" -n api -- sh -c 'echo >started; flock -w 300 -s gate true'
	eventually test -e started
	kill -HUP "$PID"
	open_gate
	finish "$PID" 0
	assert_field api '[.totals.ignored, .totals.successes]' '[0,1]'
}

@test "the command gets the signal mask and the dispositions of the caller" {
	for options in --default-signal --block-signal=CHLD,ALRM,TERM --ignore-signal=CHLD,PIPE,TTIN,TTOU; do
		plain=$(private env $options grep -E '^Sig(Blk|Ign|Cgt)' /proc/self/status)
		expect 0 "$plain" "" private env $options "$CBRUN" -n api grep -E '^Sig(Blk|Ign|Cgt)' /proc/self/status
	done
}

@test "blocked and ignored signals of the caller harm no time limit" {
	expect 124 "" "" private env --block-signal=CHLD,ALRM "$CBRUN" -n api -t 50ms sleep 120
	expect 124 "" "" private env --ignore-signal=CHLD,ALRM "$CBRUN" -n api -t 50ms sleep 120
	expect 3 "" "" private env --ignore-signal=CHLD "$CBRUN" -n api -- sh -c 'exit 3'
}

# --- how cbrun ends ---

@test "cbrun dies of the signal that its command died of" {
	for signal in HUP TERM KILL USR1; do
		expect 0 "signal $(kill -l $signal)" "" how_it_ends "$CBRUN" -n api -- sh -c "kill -s $signal \$\$"
	done
}

@test "a command's death by SEGV leaves no core of cbrun's" {
	expect 0 "signal 11" "" how_it_ends sh -c "ulimit -c unlimited; exec '$CBRUN' -n api -- sh -c 'ulimit -c 0; kill -SEGV \$\$'"
	assert_equal "$(find "$DIR" -name 'core*')" ""
}

@test "a time limit ends cbrun with a status and no signal" {
	expect 0 "exit 124" "" how_it_ends "$CBRUN" -n api -t 50ms sleep 120
	expect 0 "exit 137" "" how_it_ends "$CBRUN" -n api -t 50ms -s KILL sleep 120
}

@test "a broken standard error changes no exit status" {
	opened api
	broken() {
		"$@" 2> >(exec true)
	}
	expect 75 "" "" broken cbrun -n api true
	expect 127 "" "" broken cbrun -n web no-such-command
}

@test "a command that is killed outright with cbrun does not run on" {
	start call "$CBRUN" -n api -- sh -c 'echo $$ >pid; exec sleep 120'
	eventually test -s pid
	kill -KILL "$PID"
	finish "$PID" 137
	eventually gone "$(cat pid)"
	assert_field api '[.in_flight, .totals.calls]' '[0,0]'
}

@test "in front of a new pid namespace, where its parent is hidden, a command runs" {
	unshare --pid true 2>/dev/null || skip "needs a pid namespace"
	expect 3 "ran" "" private unshare --pid "$CBRUN" -n api -- sh -c 'echo ran; exit 3'
}

# --- where vfork is fork ---

@test "where vfork is fork, a command that cannot be run is told, and says nothing of the service" {
	forking=$CBRUN-forking
	expect 127 "" "cbrun: api: cannot run 'no-such-command': No such file or directory" private "$forking" -n api -f 1 no-such-command
	echo >plain
	expect 126 "" "cbrun: api: cannot run './plain': Permission denied" private "$forking" -n api -f 1 ./plain
	expect 126 "" "cbrun: api: cannot run './plain': Permission denied" private "$forking" -n api -f 1 -t 1h -r 1 --output failure ./plain
	assert_field api '[.state, .totals.ignored, .totals.calls, .in_flight]' '["closed",3,3,0]'
}

@test "where vfork is fork, all else is as it is elsewhere" {
	forking=$CBRUN-forking
	expect 3 "ran" "" private "$forking" -n api -- sh -c 'echo ran; exit 3'
	expect 124 "" "" private "$forking" -n api -t 50ms sleep 120
	expect 0 "signal 9" "" how_it_ends "$forking" -n api -- sh -c 'kill -KILL $$'
	expect 4 "" "opened" private "$forking" -n hook -f 1 --on-open 'echo opened' -- sh -c 'exit 4'
	start call "$forking" -n api -- sh -c 'echo $$ >pid; exec sleep 120'
	eventually test -s pid
	kill -KILL "$PID"
	finish "$PID" 137
	eventually gone "$(cat pid)"
	assert_field api '[.totals.failures, .totals.calls, .in_flight]' '[3,3,0]'
}

# --- process groups ---

@test "with a time limit cbrun and its command share a process group of their own" {
	for options in '-t 1h' '--probe-timeout 1h' '--deadline 1h' --kill-tree; do
		run cbrun -n api $options -- sh -c 'ps -o pid=,ppid=,pgid= -p $$'
		read -r pid parent group <<<"$output"
		assert_equal "$group" "$parent"
		assert_not_equal "$group" "$(ps -o pgid= -p $$ | tr -d ' ')"
		assert_not_equal "$group" "$pid"
	done
}

@test "without one, or with --foreground, they stay in the caller's" {
	for options in '' '--foreground -t 1h' '--output failure --stale-ok 1h' '-k 1h --wait 1h'; do
		run cbrun -n api -f 0 $options -- sh -c 'ps -o pgid= -p $$; exit 1'
		assert_equal "$((${lines[0]}))" "$(($(ps -o pgid= -p $BASHPID)))"
	done
}

# --- nothing is left ---

@test "no call leaves a process behind, however it ends" {
	mkdir here
	(
		cd here
		cbrun -n a true
		cbrun -n b -t 100ms -k 100ms -- sh -c 'trap "" TERM; sleep 120; sleep 120'
		cbrun -n c -t 100ms -- sh -c 'sleep 120 & sleep 120'
		cbrun -q -n d no-such-command
		for signal in TERM INT KILL; do
			start "call$signal" "$CBRUN" -n e -- sh -c "echo >started$signal; exec sleep 120"
			eventually test -e "started$signal"
			kill -s $signal "$PID"
			wait "$PID"
		done
	) || :
	nobody_left() { [ -z "$(left_behind "$DIR/here")" ]; }
	eventually nobody_left
	assert [ -e here/startedKILL ]
}

@test "a command for which there is no process cannot be run, and the call is ignored" {
	root_only
	cp "$CBRUN" program
	as_other true
	for options in '' '-r 2 --retry-delay 0'; do
		expect 126 "" "cbrun: api: cannot run 'echo': Resource temporarily unavailable" \
			as_other prlimit --nproc=1:1 ./program -n api $options echo ran
	done
	expect 0 '[2,0,"closed"]' "" as_other sh -c './program status api --json | jq -c ".breakers[0] | [.totals.ignored, .totals.failures, .state]"'
}
