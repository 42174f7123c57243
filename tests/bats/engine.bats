# The engine for one machine: its locks, its flushes, its log.
load helper

# traced CALLS COMMAND...: runs it under strace, which writes the system calls of all its processes to trace.
traced() {
	local calls=$1
	shift
	strace -f -y -qq -o trace -e trace="$calls" -- "$@"
}

# record_many NAME N
record_many() {
	local i
	for ((i = 0; i < $2; i++)); do
		real record "$1" success
	done
}

other_runs() {
	[ "$(real status other --json 2>/dev/null | jq '.breakers[0].in_flight')" = 1 ]
}

log_size() {
	stat -c %s "$STORE-wal"
}

@test "a history that nobody reads to its end holds up no checkpoint, and shows one state" {
	local fill=$BUILT/tests/bench/fill
	mkdir store
	"$fill" "$STORE" 1 1600
	mkfifo pipe
	(real history b1 >pipe) &
	exec {READER}<pipe
	read -r _ <&"$READER"
	"$fill" "$STORE" 2 100
	assert [ "$(log_size)" -lt 65536 ]
	assert_equal "$(cat <&"$READER" | wc -l)" 1599
	exec {READER}<&-
}

@test "a call that half-opens and closes a breaker takes the write lock twice at most" {
	strace_works
	real -n api -f 1 -o 1ms --successes 1 false || :
	# somebody is connected, else the lock is taken once more to find out what the log holds
	close_gate
	start other "$CBRUN_REAL" -n other -- flock -w 300 -s gate true
	eventually other_runs
	private strace -f -qq -o trace -e trace=fcntl "$CBRUN_REAL" -n api -f 1 -o 1ms --successes 1 true
	assert_equal "$(real status api --json | jq -r '.breakers[0].state')" closed
	open_gate
	finish "$PID" 0
	# https://sqlite.org/walformat.html, 2.3: the write lock is byte 120 of the index
	assert [ "$(grep -c 'F_WRLCK.*l_start=120, l_len=1}) = 0' trace)" -le 2 ]
}

@test "a transition is on disk when its hooks run, and the lock is free while it is written" {
	strace_works
	real -n api true
	private strace -f -y -qq -o trace -e trace=fcntl,fdatasync,execve "$CBRUN_REAL" -n api -f 1 --on-open 'exit 0' false || :
	local locked unlocked flushed hook
	locked=$(grep -n 'F_WRLCK.*l_start=120, l_len=1}) = 0' trace | tail -n 1 | cut -d : -f 1)
	unlocked=$(grep -n 'F_UNLCK.*l_start=120, l_len=1}) = 0' trace | tail -n 1 | cut -d : -f 1)
	flushed=$(grep -n 'fdatasync(.*-wal>) *= 0' trace | tail -n 1 | cut -d : -f 1)
	hook=$(grep -n 'execve("/usr/bin/sh"\|execve("/bin/sh"' trace | tail -n 1 | cut -d : -f 1)
	assert [ "$locked" -lt "$unlocked" ]
	assert [ "$unlocked" -lt "$flushed" ]
	assert [ "$flushed" -lt "$hook" ]
}

@test "a transition that cannot be flushed is told, kept and announced" {
	strace_works
	real -n api true
	expect 1 "" "~cbrun: cannot flush the log .*-wal: Input/output error; if the power fails now, this transition may be lost" \
		private strace -f -qq -o trace -e trace=fdatasync -e inject=fdatasync:error=EIO:when=1+ \
		"$CBRUN_REAL" -n api -f 1 --on-open 'echo opened >>hook' false
	assert_equal "$(real status api --json | jq -r '.breakers[0].state')" open
	assert has_lines hook 1
}

@test "without a log, a transition's journal is gone for good before anybody is told" {
	strace_works
	export_kind=FAKE_FILE_SYSTEM=0x6969
	private "$export_kind" "$CBRUN" -n api true 2>/dev/null
	private strace -f -y -qq -o trace -e trace=unlink,fsync,fdatasync \
		env "$export_kind" "$CBRUN" -n api -f 1 false || :
	assert_equal "$(tail -n 1 trace | grep -c "fsync(.*<$DIR/store>) *= 0\|fdatasync(.*<$DIR/store>) *= 0")" 1
}

@test "so it is if a read failed as the store was opened" {
	strace_works
	no_sanitizer "it takes its time under strace"
	local number kind=FAKE_FILE_SYSTEM=0x6969
	for number in 2 3 4; do
		rm -rf store
		private "$kind" "$CBRUN" -q -n api true
		private "$kind" strace -y -qq -o trace -e trace=unlink,fsync,fdatasync,pread64 -e "inject=pread64:error=EIO:when=$number" \
			"$CBRUN" -q -n api -f 1 false || :
		assert grep -q INJECTED trace
		assert_state api open
		assert_equal "$number: $(grep 'unlink(\|sync(' trace | tail -n 1 | grep -c "sync(.*<$DIR/store>) *= 0")" "$number: 1"
	done
}

