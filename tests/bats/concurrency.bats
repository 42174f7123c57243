# concurrency.bats: many processes at once on one breaker; with the real program and the machine's own clocks.
load helper

setup() {
	make_private
	ENVIRONMENT+=(CBRUN_LOCK_TIMEOUT=20s) # how long a busy machine takes is not what is tried here
}

# real_field NAME FILTER
real_field() {
	real status "$1" --json | jq -rc ".breakers[0] | $2"
}

real_state() {
	[ "$(real_field "$1" .state)" = "$2" ]
}

real_in_flight() {
	[ "$(real_field "$1" .in_flight)" = "$2" ]
}

# A breaker that is half-open for as long as nobody closes or opens it.
make_half_open() {
	real -n api -f 1 -o 1ms false || :
	eventually real_state api half-open
}

# crowd N COMMAND...: N processes at once, numbered by $CALLER; their exit statuses, one a line, are in `statuses`, what
# they wrote to standard error in `errors`. Does not wait for them.
crowd() {
	local n=$1 i
	shift
	: >statuses
	: >errors
	for ((i = 1; i <= n; i++)); do
		(
			exec 3>&-
			[ -z "${GATE:-}" ] || exec {GATE}>&-
			status=0
			CALLER=$i "$@" 2>>errors || status=$?
			echo $status >>statuses
		) &
	done
}

# how_many STATUS: so many calls have ended with it.
how_many() {
	grep -cx "$1" statuses || :
}

ended() {
	has_lines statuses "$1"
}

# How large a crowd is: a multiple of 8.
MANY=200
[ -z "${BRIEF:-}" ] || [ "$EUID" -eq 0 ] || MANY=64 # after root's run

# One call of the storm: the caller's number decides how it ends.
mixed_call() {
	case $((CALLER % 8)) in
	0 | 1 | 2) real -n api -f 1000 --failure-rate 0 --ignore-on 7 -- sh -c 'echo success >>outcomes' ;;
	3 | 4) real -n api -f 1000 --failure-rate 0 --ignore-on 7 -- sh -c 'echo failure >>outcomes; exit 3' ;;
	5) real -n api -f 1000 --failure-rate 0 --ignore-on 7 -- sh -c 'echo failure >>outcomes; kill -KILL $$' ;;
	6) real -n api -f 1000 --failure-rate 0 --ignore-on 7 -- sh -c 'echo ignored >>outcomes; exit 7' ;;
	7) real -q -n api -f 1000 --failure-rate 0 --ignore-on 7 no-such-command || { echo ignored >>outcomes && return 127; } ;;
	esac
}

@test "all runs of a crowd on a new breaker in a new store are each counted exactly once" {
	crowd $MANY mixed_call
	wait
	assert_equal "$(grep -v ' Killed ' errors)" "" # that is the shell's remark on its own child
	local eighth=$((MANY / 8))
	assert_equal "$(sort statuses | uniq -c | tr -s ' \n' ' ')" " $((3 * eighth)) 0 $eighth 127 $eighth 137 $((2 * eighth)) 3 $eighth 7 "
	counted=$(real_field api '.totals | [.calls, .successes, .failures, .ignored, .rejected, .timeouts]')
	assert_equal "$counted" "[$MANY,$(grep -c success outcomes),$(grep -c failure outcomes),$(grep -c ignored outcomes),0,0]"
	assert_equal "$counted" "[$MANY,$((3 * eighth)),$((3 * eighth)),$((2 * eighth)),0,0]"
	assert_equal "$(real_field api '[.state, .in_flight]')" '["closed",0]'
	real history api --json >history
	assert has_lines history $MANY
	assert_equal "$(jq -r .outcome history | sort | uniq -c | tr -s ' \n' ' ')" " $((3 * eighth)) failure $((2 * eighth)) ignored $((3 * eighth)) success "
	assert_equal "$(find store -name '*corrupt*' -o -name '*.new*')" ""
	assert_equal "$(sqlite3 "$STORE" 'PRAGMA integrity_check')" ok
}

failing_call() {
	real -n api -f 5 -o 1h -- sh -c 'echo >>ran; flock -w 300 -s gate true; exit 1'
}

