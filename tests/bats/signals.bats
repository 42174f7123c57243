# signals.bats: signals to cbrun, the ends that it spreads, and what else its command inherits.
load helper
load processes

# --- passed on ---

@test "every signal that ends a process is passed on" {
	names=()
	for number in 1 2 3 10 12 13 14 15 16 24 25 26 27 29 30 34 35 50 63 64; do
		names+=("$(kill -l $number)")
	done
	write_stubborn "${names[@]}"
	start call "$CBRUN" -n api -f 1 -k 1h ./stubborn
	eventually test -s pid
	for name in "${names[@]}"; do
		kill -s "$name" "$PID"
	done
	for name in "${names[@]}"; do
		eventually has_line signals "$name"
	done
	: >end
	ends call 0 "" ""
	assert_field api '[.state, .totals.successes, .totals.calls, .in_flight]' '["closed",1,1,0]'
}

@test "signals that end no process are not passed on" {
	write_stubborn CHLD URG WINCH TERM
	start call "$CBRUN" -n api -k 1h ./stubborn
	eventually test -s pid
	for name in CHLD URG WINCH TERM; do
		kill -s $name "$PID"
	done
	eventually has_line signals TERM
	: >end
	ends call 0 "" ""
	assert_equal "$(cat signals)" TERM
}

@test "a signal reaches the command once, and each member of its group" {
	goes_on counting <<-'END'
		#!/bin/bash
		trap 'echo $BASHPID >>signals' USR1
		[ "$1" = inner ] || { ./counting inner & }
		echo $BASHPID >>pids
	END
	for options in '-t 2h' '-t 1h -s USR1'; do
		rm -f pids signals end
		start call "$CBRUN" -n api $options ./counting
		eventually has_lines pids 2
		if [ "$options" = '-t 2h' ]; then kill -USR1 "$PID"; else let_pass 1h; fi
		eventually has_lines signals 2
		: >end
		wait "$PID" || :
		assert_equal "$(sort signals)" "$(sort pids)"
	done
}

@test "a signal that reached cbrun and its command together ends the call as a cancelled one" {
	for signal in TERM RTMIN; do
		rm -f pid
		start call "$CBRUN" -n "s$signal" -f 1 -- sh -c 'echo $$ >pid; exec sleep 120'
		eventually test -s pid
		kill -STOP "$PID"
		eventually is_stopped "$PID"
		kill -s $signal "$(cat pid)"
		eventually gone "$(cat pid)"
		kill -s $signal "$PID"
		kill -CONT "$PID"
		ends call $((128 + $(kill -l $signal))) "" ""
		assert_field "s$signal" '[.state, .totals.ignored]' '["closed",1]'
	done
}

@test "a second signal is passed on too, and does not put off the KILL of the first" {
	write_stubborn TERM INT
	start call "$CBRUN" -n api -k 1h -v ./stubborn
	eventually test -s pid
	kill -TERM "$PID"
	eventually has_line signals TERM
	let_pass 59m
	kill -INT "$PID"
	eventually has_line signals INT
	let_pass 1m
	ends call 137 "" "~cbrun: api: closed, running './stubborn'
cbrun: sending signal TERM to command './stubborn'
cbrun: sending signal INT to command './stubborn'
cbrun: sending signal KILL to command './stubborn'
cbrun: api: cancelled by SIGINT after [0-9dhms]+: ignored"
	assert_field api '[.totals.ignored, .totals.timeouts]' '[1,0]'
}

@test "a signal after the time limit is passed on, and the call is timed out all the same" {
	write_stubborn TERM INT
	start call "$CBRUN" -n api -t 1h -k 1h ./stubborn
	eventually test -s pid
	let_pass 1h
	eventually has_line signals TERM
	kill -INT "$PID"
	eventually has_line signals INT
	: >end
	ends call 124 "" ""
	assert_field api '[.totals.ignored, .totals.timeouts]' '[0,1]'
}

