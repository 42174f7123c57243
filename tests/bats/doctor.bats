# doctor.bats: `doctor`: each finding, good and bad; what is wrong, and what to do.
load helper

# finds STATUS LINE...: doctor ends with that status, and these lines, regular expressions, are among what it tells. With
# status 1 they are all that is bad.
finds() {
	local want=$1 line
	shift
	run --separate-stderr bounded_doctor
	assert_equal "$status: $stderr" "$want: "
	for line in "$@"; do
		assert_line --regexp "^$line\$"
	done
	[ "$want" -eq 0 ] || assert_equal "$(grep -c ^BAD <<<"$output")" $#
	[ "$want" -eq 1 ] || refute_line --regexp ^BAD
}

bounded_doctor() {
	private timeout -k 1 120 "${DOCTOR[@]:-$CBRUN}" doctor
}

@test "a store in order: every finding is good" {
	repeat 2 cbrun -n api true
	cbrun -n web true
	finds 0 "ok   directory $DIR/store: mode 0700, uid $EUID" "ok   free space: [0-9]+ KiB" "ok   the file system is local" \
		"ok   $STORE: mode 0600, [0-9]+ bytes" "ok   $STORE-wal: mode 0600, [0-9]+ bytes" \
		"ok   $STORE-shm: mode 0600, [0-9]+ bytes" "ok   $STORE.permits: mode 0600, 0 bytes" \
		"ok   no process keeps the store locked" "ok   schema 2, write-ahead log" "ok   integrity: ok" "ok   breakers: 2, running calls: 0" \
		"ok   the kernel tells one boot from another" "ok   the wall clock is ahead of all that the breakers have seen"
}

@test "it changes nothing, and makes nothing where there is no store" {
	finds 0 "ok   there is no store yet: the first guarded run makes one"
	assert [ ! -e store ]
	mkdir -m 700 store
	finds 0 "ok   there is no store $STORE yet: the first guarded run makes one"
	assert_equal "$(ls -A store)" ""
	cbrun -n api true
	before=$(fingerprint store)
	finds 0
	assert_equal "$(fingerprint store)" "$before"
}

@test "variables of the environment that mean nothing to cbrun are named, and nothing is bad" {
	BY_ENV=yes
	ENVIRONMENT+=(CBRUN_MARK=$'x\n' CBRUN_OPEN_FOR=5s $'CBRUN_A\e=x')
	finds 0 "note CBRUN_MARK in the environment means nothing to cbrun" \
		'note CBRUN_A\\e in the environment means nothing to cbrun'
	assert_equal "$(grep -c ^note <<<"$output")" 2
	expect 0 "" "" cbrun doctor --quiet
	ENVIRONMENT+=(CBRUN_OPEN_FO=5s)
	expect 125 "" "~cbrun: .*CBRUN_OPEN_FO.*" cbrun doctor # it is meant for cbrun
}

@test "it tells the version of SQLite, and that checkpoints keep clear of the defect of its logs" {
	no_sanitizer "the library may be another"
	finds 0 "ok   SQLite $(sqlite3 --version | cut -d ' ' -f 1)(, which has a defect when a log begins anew \(sqlite.org/wal.html#walresetbug\); cbrun avoids it: .*)?"
}

@test "it tells how many calls are running" {
	close_gate
	start call "$CBRUN" -n api -- flock -w 300 -s gate true
	eventually in_flight api 1
	finds 0 "ok   breakers: 1, running calls: 1"
	open_gate
	finish "$PID" 0
	finds 0 "ok   breakers: 1, running calls: 0"
}

@test "it tells of a store that has another name, by which others would share no log" {
	cbrun -n api true
	mkdir other
	ln "$STORE" other/
	finds 1 "BAD  $STORE has 2 names: calls that use it by another one share no log with these; .*"
}

@test "--quiet leaves the exit status alone" {
	cbrun -n api true
	expect 0 "" "" cbrun doctor -q
	chmod 644 "$STORE"
	expect 1 "" "" cbrun doctor -q
}

@test "names are a mistake" {
	expect 125 "" "~cbrun: doctor takes no names.*" cbrun doctor api
}

