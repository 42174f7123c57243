# corners.bats: what happens at odd moments: between two system calls, in two containers, after ten thousand events.
load helper
load processes

# traced OPTION... -- COMMAND...: under strace, which needs a program without a sanitizer; the calls are in `trace`.
traced() {
	local options=()
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	shift
	private strace -qq -o trace "${options[@]}" "$@"
}

# child_of PID: its child that is cbrun, or not yet another program, in $CHILD. strace has others for a moment.
child_of() {
	CHILD=$(ps -o pid=,comm= --ppid "$1" | awk '$2 == "cbrun" { print $1 }') && [ -n "$CHILD" ]
}

# --- processes ---

@test "a command does not run if cbrun is killed before it is executed" {
	no_sanitizer "it does not work under strace"
	close_gate
	# the child is held in its first steps, where the kernel does not yet know whose death is its own
	start call strace -f -qq -o trace -e trace=prctl -e inject=prctl:delay_enter=20000000 \
		"$CBRUN" -n api -- sh -c 'flock -w 300 -s gate true; echo >ran'
	eventually child_of "$PID"
	parent=$CHILD
	eventually child_of "$parent"
	kill -KILL "$parent"
	eventually gone "$CHILD"
	open_gate
	refute [ -e ran ]
}

@test "--kill-tree wakes a stopped descendant that is to end" {
	program daemonize <<-'END'
		#!/bin/bash
		[ -n "$inner" ] || { inner=1 setsid -f "$0"; exit; }
		trap 'echo TERM >>signals; exit' TERM
		echo $$ >daemon
		kill -STOP $$
	END
	start call "$CBRUN" -n api -t 1h -k 1h --kill-tree -- sh -c './daemonize; exec sleep 120'
	eventually test -s daemon
	eventually is_stopped "$(cat daemon)"
	let_pass 1h
	ends call 124 "" ""
	assert gone "$(cat daemon)"
	assert_equal "$(cat signals)" TERM
}

# --- the store ---

# first_process COMMAND...: as process 1, as in a container.
first_process() {
	private unshare -pf --mount-proc --kill-child "$@"
}

@test "two calls with the same process id, in two containers, have a permit each" {
	unshare -pf --kill-child true 2>/dev/null || skip "needs a pid namespace"
	close_gate
	for call in a b c; do
		start $call unshare -pf --mount-proc --kill-child "$CBRUN" -n api -c 3 -- flock -w 300 -s gate echo ran
	done
	eventually in_flight api 3
	expect 75 "" "cbrun: api: not started: 3 of at most 3 are running" first_process "$CBRUN" -n api -c 3 true
	open_gate
	wait
	assert_equal "$(cat a.out b.out c.out)" "ran
ran
ran"
	eventually in_flight api 0
}

@test "what is left of a store's log is gone for good before a new store takes its place" {
	no_sanitizer "it does not work under strace"
	repeat 3 cbrun -n api true
	rm "$STORE"
	run -0 traced -y -e trace=unlink,unlinkat,fsync,fdatasync,rename,renameat,renameat2 -- "$CBRUN" -n api true
	order=$(sed -nE 's/^unlink.*cbrun\.db-wal".*/removed/p; s/^f(data)?sync\([0-9]+<.*\/store>.*/flushed/p; s/^rename.*cbrun\.db".*/placed/p' trace |
		uniq | paste -sd ' ')
	assert_regex "$order" "(^| )removed flushed placed flushed( |$)"
}

@test "what looks damaged at first sight is looked at once more" {
	no_sanitizer "it does not work under strace"
	repeat 4 cbrun -n api true
	for ((nth = 1; nth < 100; nth++)); do
		rm -f "$STORE-wal" "$STORE-shm" # so that pages come from the one file
		run --separate-stderr traced -e trace=pread64 -e "inject=pread64:retval=0:when=$nth" -- "$CBRUN" -n api -- sh -c 'exit 7'
		assert_equal "$nth: $status" "$nth: 7"
		grep -q INJECTED trace || break
		assert_equal "$nth: $(ls store | grep corrupt)" "$nth: "
	done
	assert [ $nth -gt 3 ]
}

@test "the last ten thousand events are kept" {
	fill='WITH RECURSIVE n(i) AS (VALUES(0) UNION ALL SELECT i - 1 FROM n WHERE i > -12000)
		INSERT INTO event(breaker, seq, record) SELECT (SELECT id FROM breaker), i, x'"''"' FROM n'
	cbrun -n api true
	sqlite3 "$STORE" "$fill"
	for _ in {1..10}; do # as many calls as it takes, however long they take
		repeat 20 cbrun -n api true
		[ "$(sqlite3 "$STORE" 'SELECT min(seq) FROM event')" -eq -12000 ] || break
	done
	last=$(sqlite3 "$STORE" 'SELECT max(seq) FROM event')
	first=$(sqlite3 "$STORE" 'SELECT min(seq) FROM event')
	assert [ "$first" -le $((last - 9999)) ]
	assert [ "$first" -gt $((last - 10100)) ]
}

# start_keeper NAME: a call that is stopped when it has opened the file for its output, NAME, and has not locked it yet;
# its pid is in $CHILD, that of what started it in $PID.
start_keeper() {
	start "$1" strace -qq -o "trace$1" -P "$STORE.output-$id.new" -e trace=openat -e inject=openat:signal=STOP \
		"$CBRUN" -n api --stale-ok 1h echo "$1"
	eventually child_of "$PID"
	eventually grep -q SIGSTOP "trace$1"
	eventually test -e "$STORE.output-$id.new"
}

@test "output that another process has just put into its place is not written over" {
	no_sanitizer "it does not work under strace"
	cbrun -n api --stale-ok 1h echo first >/dev/null
	id=$(sqlite3 "$STORE" 'SELECT id FROM breaker')
	start_keeper second
	second=$PID second_child=$CHILD
	cbrun -n api --stale-ok 1h echo third >/dev/null
	start_keeper fourth
	fourth=$PID fourth_child=$CHILD
	kill -CONT "$second_child"
	PID=$second
	ends second 0 second ""
	cbrun trip api
	expect 0 third "~.*" cbrun -n api --stale-ok 1h true
	kill -CONT "$fourth_child"
	PID=$fourth
	ends fourth 0 fourth ""
	expect 0 fourth "~.*" cbrun -n api --stale-ok 1h true
}