@test "without a log, who reads rolls back what a killed call had begun; who may not says so" {
	strace_works
	own_file "there is no journal"
	local kind=FAKE_FILE_SYSTEM=0x6969
	private "$kind" "$CBRUN" -q -n api true
	private "$kind" strace -qq -o trace -e trace=unlink -e inject=unlink:signal=KILL:when=1 "$CBRUN" -q -n api true || :
	assert [ -s "$STORE-journal" ]
	if [ "$EUID" -eq 0 ]; then
		chmod a+rx "$DIR" store
		chmod a+r store/*
		chmod a+x "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test" "$BATS_TEST_TMPDIR"
		expect 125 '~.*"breakers":\[\].*' "~cbrun: cannot use the store $STORE: a transaction in it was cut short, and you may not write there; .*" \
			private "$kind" setpriv --reuid 65534 --regid 65534 --clear-groups "$CBRUN" status --json
	fi
	expect 0 '~.*"calls":1,.*' "" private "$kind" "$CBRUN" status --json
	refute [ -s "$STORE-journal" ]
}

@test "while the log is copied, no writer can begin it anew, and no reader begins" {
	strace_works
	record_many api 29
	# whoever finds 32 frames leaves with a checkpoint
	local i
	for ((i = 0; i < 12; i++)); do
		private strace -f -y -qq -o trace -e trace=fcntl,pwrite64,ftruncate "$CBRUN_REAL" record api success
		grep -q 'pwrite64(.*cbrun.db>' trace && break
	done
	local held copied freed
	held=$(grep -n 'F_OFD_SETLK, {l_type=F_WRLCK.*l_start=127, l_len=1}) = 0' trace | head -n 1 | cut -d : -f 1)
	copied=$(grep -n 'pwrite64(.*cbrun.db>' trace | sed -n '1p;$p' | cut -d : -f 1 | paste -sd ' ')
	freed=$(grep -n 'F_OFD_SETLK, {l_type=F_UNLCK.*l_start=127, l_len=1}) = 0' trace | head -n 1 | cut -d : -f 1)
	assert [ "$held" -lt "${copied% *}" ]
	assert [ "${copied#* }" -lt "$freed" ]
	run grep -c 'permits>, F_OFD_SETLK, {l_type=F_WRLCK, l_whence=SEEK_SET, l_start=1, l_len=1}) = 0' trace
	assert_output 1
}

# four_readers: each sees the log one call longer than the one before it, so that all the index's marks are in use; then they
# die. Another process is connected meanwhile: the first who connects would make the index anew.
four_readers() {
	private python3 - "$CBRUN_REAL" "$STORE" <<-'END'
		import fcntl, os, signal, sqlite3, subprocess, sys
		cbrun, store = sys.argv[1:]
		index = open(store + "-shm", "rb")
		fcntl.lockf(index, fcntl.LOCK_SH, 1, 128)
		child = os.fork()
		if child == 0:
		    readers = [sqlite3.connect(store, isolation_level=None) for _ in range(4)]
		    for reader in readers:
		        subprocess.run([cbrun, "-n", "api", "true"], check=True)
		        reader.execute("BEGIN")
		        reader.execute("SELECT count(*) FROM breaker").fetchall()
		    os.kill(os.getpid(), signal.SIGKILL)
		sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != -signal.SIGKILL)
	END
}

# READ_LOCK 1 to 4: https://sqlite.org/walformat.html, 2.1
marks_in_use() {
	local i used=0
	for i in 26 27 28 29; do
		[ "$(log_index $i)" -eq 4294967295 ] || ((++used))
	done
	[ "$used" -eq 4 ]
}

@test "what readers that are gone have left in the index keeps no part of the log from being copied" {
	repeat 2 real -n api true # who finds an index of another boot, or of none, makes it anew; from here on it is kept
	four_readers
	assert marks_in_use
	repeat 40 real -n api true # whoever finds 32 frames empties the log
	assert [ "$(stat -c %s "$STORE-wal")" -lt 40000 ]
	assert_equal "$(sqlite3 "$STORE" 'PRAGMA integrity_check')" ok
	assert_equal "$(real status api --json | jq .breakers[0].totals.calls)" 46
}

@test "the time limit for a lock is waited for once, whoever holds what" {
	real -n api true
	(
		echo 'PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; SELECT count(*) FROM breaker;'
		exec sleep 300
	) | sqlite3 "$STORE" >held &
	eventually test -s held
	SECONDS=0
	unguarded "cannot use the store $STORE: another process held its lock for more than 15000 ms \(see --lock-timeout\)" \
		real --lock-timeout 15s
	assert [ "$SECONDS" -lt 30 ]
}

@test "locks that others hold are not taken for locks that do not work" {
	real -n api true
	python3 - "$STORE-shm" <<-'END' >held &
		import fcntl, sys, time
		index = open(sys.argv[1], "r+b")
		fcntl.lockf(index, fcntl.LOCK_EX | fcntl.LOCK_NB, 8, 120)
		print("held", flush=True)
		time.sleep(300)
	END
	eventually test -s held
	unguarded "cannot (open|use) the store $STORE: another process held its lock for more than 300 ms \(see --lock-timeout\)" \
		real --lock-timeout 300ms
}

# log_index N: the Nth number in the head of the log's index: https://sqlite.org/walformat.html, 2.1
log_index() {
	od -A n -t u4 -j $((4 * $1)) -N 4 "$STORE-shm" | tr -d ' '
}

# copied_log COMMAND...: the log holds what the command has written, and all of it is copied: whoever writes next begins it anew.
# A call that runs until the gate is opened keeps the log from being emptied.
copied_log() {
	close_gate
	start other "$CBRUN_REAL" -n other -- flock -w 300 -s gate true
	OTHER=$PID
	eventually other_runs
	"$@"
	sqlite3 "$STORE" 'PRAGMA wal_checkpoint(PASSIVE)' >/dev/null
	assert_equal "$(log_index 24)" "$(log_index 4)" # frames that were copied, and all
}

# start_stopped CALL WHEN NAME COMMAND...: starts it, and waits until it has made that system call so many times, on the database or
# its log. There it stays until go_on.
start_stopped() {
	local call=$1 when=$2 name=$3
	shift 3
	rm -f trace
	start "$name" strace -qq -o trace -P "$STORE" -P "$STORE-wal" -e trace="$call" -e inject="$call:signal=STOP:when=$when" -- "$@"
	eventually grep -qs 'stopped by SIGSTOP' trace
}

go_on() {
	kill -CONT "$(<"/proc/$PID/task/$PID/children")"
}

@test "doctor finds a sound store sound whose log is begun anew while it looks" {
	strace_works
	local fill=$BUILT/tests/bench/fill frames
	copied_log "$fill" "$STORE" 40 1
	frames=$(log_index 4)
	# it has read the heads of both files, the log, and a few pages
	start_stopped pread64 $((frames + 6)) doctor "$CBRUN_REAL" doctor
	"$fill" "$STORE" 3 80
	assert [ "$(log_index 4)" -ge "$frames" ]
	assert_equal "$(log_index 24)" 0
	go_on
	finish "$PID" 0
	assert_equal "$(grep -e ^BAD -e integrity -e breakers: doctor.out)" "ok   integrity: ok
ok   breakers: 41, running calls: 1"
	open_gate
	finish "$OTHER" 0
}

@test "doctor does not call a store damaged that is changed each time that it looks, and says so" {
	strace_works
	record_many api 1
	# what it reads of the log's head in the end is nothing
	run private strace -qq -o trace -P "$STORE-wal" -e trace=read -e inject=read:retval=0:when=2+2 "$CBRUN_REAL" doctor
	assert_equal "$status" 1
	assert_equal "$(grep -e ^BAD -e integrity -e breakers: <<<"$output")" \
		"BAD  cannot read the store $STORE: it was changed each time that it was read; try again"
	assert [ "$(wc -l <trace)" -gt 20 ]
	expect 0 "" "" real doctor --quiet
}

# forgets WHEN SQL COMMAND...: the command finds damage, and when it opens the database or its log for that time, to ask whether it
# has read one state of the store, SQL mends the damage. Then it tells of none.
forgets() {
	local when=$1 sql=$2
	shift 2
	start_stopped openat "$when" reader "$CBRUN_REAL" "$@"
	sqlite3 "$STORE" "$sql"
	assert_equal "$(log_index 24)" 0
	go_on
	finish "$PID" 0
	assert_equal "$(<reader.err)" ""
}

@test "what a reader took for damage while the log was begun anew is not told" {
	strace_works
	local record
	record_many api 3
	copied_log sqlite3 "$STORE" "INSERT INTO event SELECT id, 1, x'00' FROM breaker WHERE name = 'api'"
	expect 0 "~.*" "cbrun: event 1 in the store $STORE is damaged" real history api
	forgets 10 "DELETE FROM event" history api
	record=$(sqlite3 "$STORE" "SELECT hex(record) FROM breaker WHERE name = 'api'")
	sqlite3 "$STORE" "UPDATE breaker SET record = x'00' WHERE name = 'api'; PRAGMA wal_checkpoint(PASSIVE)" >/dev/null
	expect 0 "" "cbrun: the record of breaker api in the store $STORE is damaged" real check api
	forgets 5 "UPDATE breaker SET record = x'$record' WHERE name = 'api'" check api
	open_gate
	finish "$OTHER" 0
}

@test "a diagnosis that nobody reads to its end holds up no checkpoint" {
	local fill=$BUILT/tests/bench/fill
	"$fill" "$STORE" 1 1
	sqlite3 "$STORE" "WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n WHERE i < 1600)
		INSERT INTO breaker(id, name, record, recent) SELECT i, 'damaged' || i, x'', x'' FROM n"
	mkfifo pipe
	(real doctor >pipe) &
	exec {READER}<pipe
	read -r _ <&"$READER"
	"$fill" "$STORE" 2 100
	assert [ "$(log_size)" -lt 65536 ]
	assert_equal "$(grep -c '^BAD  the record of breaker .* is damaged; its next call starts it afresh$' <&"$READER")" 1600
	exec {READER}<&-
}

@test "a store without a log is read, whatever was in the reader's memory before" {
	ENVIRONMENT+=(FAKE_FILE_SYSTEM=0x6969 MALLOC_PERTURB_=85)
	cbrun -q -n api true
	expect 0 "~NAME .*api  *closed .*" "" cbrun status
	expect 0 "~.* success .*" "" cbrun history api
	expect 0 "" "" cbrun check api
}

@test "doctor finds a sound store without a log sound while it is written" {
	local i kind=FAKE_FILE_SYSTEM=0x6969
	private "$kind" "$CBRUN" -n api true 2>/dev/null
	start writer env "$kind" sh -c 'i=0; while [ $i -lt 150 ]; do "$0" record api success; i=$((i + 1)); done' "$CBRUN"
	for ((i = 0; i < 40; i++)); do
		run private "$kind" "$CBRUN" doctor
		refute_output --partial "damaged"
		refute_output --partial "integrity: ***"
	done
	finish "$PID" 0
	assert_field api .totals.calls 151
}

# --- the log's index, which is kept from call to call ---

calls_of_api() {
	sqlite3 "$STORE" 'PRAGMA integrity_check'
	field api .totals.calls
}

# overwrite_index: behind its head it is what a power loss may leave of it.
overwrite_index() {
	head -c 32632 /dev/urandom | dd of="$STORE-shm" bs=136 seek=1 conv=notrunc status=none
}

@test "a call that is alone reads the log's end, and not all of it" {
	strace_works
	record_many api 20
	private strace -f -y -qq -o trace -e trace=pread64 "$CBRUN_REAL" record api success
	assert [ "$(grep -c 'pread64(.*-wal>' trace)" -lt 8 ]
	rm "$STORE-shm"
	private strace -f -y -qq -o trace -e trace=pread64 "$CBRUN_REAL" record api success
	assert [ "$(grep -c 'pread64(.*-wal>' trace)" -gt 20 ]
}

@test "an index from before the machine was restarted is made anew, whatever is left of it" {
	repeat 10 cbrun record api success
	overwrite_index
	reboot_clock 1m
	expect 0 "" "" cbrun record api success
	assert_equal "$(calls_of_api)" $'ok\n11'
}

@test "where no boot is told from another, the index is made anew by each call that is alone" {
	strace_works
	[ "$EUID" -eq 0 ] && unshare --mount true 2>/dev/null || skip "needs root and mount namespaces"
	touch empty
	unknown() {
		private unshare --mount sh -c 'mount --bind empty /proc/sys/kernel/random/boot_id && exec "$@"' sh "$@"
	}
	record_many api 10
	unknown "$CBRUN_REAL" record api success
	overwrite_index
	expect 0 "" "" unknown "$CBRUN_REAL" record api success
	assert_equal "$(calls_of_api)" $'ok\n12'
}

@test "an index that is older than the log is made anew" {
	repeat 5 cbrun record api success
	cp "$STORE-shm" older
	repeat 5 cbrun record api success
	cat older >"$STORE-shm" # the same file
	expect 0 "" "" cbrun record api success
	assert_equal "$(calls_of_api)" $'ok\n11'
}

@test "an index that is newer than the log is made anew" {
	repeat 5 cbrun record api success
	cp "$STORE-wal" older
	repeat 5 cbrun record api success
	cat older >"$STORE-wal"
	expect 0 "" "" cbrun record api success
	assert_equal "$(calls_of_api)" $'ok\n6'
}

@test "an index that another program has made is made anew" {
	repeat 10 cbrun record api success
	mkfifo pipe
	sqlite3 "$STORE" <pipe >connected &
	exec {WRITER}>pipe
	echo 'SELECT count(*) FROM breaker;' >&"$WRITER"
	eventually test -s connected
	repeat 10 cbrun record api success
	kill -KILL $!
	wait $! || :
	exec {WRITER}>&-
	overwrite_index
	expect 0 "" "" cbrun record api success
	assert_equal "$(calls_of_api)" $'ok\n21'
}