@test "a file that others can read, and what to do" {
	cbrun -n api true
	chmod 644 "$STORE"
	finds 1 "BAD  $STORE has mode 0644; chmod it to 0600"
	chmod 600 "$STORE"
	chmod 640 "$STORE-wal"
	finds 1 "BAD  $STORE-wal has mode 0640; chmod it to 0600"
	chmod 600 "$STORE-wal"
	finds 0
}

@test "what is no plain file, and what to do" {
	cbrun -n api true
	rm "$STORE.permits"
	mkfifo -m 600 "$STORE.permits"
	finds 1 "BAD  $STORE.permits is not a plain file; remove it"
	rm "$STORE.permits"
	finds 0
	rm "$STORE"
	mkdir "$STORE"
	finds 1 "BAD  cannot use the store $STORE: it is not a plain file"
	rmdir "$STORE"
	ln -s elsewhere "$STORE"
	finds 1 "BAD  refusing the store $STORE: it is a symbolic link; name the file itself"
}

@test "a directory that cannot be written, and what to do" {
	cbrun -n api true
	chmod 500 store
	if [ "$EUID" -eq 0 ]; then
		DOCTOR=(setpriv --bounding-set=-dac_override,-dac_read_search "$CBRUN")
	fi
	finds 1 "BAD  directory $DIR/store cannot be written: state cannot be kept; chown or chmod it"
	chmod 700 store
	finds 0
}

@test "a file that is another user's, and what to do" {
	root_only
	cbrun -n api true
	chown 65534 "$STORE"
	finds 1 "BAD  refusing the store: $STORE belongs to uid 65534, not to root; chown it or use --store"
	cp "$CBRUN" program
	chmod a+x "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test" "$BATS_TEST_TMPDIR"
	chown -R 65534 "$DIR"
	chown 0 "$STORE.permits"
	DOCTOR=(setpriv --reuid 65534 --regid 65534 --clear-groups ./program)
	finds 1 "BAD  $STORE.permits belongs to uid 0 and cannot be used; chown it, or use --store" \
		"BAD  cannot open the permits file $STORE.permits: Permission denied"
	chown 65534 "$STORE.permits"
	finds 0
}

@test "a disk that is almost full, and what to do" {
	root_only
	mkdir -m 700 store
	cat >on_small <<-'END'
		#!/bin/sh
		mount -t tmpfs -o size=512k,mode=700 none store || exit 99
		"$@" -n api true && exec "$@" doctor
	END
	chmod +x on_small
	run private unshare --mount ./on_small "$CBRUN"
	[ "$status" -ne 99 ] || skip "needs to mount"
	assert_equal "$status" 1
	assert_line --regexp '^BAD  free space: [0-9]+ KiB; make room, or outcomes are lost$'
}

@test "a damaged page, and what to do" {
	repeat 40 cbrun -q -n api true
	sqlite3 "$STORE" 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
	rm -f "$STORE-wal" "$STORE-shm"
	size=$(sqlite3 "$STORE" 'PRAGMA page_size')
	pages=$(sqlite3 "$STORE" 'PRAGMA page_count')
	head -c "$size" /dev/urandom | dd of="$STORE" bs="$size" seek=$((pages - 1)) conv=notrunc status=none
	run --separate-stderr cbrun doctor
	assert_equal "$status" 1
	assert_line --regexp '^BAD  (integrity: .*; the next guarded run that meets the damage sets the file aside|cannot read the store .*: the file is damaged)'
}

@test "a file of noise, and what to do" {
	cbrun -n api true
	rm "$STORE-wal" "$STORE-shm"
	head -c 20480 /dev/urandom >"$STORE"
	chmod 600 "$STORE"
	finds 1 "BAD  cannot use the store $STORE: the file is damaged; the next guarded run sets it aside"
}

@test "a damaged record, and what to do" {
	repeat 2 cbrun -n api true
	cbrun -n web true
	sqlite3 "$STORE" "UPDATE breaker SET record = x'ff00ff' WHERE name = 'api'"
	finds 1 "BAD  the record of breaker api is damaged; its next call starts it afresh"
	cbrun -q -n api true
	finds 0
}

