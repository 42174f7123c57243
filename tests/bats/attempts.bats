# attempts.bats: what counts as what, and several attempts inside one call.
load helper
load processes

# --- outcomes ---

@test "the lists say what each ending is" {
	local number=0
	while IFS='|' read -r options command outcome; do
		((++number))
		cbrun -n "b$number" $options -- sh -c "$command" || :
		assert_equal "$options|$command|$(cbrun history "b$number" --json | jq -r .outcome)" "$options|$command|$outcome"
	done <<-'END'
		|exit 0|success
		|exit 1|failure
		|kill $$|failure
		-t 20ms|exec sleep 120|timeout
		--success-on 3|exit 0|failure
		--success-on 0,3-5|exit 4|success
		--success-on 0,3-5|exit 6|failure
		--success-on 0,TERM|kill $$|success
		--success-on signal|kill -USR1 $$|success
		--success-on 143|kill $$|success
		--success-on timeout -t 20ms|exec sleep 120|success
		--success-on 124 -t 20ms|exec sleep 120|success
		--success-on any|exit 9|success
		--ignore-on 7|exit 7|ignored
		--ignore-on any|exit 0|ignored
		--ignore-on SIGTERM|kill $$|ignored
		--ignore-on SIGTERM|kill -USR1 $$|failure
		|kill -PIPE $$|ignored
		--failure-on any|kill -PIPE $$|ignored
		--ignore-on timeout -t 20ms|exec sleep 120|ignored
		--failure-on 22|exit 1|success
		--failure-on 22|exit 22|failure
		--failure-on 22 -t 20ms|exec sleep 120|success
		--failure-on 22,timeout -t 20ms|exec sleep 120|timeout
		--failure-on any|exit 0|failure
		--failure-on any --ignore-on 0-3|exit 2|ignored
		--failure-on any -t 1ms --signal KILL|exec sleep 120|timeout
		-t 20ms --preserve-status|trap "exit 0" TERM; sleep 120 & wait|timeout
	END
	assert_equal "$number" 28
}

@test "a list that makes no sense is a usage error, and nothing runs" {
	for option in success-on ignore-on failure-on retry-on; do
		for value in x 256 5-3 1- 1,,2 SIGFOO signals SIGTERM-SIGKILL; do
			expect 125 "" "cbrun: invalid --$option '$value': expected exit statuses, ranges, signals, 'signal', 'timeout' or 'any', separated by commas" \
				cbrun -n api --$option "$value" touch ran
		done
	done
	refute [ -e ran ]
}

@test "an outcome in two lists is a usage error" {
	expect 125 "" "cbrun: --success-on and --failure-on name the same outcome; name it once" \
		cbrun -n api --success-on 0,7 --failure-on 5-9 touch ran
	expect 125 "" "cbrun: --success-on and --ignore-on name the same outcome; name it once" \
		cbrun -n api --success-on 0,timeout --ignore-on timeout touch ran
	refute [ -e ran ]
}

@test "a call that was cancelled, or whose command cannot be started, is ignored whatever the lists say" {
	for option in --failure-on --success-on --retry-on; do
		expect 127 "" "cbrun: api: cannot run 'no-such': No such file or directory" \
			cbrun -n api -f 1 $option any -r 3 --retry-delay 1ms no-such
		rm -f pid
		start call "$CBRUN" -n api -f 1 $option any -r 3 --retry-delay 1ms -- sh -c 'echo $$ >pid; exec sleep 120'
		eventually test -s pid
		kill -TERM "$PID"
		ends call 143 "" ""
	done
	assert_field api '[.state, .totals.ignored, .totals.calls, .totals.retries]' '["closed",6,6,0]'
}

