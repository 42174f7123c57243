# output.bats: output that is held back, and what it may never do: get lost, hang, or keep a signal from its work.
load helper
load processes

# Prints each word to standard output and error by turns, and lets cbrun take one before it writes the next.
write_by_turns() {
	program by_turns <<-'END'
		#!/usr/bin/python3
		import array, fcntl, os, sys, time
		FIONREAD = 0x541B
		def written(fd, text):
		    os.write(fd, text.encode())
		    left = array.array("i", [1])
		    while left[0]:
		        time.sleep(0.001)
		        fcntl.ioctl(fd, FIONREAD, left)
		for number, word in enumerate(sys.argv[2:]):
		    written(1 + number % 2, word + "\n")
		sys.exit(int(sys.argv[1]))
	END
}

# both COMMAND...: with standard output and error in one.
both() {
	"$@" 2>&1
}

# --- when it is due ---

@test "with --output always the command writes to cbrun's own standard output and error" {
	own() { "$@" >out 2>err; }
	expect 0 "" "" own cbrun -n api -- sh -c 'readlink /proc/$$/fd/1 /proc/$$/fd/2'
	assert_equal "$(cat out)" "$DIR/out
$DIR/err"
}

@test "with --output failure a call that succeeds prints nothing" {
	expect 0 "" "" both cbrun -n api --output failure -- sh -c 'echo out; echo err >&2'
}

@test "a standard output of its own is data: it is not held, whatever becomes of the call" {
	for mode in failure change; do
		expect 0 "out" "" cbrun -n api --output $mode -- sh -c 'echo out; echo err >&2'
	done
	own() { "$@" >out 2>err; }
	expect 0 "" "" own cbrun -n api --output failure -- sh -c 'readlink /proc/$$/fd/1; readlink /proc/$$/fd/2 >&2; exit 0'
	assert_equal "$(cat out)" "$DIR/out"
	assert_equal "$(cat err)" ""
}

@test "with --output failure a call that fails prints everything, each to its own stream" {
	expect 3 "out
more" "err" cbrun -n api --output failure -- sh -c 'echo out; echo err >&2; echo more; exit 3'
	expect 143 "out" "err" cbrun -n api --output failure -- sh -c 'echo out; echo err >&2; kill $$'
	start call "$CBRUN" -n api --output failure -t 1h -- sh -c 'echo out; echo err >&2; echo >written; exec sleep 120'
	eventually test -e written
	let_pass 1h
	ends call 124 "out" "err"
}

@test "an ignored call with an exit status other than 0 is always shown" {
	for mode in failure change; do
		expect 7 "out
err" "" both cbrun -n api --output $mode --ignore-on 7 -- sh -c 'echo out; echo err >&2; exit 7'
		expect 0 "" "" both cbrun -n api --output $mode --ignore-on 0 -- sh -c 'echo out; echo err >&2'
		expect 127 "" "cbrun: api: cannot run 'no-such': No such file or directory" cbrun -n api --output $mode no-such
		rm -f pid
		start call "$CBRUN" -n api --output $mode -- sh -c 'echo err >&2; echo $$ >pid; exec sleep 120'
		eventually test -s pid
		kill -TERM "$PID"
		ends call 143 "" err
	done
}

@test "a disabled breaker is shown as with --output failure" {
	cbrun -n api true
	cbrun disable api
	expect 3 "bad" "" both cbrun -n api --output change -- sh -c 'echo bad; exit 3'
	expect 0 "" "" both cbrun -n api --output change -- sh -c 'echo good'
}

@test "whoever holds output exits with a status instead of dying of the command's signal" {
	for mode in failure change; do
		expect 0 "exit 143" "" how_it_ends "$CBRUN" -n api --output $mode -- sh -c 'kill $$'
		expect 0 "exit 137" "" how_it_ends "$CBRUN" -n api --output $mode -- sh -c 'kill -KILL $$'
	done
	expect 0 "signal 15" "" how_it_ends "$CBRUN" -n api --output always -- sh -c 'kill $$'
}

@test "with --output failure a rejected call says so" {
	opened api
	expect 75 "" "~cbrun: api: open \(1 consecutive failure\), retry in .*" cbrun -n api --output failure true
}

