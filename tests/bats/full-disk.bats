# full-disk.bats: a disk without room, a file system that becomes read-only, a limit of file sizes: the command runs, one
# line says why nothing guards it, and with room again the store is whole. On a small file system of its own.
load helper
load broken

# mount_small SIZE: a new file system at `store`, seen by what runs `inside` alone.
mount_small() {
	root_only
	mkdir -m 700 -p store
	start holder unshare --mount sh -c 'mount -t tmpfs -o "size=$1,mode=700" none store || exit
		echo >mounted && exec sleep 1000' sh "$1"
	HOLDER=$PID
	eventually is_there_or_not
	[ -e mounted ] || skip "needs to mount"
}

is_there_or_not() {
	[ -e mounted ] || gone "$HOLDER"
}

inside() {
	private nsenter --mount="/proc/$HOLDER/ns/mnt" sh -c 'cd "$1" && shift && exec "$@"' sh "$DIR" "$@"
}

# bounded OPTION...: the broken stores' tests run this one, too.
bounded() {
	inside timeout -k 1 120 "$CBRUN" "$@"
}

# fill [KIB]: but for so much, no room is left.
fill() {
	inside sh -c 'head -c 10M /dev/zero >store/filler 2>/dev/null; truncate -s -"$1"K store/filler; sync store' sh "${1:-0}"
}

make_room() {
	inside rm -f store/filler
}

# counted NAME: calls that are counted.
counted() {
	bounded status "$1" --json | jq '.breakers[0].totals.calls'
}

# assert_sound: the store is whole, and nothing is left beside it.
assert_sound() {
	assert_equal "$(inside sqlite3 -readonly store/cbrun.db 'PRAGMA integrity_check')" ok
	assert_equal "$(inside find store -name '*.new*' -o -name '*corrupt*')" ""
}

FULL="(cannot (make|use|write|open|read) the store $BATS_TEST_TMPDIR/private/store/cbrun.db: the disk is full|cannot [a-z ]+ $BATS_TEST_TMPDIR/private/store/[a-z.]+: No space left on device)"

@test "however little room there is, the first call runs, and with room the second makes a sound store" {
	mount_small 256k
	for ((left = 0; left <= 72; left += 4)); do
		fill $left
		survives api "api: $FULL; (running the command unguarded|the outcome was not recorded)"
		[ $left -gt 0 ] || assert [ -n "$stderr" ]
		expect 125 "" "~cbrun: $FULL" bounded --on-store-error reject -n web -- echo ran || [ $left -gt 0 ]
		make_room
		expect 7 "ran" "" bounded -n api -f 0 --min-calls 90 -- sh -c 'echo ran; exit 7'
		assert_sound
		inside sh -c 'rm -rf store/*'
	done
}

# some_calls N NAME OPTION...: so many calls; ADDED is how many of them were not told to be lost.
some_calls() {
	local turn
	ADDED=0
	for ((turn = 0; turn < $1; turn++)); do
		survives "$2" "$2: $FULL; (running the command unguarded|the outcome was not recorded)"
		[ -n "$stderr" ] || ((++ADDED))
	done
}

@test "a disk that is full loses the outcomes that it tells, and no others" {
	mount_small 256k
	for left in 0 4 8 16; do
		bounded -q -n api true
		before=$(counted api)
		fill $left
		some_calls 20 api
		make_room
		assert_sound
		assert_equal "$(counted api)" $((before + ADDED))
		expect 7 "ran" "" bounded -n api -f 0 --min-calls 90 -- sh -c 'echo ran; exit 7'
		inside sh -c 'rm -rf store/*'
	done
}

@test "a disk that is full when the log is folded in loses nothing that was told to be kept" {
	mount_small 512k
	for ((i = 0; i < 12; i++)); do
		bounded -q -n "b$i" true
	done
	bounded -q -n api true
	for left in 0 24; do
		before=$(counted api)
		fill $left
		some_calls 70 api
		make_room
		assert_sound
		assert_equal "$(counted api)" $((before + ADDED))
		expect 7 "ran" "" bounded -n api -f 0 --min-calls 90 -- sh -c 'echo ran; exit 7'
	done
	assert_equal "$(bounded status --json | jq -c '[.breakers[] | select(.name != "api").totals.calls] | add')" 12
}

