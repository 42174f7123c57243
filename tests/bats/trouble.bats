# trouble.bats: a store that is damaged, locked, full, foreign or not there keeps no command from running.
load helper

# set_aside N: so many damaged stores have been set aside.
set_aside() {
	[ "$(find "$DIR/store" -name 'cbrun.db.corrupt-*' ! -name '*-wal' | wc -l)" -eq "$1" ]
}

ASIDE="the store $BATS_TEST_TMPDIR/private/store/cbrun.db was damaged; set aside as .*/cbrun.db.corrupt-[-0-9TZ:.]+, starting with a fresh one"

# make_plain: a store of two calls, all of it in the one file.
make_plain() {
	rm -rf store
	repeat 2 cbrun -n api true
	sqlite3 "$STORE" 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
	rm -f "$STORE-wal" "$STORE-shm"
}

# --- damaged ---

@test "a store full of noise is set aside, and the command runs and is counted" {
	make_plain
	head -c 20480 /dev/urandom >"$STORE"
	noise=$(sha256sum <"$STORE")
	assert_set_aside
	assert_equal "$(cat "$STORE".corrupt-* | sha256sum)" "$noise"
	expect 0 "again" "" cbrun -n api -- echo again
	assert set_aside 1
}

# overwrite_page NUMBER: with noise
overwrite_page() {
	local size
	size=$(sqlite3 "$STORE" 'PRAGMA page_size')
	head -c "$size" /dev/urandom | dd of="$STORE" bs="$size" seek=$(($1 - 1)) conv=notrunc status=none
}

# assert_set_aside: the command runs and is counted, and one line says what became of the store.
assert_set_aside() {
	expect 7 "ran" "~cbrun: $ASIDE" cbrun -n api -- sh -c 'echo ran; exit 7'
	assert set_aside 1
	assert_field api .totals.calls 1
}

@test "a store cut short is set aside, and the command runs and is counted" {
	make_plain
	size=$(stat -c %s "$STORE")
	for left in $((size * 3 / 4)) $((size / 2)) $((size / 4)) 512; do
		make_plain
		truncate -s $left "$STORE"
		assert_set_aside
	done
}

@test "a store cut down to less than its header is set aside too" {
	for left in 1 100 511; do
		make_plain
		truncate -s $left "$STORE"
		assert_set_aside
	done
}

@test "a store whose pages were overwritten is set aside, and the command runs and is counted" {
	make_plain
	for page in 1 $(sqlite3 "$STORE" "SELECT rootpage FROM sqlite_master WHERE tbl_name = 'breaker'"); do
		make_plain
		overwrite_page "$page"
		assert_set_aside
	done
}

@test "a store whose table of events was overwritten is set aside when events are moved there" {
	make_plain
	overwrite_page "$(sqlite3 "$STORE" "SELECT rootpage FROM sqlite_master WHERE name = 'event'")"
	for ((call = 0; call < 100; call++)); do
		run -7 --separate-stderr cbrun -n api --success-on 7 -- sh -c 'exit 7'
		[ -z "$stderr" ] || break
	done
	assert_regex "$stderr" "^cbrun: $ASIDE\$"
	assert set_aside 1
	assert_field api .totals.calls 1
}

@test "an empty file is a store that is yet to be made" {
	mkdir -m 700 store
	: >"$STORE"
	expect 7 "ran" "" cbrun -n api -- sh -c 'echo ran; exit 7'
	assert_field api .totals.calls 1
}

@test "a log full of noise costs no run" {
	opened api
	head -c 20000 /dev/urandom >"$STORE-wal"
	rm "$STORE-shm"
	expect 7 "ran" "" cbrun -n web -- sh -c 'echo ran; exit 7'
	assert_field web .totals.calls 1
}

@test "a store set aside while a call runs costs the call nothing" {
	close_gate
	start call "$CBRUN" -n api -- sh -c 'flock -w 300 -s gate true; exit 7'
	eventually in_flight api 1
	rm -f "$STORE-wal" "$STORE-shm"
	head -c 20480 /dev/urandom >"$STORE"
	expect 0 "" "~cbrun: $ASIDE" cbrun -n web true
	open_gate
	finish "$PID" 7
	expect 0 '~.*"calls":1.*' "" cbrun status api --json
}

# damage_record NAME
damage_record() {
	sqlite3 "$STORE" "UPDATE breaker SET record = x'ff00ff' WHERE name = '$1'"
}