@test "with --output change a call prints when it opens the breaker and when it closes it" {
	policy=(-n api -f 2 -o 1h --successes 2 --output change)
	expect 0 "" "" both cbrun "${policy[@]}" -- sh -c 'echo good'
	expect 3 "" "" both cbrun "${policy[@]}" -- sh -c 'echo bad 1; exit 3'
	expect 3 "~cbrun: api: broken: 2 failures since [0-9:]{5}, the last with exit 3; next try at [0-9A-Z][0-9A-Za-z: ]+, or now: cbrun reset api
cbrun: api: the first failure, at [0-9:]{5}:
bad 1
cbrun: api: the last failure, at [0-9:]{5}:
bad 2
err 2" "" both cbrun "${policy[@]}" -- sh -c 'echo bad 2; echo err 2 >&2; exit 3'
	expect 75 "" "" both cbrun "${policy[@]}" -- sh -c 'echo rejected'
	advance 1h
	expect 0 "" "" both cbrun "${policy[@]}" -- sh -c 'echo good 1'
	expect 0 "~cbrun: api: works again after 1h \(1 run skipped\)
good 2" "" both cbrun "${policy[@]}" -- sh -c 'echo good 2'
	expect 0 "" "" both cbrun "${policy[@]}" -- sh -c 'echo good'
}

@test "with --output change a trial call that fails prints nothing: it was known that it is broken" {
	policy=(-n api -f 1 -o 1h --output change)
	expect 3 "~cbrun: api: broken: 1 failure at .*
bad" "" both cbrun "${policy[@]}" -- sh -c 'echo bad; exit 3'
	for _ in 1 2; do
		advance 1h
		expect 3 "" "" both cbrun "${policy[@]}" -- sh -c 'echo still bad; exit 3'
	done
	assert_transitions api closed\>open open\>half-open half-open\>open open\>half-open half-open\>open
}

@test "with --output change and --verbose a rejected call says so" {
	opened api
	expect 75 "" "~cbrun: api: open \(1 consecutive failure\), retry in .*" cbrun -n api -f 1 -o 1h --output change -v true
}

@test "with --output change and no store a failure is printed" {
	ENVIRONMENT+=(CBRUN_STORE="$DIR/file/s.db")
	echo >file
	expect 3 "~cbrun: .*; running the command unguarded
bad" "" both cbrun -n api --output change -- sh -c 'echo bad; exit 3'
	expect 0 "~cbrun: .*; running the command unguarded" "" both cbrun -n api --output change -- sh -c 'echo good'
}

# mails LINE: what cron would send for this line of a crontab: all that its command prints.
mails() {
	local minute hour day month weekday command
	read -r minute hour day month weekday command <<<"$1"
	private sh -c "$command" 2>&1 </dev/null
}

@test "a line of a crontab with --preset cron sends two mails: when the job breaks and when it is back" {
	program job <<-'END'
		#!/bin/sh
		echo "working"
		[ ! -e broken ] || { echo "it does not work" >&2; exit 1; }
	END
	line="0 * * * * '$CBRUN' -n mirror --preset cron -- ./job"
	for run in {1..10}; do
		case $run in
		2) : >broken ;;
		8) rm broken ;;
		esac
		mails "$line" >mail || echo "$run: $?" >>statuses
		[ ! -s mail ] || { echo "run $run:" && cat mail; } >>mailbox
		advance 1h
	done
	expect 0 "~run 4:
cbrun: mirror: broken: 3 failures since [0-9A-Z][0-9A-Za-z: ]+, the last with exit 1; next try at [0-9A-Z][0-9A-Za-z: ]+, or now: cbrun reset mirror
cbrun: mirror: the first failure, at [0-9A-Z][0-9A-Za-z: ]+:
working
it does not work
cbrun: mirror: the last failure, at [0-9:]{5}:
working
it does not work
run 8:
cbrun: mirror: works again after 4h
working" "" cat mailbox
	assert_transitions mirror closed\>open open\>half-open half-open\>open open\>half-open half-open\>open open\>half-open \
		half-open\>open open\>half-open half-open\>closed
	assert_equal "$(paste -sd ' ' statuses)" "2: 1 3: 1 4: 1 5: 1 6: 1 7: 1"
}

# --- order and amount ---

@test "held output comes in the order in which it was written" {
	write_by_turns
	expect 3 "one
two
three
four
five" "" both cbrun -n api --output failure ./by_turns 3 one two three four five
}

@test "held output that two processes write keeps its order" {
	program turns <<-'END'
		#!/bin/bash
		for ((i = 0; i < 300; i++)); do
			echo "out $i"
			echo "err $i" >&2
		done
		exit 3
	END
	expect 3 "$(for ((i = 0; i < 300; i++)); do printf 'out %d\nerr %d\n' $i $i; done)" "" both cbrun -n api --output failure ./turns
}