@test "a breaker that is open on a full disk is open with room again" {
	mount_small 256k
	bounded -q -n api -f 1 -o 1h false || :
	fill
	for _ in 1 2 3 4 5 6 7 8 9 10; do # rejections are counted while there is a place for that
		run --separate-stderr bounded -n api -f 0 --min-calls 90 -- sh -c 'echo ran; exit 7'
		[ "$status" -eq 75 ] || break
	done
	expect 7 "ran" "~cbrun: api: $FULL; running the command unguarded" bounded -n api -f 0 --min-calls 90 -- sh -c 'echo ran; exit 7'
	expect 125 "" "~cbrun: $FULL" bounded --on-store-error reject -n api -- echo ran
	expect 75 "" "~cbrun: api: open .*" bounded check api
	make_room
	expect 75 "" "~cbrun: api: open .*" bounded -n api -- echo ran
}

@test "a file system that becomes read-only, and one that can be written again" {
	mount_small 256k
	bounded -q -n api true
	bounded -q -n web -f 1 -o 1h false || :
	inside mount -o remount,ro store
	readonly="cannot [a-z]+ (the store|the permits file) $DIR/store/cbrun.db[a-z.]*: ([Ii]t is read-only|Read-only file system)"
	for name in api web new; do
		expect 7 "ran" "~cbrun: $name: $readonly; (running the command unguarded|the outcome was not recorded)" \
			bounded -n $name -- sh -c 'echo ran; exit 7'
		expect 125 "" "~cbrun: $readonly" bounded --on-store-error reject -n $name -- echo ran
	done
	expect 75 "" "~cbrun: web: open .*" bounded check web
	expect 1 "~.*BAD  directory .* cannot be written: .*" "" bounded doctor
	inside mount -o remount,rw store
	expect 75 "" "~cbrun: web: open .*" bounded -n web -- echo ran
	expect 7 "ran" "" bounded -n api -f 0 --min-calls 90 -- sh -c 'echo ran; exit 7'
	assert_equal "$(counted api)" 2
	assert_sound
}

# punch OFFSET LENGTH: that part of the log's index has no room on the disk any more, and reads as zeros.
punch() {
	inside fallocate --punch-hole --offset "$1" --length "$2" store/cbrun.db-shm || skip "needs holes in files"
}

@test "a log's index that has no room on a full disk is told as a full disk, and as nobody's doing" {
	mount_small 256k
	for part in '0 4096' '4096 28672' '0 32768'; do
		bounded -q -n api true
		punch $part
		fill
		expect 7 "ran" "cbrun: api: cannot use the store $DIR/store/cbrun.db: the disk is full; running the command unguarded" \
			bounded -n api -- sh -c 'echo ran; exit 7'
		make_room
		expect 7 "ran" "" bounded -n api -- sh -c 'echo ran; exit 7'
		assert_sound
		inside sh -c 'rm -rf store/*'
	done
}

@test "so is one that others use, too" {
	mount_small 256k
	bounded -q -n api true
	mkfifo fifo
	start other nsenter --mount="/proc/$HOLDER/ns/mnt" sh -c 'cd "$1" && exec "$2" -n other bash -c "echo >ready; read -t 120 <>fifo"' sh "$DIR" "$CBRUN"
	eventually test -e ready
	# all of the log is in the database, so that the next who writes begins log and index anew
	inside sqlite3 store/cbrun.db 'PRAGMA wal_checkpoint' >/dev/null
	punch 4096 28672
	fill
	expect 7 "ran" "cbrun: api: cannot use the store $DIR/store/cbrun.db: the disk is full; the outcome was not recorded" \
		bounded -n api -- sh -c 'echo ran; exit 7'
	make_room
	expect 7 "ran" "" bounded -n api -- sh -c 'echo ran; exit 7'
	echo >fifo
	finish "$PID" 0
	assert_sound
}

# limited KIB COMMAND...: no file may grow beyond that.
limited() {
	(
		ulimit -f "$1"
		shift
		"$@"
	)
}

@test "a limit of file sizes, at any size, costs no run and no soundness" {
	make_calm
	cp "$STORE" sound
	for ((limit = 0; limit <= 36; limit += 3)); do
		rm -rf store
		mkdir -m 700 store
		cp sound "$STORE"
		for _ in 1 2 3; do
			expect 7 "ran" "~(cbrun: api: cannot [a-z]+ the store $STORE: [^:]*; (running the command unguarded|the outcome was not recorded))?" \
				limited $limit private timeout -k 1 120 "$CBRUN" -n api -- sh -c 'echo ran; exit 7'
		done
		expect 7 "ran" "" cbrun -n api -- sh -c 'echo ran; exit 7'
		assert_equal "$(sqlite3 "$STORE" 'PRAGMA integrity_check')" ok
	done
}