@test "a signal to cbrun's whole group ends the call once" {
	start call "$CBRUN" -n api -t 1h -- sh -c 'sleep 120 & echo $! >child; echo $$ >pid; wait'
	eventually test -s pid
	kill -TERM -- "-$PID"
	ends call 143 "" ""
	eventually gone "$(cat child)"
	assert_field api '[.totals.ignored, .totals.calls]' '[1,1]'
}

@test "without --kill-after a signal that is passed on is followed by nothing" {
	write_stubborn INT TERM USR1
	start call "$CBRUN" -n api ./stubborn
	eventually test -s pid
	for name in INT TERM USR1; do
		kill -s $name "$PID"
		eventually has_line signals $name
	done
	let_pass 100d
	refute gone "$(cat pid)"
	: >end
	ends call 0 "" ""
}

@test "--kill-after counts from a request to end and no other signal, wherever it is given" {
	printf '[default]\nkill-after = 1h\n' >"$CONFIG"
	write_stubborn TERM USR1
	start call "$CBRUN" -n api ./stubborn
	eventually test -s pid
	kill -USR1 "$PID"
	eventually has_line signals USR1
	let_pass 1h
	kill -TERM "$PID"
	eventually has_line signals TERM
	refute gone "$(cat pid)"
	let_pass 1h
	ends call 137 "" ""
}

@test "the time limit counts on after a signal that is passed on" {
	write_stubborn TERM INT
	start call "$CBRUN" -n api -t 1h -s INT ./stubborn
	eventually test -s pid
	kill -TERM "$PID"
	eventually has_line signals TERM
	let_pass 1h
	eventually has_line signals INT
	let_pass 10s
	ends call 137 "" ""
}

@test "with --kill-after 0 a signal to cbrun never becomes a KILL" {
	write_stubborn TERM
	start call "$CBRUN" -n api -k 0 ./stubborn
	eventually test -s pid
	kill -TERM "$PID"
	eventually has_line signals TERM
	let_pass 100d
	refute gone "$(cat pid)"
	: >end
	ends call 0 "" ""
}

@test "with --foreground, or no time limit, a signal to cbrun reaches the command alone" {
	for options in '' '-t 1h --foreground'; do
		rm -f pid
		start call "$CBRUN" -n api $options -- sh -c 'sleep 120 & echo $! >child; echo $$ >pid; wait'
		eventually test -s pid
		kill -TERM "$PID"
		ends call 143 "" ""
		child=$(cat child)
		assert gone "$(cat pid)"
		refute gone "$child"
		kill -KILL "$child"
	done
}

@test "a stopped command dies of a signal to cbrun" {
	start call "$CBRUN" -n api -- sh -c 'echo $$ >pid; kill -STOP $$; exec sleep 120'
	eventually test -s pid
	eventually is_stopped "$(cat pid)"
	kill -TERM "$PID"
	ends call 143 "" ""
}

@test "a signal that was ignored when cbrun started neither ends the call nor reaches the command" {
	program note <<-'END'
		#!/usr/bin/python3
		import signal, time, os
		for name in ("SIGHUP", "SIGUSR1", "SIGTERM"):
		    signal.signal(getattr(signal, name), lambda s, f: print(signal.Signals(s).name, flush=True))
		open("ready", "w")
		while not os.path.exists("go"):
		    time.sleep(0.02)
	END
	start call env --ignore-signal=HUP,USR1 "$CBRUN" -n api ./note
	eventually test -e ready
	kill -HUP "$PID"
	kill -USR1 "$PID"
	kill -TERM "$PID"
	eventually has_line call.out SIGTERM
	echo >go
	ends call 0 SIGTERM ""
}

# --- cbrun killed outright ---

@test "a KILL of cbrun ends its command, even one that heeds nothing else" {
	for options in '' --foreground '--kill-tree' '-t 1h -r 3' '--output failure'; do
		rm -f pid
		start call "$CBRUN" -n api $options -- sh -c 'trap "" TERM HUP INT; echo $$ >pid; while :; do sleep 0.1; done'
		eventually test -s pid
		kill -KILL "$PID"
		ends call 137 "" ""
		eventually gone "$(cat pid)"
	done
	assert_field api '[.in_flight, .totals.calls]' '[0,0]'
}