@test "of many failures at once exactly one transition comes, and those that were running are all counted" {
	close_gate
	crowd 30 failing_call
	eventually has_lines ran 30
	open_gate
	wait
	assert_equal "$(real_field api '[.state, .totals.failures, .totals.transitions]')" '["open",30,1]'
	assert_equal "$(real history api --json | jq -r 'select(.kind == "transition") | .to')" open
}

trial_call() {
	real -n api --probes 1 -- sh -c 'echo >>ran; flock -w 300 -s gate true'
}

@test "while half-open with --probes 1, of 50 calls started together exactly one runs its command" {
	make_half_open
	close_gate
	crowd 50 trial_call
	eventually ended 49
	assert has_lines ran 1
	assert_equal "$(how_many 75)" 49
	assert_equal "$(real_field api '[.state, .in_flight]')" '["half-open",1]'
	open_gate
	wait
	assert has_lines ran 1
	assert_equal "$(how_many 0)" 1
	assert_equal "$(sort -u errors)" "cbrun: api: half-open (1 trial call running)"
	assert_equal "$(real_field api '[.state, .trial_successes, .totals.rejected]')" '["half-open",1,49]'
}

several_trial_calls() {
	real -n api --probes 3 --successes 9 -- sh -c 'echo >>ran; flock -w 300 -s gate true'
}

@test "while half-open with --probes 3, of 20 calls started together exactly three run" {
	make_half_open
	close_gate
	crowd 20 several_trial_calls
	eventually ended 17
	assert has_lines ran 3
	open_gate
	wait
	assert_equal "$(how_many 75) $(how_many 0)" "17 3"
}

@test "of 50 calls that find the deadline passed exactly one makes the breaker half-open" {
	real -n api -f 1 -o 1ms false || :
	close_gate
	crowd 50 trial_call
	eventually ended 49
	open_gate
	wait
	assert_equal "$(real history api --json | jq -r 'select(.kind == "transition") | .to' | paste -sd ' ')" "open half-open"
}

@test "after kill -9 of a cbrun with the only trial permit the next call is let in at once, and its command is gone" {
	make_half_open
	close_gate
	start holder "$CBRUN_REAL" -n api --probes 1 -- sh -c 'echo $$ >pid; exec flock -w 300 -s gate true'
	eventually test -s pid
	expect 75 "" "cbrun: api: half-open (1 trial call running)" real -n api --probes 1 -- echo ran
	kill -KILL "$PID"
	finish "$PID" 137
	expect 0 "ran" "" real -n api --probes 1 -- echo ran
	eventually gone "$(cat pid)"
	assert_equal "$(real_field api '[.in_flight, .totals.calls, .trial_successes]')" '[0,2,1]'
}

limited_call() {
	real -n api -c 4 -- sh -c 'echo >>ran; flock -w 300 -s gate true'
}

@test "of 20 callers at once exactly --max-concurrent run" {
	close_gate
	crowd 20 limited_call
	eventually ended 16
	assert has_lines ran 4
	assert_equal "$(real_field api '[.in_flight, .totals.rejected]')" '[4,16]'
	open_gate
	wait
	assert_equal "$(how_many 75) $(how_many 0)" "16 4"
	assert_equal "$(real_field api '[.in_flight, .totals.calls]')" '[0,4]'
}

# Comes back until it was let in five times; the log tells how many were running at any moment.
keen_caller() {
	local let_in=0 tries=0
	while ((let_in < 5 && tries++ < 2000)); do
		if real -q -n api -c 3 -- sh -c 'echo + >>log; sleep 0.01; echo - >>log'; then
			((++let_in))
		fi
	done
	((let_in == 5))
}

@test "callers that come and go never exceed --max-concurrent" {
	crowd 8 keen_caller
	wait
	assert_equal "$(how_many 0)" 8
	assert_equal "$(awk '/\+/ { if (++n > most) most = n } /-/ { n-- } END { print n, NR, most <= 3 }' log)" "0 80 1"
	assert_equal "$(real_field api '[.totals.calls, .in_flight]')" '[40,0]'
}

