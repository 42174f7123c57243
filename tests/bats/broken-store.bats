# broken-store.bats: whatever becomes of the database, between calls and while calls run, the command runs, its exit
# status is passed on, at most one line tells what and why, and nothing hangs; then all is well again.
load helper
load broken

# --- the file ---

@test "a store that is deleted" {
	in_each_way rm "$STORE"
}

@test "a store that is deleted with all its files" {
	in_each_way rm "$STORE" "$STORE-wal" "$STORE-shm" "$STORE.permits"
}

@test "a store that is emptied" {
	in_each_way truncate -s 0 "$STORE"
}

@test "a store that is cut to a hundred bytes, to half a page, in the middle" {
	in_each_way truncate -s 100 "$STORE"
	in_each_way truncate -s 512 "$STORE"
	in_each_way half "$STORE"
}

@test "a store that is overwritten with noise" {
	in_each_way noise "$STORE"
}

overwrite_with_other() {
	cat other.db >"$STORE"
}

replace_by_other() {
	cp other.db other.copy
	chmod 600 other.copy
	mv other.copy "$STORE"
}

make_other() {
	make_busy
	repeat 20 cbrun -q -n other false
	sqlite3 "$STORE" 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
	cp "$STORE" other.db
}

@test "a store that another one is written over" {
	make_other
	in_each_way overwrite_with_other
}

@test "a store that is replaced by another one, beside the log of the old one" {
	make_other
	in_each_way replace_by_other
}

@test "a store that is replaced by another one, without a log, is that one from then on" {
	make_other
	make_calm
	replace_by_other
	healthy api
	assert_field other .totals.calls 5
	assert_field api .totals.calls 5
}

# --- one byte ---

# comes_right: each call runs; after at most four of them nothing is amiss any more, or the store seems a newer cbrun's.
comes_right() {
	local turn
	for turn in 1 2 3 4; do
		survives api
	done
	survives api "api: .* a newer cbrun wrote it .*"
}

FLIPS=40
[ -z "${BRIEF:-}" ] || FLIPS=10

@test "a store with one byte changed, in $FLIPS places" {
	RANDOM=${FLIP_SEED:=$((BASHPID * 7919 % 32768))}
	echo "FLIP_SEED=$FLIP_SEED"
	make_calm
	repeat 6 cbrun -n "b$RANDOM" true
	cbrun remove web
	sqlite3 "$STORE" 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
	cp "$STORE" sound
	size=$(stat -c %s sound)
	for ((flip = 0; flip < FLIPS; flip++)); do
		rm -rf store
		mkdir -m 700 store
		cp sound "$STORE"
		: >"$STORE.permits"
		printf '%b' "\\x$(printf %02x $((RANDOM % 256)))" |
			dd of="$STORE" bs=1 seek=$(((RANDOM * 32768 + RANDOM) % size)) conv=notrunc status=none
		comes_right
	done
}

@test "noise in a page that is free, or in the second half of any" {
	make_busy
	repeat 30 cbrun -n many true
	cbrun remove many
	make_calm
	pages=$(sqlite3 "$STORE" 'PRAGMA page_count')
	size=$(sqlite3 "$STORE" 'PRAGMA page_size')
	cp "$STORE" sound
	for ((page = 0; page < pages; page++)); do
		rm -rf store
		mkdir -m 700 store
		cp sound "$STORE"
		head -c $((size / 2)) /dev/urandom |
			dd of="$STORE" bs=$((size / 2)) seek=$((2 * page + 1)) conv=notrunc status=none
		comes_right
	done
}

# told WHY: sooner or later, and at the latest when events are moved to their table.
told() {
	local call
	for ((call = 0; call < 60; call++)); do
		survives api "$1"
		[ -z "$stderr" ] || return 0
	done
	false
}

@test "a store that has lost its tables, or its version, is set aside; another program's is not" {
	for loss in "PRAGMA user_version = 0" "DROP TABLE event" "ALTER TABLE breaker RENAME TO braker"; do
		make_calm
		sqlite3 "$STORE" "$loss"
		told "the store $STORE was damaged; set aside as .*, starting with a fresh one"
		healthy api
		make_calm
		sqlite3 "$STORE" "$loss; PRAGMA application_id = 5"
		told "api: cannot [a-z]* the store $STORE: it is another program's database; .*"
		assert_equal "$(find store -name '*corrupt*')" ""
	done
}

# --- rows that are whole, and make no sense ---

@test "a breaker whose id is none starts afresh" {
	for id in 0 -5 9223372036854775807; do
		make_calm
		sqlite3 "$STORE" "UPDATE breaker SET id = $id WHERE name = 'api'"
		survives api "the record of breaker api in the store $STORE is damaged; it starts afresh"
		healthy api
		assert_field api .totals.calls 2
		assert_field web .totals.calls 2
	done
}

@test "an event that is there before its time is replaced" {
	make_calm
	sqlite3 "$STORE" 'INSERT INTO event SELECT breaker, max(seq) + 1, record FROM event GROUP BY breaker'
	healthy api
	assert_field api .totals.calls 5
	assert_equal "$(cbrun history api --json | jq -r .exit | paste -sd ' ')" "0 0 0 0 7"
}
