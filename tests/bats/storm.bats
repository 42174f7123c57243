# storm.bats: many calls that are cancelled, timed out and killed at random moments leave nothing; with the real program.
load helper
load processes

setup() {
	make_private
	mkdir here tmp
	ENVIRONMENT+=(TMPDIR="$DIR/tmp" MARK="$DIR")
	SEED=${STORM_SEED:-$$}
	echo "STORM_SEED=$SEED"
	RANDOM=$SEED
}

# Commands of this test that run: they have its mark in their environment, but are not cbrun.
commands_left() {
	local environment
	for environment in $(grep -lsxzF "MARK=$DIR" /proc/[0-9]*/environ); do
		readlink "${environment%/environ}/exe"
	done | grep -v "^$CBRUN_REAL" || :
}

no_command_left() {
	[ -z "$(commands_left)" ]
}

# totals NAME: its counts, as jq's variables.
totals() {
	real status "$1" --json | jq -rc ".breakers[0] | $2"
}

# sometime: a moment from 0 to 299 ms, as --timeout takes it.
sometime() {
	echo "$((RANDOM % 300))ms"
}

# call N OPTION...: starts a call that would last longer than its time limit, or does not, in one of several ways.
call() {
	local number=$1 options=(-f 1000000 --failure-rate 0 -t "$((20 + RANDOM % 300))ms" -k 50ms)
	case $((number % 6)) in
	0) start call "$CBRUN_REAL" -n storm "${options[@]}" sleep 60 ;;
	1) start call "$CBRUN_REAL" -n storm "${options[@]}" sleep 0.1 ;;
	2) start call "$CBRUN_REAL" -n storm "${options[@]}" -- sh -c 'trap "" TERM INT; exec sleep 60' ;;
	3) start call "$CBRUN_REAL" -n storm "${options[@]}" --output failure -- perl -e 'print "x" x 3e6; sleep 60' ;;
	4) start call "$CBRUN_REAL" -n storm "${options[@]}" -r 5 --retry-delay 50ms --on-change true -- perl -e 'select undef, undef, undef, 0.05; exit 1' ;;
	5) start_fed call /dev/zero "$CBRUN_REAL" -n storm "${options[@]}" --foreground --kill-tree --stale-ok 1h -- perl -e 'print "x" x 2e5; sleep rand 2' ;;
	esac
	pids+=("$PID")
}

# strike SIGNAL...: half of the calls in $pids get one of the signals, at random moments.
strike() {
	local pid signals=("$@")
	for pid in $(printf '%s\n' "${pids[@]}" | shuf -n $((${#pids[@]} / 2)) --random-source=<(yes $RANDOM)); do
		kill -s "${signals[RANDOM % $#]}" "$pid" 2>/dev/null || :
		((++struck))
		sleep "0.0$((RANDOM % 20 + 10))"
	done
}

@test "300 calls cancelled, timed out and killed at random moments leave no process, no permit and no file" {
	cd here
	struck=0
	for ((batch = 0; batch < 10; batch++)); do
		pids=()
		for ((i = 0; i < 30; i++)); do
			call $i
		done
		strike TERM INT KILL
		for pid in "${pids[@]}"; do
			wait "$pid" || :
		done
	done
	eventually no_command_left
	assert nobody_elsewhere
	assert_equal "$struck" 150
	assert_equal "$(totals storm .in_flight)" 0
	totals storm .totals
	assert_equal "$(totals storm '.totals | .calls == .successes + .failures + .ignored')" true
	assert_equal "$(totals storm ".totals | .calls <= 300 and .calls >= 300 - $struck")" true
	assert_equal "$(totals storm '.totals | .timeouts > 0 and .timeouts <= .failures and .successes > 0 and .ignored > 0')" true
	assert_equal "$(totals storm '[.state, .totals.rejected, .totals.transitions]')" '["closed",0,0]'
	assert_equal "$(ls -A "$DIR/tmp")" ""
	assert_equal "$(unexpected_files)" ""
	expect 0 "~.*" "" real doctor
	assert_equal "$(sqlite3 "$STORE" 'PRAGMA integrity_check')" ok
	expect 0 ran "" real -n storm -c 1 -- echo ran
}

# Nobody but this shell, which has gone there itself.
nobody_elsewhere() {
	[ -z "$(left_behind "$DIR/here" | while read -r pid; do
		tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -q bats || echo "$pid"
	done)" ]
}

# What lies beside the store, but for its own files and the last good output.
unexpected_files() {
	ls -A "${STORE%/*}" | grep -vxE 'cbrun\.db(-wal|-shm|\.permits|\.output-[0-9]+)?' || :
}