held_call() {
	real -n "b$((CALLER % 3))" -- sh -c 'echo >>ran; flock -w 300 -s gate true'
}

@test "status tells how many calls of each breaker are running" {
	close_gate
	crowd 7 held_call
	eventually has_lines ran 7
	assert_equal "$(real status --json | jq -c '[.breakers[] | [.name, .in_flight]]')" '[["b0",2],["b1",3],["b2",2]]'
	open_gate
	wait
	assert_equal "$(real status --json | jq -c '[.breakers[].in_flight]')" '[0,0,0]'
}

act_or_call() {
	case $((CALLER % 6)) in
	0) real trip api --for 1ms ;;
	1) real reset api ;;
	2) real status --json >/dev/null ;;
	3) real -q -n api -f 2 -o 1ms false ;;
	*) real -q -n api -f 2 -o 1ms true ;;
	esac
}

@test "acts, looks and calls at once leave every count right" {
	real -n api true
	crowd 60 act_or_call
	wait
	assert_equal "$(grep -vxE '0|1|75' statuses)" ""
	assert_equal "$(cat errors)" ""
	assert_equal "$(real_field api '.totals | .calls + .rejected')" 31
	assert_equal "$(real_field api '.totals | .calls == .successes + .failures + .ignored')" true
	assert_equal "$(real_field api '.totals.transitions')" \
		"$(real history api --json | jq -r 'select(.kind == "transition") | .to' | wc -l)"
	assert_equal "$(real history api --json | jq -s '[.[] | select(.kind == "transition")] |
		. as $all | [range(1; length) | select($all[.].from != $all[. - 1].to)] | length')" 0
}

aside_call() {
	real -n api -f 1000 --failure-rate 0 true
}

@test "when many calls at once find the store damaged, one sets it aside, and all run and are counted" {
	real -n api true
	rm "$STORE-wal" "$STORE-shm"
	head -c 20480 /dev/urandom >"$STORE"
	crowd $MANY aside_call
	wait
	assert_equal "$(grep -v 'was damaged; set aside as' errors)" ""
	assert_equal "$(sort statuses | uniq -c | tr -s ' \n' ' ')" " $MANY 0 "
	assert_equal "$(wc -l <errors)" 1
	assert_equal "$(find store -name '*.corrupt-*' | wc -l)" 1
	assert_equal "$(real_field api .totals.calls)" $MANY
}

damaging_call() {
	[ "$CALLER" -ne $((MANY / 2)) ] || head -c 20480 /dev/urandom >"$STORE"
	real -n api -f 1000 --failure-rate 0 true
}

@test "of many calls in whose midst the store is overwritten none loses its run, and it ends whole" {
	real -n api true
	crowd $MANY damaging_call
	wait
	assert_equal "$(sort statuses | uniq -c | tr -s ' \n' ' ')" " $MANY 0 "
	assert_equal "$(grep -vE 'was damaged; set aside as|the outcome was not recorded|running the command unguarded' errors)" ""
	assert [ "$(real_field api .totals.calls)" -ge 1 ]
	assert_equal "$(sqlite3 "$STORE" 'PRAGMA integrity_check')" ok
	real -n api true
}

# --- permits ---

# lock_all HOW: another program has a lock on all of the permits file, "shared" or "exclusive", until the gate opens.
lock_all() {
	start locker python3 -c '
import fcntl, os, sys
permits = os.open(sys.argv[1], os.O_RDWR)
fcntl.lockf(permits, fcntl.LOCK_SH if sys.argv[2] == "shared" else fcntl.LOCK_EX)
open("locked", "w").close()
os.system("flock -w 300 -s gate true")' "$STORE.permits" "$1"
	LOCKER=$PID
	eventually test -e locked
	rm locked
}