@test "a KILL of cbrun ends a second attempt and a fallback, too" {
	start call "$CBRUN" -n api -r 1 --retry-delay 1ms -- sh -c '[ -e first ] || { echo >first; exit 1; }; echo $$ >pid; exec sleep 120'
	eventually test -s pid
	kill -KILL "$PID"
	ends call 137 "" ""
	eventually gone "$(cat pid)"
	opened web
	rm pid
	start call "$CBRUN" -n web --fallback 'echo $$ >pid; exec sleep 120' true
	eventually test -s pid
	kill -KILL "$PID"
	ends call 137 "" "~cbrun: web: open .*"
	eventually gone "$(cat pid)"
}

@test "a KILL of cbrun ends its command, whatever program that has become, in whatever session" {
	start call "$CBRUN" -n api -- sh -c 'exec setsid env sh -c "echo \$\$ >pid; exec sleep 120"'
	eventually test -s pid
	assert_equal "$(ps -o ppid=,sid= -p "$(cat pid)" | xargs)" "$PID $(cat pid)"
	kill -KILL "$PID"
	ends call 137 "" ""
	eventually gone "$(cat pid)"
}

@test "one that changes its user is ended, too, if it keeps the signal" {
	root_only
	setpriv --pdeathsig keep true 2>/dev/null || skip "needs a setpriv that keeps it"
	start call "$CBRUN" -n api -- setpriv --reuid 65534 --clear-groups --pdeathsig keep sleep 120
	is_another() { [ "$(ps -o uid=,comm= --ppid "$PID" | xargs)" = "65534 sleep" ]; }
	eventually is_another
	command=$(ps -o pid= --ppid "$PID" | xargs)
	kill -KILL "$PID"
	ends call 137 "" ""
	eventually gone "$command"
}

@test "a lock of the command's own keeps the next call from what a KILL of cbrun has left" {
	mkfifo fifo
	start call "$CBRUN" -n api -c 1 -- flock lock bash -c 'echo $$ >pid; read -t 120 <>fifo'
	eventually test -s pid
	kill -KILL "$PID"
	ends call 137 "" ""
	refute gone "$(cat pid)"
	expect 9 "" "" cbrun -n api -c 1 -- flock -n -E 9 lock echo ran
	echo >fifo
	expect 0 "ran" "" cbrun -n api -c 1 -- flock -w 300 lock echo ran
}

# --- --kill-tree ---

# write_daemon: `daemonize`, which leaves the group twice over and writes its pid to `daemon`; TERM makes it note that in
# `signals`, and with the argument "stubborn" go on.
write_daemon() {
	goes_on daemonize <<-'END'
		#!/bin/bash
		[ -n "$inner" ] || { inner=1 setsid -f "$0" "$@"; exit; }
		[ "$inner" = 2 ] || { inner=2 setsid -f "$0" "$@"; exit; }
		[ "$1" = stubborn ] && end=: || end=exit
		trap "echo TERM >>signals; $end" TERM
		echo $$ >daemon
	END
}

@test "--kill-tree ends at the time limit what has left the group" {
	write_daemon
	start call "$CBRUN" -n api -t 1h -k 1h --kill-tree -- sh -c './daemonize; sleep 120; sleep 120'
	eventually test -s daemon
	let_pass 1h
	ends call 124 "" ""
	assert gone "$(cat daemon)"
	assert_equal "$(cat signals)" TERM
}

@test "--kill-tree ends on cancellation what has left the group" {
	write_daemon
	for options in '' --foreground; do
		rm -f daemon signals
		start call "$CBRUN" -n api -k 1h --kill-tree $options -- sh -c './daemonize; exec sleep 120'
		eventually test -s daemon
		kill -TERM "$PID"
		ends call 143 "" ""
		assert gone "$(cat daemon)"
		assert_equal "$(cat signals)" TERM
	done
}

@test "--kill-tree kills after --kill-after a descendant that does not heed, though the command has" {
	write_daemon
	start call "$CBRUN" -n api -t 1h -k 1h --kill-tree -- sh -c './daemonize stubborn; exec sleep 120'
	eventually test -s daemon
	let_pass 1h
	eventually has_line signals TERM
	refute gone "$(cat daemon)"
	refute gone "$PID"
	let_pass 1h
	ends call 124 "" ""
	assert gone "$(cat daemon)"
}