@test "held output of what outlives the command by a moment is printed, too" {
	expect 1 "late" "" both cbrun -n api --output failure -- bash -c '(sleep 0.2; echo late) & exit 1'
	expect 1 "a" "" both cbrun -n api --output failure -- bash -c 'exec > >(sleep 0.2; cat) 2>&1; echo a; exit 1'
}

@test "held output of several attempts comes in their order, and not at all if the last one succeeds" {
	program nth <<-'END'
		#!/bin/bash
		echo >>runs
		n=$(wc -l <runs)
		echo "run $n"
		exit "${!n}"
	END
	expect 6 "run 1
run 2
run 3" "" both cbrun -n api --output failure -r 2 --retry-delay 1ms ./nth 4 5 6
	rm runs
	expect 0 "" "" both cbrun -n api --output failure -r 2 --retry-delay 1ms ./nth 4 5 0
}

# write_much BYTES: `much STATUS`, which writes that many random bytes to both standard output and error.
write_much() {
	head -c "$1" /dev/urandom >out
	head -c "$1" /dev/urandom >err
	program much <<-'END'
		#!/bin/sh
		cat err >&2 &
		cat out
		wait
		exit $1
	END
}

@test "held output of any size is printed whole" {
	into_files() { "$@" >got.out 2>got.err; }
	into_one() { "$@" >got 2>&1; }
	for size in 1 65536 600000 1048576 5000000; do
		write_much $size
		expect 3 "" "" into_files cbrun -n api -f 0 --output failure ./much 3
		cmp out got.out
		cmp err got.err
		expect 1 "" "" into_one cbrun -n one -f 0 --failure-rate 0 --slow 1h --output failure cat out /missing
		head -c "$size" got | cmp out -
		expect 0 "" "" into_one cbrun -n api -f 0 --output failure ./much 0
		assert_equal "$(cat got)" ""
	done
}

@test "held output is in no file that has a name, and none is left" {
	mkdir tmp
	write_much 2000000
	close_gate
	ENVIRONMENT+=(TMPDIR="$DIR/tmp")
	start call "$CBRUN" -n api --output failure -- sh -c './much 0; echo >written; flock -w 300 -s gate true; exit 3'
	eventually test -e written
	assert_equal "$(ls -A tmp)" ""
	ls -l "/proc/$PID/fd" >descriptors
	grep -q "$DIR/tmp/.*(deleted)" descriptors
	open_gate
	finish "$PID" 3
	cmp out call.out
	cmp err call.err
	assert_equal "$(ls -A tmp)" ""
	assert_equal "$(store_files | sed 's/output-[0-9]*/output/')" "${STORE_FILES/ cbrun.db.permits/ cbrun.db.output.first cbrun.db.permits}"
}

@test "where nothing can be held any more, output is passed on, and nothing is lost" {
	into_files() { "$@" >got.out 2>got.err; }
	write_much 3000000
	for status in 0 3; do
		expect $status "" "" into_files private TMPDIR="$DIR/missing" "$CBRUN" -n api --output failure ./much $status
		cmp out got.out
		line="cbrun: cannot hold back output: No such file or directory; passing it on"
		assert_equal "$(grep -acxF "$line" got.err)" 1
		grep -avxF "$line" got.err | cmp - err || cmp <(sed "s/$line//" got.err | wc -c) <(cat err <(echo) | wc -c)
	done
}

# --- nothing hangs ---

@test "a process that the command leaves behind with its output open is not waited for" {
	start call "$CBRUN" -n api --output failure -- sh -c 'echo err >&2; sleep 120 & echo $! >child; exit 3'
	ends call 3 "" "err"
	refute gone "$(cat child)"
	kill -KILL "$(cat child)"
}

@test "a process that goes on writing after the command has ended does not hold cbrun up" {
	start call "$CBRUN" -n api --output failure -- sh -c 'yes >&2 & echo $! >child; sleep 0.1; exit 0'
	ends call 0 "" ""
	eventually gone "$(cat child)"
	start call "$CBRUN" -n api --stale-ok 1h -- sh -c 'yes yes yes >/dev/full & yes & echo $! >child; sleep 0.1; exit 3'
	ended=0
	wait "$PID" || ended=$?
	assert_equal "$ended" 3
	eventually gone "$(cat child)"
}

# start_stalled NAME COMMAND...: as start, with a standard output that is a pipe nobody reads from.
start_stalled() {
	local name=$1
	shift
	[ -e stalled ] || mkfifo stalled
	[ -n "${STALLED:-}" ] || exec {STALLED}<>stalled
	(
		[ -z "${GATE:-}" ] || exec {GATE}>&-
		exec env -i --default-signal "${ENVIRONMENT[@]}" "$@" >stalled 2>"$DIR/$name.err" </dev/null 3>&-
	) &
	PID=$!
	: >"$DIR/$name.out"
}