@test "another program's lock on all permits is named, and calls run unguarded, at once" {
	opened api --max-concurrent 3
	cbrun reset api
	for how in shared exclusive; do
		close_gate
		lock_all $how
		locked="cannot use the permits file $STORE.permits: process $LOCKER has locked it; end that"
		for limit in 0 3; do
			expect 7 "ran" "~cbrun: api: $locked; running the command unguarded" \
				private timeout 120 "$CBRUN" -n api -c $limit -- sh -c 'echo ran; exit 7'
		done
		expect 125 "" "cbrun: $locked" private timeout 120 "$CBRUN" status
		expect 125 "" "cbrun: $locked" private timeout 120 "$CBRUN" check api
		expect 1 "~.*BAD  $locked.*" "" private timeout 120 "$CBRUN" doctor
		cbrun trip api --for 1h
		advance 1h
		expect 7 "ran" "~cbrun: api: $locked; running the command unguarded" \
			private timeout 120 "$CBRUN" -n api -- sh -c 'echo ran; exit 7'
		cbrun reset api
		open_gate
		finish "$LOCKER" 0
		expect 0 "" "" cbrun -n api -c 3 true
	done
}

@test "a lock that begins before a breaker's permits is another program's, too" {
	cbrun -n api true
	close_gate
	lock_all shared
	rm "$STORE-wal" "$STORE-shm"
	expect 0 "ran" "~cbrun: api: cannot use the permits file .*; running the command unguarded" \
		private timeout 120 "$CBRUN" -n api -c 1 -- echo ran
	head -c 5000 /dev/urandom >"$STORE"
	expect 0 "ran" "~cbrun: api: cannot use the permits file $STORE.permits: process $LOCKER has locked it; end that; running the command unguarded" \
		private timeout 120 "$CBRUN" -n api --lock-timeout 50ms -- echo ran
	open_gate
	finish "$LOCKER" 0
	expect 0 "ran" "~cbrun: the store $STORE was damaged; .*" cbrun -n api -- echo ran
}

@test "calls are counted no further than the limit" {
	no_sanitizer "traced"
	close_gate
	pids=()
	for ((i = 0; i < 40; i++)); do
		start "call$i" "$CBRUN" -n api -c 40 -- flock -w 300 -s gate true
		pids+=("$PID")
	done
	eventually in_flight api 40
	expect 75 "" "~cbrun: api: .*" cbrun -n api -c 40 touch ran
	for limit in 1 3; do
		private strace -f -o trace "$CBRUN" -q -n api -c $limit touch ran || [ $? -eq 75 ]
		assert [ "$(grep -c OFD_GETLK trace)" -le $((2 * limit + 1)) ]
		assert [ "$(grep -c OFD_GETLK trace)" -ge 1 ]
	done
	assert [ ! -e ran ]
	open_gate
	for pid in "${pids[@]}"; do
		finish "$pid" 0
	done
}

# running_once WHAT...: whatever is done to the breaker while its only call runs, no second one runs beside it.
running_once() {
	rm -rf store
	cbrun -n api true
	close_gate
	start call "$CBRUN" -n api -c 1 -- flock -w 300 -s gate true
	eventually in_flight api 1
	"$@"
	expect 75 "" "~(cbrun: the (store|record) .*
)?cbrun: api: not started: 1 of at most 1 is running \(pid $PID, for [0-9ms]+\)" cbrun -n api -c 1 touch ran
	assert [ ! -e ran ]
	in_flight api 1
	open_gate
	wait "$PID"
	expect 0 "" "" cbrun -n api -c 1 true
}

damage_store() {
	rm "$STORE-wal" "$STORE-shm"
	head -c 5000 /dev/urandom >"$STORE"
}

@test "a breaker that is removed, set aside or started afresh has its running calls still" {
	running_once cbrun remove api
	running_once damage_store
	running_once sqlite3 "$STORE" "UPDATE breaker SET record = x'ff00ff'"
	running_once rm "$STORE" "$STORE-wal" "$STORE-shm"
}

@test "a trial call that runs while its breaker is removed keeps its permit" {
	half_opened api
	close_gate
	start call "$CBRUN" -n api --probes 1 -- flock -w 300 -s gate true
	eventually in_flight api 1
	cbrun remove api
	half_opened api
	expect 75 "" "~cbrun: api: half-open .*" cbrun -n api --probes 1 touch ran
	open_gate
	finish "$PID" 0
}