@test "--kill-tree with --signal KILL leaves nothing" {
	write_daemon
	start call "$CBRUN" -n api -t 1h -s KILL --kill-tree -- sh -c './daemonize stubborn; exec sleep 120'
	eventually test -s daemon
	let_pass 1h
	ends call 137 "" ""
	assert gone "$(cat daemon)"
}

@test "--kill-tree with --kill-after 0 kills nobody" {
	write_daemon
	start call "$CBRUN" -n api -t 1h -k 0 --kill-tree -- sh -c './daemonize stubborn; exec sleep 120'
	eventually test -s daemon
	let_pass 1h
	ends call 124 "" ""
	daemon=$(cat daemon)
	refute gone "$daemon"
	kill -KILL "$daemon"
}

@test "--kill-tree touches nothing when the command ends by itself" {
	write_daemon
	start call "$CBRUN" -n api -t 1h --kill-tree -- sh -c './daemonize; while [ ! -s daemon ]; do sleep 0.02; done; exit 3'
	ends call 3 "" ""
	daemon=$(cat daemon)
	refute gone "$daemon"
	kill -KILL "$daemon"
	refute [ -e signals ]
}

@test "without --kill-tree what has left the group lives on" {
	write_daemon
	start call "$CBRUN" -n api -t 1h -- sh -c './daemonize; exec sleep 120'
	eventually test -s daemon
	let_pass 1h
	ends call 124 "" ""
	daemon=$(cat daemon)
	refute gone "$daemon"
	kill -KILL "$daemon"
	refute [ -e signals ]
}

# --- children that were there before ---

# write_parent: `parent COMMAND...` starts a child that ends with status 7 when there is `go`, and executes COMMAND. The child is
# in a session of its own: where the last process ends whose parent is in another group of the session, beside a stopped one,
# which another test's may be, the kernel hangs up on the whole group (setpgid(2)).
write_parent() {
	program parent <<-'END'
		#!/bin/bash
		setsid bash -c 'while [ ! -e go ] && [ $SECONDS -lt 120 ]; do sleep 0.02; done; exit 7' &
		echo $! >child
		exec "$@"
	END
	program wait_for_child <<-'END'
		#!/bin/bash
		echo >go
		while [ -e /proc/$(cat child) ] && ! grep -q '^State:.Z' /proc/$(cat child)/status; do sleep 0.02; done
		exit 3
	END
}

@test "a child that was there before is not mistaken for the command" {
	write_parent
	for options in '-t 1h' --kill-tree '-r 1 --retry-on 4' '--output failure'; do
		rm -f go
		expect 3 "" "" private ./parent "$CBRUN" -n api $options ./wait_for_child
	done
	assert_field api '[.totals.failures, .totals.calls, .last_exit]' '[4,4,3]'
}

@test "--kill-tree spares the children that were there before, and no others" {
	write_parent
	start call ./parent "$CBRUN" -n api -k 1h --kill-tree -- sh -c 'setsid sleep 120 & echo $! >descendant; echo $$ >pid; exec sleep 120'
	eventually test -s pid
	kill -TERM "$PID"
	ends call 143 "" ""
	refute gone "$(cat child)"
	eventually gone "$(cat descendant)"
	echo >go
	eventually gone "$(cat child)"
}

# --- process 1 ---

pid_namespace_only() {
	unshare -pf --kill-child true 2>/dev/null || skip "needs a pid namespace"
}

# pid_1 [OPTION...] COMMAND: as the first process of a namespace of its own.
pid_1() {
	private unshare -pf --mount-proc --kill-child "$@"
}

@test "as process 1 cbrun passes statuses on" {
	pid_namespace_only
	expect 3 "1" "" pid_1 "$CBRUN" -n api -- sh -c 'echo $PPID; exit 3'
	expect 137 "" "" pid_1 "$CBRUN" -n api -- sh -c 'kill -KILL $$'
	expect 143 "" "" pid_1 "$CBRUN" -n api -- sh -c 'kill -TERM $$'
	expect 127 "" "cbrun: api: cannot run 'no-such': No such file or directory" pid_1 "$CBRUN" -n api no-such
	assert_field api '[.totals.failures, .totals.ignored]' '[3,1]'
}