@test "newest events that are damaged cost the breaker nothing, and history says so" {
	opened api
	sqlite3 "$STORE" "UPDATE breaker SET recent = x'01ff' WHERE name = 'api'"
	expect 0 "" "cbrun: the newest events of a breaker in the store $STORE are damaged" cbrun history api
	expect 75 "" "~cbrun: api: open .*" cbrun -n api -- echo ran
	assert_field api .totals.rejected 1
	cbrun -n web true
	sqlite3 "$STORE" "UPDATE breaker SET recent = zeroblob(5000) WHERE name = 'web'"
	expect 0 "" "cbrun: the newest events of a breaker in the store $STORE are damaged" cbrun -n web true
	expect 0 "~.*  call        success  exit 0 after .*" "" cbrun history web
	assert_field web .totals.calls 2
}

@test "the record of one breaker that is damaged costs the others nothing" {
	opened api
	opened web
	damage_record api
	expect 0 "" "cbrun: the record of breaker api in the store $STORE is damaged; it starts afresh" cbrun -n api true
	expect 75 "" "~cbrun: web: open .*" cbrun -n web -- echo ran
}

@test "a breaker whose record is damaged starts afresh, and works from then on" {
	opened api
	damage_record api
	expect 0 "" "cbrun: the record of breaker api in the store $STORE is damaged; it starts afresh" cbrun -n api true
	expect 0 "" "" cbrun -n api true
	assert_field api '[.state, .totals.calls]' '["closed",2]'
	opened api
	cbrun history api --json | jq -e . >/dev/null
}

@test "status names every breaker whose record is damaged" {
	opened api
	opened web
	damage_record api
	damage_record web
	expect 0 "" "cbrun: the record of breaker api in the store $STORE is damaged
cbrun: the record of breaker web in the store $STORE is damaged" cbrun status
}

@test "a damaged record can be reset" {
	opened api
	damage_record api
	expect 0 "" "cbrun: the record of breaker api in the store $STORE is damaged; it starts afresh" cbrun reset api
	assert_state api closed
}

@test "a breaker whose record is damaged can be removed" {
	opened api
	damage_record api
	expect 0 "" "~(cbrun: the record of breaker api .*)?" cbrun remove api
	expect 1 "" "cbrun: no breaker named 'api'" cbrun history api
}

@test "a breaker that a newer cbrun has written is left alone, and its calls run unguarded" {
	newer="cannot use breaker api in the store $STORE: a newer cbrun wrote it \(this is [^)]*\); upgrade cbrun or use --store"
	cbrun -n api --successes 1000000 true
	cbrun trip api --hold
	sound=$(sqlite3 "$STORE" "SELECT hex(record) FROM breaker")
	for record in "x'03${sound:2}'" "x'1F'" "x'${sound/80897A/80897B}'" "x'${sound:0:4}06${sound:6}'"; do
		sqlite3 "$STORE" "UPDATE breaker SET record = $record"
		unguarded "$newer" cbrun
		rejected "$newer" cbrun
		for form in 'trip api' 'reset api' 'disable api' 'remove api' 'record api 0' 'check api'; do
			# shellcheck disable=SC2086 # words
			expect 125 "" "~cbrun: $newer" cbrun $form
		done
		expect 0 "" "cbrun: the record of breaker api in the store $STORE is a newer cbrun's" cbrun status
		expect 1 "~.*BAD  the record of breaker api is a newer cbrun's, and its calls run unguarded; upgrade cbrun.*" "" cbrun doctor
		expect 0 "" "" cbrun -n web true
		cbrun remove web
		assert_equal "$(sqlite3 "$STORE" "SELECT hex(record) FROM breaker")" "$(sqlite3 :memory: "SELECT hex($record)")"
	done
}

# --- in the way ---

@test "a store held by another process longer than --lock-timeout does not hold the command" {
	cbrun -n api true
	close_gate
	printf '%s\n' 'BEGIN IMMEDIATE;' '.shell touch locked' '.shell flock -w 300 -s gate true' >script
	start locker sqlite3 -init script "$STORE"
	eventually test -e locked
	locked="cannot use the store $STORE: another process held its lock for more than 50 ms \(see --lock-timeout\)"
	expect 7 "ran" "~cbrun: web: $locked; running the command unguarded" \
		cbrun --lock-timeout 50ms -n web -- sh -c 'echo ran; exit 7'
	expect 7 "ran" "~cbrun: api: $locked; (running the command unguarded|the outcome was not recorded)" \
		cbrun --lock-timeout 50ms -n api -- sh -c 'echo ran; exit 7'
	expect 125 "" "~cbrun: $locked" cbrun --lock-timeout 50ms --on-store-error reject -n web -- echo ran
	expect 125 "" "~cbrun: $locked" cbrun trip --lock-timeout 50ms api
	expect 0 "~.*api +closed.*" "" cbrun status
	open_gate
	wait "$PID"
	assert_field api '[.state, .totals.calls]' '["closed",1]'
}