# is_full PID: what it writes to is full, and it waits; it has no more to write for long.
is_full() {
	local before after
	before=$(grep -s wchar "/proc/$1/io") || return
	sleep 0.05
	after=$(grep -s wchar "/proc/$1/io") || return
	[ "$before" = "$after" ] && [ "${after#* }" -ge 65536 ]
}

@test "the time limit ends a command whose output nobody reads" {
	start_stalled call "$CBRUN" -n api -t 1h -k 1h --stale-ok 1h -- sh -c 'echo $$ >pid; exec head -c 5000000 /dev/zero'
	eventually test -s pid
	eventually is_full "$PID"
	let_pass 1h
	eventually gone "$(cat pid)"
	eventually is_pausing "$PID"
	let_pass 1h
	ends call 124 "" "cbrun: nobody reads the output; the rest is lost"
	assert_field api '[.totals.timeouts, .in_flight]' '[1,0]'
}

@test "a signal to cbrun ends a command whose output nobody reads" {
	start_stalled call "$CBRUN" -n api -k 1h --stale-ok 1h -- sh -c 'echo $$ >pid; exec head -c 5000000 /dev/zero'
	eventually test -s pid
	eventually is_full "$PID"
	kill -TERM "$PID"
	eventually gone "$(cat pid)"
	eventually is_pausing "$PID"
	kill -TERM "$PID"
	ends call 143 "" ""
	assert_field api '[.totals.ignored, .in_flight]' '[1,0]'
}

@test "a signal ends cbrun while nobody reads the output that it held back" {
	start_stalled call sh -c 'exec "$0" -n api --output failure -- sh -c "head -c 500000 /dev/zero; exit 3" 2>&1' "$CBRUN"
	eventually is_full "$PID"
	eventually is_pausing "$PID"
	assert_field api '[.totals.failures, .in_flight]' '[1,0]'
	kill -TERM "$PID"
	ends call 3 "" ""
}

@test "a slow reader gets everything" {
	slow_reader() { "$@" | { sleep 0.2; cat >got; }; return "${PIPESTATUS[0]}"; }
	head -c 300000 /dev/urandom >data
	expect 0 "" "" slow_reader cbrun -n a --stale-ok 1h cat data
	cmp data got
	expect 3 "" "" slow_reader cbrun -n b --output failure -- sh -c 'cat data; exit 3'
	cmp data got
}

@test "a slow reader gets what the command had written when its time was up" {
	head -c 100000 /dev/urandom >data
	start_stalled call "$CBRUN" -n api -t 1h -k 1h --stale-ok 1h -- sh -c 'cat data; echo >written; exec sleep 120'
	eventually test -e written
	let_pass 1h
	eventually is_pausing "$PID"
	head -c 100000 <stalled >got
	ends call 124 "" ""
	cmp data got
}

@test "with --kill-after 0 the reader has all the time there is" {
	head -c 100000 /dev/urandom >data
	start_stalled call "$CBRUN" -n api -t 1h -k 0 --stale-ok 1h -- sh -c 'cat data; echo >written; exec sleep 120'
	eventually test -e written
	let_pass 1h
	eventually is_pausing "$PID"
	let_pass 1h
	refute gone "$PID"
	head -c 100000 <stalled >got
	ends call 124 "" ""
	cmp data got
}

@test "a standard error that nobody reads holds up no call" {
	opened api
	mkfifo full
	exec {FULL}<>full
	dd if=/dev/zero of=full oflag=nonblock bs=4096 count=100 2>/dev/null || :
	private timeout 120 "$CBRUN" -n api true 2>full || status=$?
	assert_equal "$status" 75
	private timeout 120 "$CBRUN" -n web -v -- sh -c 'exit 3' 2>full || status=$?
	assert_equal "$status" 3
}

@test "a signal is noticed where no descriptor is free for it" {
	start call strace -o trace -e trace=signalfd4 -e inject=signalfd4:error=EMFILE "$CBRUN" -n api --output failure -- sh -c 'echo $$ >pid; exec sleep 120'
	eventually test -s pid
	kill -TERM "$(ps -o ppid= -p "$(cat pid)" | tr -d ' ')"
	finish "$PID" 143
	grep -q EMFILE trace
}

@test "output that cannot be written changes no exit status" {
	to_full() { "$@" >/dev/full 2>&1; }
	expect 3 "" "" to_full cbrun -n api --output failure -- sh -c 'echo out; echo err >&2; exit 3'
	assert_field api .totals.failures 1
}