@test "as process 1 cbrun keeps time limits" {
	pid_namespace_only
	expect 124 "" "" pid_1 "$CBRUN" -n api -t 50ms sleep 120
	expect 137 "" "" pid_1 env --ignore-signal=TERM "$CBRUN" -n api -t 50ms -k 50ms sleep 120
	expect 124 "" "" pid_1 "$CBRUN" -n api -t 50ms --kill-tree -- sh -c 'setsid sleep 120 & sleep 120'
}

@test "as process 1 cbrun passes signals on, from within and from without" {
	pid_namespace_only
	expect 143 "" "" pid_1 "$CBRUN" -n inside -- sh -c 'kill -TERM 1; exec sleep 120'
	start call unshare -pf --mount-proc --kill-child "$CBRUN" -n outside -- sh -c 'echo >ready; exec sleep 120'
	eventually test -e ready
	kill -TERM "$(ps -o pid= --ppid "$PID")"
	ends call 143 "" ""
	for name in inside outside; do
		assert_field $name '[.totals.ignored, .totals.calls]' '[1,1]'
	done
}

# --- descriptors ---

# write_list: `list`, a command that writes its open descriptors below 100 to the file `seen`, and opens none for that.
write_list() {
	program list <<-'END'
		#!/bin/sh
		seen=
		for fd in 0 1 2 3 4 5 6 7 8 9 11 12 13 14 15 16 17 18 19 20 33 50 77 99; do
			if [ -e /proc/$$/fd/$fd ]; then seen="$seen $fd"; fi
		done
		echo $seen >seen
	END
}

@test "the command gets inherited descriptors and none of cbrun's, whatever stands between" {
	write_list
	some() { "$@" 7</dev/null 33>/dev/null; }
	some private ./list
	plain=$(cat seen)
	half_opened trial
	for options in '' --foreground --kill-tree '-t 1h -r 1' '--stale-ok 1h' '-r 1 --output failure' "--log /proc/self/cwd/log"; do
		expect 0 "" "" some cbrun -n api $options ./list
		assert_equal "$(cat seen)" "$plain"
		expect 0 "" "" some cbrun -n trial --on-change true --health-check true $options ./list
		assert_equal "$(cat seen)" "$plain"
	done
}

@test "every attempt, fallback and health check gets inherited descriptors and none of cbrun's" {
	write_list
	some() { "$@" 7</dev/null 33>/dev/null; }
	some private ./list
	plain=$(cat seen)
	for options in '-r 2 --retry-delay 1ms' '-r 2 --retry-delay 1ms --output change'; do
		expect 1 "" "" some cbrun -n api $options -- sh -c './list; cat seen >>all; exit 1'
	done
	for options in --on-change --on-open --fallback '--fallback-on failure --fallback'; do
		rm -f seen
		expect 1 "" "" some cbrun -n "a${options//[!a-z]/}" -f 1 $options './list; exit 1' false
		[ ! -e seen ] || cat seen >>all
	done
	half_opened trial
	expect 75 "" "cbrun: trial: half-open (health check failed)" some cbrun -n trial --health-check './list; exit 1' true
	cat seen >>all
	assert_equal "$(sort all | uniq -c | sed 's/^ *//')" "10 $plain"
}