@test "a signal that the command survives cancels nothing" {
	write_stubborn TERM INT USR1
	echo 'exit 3' >>stubborn
	for signal in TERM INT USR1; do
		rm -f pid signals end
		start call "$CBRUN" -n "s$signal" -f 1 --fallback-on failure --fallback 'echo instead' ./stubborn
		eventually test -s pid
		kill -s $signal "$PID"
		eventually has_line signals $signal
		let_pass 14s
		: >end
		# who asked for an end wants no fallback either
		if [ $signal = USR1 ]; then ends call 0 instead ""; else ends call 3 "" ""; fi
		assert_field "s$signal" '[.state, .totals.failures, .totals.ignored]' '["open",1,0]'
	done
}

@test "a signal that the command survives leaves its success a success" {
	write_stubborn TERM
	start call "$CBRUN" -n api ./stubborn
	eventually test -s pid
	kill -TERM "$PID"
	eventually has_line signals TERM
	: >end
	ends call 0 "" ""
	assert_field api '.totals | [.successes, .ignored]' '[1,0]'
}

# --- attempts ---

# has_run N: so many times, by the count of `runs`.
has_run() {
	has_lines runs "$1"
}

# pauses_after N: the program started last has ended its N-th attempt, and waits: a random time, so it should be one of years
# that no wait is over before it is seen.
pauses_after() {
	has_run "$1" && is_pausing "$PID"
}

