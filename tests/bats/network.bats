# network.bats: a store on a file system that hosts share: no write-ahead log, which does not work there, and all the rest.
load helper
load processes

NFS=0x6969

on_network() {
	ENVIRONMENT+=(FAKE_FILE_SYSTEM=${1:-$NFS})
}

on_disk() {
	unset "ENVIRONMENT[-1]"
}

# What the database's header says of how it is written and read: 1, a rollback journal; 2, a log.
versions() {
	od -An -tu1 -j18 -N2 "$STORE" | xargs
}

TOLD="cbrun: the store $BATS_TEST_TMPDIR/private/store/cbrun.db is on a network file system (nfs): each call flushes, and calls on other hosts may not see each other's permits; name another place with --store"

@test "a store made there has a rollback journal, and one line says what that costs" {
	on_network
	expect 0 "ran" "$TOLD" cbrun -n api -- echo ran
	assert_equal "$(versions)" "1 1"
	expect 0 "ran" "" cbrun -n api -- echo ran
	assert_equal "$(ls store)" "cbrun.db
cbrun.db.permits"
	assert_field api '[.totals.calls, .in_flight]' '[2,0]'
}

@test "each kind is told by its name" {
	for kind in nfs:0x6969 smb3:0xFE534D42 cifs:0xFF534D42 ceph:0x00C36400 9p:0x01021997 fuse:0x65735546; do
		rm -rf store
		on_network "${kind#*:}"
		expect 0 "" "~cbrun: the store $STORE is on a network file system \(${kind%:*}\): .*" cbrun -n api true
		on_disk
	done
}

@test "--quiet says nothing of it" {
	on_network
	expect 0 "ran" "" cbrun -q -n api -- echo ran
	assert_equal "$(versions)" "1 1"
}

@test "the breaker opens, rejects, lets trial calls in, and closes" {
	on_network
	cbrun -q -n api -f 1 -o 1h false || :
	expect 75 "" "~cbrun: api: open .*" cbrun -n api true
	advance 1h
	repeat 3 cbrun -n api true
	assert_transitions api "closed>open open>half-open half-open>closed"
	expect 0 "~NAME .*api +closed.*" "" cbrun status
}

@test "a call that waits for another one looks now and then, and blocks on no lock" {
	no_sanitizer "traced"
	on_network
	cbrun -q -n api true
	close_gate
	start first "$CBRUN" -n api -c 1 -- flock -w 300 -s gate true
	first=$PID
	eventually in_flight api 1
	start call strace -qq -o trace -e trace=fcntl,clock_nanosleep "$CBRUN" -n api -c 1 --wait 1h echo ran
	eventually grep -q clock_nanosleep trace
	open_gate
	finish "$PID" 0
	assert_equal "$(cat call.out)$(cat call.err)" ran
	finish "$first" 0
	assert_equal "$(grep SETLKW trace)" ""
}

@test "20 calls at once are all counted, and readers see a sound store meanwhile" {
	on_network
	cbrun -q -n api true
	for ((caller = 0; caller < 20; caller++)); do
		cbrun --lock-timeout 30s -n api sleep 0.02 2>>errors &
		pids[caller]=$!
	done
	while [ -n "$(jobs -rp)" ]; do
		cbrun status --json | jq -e '.breakers[0].totals.calls >= 1' >/dev/null
	done
	wait "${pids[@]}"
	assert_equal "$(cat errors)" ""
	assert_field api '[.totals.calls, .in_flight]' '[21,0]'
	assert_equal "$(sqlite3 "$STORE" 'PRAGMA integrity_check')" ok
	assert_equal "$(find store -name '*-wal' -o -name '*-shm')" ""
}

@test "readers change nothing there" {
	on_network
	cbrun -q -n api true
	before=$(fingerprint store)
	cbrun status >/dev/null
	cbrun history api >/dev/null
	cbrun check api
	assert_equal "$(fingerprint store)" "$before"
}

@test "a store that is moved there gives up its log at the first call, keeps all, and says so once" {
	repeat 3 cbrun -n api true
	opened web
	assert_equal "$(versions)" "2 2"
	on_network
	expect 0 "ran" "$TOLD" cbrun -n api -- echo ran
	expect 75 "" "~cbrun: web: open .*" cbrun -n web -- echo ran
	assert_equal "$(versions)" "1 1"
	assert_field api .totals.calls 4
	assert_equal "$(find store -name '*-wal' -o -name '*-shm')" ""
}

