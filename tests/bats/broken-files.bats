# broken-files.bats: whatever becomes of the files beside the database and of their directory, between calls and while
# calls run, the command runs, its exit status is passed on, at most one line tells which file and why, and nothing
# hangs; then all is well again.
load helper
load broken

# --- the log and its index ---

@test "a log that is deleted" {
	in_each_way rm "$STORE-wal"
}

@test "a log that is emptied, or cut" {
	in_each_way truncate -s 0 "$STORE-wal"
	in_each_way truncate -s 20 "$STORE-wal"
	in_each_way half "$STORE-wal"
}

@test "a log that is overwritten with noise" {
	in_each_way noise "$STORE-wal"
}

@test "an index that is deleted" {
	in_each_way rm "$STORE-shm"
}

@test "an index that is emptied" {
	in_each_way truncate -s 0 "$STORE-shm"
}

@test "an index that is emptied while a call runs alone costs its outcome, and is named" {
	make_busy
	close_gate
	start call timeout -k 1 120 "$CBRUN" -n api -- sh -c 'flock -w 300 -s gate true; exit 3'
	eventually in_flight api 1
	truncate -s 0 "$STORE-shm"
	open_gate
	finish "$PID" 3
	assert_equal "$(cat call.err)" "cbrun: api: cannot use the store $STORE: the log's index, the file ending in -shm, was cut short by another program; the outcome was not recorded"
	healthy api
	assert_field api .totals.calls 5
}

@test "an index that is overwritten with noise" {
	in_each_way noise "$STORE-shm"
}

@test "a log and an index that are deleted" {
	in_each_way rm "$STORE-wal" "$STORE-shm"
}

# in_the_way PATH WHAT: puts something there that is no file.
in_the_way() {
	rm -rf "$1"
	case $2 in
	directory) mkdir "$1" ;;
	fifo) mkfifo "$1" ;;
	link) ln -s nowhere "$1" ;;
	device) mknod "$1" c 1 7 ;;
	socket) python3 -c 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "${1#"$DIR/"}" ;;
	esac
}

# blocked PATH WHAT WHY: while it is there the line says why; once it is gone all is well, and nothing was lost by it.
blocked() {
	make_busy
	in_the_way "$1" "$2"
	survives api "api: $3; (running the command unguarded|the outcome was not recorded)"
	assert [ -n "$stderr" ]
	rm -rf "$1"
	healthy api
	make_busy
	close_gate
	start call timeout -k 1 120 "$CBRUN" -n api -- sh -c 'flock -w 300 -s gate true; exit 3'
	eventually in_flight api 1
	in_the_way "$1" "$2"
	survives web
	open_gate
	finish "$PID" 3
	assert [ "$(wc -l <call.err)" -le 1 ]
	rm -rf "$1"
	survives api
	healthy api
}

@test "what is in the way of the log or its index is named" {
	for end in wal shm; do
		for what in directory fifo; do
			[ $end$what != shmfifo ] || continue # SQLite can use it
			blocked "$STORE-$end" $what "cannot (use|read|write|open) the store $STORE: $STORE-$end is not a plain file; remove it"
		done
	done
}

# --- the permits ---

@test "permits that are deleted" {
	in_each_way rm "$STORE.permits"
}

@test "what is in the way of the permits is named" {
	blocked "$STORE.permits" directory "cannot open the permits file $STORE.permits: Is a directory"
	blocked "$STORE.permits" link "cannot open the permits file $STORE.permits: Too many levels of symbolic links"
	blocked "$STORE.permits" socket "cannot open the permits file $STORE.permits: No such device or address"
}

@test "permits that are a FIFO keep nobody waiting" {
	make_busy
	in_the_way "$STORE.permits" fifo
	survives api
	expect 0 "~.*" "" bounded status
}

@test "permits that cannot be read are named" {
	make_busy
	chmod 000 "$STORE.permits"
	denied="cannot open the permits file $STORE.permits: Permission denied"
	unguarded "$denied" unprivileged "$CBRUN"
	rejected "$denied" unprivileged "$CBRUN"
}

# --- no file ---

@test "a device, a socket or a dangling link in place of the store is named and left alone" {
	for what in device socket link; do
		[ $what != device ] || [ "$EUID" -eq 0 ] || continue
		make_busy
		in_the_way "$STORE" $what
		named="cannot use the store $STORE: it is not a plain file"
		[ $what != link ] || named="refusing the store $STORE: it is a symbolic link; name the file itself"
		unguarded "$named" bounded
		rejected "$named" bounded
		assert_equal "$(find "$STORE" -printf %y)" "$(case $what in device) echo c ;; socket) echo s ;; link) echo l ;; esac)"
	done
}

@test "a store that becomes a directory or a FIFO while a call runs keeps nobody waiting" {
	for what in directory fifo; do
		make_busy
		close_gate
		start call timeout -k 1 120 "$CBRUN" -n api -- sh -c 'flock -w 300 -s gate true; exit 3'
		eventually in_flight api 1
		in_the_way "$STORE" $what
		unguarded "cannot use the store $STORE: it is not a plain file" bounded
		open_gate
		finish "$PID" 3
		assert_equal "$(cat call.err)" "cbrun: api: cannot use the store $STORE: it is not a plain file; the outcome was not recorded"
		rm -rf "$STORE"
		healthy api
	done
}

# --- the directory ---

@test "a directory that is deleted" {
	make_busy
	rm -r store
	healthy api
	make_busy
	during rm -r store
}

@test "a directory that is deleted while a call runs alone" {
	make_busy
	alone rm -r store
	assert_equal "$(cat call.err)" "cbrun: api: cannot make the store $STORE.new: No such file or directory; the outcome was not recorded"
}

@test "a directory that becomes read-only while a call runs" {
	root_only
	make_busy
	close_gate
	start call setpriv --bounding-set=-dac_override,-dac_read_search "$CBRUN" -n api -- sh -c 'flock -w 300 -s gate true; exit 3'
	eventually in_flight api 1
	chmod 500 store
	open_gate
	finish "$PID" 3
	assert_equal "$(cat call.err)" ""
	expect 7 "ran" "" unprivileged "$CBRUN" -n api -- sh -c 'echo ran; exit 7'
	chmod 700 store
	assert_field api .totals.calls 6
}