# write_nth: `nth`, a command whose n-th run says so and exits with its n-th argument; the last one stays.
write_nth() {
	program nth <<-'END'
		#!/bin/bash
		echo >>runs
		n=$(wc -l <runs)
		echo "run $n"
		echo "error $n" >&2
		((n <= $#)) || n=$#
		exit "${!n}"
	END
}

@test "a failed attempt is followed by others until one succeeds" {
	write_nth
	expect 0 "run 1
run 2
run 3" "error 1
error 2
error 3" cbrun -n api -r 5 --retry-delay 1ms ./nth 1 2 0
	assert_field api '.totals | [.calls, .successes, .failures, .retries]' '[1,1,0,2]'
	assert_field api '[.consecutive_failures, .window.calls, .last_exit]' '[0,1,0]'
}

@test "there are at most --retries further attempts, and the last one's outcome is the call's" {
	write_nth
	expect 6 "run 1
run 2
run 3" "error 1
error 2
error 3" cbrun -n api -f 2 -r 2 --retry-delay 1ms ./nth 4 5 6
	assert_field api '.totals | [.calls, .successes, .failures, .retries]' '[1,0,1,2]'
	assert_field api '[.state, .consecutive_failures, .window.failures, .last_exit]' '["closed",1,1,6]'
}

@test "without --retries there is one attempt" {
	write_nth
	expect 4 "run 1" "error 1" cbrun -n api ./nth 4 0
	assert_field api .totals.retries 0
}

@test "an attempt that is ignored, or succeeds by the lists, ends the call" {
	write_nth
	expect 7 "run 1
run 2" "error 1
error 2" cbrun -n api -r 5 --retry-delay 1ms --ignore-on 7 --retry-on any ./nth 1 7 0
	rm runs
	expect 3 "run 1" "error 1" cbrun -n api -r 5 --retry-delay 1ms --success-on 3 --retry-on any ./nth 3 0
	assert_field api '.totals | [.calls, .successes, .ignored, .retries]' '[2,1,1,1]'
}

@test "--retry-on says which failures are tried again" {
	write_nth
	expect 6 "run 1
run 2
run 3" "error 1
error 2
error 3" cbrun -n api -r 5 --retry-delay 1ms --retry-on 4-5 ./nth 4 5 6 0
	expect 143 "" "" cbrun -n api -r 5 --retry-delay 1ms --retry-on 1,timeout -- sh -c 'kill $$'
	expect 124 "" "" cbrun -n api -r 5 --retry-delay 1ms --retry-on 1,signal -t 20ms sleep 120
	assert_field api '.totals | [.calls, .retries]' '[3,2]'
	expect 124 "" "" cbrun -n api -r 2 --retry-delay 1ms --retry-on timeout -t 20ms sleep 120
	assert_field api '.totals | [.calls, .retries]' '[4,4]'
}

@test "each attempt has the time limit for itself" {
	program slow_first <<-'END'
		#!/bin/sh
		[ -e first ] && echo "in time" && exit
		echo >first
		exec sleep 120
	END
	start call "$CBRUN" -n api -t 1h -r 1 --retry-delay 1ms ./slow_first
	eventually test -e first
	let_pass 1h
	ends call 0 "in time" ""
	assert_field api '.totals | [.calls, .successes, .timeouts, .retries]' '[1,1,0,1]'
}

@test "--verbose counts the attempts" {
	expect 1 "" "~cbrun: api: closed, running 'false'
cbrun: api: attempt 2 of 3
cbrun: api: attempt 3 of 3
cbrun: api: exit 1 after [0-9ms]+: failure \(1 of 5\)" cbrun -n api -v -r 2 --retry-delay 1ms false
}

@test "a slot of --max-concurrent is held from the first attempt to the last" {
	start call "$CBRUN" -n api -c 1 -r 1 --retry-delay 1000h --retry-max 1000h -- sh -c 'echo >>runs; exit 1'
	eventually pauses_after 1
	expect 75 "" "~cbrun: api: not started: 1 of at most 1 is running \(pid $PID, for [0-9ms]+\)" cbrun -n api -c 1 true
	let_pass 1000h
	ends call 1 "" ""
	assert_field api '[.in_flight, .totals.calls]' '[0,1]'
}

# --- between attempts ---

@test "before the second attempt it waits up to --retry-delay, before each further one up to twice as long" {
	start call "$CBRUN" -n api -r 3 --retry-delay 1000h --retry-max 100000h -- sh -c 'echo >>runs; exit 1'
	for delay in 1000h 2000h 4000h; do
		eventually pauses_after $((++ran))
		let_pass $delay
	done
	ends call 1 "" ""
	assert_field api '.totals | [.calls, .retries]' '[1,3]'
}

@test "no wait is longer than --retry-max" {
	start call "$CBRUN" -n api -r 8 --retry-delay 1000000h --retry-max 1000h -- sh -c 'echo >>runs; exit 1'
	for n in 1 2 3 4 5 6 7 8; do
		eventually pauses_after $n
		let_pass 1000h
	done
	ends call 1 "" ""
	assert_field api .totals.retries 8
}

@test "a breaker that has opened meanwhile ends the attempts" {
	start call "$CBRUN" -n api -v -r 5 --retry-delay 1000h --retry-max 1000h -- sh -c 'echo >>runs; exit 4'
	eventually pauses_after 1
	cbrun trip --for 10000h api
	let_pass 1000h
	ends call 4 "" "~cbrun: api: closed, running 'sh'
cbrun: api: the breaker has opened, no further attempt
cbrun: api: exit 4 after [0-9dh]+: failure"
	has_run 1
	assert_field api '[.state, .totals.calls, .totals.failures, .totals.retries]' '["open",1,1,0]'
}

@test "a trial call makes no further attempt once another one's failure has opened the breaker again" {
	half_opened api
	start call "$CBRUN" -n api -o 10000h --open-max 10000h -r 5 --retry-delay 1000h --retry-max 1000h -- sh -c 'echo >>runs; exit 4'
	eventually pauses_after 1
	cbrun -n api -o 10000h --open-max 10000h false || :
	let_pass 1000h
	ends call 4 "" ""
	has_run 1
	assert_state api open
}

@test "in shadow an open breaker does not end the attempts" {
	start call "$CBRUN" -n api --shadow -r 1 --retry-delay 1000h --retry-max 1000h -- sh -c 'echo >>runs; exit 4'
	eventually pauses_after 1
	cbrun -n api --shadow -f 1 -o 10000h --open-max 10000h false || :
	assert_state api open
	let_pass 1000h
	ends call 4 "" ""
	has_run 2
}

@test "a signal ends the wait at once, and the call is ignored" {
	for signal in TERM INT; do
		rm -f runs
		start call "$CBRUN" -n api -f 1 -r 5 --retry-delay 1000h --retry-max 1000h -- sh -c 'echo >>runs; exit 4'
		eventually pauses_after 1
		kill -s $signal "$PID"
		ends call $((128 + $(kill -l $signal))) "" ""
		has_run 1
	done
	assert_field api '[.state, .in_flight, .totals.ignored, .totals.calls]' '["closed",0,2,2]'
}

@test "a signal while an attempt outlives its time limit ends the attempts, too" {
	write_stubborn TERM INT
	start call "$CBRUN" -n api -f 1 -t 1h -k 1h -r 5 --retry-delay 1ms ./stubborn
	eventually test -s pid
	let_pass 1h
	eventually has_line signals TERM
	kill -INT "$PID"
	eventually has_line signals INT
	: >end
	ends call 130 "" ""
	assert_field api '[.state, .totals.ignored, .totals.calls, .totals.retries]' '["closed",1,1,0]'
}

@test "a signal that was ignored when cbrun started does not end the wait" {
	start call env --ignore-signal=HUP "$CBRUN" -n api -r 1 --retry-delay 1000h --retry-max 1000h -- sh -c 'echo >>runs; exit 4'
	eventually pauses_after 1
	kill -HUP "$PID"
	let_pass 1000h
	ends call 4 "" ""
	has_run 2
}

# --- --deadline ---

@test "--deadline is a time limit for the attempt, and the shorter of the two counts" {
	for options in '' '-t 2h -r 5' '-k 1h'; do
		rm -f ready
		start call "$CBRUN" -n api --deadline 1h $options -- sh -c 'echo >ready; exec sleep 120'
		eventually test -e ready
		let_pass 1h
		ends call 124 "" ""
	done
	expect 124 "" "" cbrun -n api --deadline 1h -t 50ms sleep 120
	assert_field api '.totals | [.timeouts, .retries, .calls]' '[4,0,4]'
}

# holds: a script with which sqlite3 keeps the whole store to itself until the gate opens.
holds() {
	close_gate
	printf '%s\n' 'BEGIN EXCLUSIVE;' 'SELECT 1;' '.shell touch locked' '.shell flock -w 300 -s gate true' >script
}

@test "a call whose time was used up before its command could start is ignored" {
	half_opened web
	# the hook is run before the command
	expect 124 "" "~(cbrun: web: open -> half-open.*
)?cbrun: web: --deadline was over before the command could start" \
		cbrun -n web --deadline 1h --on-change "echo $((BOOT_MS + 3600000)) $((WALL_MS + 3600000)) 0 >'$CLOCK.new'; mv '$CLOCK.new' '$CLOCK'" \
		sh -c 'echo ran'
	assert_field web '[.state, .totals.ignored, .totals.timeouts]' '["half-open",1,0]'
}

@test "--deadline bounds the wait for another process's lock, and nothing runs, with a guard or without" {
	own_file "another program locks it"
	cbrun -n api true
	holds
	start locker sqlite3 -init script "$STORE"
	locker=$PID
	eventually test -e locked
	for what in run reject; do
		expect 124 "" "cbrun: web: --deadline was over before the command could start" \
			cbrun -n web --deadline 50ms --lock-timeout 30s --on-store-error $what --log log -- sh -c 'echo ran'
	done
	assert_regex "$(cat log)" "^[^ ]* error web: cannot use the store $STORE: another process held its lock for more than [0-9]+ ms \(see --deadline\)"
	expect 7 "ran" "~cbrun: web: .* more than 50 ms \(see --lock-timeout\); running the command unguarded" \
		cbrun -n web --deadline 1h --lock-timeout 50ms -- sh -c 'echo ran; exit 7'
	open_gate
	finish "$locker" 0
	expect 0 "ran" "" cbrun -n web --deadline 1h -- echo ran
	assert_field web '[.totals.calls, .totals.ignored]' '[1,0]'
}

@test "what is to be recorded has its time after --deadline" {
	own_file "another program locks it"
	cbrun -n api true
	holds
	program lock <<-END
		#!/bin/sh
		setsid sqlite3 -init script "$STORE" </dev/null >/dev/null 2>&1 &
		while [ ! -e locked ]; do sleep 0.02; done
		echo \$\$ >pid
		exec sleep 120
	END
	start call "$CBRUN" -n api --deadline 1h --lock-timeout 10000h ./lock
	eventually test -s pid
	let_pass 1h
	eventually gone "$(cat pid)"
	pause_ms 300 # nothing can be seen of its waiting
	open_gate
	ends call 124 "" ""
	assert_field api '[.totals.calls, .totals.timeouts]' '[2,1]'
}

@test "a further attempt has what is left until --deadline" {
	program slow <<-'END'
		#!/bin/sh
		echo >>runs
		exec sleep 120
	END
	start call "$CBRUN" -n api --deadline 60m -t 50m -r 5 --retry-delay 1ms ./slow
	eventually has_run 1
	let_pass 50m
	eventually has_run 2
	let_pass 10m
	ends call 124 "" ""
	has_run 2
	assert_field api '.totals | [.timeouts, .retries, .calls]' '[1,1,1]'
}

@test "a wait that would last beyond --deadline is not begun" {
	expect 4 "" "" cbrun -n api --deadline 10s -r 5 --retry-delay 10000h --retry-max 10000h -- sh -c 'echo >>runs; exit 4'
	has_run 1
	assert_field api '.totals | [.failures, .retries, .calls]' '[1,0,1]'
}

@test "--deadline ends the attempts, however many are allowed" {
	has_run_on() { [ -e runs ] && [ "$(wc -l <runs)" -ge 3 ]; }
	start call "$CBRUN" -n api --deadline 1h -r 1000000 --retry-delay 1ms --retry-max 1ms -- sh -c 'echo >>runs; exit 1'
	eventually has_run_on
	let_pass 1h
	ended=0
	wait "$PID" || ended=$?
	assert_regex "$ended" '^(1|124)$' # that one was under way, or not
	assert_equal "$(cat call.out call.err)" ""
	assert_field api '[.totals.calls, .totals.failures, .totals.retries >= 2]' '[1,1,true]'
}

@test "--deadline bounds --wait" {
	opened api -o 10000h
	expect 75 "" "~cbrun: api: open \(1 consecutive failure\), retry in .*" cbrun -n api --wait 10000h --deadline 100ms true
}

# --- standard input ---

# write_reader: `reader [BYTES]`, which reads all of its input or that many bytes, notes their sum, and fails twice.
write_reader() {
	program reader <<-'END'
		#!/bin/bash
		if [ -n "$1" ]; then head -c "$1"; else cat; fi | sha256sum >>sums
		(($(wc -l <sums) > 2))
	END
}

sum() {
	"$@" | sha256sum
}

@test "a file as standard input is rewound for each attempt" {
	write_reader
	head -c 100000 /dev/urandom >data
	expect 0 "" "" cbrun -n api -r 2 --retry-delay 1ms ./reader <data
	assert_equal "$(cat sums)" "$(for _ in 1 2 3; do sum cat data; done)"
}

@test "a file that was read in part before is rewound to where it was" {
	write_reader
	head -c 100000 /dev/urandom >data
	from_the_middle() {
		dd bs=1000 count=33 of=/dev/null status=none
		cbrun -n api -r 2 --retry-delay 1ms ./reader
	}
	expect 0 "" "" from_the_middle <data
	assert_equal "$(cat sums)" "$(for _ in 1 2 3; do sum tail -c +33001 data; done)"
}

@test "what comes from a pipe goes to each attempt whole, more than a MiB of it too" {
	write_reader
	for size in 0 1 65536 1048576 1048577 5000000; do
		rm -f sums
		head -c $size /dev/urandom >data
		piped() { cat data | "$@"; }
		expect 0 "" "" piped cbrun -n api -r 2 --retry-delay 1ms ./reader
		assert_equal "$size $(cat sums)" "$size $(for _ in 1 2 3; do sum cat data; done)"
	done
}

@test "an attempt that reads a part of a pipe leaves the next one the whole" {
	write_reader
	head -c 3000000 /dev/urandom >data
	program uneven <<-'END'
		#!/bin/bash
		n=$(($(cat sums 2>/dev/null | wc -l)))
		exec ./reader $((n < 2 ? (n + 1) * 1000000 : 3000000))
	END
	piped() { cat data | "$@"; }
	expect 0 "" "" piped cbrun -n api -r 2 --retry-delay 1ms ./uneven
	assert_equal "$(cat sums)" "$(sum head -c 1000000 data; sum head -c 2000000 data; sum cat data)"
}

@test "an attempt may begin before the pipe has ended" {
	mkfifo pipe
	exec {WRITER}<>pipe
	start_fed call pipe "$CBRUN" -n api -r 1 --retry-delay 1ms -- \
		sh -c 'read -r a; echo "$a" >>read; [ -e first ] || { echo >first; exit 1; }; read -r b; echo "$b" >>read'
	echo one >&"$WRITER"
	eventually has_lines read 2
	echo two >&"$WRITER"
	ends call 0 "" ""
	assert_equal "$(cat read)" "one
one
two"
}

@test "a command that does not read its input, or closes it, is not waited with" {
	endless() { yes | "$@"; return "${PIPESTATUS[1]}"; }
	expect 3 "" "" endless cbrun -n api -r 1 --retry-delay 1ms -- sh -c 'exit 3'
	expect 3 "" "" endless cbrun -n api -r 1 --retry-delay 1ms -- sh -c 'exec <&-; sleep 0.05; exit 3'
	expect 3 "y" "" endless cbrun -n api -r 1 --retry-delay 1ms --retry-on 4 -- sh -c 'head -n 1; exit 3'
	mkfifo silent
	exec {WRITER}<>silent
	start_fed call silent "$CBRUN" -n api -r 1 --retry-delay 1ms -- sh -c 'exit 3'
	ends call 3 "" ""
}

@test "without --retries, standard input is the command's own" {
	mkfifo pipe
	exec {WRITER}<>pipe
	start_fed call pipe "$CBRUN" -n api -- readlink /proc/self/fd/0
	ends call 0 "$DIR/pipe" ""
	start_fed call pipe "$CBRUN" -n api -r 1 -- sh -c 'readlink /proc/self/fd/0; exit 0'
	ends call 0 "~pipe:\[[0-9]+\]" ""
}

@test "what cannot be kept of standard input is passed on to one attempt whole, and there is no other" {
	write_reader
	head -c 3000000 /dev/urandom >data
	piped() { cat data | "$@"; return "${PIPESTATUS[1]}"; }
	expect 1 "" "cbrun: cannot keep standard input for another attempt: No such file or directory; there will be none" \
		piped private TMPDIR="$DIR/missing" "$CBRUN" -n api -r 2 --retry-delay 1ms ./reader
	assert_equal "$(cat sums)" "$(sum cat data)"
	assert_field api '.totals | [.failures, .retries]' '[1,0]'
}

@test "kept input leaves no file behind" {
	own_file "it is about a store's files"
	write_reader
	mkdir tmp
	head -c 3000000 /dev/urandom >data
	piped() { cat data | "$@"; return "${PIPESTATUS[1]}"; }
	expect 0 "" "" piped private TMPDIR="$DIR/tmp" "$CBRUN" -n api -r 2 --retry-delay 1ms ./reader
	assert_equal "$(ls -A tmp)" ""
	assert_equal "$(store_files)" "$STORE_FILES"
}