@test "a store with a log there, which others are connected to, is used as it is until they have gone" {
	cbrun -n api true
	close_gate
	start call "$CBRUN" -n api -- flock -w 300 -s gate true
	eventually in_flight api 1
	on_network
	expect 0 "ran" "" cbrun -n api -- echo ran
	assert_equal "$(versions)" "2 2"
	open_gate
	finish "$PID" 0
	expect 0 "ran" "$TOLD" cbrun -n api -- echo ran
	assert_equal "$(versions)" "1 1"
	assert_field api .totals.calls 4
}

# hold_pending: another process is about to connect: it has the byte locked, for reading, that comes before SHARED.
# https://sqlite.org/src/file/src/os_unix.c: PENDING_BYTE
hold_pending() {
	python3 - "$STORE" <<-'END' >held 3>&- &
		import fcntl, sys, time
		database = open(sys.argv[1], "rb")
		fcntl.lockf(database, fcntl.LOCK_SH | fcntl.LOCK_NB, 1, 0x40000000)
		print("held", flush=True)
		time.sleep(60)
	END
	PENDING=$!
	eventually test -s held
}

@test "a call that could not give up the log keeps others from it until it has ended" {
	cbrun -n api true
	hold_pending
	on_network
	close_gate
	start call "$CBRUN" -n api -- flock -w 300 -s gate true
	eventually in_flight api 1
	kill -KILL "$PENDING"
	wait "$PENDING" || :
	expect 0 "ran" "" cbrun -n api -- echo ran
	assert_equal "$(versions)" "2 2"
	open_gate
	finish "$PID" 0
	assert_field api .totals.calls 3
	expect 0 "ran" "$TOLD" cbrun -n api -- echo ran
}

@test "doctor says that the file system is shared, and what to do" {
	on_network
	cbrun -q -n api true
	expect 1 "~.*
BAD  the file system is nfs: hosts do not see each other's running calls; use a local directory
.*ok   schema [0-9]+, rollback journal
.*" "" cbrun doctor
}

# --- a mount that hangs ---

# hangs DIRECTORY: mounts a file system there that never answers, for as long as the program runs.
# https://www.kernel.org/doc/html/latest/filesystems/fuse.html
write_hangs() {
	root_only
	[ -e /dev/fuse ] || skip "needs FUSE"
	unshare --mount true 2>/dev/null || skip "needs a mount namespace"
	program hangs <<-'END'
		#!/usr/bin/python3
		import ctypes, os, sys, time
		libc = ctypes.CDLL(None, use_errno=True)
		fuse = os.open("/dev/fuse", os.O_RDWR)
		options = f"fd={fuse},rootmode=40000,user_id=0,group_id=0".encode()
		if libc.mount(b"hangs", sys.argv[1].encode(), b"fuse", 0, options) != 0:
		    sys.exit("mount: " + os.strerror(ctypes.get_errno()))
		open("hanging", "w").close()
		time.sleep(60)
	END
	program with_hanging <<-'END'
		#!/bin/sh
		# with_hanging DIRECTORY COMMAND...: runs it once that hangs.
		./hangs "$1" >hangs.log 2>&1 &
		echo $! >hanging.pid
		while [ ! -e hanging ] && [ ! -s hangs.log ]; do sleep 0.02; done
		shift
		exec "$@"
	END
}

teardown() {
	[ ! -s hanging.pid ] || kill -KILL "$(cat hanging.pid)" 2>/dev/null || :
	stop_all
}

# is_held: the program started last is in a system call that no signal interrupts.
is_held() {
	state_of "$PID"
	[ "$STATE" = D ]
}

mounted() {
	[ -e hanging ] || skip "needs to mount: $(cat hangs.log)"
}

@test "--deadline is kept where the store's file system hangs, and nothing runs" {
	write_hangs
	mkdir -m 700 store
	expect 124 "" "~(cbrun: api: --deadline was over before the store answered; its file system or a name server hangs)?" \
		private unshare --mount ./with_hanging store "$CBRUN" -n api --deadline 300ms -- touch ran
	mounted
	assert_equal "$stderr" "cbrun: api: --deadline was over before the store answered; its file system or a name server hangs"
	refute [ -e ran ]
}

@test "a signal ends a call whose store's file system hangs before the command" {
	write_hangs
	mkdir -m 700 store
	start call unshare --mount ./with_hanging store "$CBRUN" -n api -- touch ran
	eventually test -e hanging -o -s hangs.log
	mounted
	eventually is_held
	kill -TERM "$PID"
	finish "$PID" 143
	refute [ -e ran ]
}

@test "a signal ends a call whose store's file system hangs after the command" {
	write_hangs
	on_network
	cbrun -q -n api true
	start call unshare --mount "$CBRUN" -n api -- ./with_hanging store sh -c 'exit 3'
	eventually test -e hanging -o -s hangs.log
	mounted
	eventually is_held
	kill -TERM "$PID"
	finish "$PID" 143
}