@test "a store that another process holds for a while is waited for" {
	cbrun -n api true
	printf '%s\n' 'BEGIN IMMEDIATE;' '.shell touch locked' '.shell sleep 0.2' >script
	start locker sqlite3 -init script "$STORE"
	eventually test -e locked
	expect 0 "ran" "" cbrun --lock-timeout 20s -n api -- echo ran
	assert_field api .totals.calls 2
}

@test "an outcome that cannot be recorded is told, and the exit status stays the command's" {
	cbrun -n api true
	close_gate
	printf '%s\n' 'BEGIN IMMEDIATE;' '.shell touch locked' '.shell flock -w 300 -s gate true' >script
	cat >lock <<-END
		#!/bin/sh
		sqlite3 -init script "$STORE" </dev/null >/dev/null 2>&1 &
		while [ ! -e locked ]; do sleep 0.02; done
		exit 7
	END
	chmod +x lock
	expect 7 "" "~cbrun: api: cannot use the store .* more than 50 ms .*; the outcome was not recorded" \
		cbrun --lock-timeout 50ms -n api ./lock
	open_gate
}

@test "a store that a newer cbrun has written is left alone" {
	cbrun -n api true
	sqlite3 "$STORE" 'PRAGMA user_version = 99; PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
	before=$(sha256sum "$STORE")
	unguarded "cannot use the store $STORE: a newer cbrun wrote it \(schema 99, this one knows [0-9]+\); .*" cbrun
	rejected "cannot use the store $STORE: a newer cbrun .*" cbrun
	expect 125 "" "~cbrun: cannot use the store $STORE: a newer cbrun .*" cbrun status
	assert_equal "$(sha256sum "$STORE")" "$before"
}

@test "where locks do not work, a call waits no longer than for a lock" {
	no_coverage "the counts are locked, too"
	no_sanitizer "it does not work under strace"
	cbrun -n api true
	for first in 12 20; do
		rm "$STORE-shm" # so that the index is made, with the locks which that needs
		run -7 --separate-stderr private strace -qq -o trace -e trace=fcntl,clock_nanosleep -e "inject=fcntl:error=EIO:when=$first+" \
			"$CBRUN" -n api --lock-timeout 2s -- sh -c 'echo ran; exit 7'
		assert_output ran
		assert_regex "$stderr" "^cbrun: api: cannot [a-z]* the store $STORE: .*; running the command unguarded\$"
		# what it sleeps is counted, not what a busy machine adds; SQLite by itself would go on for 10 s
		slept_ms=$(sed -n 's/.*{tv_sec=\([0-9]*\), tv_nsec=\([0-9]*\)}.*/\1 \2/p' trace | awk '{ ms += $1 * 1000 + $2 / 1e6 } END { printf "%d", ms }')
		assert [ "$slept_ms" -gt 20 ]
		assert [ "$slept_ms" -lt 4000 ]
	done
	assert_regex "$stderr" "locks do not work there; name another place with --store"
}

@test "another program's database is left alone" {
	mkdir -m 700 store
	for version in 0 1 2; do
		rm -f "$STORE"
		sqlite3 "$STORE" "CREATE TABLE theirs(x); INSERT INTO theirs VALUES(1); PRAGMA user_version = $version"
		chmod 600 "$STORE"
		before=$(sha256sum "$STORE")
		unguarded "cannot use the store $STORE: it is another program's database" cbrun
		rejected "cannot use the store $STORE: it is another program's database" cbrun
		expect 125 "" "cbrun: cannot use the store $STORE: it is another program's database" cbrun status
		assert_equal "$(sha256sum "$STORE")" "$before"
	done
}

