# storm.bats: hundreds of runs of every kind, cancelled, timed out and killed at random moments, leave nothing behind.
load helper
load processes

RUNS=300
AT_ONCE=20

# a_call: the words of one call of one of the kinds, in CALL, and the signals that may strike it, in STRIKES.
a_call() {
	local limit=$((1 + RANDOM % 60))ms
	STRIKES=(TERM INT KILL HUP KILL TERM "" "")
	CALL=("$CBRUN_REAL" -q -n "b$((RANDOM % 3))" -f 1000 --failure-rate 0 -k 50ms)
	case $((RANDOM % 10)) in
	0) CALL+=(sleep 20) ;;
	1) CALL+=(-t $limit sleep 20) ;;
	2) CALL+=(-t $limit -- sh -c 'trap "" TERM; while :; do sleep 0.1; done') ;;
	3) CALL+=(-t $limit --output failure -- sh -c 'head -c 1500000 /dev/zero; exec sleep 20') ;;
	4) CALL+=(-t $limit --kill-tree -- sh -c 'sleep 0.4 & setsid sleep 0.4 & wait') ;;
	5) CALL+=(-r 20 --retry-delay 10ms --retry-max 10ms -- sh -c 'cat >/dev/null; exit 1') ;;
	6)
		CALL+=(-t $limit --stale-ok 1h -- sh -c 'head -c 100000 /dev/zero; sleep 0.02')
		STRIKES=(TERM INT "") # a KILL while the output is being kept leaves half of it
		;;
	7) CALL+=(-f 1 -o 5ms --successes 1 --on-change 'sleep 0.05' --health-check 'sleep 0.02' --fallback 'sleep 0.1' -- false) ;;
	8) CALL+=(-c 3 --wait 100ms --foreground sleep 0.05) ;;
	9) CALL+=(-f 1 -o 5ms --successes 1 true) ;;
	esac
}

# struck SECONDS SIGNAL: the call in CALL, which gets the signal after so long. timeout is its parent, so that the signal
# cannot meet another process that has got the same id.
struck() {
	cd here || return
	exec timeout --foreground --preserve-status -k 60 -s "$2" "$1" env -i --default-signal "${ENVIRONMENT[@]}" "${CALL[@]}" \
		>/dev/null 2>&1 < <(head -c 1200000 /dev/zero) 3>&-
}

# batch N: so many calls at once, of which most are struck at a random moment, and the others ended after a while.
batch() {
	local n signal pid pids=() ended
	for ((n = 0; n < $1; n++)); do
		a_call
		signal=${STRIKES[RANDOM % ${#STRIKES[@]}]}
		if [ -n "$signal" ]; then
			struck "0.0$((RANDOM % 90 + 10))" "$signal" &
		else
			struck 1 TERM &
		fi
		pids+=($!)
	done
	for pid in "${pids[@]}"; do
		ended=0
		wait "$pid" || ended=$?
		echo "$ended" >>statuses
	done
}

@test "a storm of $RUNS runs leaves no process, no permit and no temporary file" {
	RANDOM=${STORM_SEED:=$((BASHPID * 7919 % 32768))}
	echo "STORM_SEED=$STORM_SEED"
	mkdir here tmp
	ENVIRONMENT+=(TMPDIR="$DIR/tmp")
	for ((done = 0; done < RUNS; done += AT_ONCE)); do
		batch $AT_ONCE
	done
	eventually nobody_in "$DIR/here"
	has_lines statuses $RUNS
	assert_equal "$(grep -vxE '0|1|75|124|129|130|137|143' statuses)" ""
	assert_equal "$(ls -A tmp)" ""
	assert_equal "$(store_files | tr ' ' '\n' | grep -vE '^cbrun\.db\.output-[0-9]+(\.first|\.last)?$' | paste -sd ' ')" "$STORE_FILES"
	assert_equal "$(cbrun status --json | jq -c '[.breakers[].in_flight] | add')" 0
	assert_equal "$(cbrun status --json | jq -c '[.breakers[].totals | .calls == .successes + .failures + .ignored] | all')" true
	assert_equal "$(sqlite3 "$STORE" 'pragma integrity_check')" ok
	expect 0 "let in" "" cbrun -q -n afterwards -c 1 echo "let in"
}