@test "a newer schema, and what to do" {
	cbrun -n api true
	sqlite3 "$STORE" 'PRAGMA user_version = 99'
	finds 1 "BAD  cannot use the store $STORE: a newer cbrun wrote it \(schema 99, this one knows 2\); upgrade cbrun or use --store"
}

@test "another program's database" {
	mkdir -m 700 store
	sqlite3 "$STORE" 'CREATE TABLE theirs(x)'
	chmod 600 "$STORE"
	finds 1 "BAD  cannot use the store $STORE: it is another program's database"
}

@test "a process that keeps the store locked, and what to do" {
	cbrun -n api true
	close_gate
	printf '%s\n' 'BEGIN IMMEDIATE;' '.shell touch locked' '.shell flock -w 300 -s gate true' >script
	start locker sqlite3 -init script "$STORE"
	eventually test -e locked
	finds 1 "BAD  process $PID has held the store's lock for 225 ms: calls wait for it up to --lock-timeout, and then run unguarded; see what it does, or end it"
	open_gate
	finish "$PID" 0
	finds 0 "ok   no process keeps the store locked"
}

@test "a lock that another process holds, and what to do" {
	ENVIRONMENT+=(FAKE_FILE_SYSTEM=0x6969 CBRUN_LOCK_TIMEOUT=50ms) # in a log, readers wait for nobody
	cbrun -q -n api true
	close_gate
	printf '%s\n' 'BEGIN EXCLUSIVE;' '.shell touch locked' '.shell flock -w 300 -s gate true' >script
	start locker sqlite3 -init script "$STORE"
	eventually test -e locked
	finds 1 "BAD  the file system is nfs: .*; use a local directory" \
		"BAD  cannot use the store $STORE: another process held its lock for more than 50 ms \(see --lock-timeout\)"
	open_gate
	wait "$PID"
	finds 1 "BAD  the file system is nfs: .*"
}

@test "a kernel that does not tell its boots apart, and what to do" {
	root_only
	cbrun -n api true
	: >empty
	run private unshare --mount sh -c 'mount --bind empty /proc/sys/kernel/random/boot_id || exit 99; exec "$@"' sh "$CBRUN" doctor
	[ "$status" -ne 99 ] || skip "needs to mount"
	assert_equal "$status" 1
	assert_line --regexp '^BAD  /proc/sys/kernel/random/boot_id cannot be read: .*; mount /proc$'
}

@test "a clock that was set back, for one breaker and for several" {
	cbrun -n api true
	step_wall -1d
	finds 1 "BAD  the wall clock is behind what 1 breaker has seen: it was set back; set it right"
	step_wall 1d
	cbrun -n web true
	step_wall -1d
	finds 1 "BAD  the wall clock is behind what 2 breakers have seen: it was set back; set it right"
}

# at_terminal WORDS: what a command of the shell writes to a terminal, where each look at the clock finds it two seconds on.
at_terminal() {
	command -v script >/dev/null || skip "needs script(1)"
	echo "0 0 0 2000" >"$CLOCK"
	script -qec "env -i TERM=xterm$(printf ' %q' "${ENVIRONMENT[@]}") sh -c '$1'" /dev/null </dev/null
}

@test "what takes over a second tells a person at a terminal how far it is, and nobody else" {
	cbrun -n api true
	# so many events that to check them takes a while
	sqlite3 "$STORE" "WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
		INSERT INTO event SELECT 1, i, x'' FROM n"
	yes '1 ok' | head -n 5000 >trace
	wipe=$'\r\e\\[K' # as a regular expression
	expect 0 "~($wipe""cbrun: checking the store: [0-9]+s)+$wipe" "" at_terminal "$CBRUN doctor >out"
	grep -q 'integrity: ok' out
	expect 0 "~($wipe""cbrun: reading histories: [0-9]+ %)+$wipe" "" at_terminal "$CBRUN report >out"
	expect 0 "~($wipe""cbrun: simulating: [0-9]+ %)+$wipe" "" at_terminal "$CBRUN simulate --json trace >out"
	for command in doctor report 'simulate --json trace'; do
		expect 0 "~.*" "" cbrun $command
		expect 0 "" "" at_terminal "$CBRUN $command >out 2>error"
		assert_equal "$(<error)" ""
		expect 0 "" "" at_terminal "$CBRUN $command --quiet >out"
	done
}