@test "closed standard descriptors stay closed for the command, and nothing of cbrun's gets into their place" {
	write_list
	closed() { "$@" 0<&- 1>&- 2>&-; }
	closed private ./list
	plain=$(cat seen)
	opened broken
	for options in '' -v '-t 1h -k 0' --kill-tree "-v --log /proc/self/cwd/log"; do
		closed cbrun -n api $options ./list
		assert_equal "$(cat seen)" "$plain"
	done
	closed cbrun -n api -v -- sh -c 'echo out; echo err >&2' || :
	closed cbrun -n api no-such-command || assert_equal $? 127
	closed cbrun -n broken true || assert_equal $? 75
	closed cbrun -n broken -v --fallback 'echo out; echo err >&2; exit 9' true || assert_equal $? 9
	closed cbrun -n api -r 1 --retry-delay 1ms --output failure -- sh -c 'cat; echo out; echo err >&2; exit 8' || assert_equal $? 8
	closed cbrun -n api --stale-ok 1h -- echo out || :
	closed cbrun status
	assert_equal "$(sqlite3 "$STORE" 'pragma integrity_check')" ok
	assert_equal "$(wc -c <"$STORE.permits")" 0
	assert_field api '[.in_flight, .totals.ignored, .totals.calls]' '[0,1,9]'
	refute grep -v '^....-..-..T..:..:..\....Z [a-z]* [a-z]*: ' log
}

@test "without /dev/null, no file of cbrun's gets the number of a closed standard descriptor" {
	unshare -m true 2>/dev/null || skip "needs a mount namespace"
	opened api
	bare() { private unshare -m sh -c "mount -t tmpfs none /dev; exec \"\$@\" $closed" sh "$@"; }
	for closed in '2>&-' '1>&- 2>&-' '0<&- 1>&- 2>&-'; do
		expect 75 "" "" bare "$CBRUN" -n api true
		expect 3 "" "" bare "$CBRUN" -n web -v -- sh -c 'exit 3'
	done
	assert_equal "$(wc -c <"$STORE.permits")" 0
	assert_field web '.totals.calls' 3
}

@test "each single standard descriptor may be closed" {
	no_input() { "$@" 0<&-; }
	no_output() { "$@" 1>&-; }
	no_error() { "$@" 2>&-; }
	expect 0 "closed" "" no_input cbrun -n api -- sh -c '[ -e /proc/$$/fd/0 ] || echo closed'
	expect 0 "closed
closed" "" no_input cbrun -n api -r 1 --retry-delay 1ms --output failure --failure-on 0 -- \
		sh -c '[ -e /proc/$$/fd/0 ] || echo closed'
	expect 0 "" "err" no_output cbrun -n api -- sh -c 'echo err >&2'
	expect 0 "out" "" no_error cbrun -n api -v -- sh -c 'echo out'
	expect 127 "" "" no_error cbrun -n api no-such-command
}

# --- a broken pipe ---

@test "a broken standard error changes no exit status, whatever is to be said" {
	broken() { "$@" 2> >(exec true); }
	opened api
	expect 75 "" "" broken cbrun -n api true
	expect 127 "" "" broken cbrun -n b no-such-command
	expect 125 "" "" broken cbrun -n b --no-such-option
	expect 124 "" "" broken cbrun -n c -v -t 100ms sleep 120
	expect 3 "out" "" broken cbrun -n d -v -f 1 --on-change 'sleep 0.05; echo said >&2' -- sh -c 'sleep 0.1; echo out; exit 3'
	expect 4 "" "" broken cbrun -n e -v --output failure -- sh -c 'sleep 0.1; echo err >&2; exit 4'
	expect 5 "fallback" "" broken cbrun -n api -v --fallback 'echo fallback; exit 5' true
	assert_field d .state open
}

@test "a broken standard output is the command's own affair, and says nothing of the service" {
	broken() { "$@" | true; return "${PIPESTATUS[0]}"; }
	expect 141 "" "" broken cbrun -n a -f 1 -- sh -c 'sleep 0.1; exec yes'
	expect 141 "" "" broken cbrun -n b -f 1 --stale-ok 1h -- sh -c 'sleep 0.1; exec yes'
	expect 141 "" "" broken cbrun -n c -f 1 --output failure -- sh -c 'sleep 0.1; exec yes'
	for name in a b c; do
		assert_field $name '[.state, .totals.ignored, .in_flight]' '["closed",1,0]'
	done
	expect 3 "" "" broken cbrun -n d --output failure -- sh -c 'trap "" PIPE; sleep 0.1; echo lost 2>/dev/null; exit 3'
	assert_field d '[.totals.failures, .in_flight]' '[1,0]'
}