@test "what is no file cannot be a store" {
	mkdir -p store/cbrun.db
	chmod 700 store
	unguarded "cannot use the store $STORE: it is not a plain file" cbrun
	rejected "cannot use the store $STORE: it is not a plain file" cbrun
	rmdir store/cbrun.db
	mkfifo store/cbrun.db
	unguarded "cannot use the store $STORE: it is not a plain file" cbrun
}

@test "a path that leads through a file cannot be a store" {
	echo data >file
	unguarded "cannot make the directory $DIR/file/below: Not a directory" cbrun --store "$DIR/file/below/s.db"
	unguarded "cannot use the store $DIR/store/: it names no file" cbrun --store "$DIR/store/"
}

# --- no room, no right ---

@test "a directory in which no store can be made does not hold the command" {
	mkdir -m 500 store
	unguarded "cannot open the permits file $STORE.permits: Permission denied" unprivileged "$CBRUN"
	rejected "cannot open the permits file $STORE.permits: Permission denied" unprivileged "$CBRUN"
	chmod 700 store
}

@test "a store that can only be read does not hold the command" {
	opened api
	chmod 400 "$STORE" "$STORE-wal" "$STORE-shm"
	chmod 500 store
	unguarded "cannot [a-z]+ the store $STORE: it is read-only" unprivileged "$CBRUN"
	rejected "cannot [a-z]+ the store $STORE: it is read-only" unprivileged "$CBRUN"
	chmod 700 store
}

@test "a full disk does not hold the command" {
	root_only
	mkdir -m 700 small
	cat >on_small <<-'END'
		#!/bin/sh
		mount -t tmpfs -o size=256k,mode=700 none small || exit 99
		"$@" -n api true || exit
		head -c 1M /dev/zero >small/filler 2>/dev/null
		exec "$@" -n web -- sh -c 'echo ran; exit 7'
	END
	chmod +x on_small
	run private unshare --mount ./on_small true
	[ "$status" -ne 99 ] || skip "needs to mount"
	expect 7 "ran" "~cbrun: web: cannot write the store $DIR/small/s.db: the disk is full; (running the command unguarded|the outcome was not recorded)" \
		private unshare --mount ./on_small "$CBRUN" --store "$DIR/small/s.db"
}

# As a disk that is full, at a kilobyte.
small_files() {
	(
		ulimit -f 1
		"$@"
	)
}

@test "a limit of file sizes does not hold the command" {
	no_coverage "the counts are files, too"
	mkdir -m 700 store
	expect 7 "ran" "~cbrun: api: cannot make the store [^:]*: [^:]*; running the command unguarded" \
		small_files cbrun -n api -- sh -c 'echo ran; exit 7'
}

@test "a limit of file sizes is the command's own too" {
	expect 153 "" "~.*" small_files cbrun -q -n api -- sh -c 'exec head -c 10000 /dev/zero >big'
	assert_equal "$(stat -c %s big)" 1024
}

@test "the store's trouble is told in one line" {
	opened api
	chmod 400 "$STORE" "$STORE-wal" "$STORE-shm"
	chmod 500 store
	run --separate-stderr unprivileged "$CBRUN" -v -n api -- echo ran
	chmod 700 store
	assert_equal "$(grep -c "$STORE" <<<"$stderr")" 1
}

@test "--quiet is silent about the store too" {
	echo data >file
	expect 7 "ran" "" cbrun -q --store "$DIR/file/s.db" -n api -- sh -c 'echo ran; exit 7'
	expect 125 "" "" cbrun -q --on-store-error reject --store "$DIR/file/s.db" -n api -- echo ran
}

@test "a reader whom a writer disturbs looks again, and shows everything once" {
	no_sanitizer "it does not work under strace"
	for ((i = 0; i < 40; i++)); do
		cbrun -n "b$i" true
	done
	names=$(cbrun status --json | jq -c '[.breakers[].name]')
	strace -qq -y -o trace -e trace=pread64 -E CBRUN_STORE="$STORE" "$CBRUN" status >out
	first=$(awk '/cbrun.db/ { print NR; exit }' trace) # those before are the loader's
	points=0
	while strace -qq -o trace -e trace=pread64 -e "inject=pread64:error=EIO:when=$((first + points))" -E CBRUN_STORE="$STORE" \
		"$CBRUN" status --json >out && grep -q INJECTED trace; do
		assert_equal "$(jq -c '[.breakers[].name]' out)" "$names"
		((++points))
	done
	assert [ "$points" -ge 3 ]
	assert_equal "$(grep -c INJECTED trace)" 0
}
