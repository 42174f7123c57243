# foreign.bats: a file that was never cbrun's is neither moved nor removed nor written to, whatever --store names.
load helper

# keeps_all WHY: no form of the command line harms what lies in the directory, and the command runs.
keeps_all() {
	local before form
	before=$(fingerprint theirs)
	unguarded "$1" cbrun --store theirs/file
	rejected "$1" cbrun --store theirs/file
	for form in 'trip api --for 1h' 'disable api' 'reset api' 'remove api' 'record api 0' status 'history api' 'check api'; do
		# shellcheck disable=SC2086 # words
		expect 125 "" "~cbrun: $1" cbrun $form --store theirs/file
	done
	expect 1 "~.*BAD  $1.*" "" cbrun doctor --store theirs/file
	assert_equal "$(fingerprint theirs)" "$before"
}

NOT_OURS="refusing the store $BATS_TEST_TMPDIR/private/theirs/file: the file is not cbrun's, and is left as it is; name another with --store"

setup() {
	make_private
	mkdir -m 700 theirs
}

# --- in place of the database ---

@test "a text file is refused, and stays, alone" {
	echo "a line of text" >theirs/file
	chmod 600 theirs/file
	keeps_all "$NOT_OURS"
}

@test "a long file of any bytes is refused, and stays, alone" {
	head -c 100000 /dev/urandom >theirs/file
	chmod 600 theirs/file
	keeps_all "$NOT_OURS"
}

@test "another program's database gets no permits beside it" {
	sqlite3 theirs/file "CREATE TABLE theirs(x); INSERT INTO theirs VALUES(1); PRAGMA user_version = 2"
	chmod 600 theirs/file
	keeps_all "cannot use the store $DIR/theirs/file: it is another program's database"
}

@test "another program's database that is damaged is not set aside" {
	sqlite3 theirs/file "PRAGMA application_id = 5; CREATE TABLE theirs(x); INSERT INTO theirs VALUES(1)"
	truncate -s 5000 theirs/file
	chmod 600 theirs/file
	keeps_all "cannot use the store $DIR/theirs/file: it is another program's database"
	: >theirs/file.permits
	chmod 600 theirs/file.permits
	unguarded "cannot [a-z]+ the store $DIR/theirs/file: .*" cbrun --store theirs/file
	assert_equal "$(cd theirs && echo *)" "file file.permits"
}

@test "a text file beside something that is called as permits would be, is refused" {
	echo text >theirs/file
	echo "somebody else's" >theirs/file.permits
	chmod 600 theirs/*
	unguarded "$NOT_OURS" cbrun --store theirs/file
	assert_equal "$(cd theirs && echo *)" "file file.permits"
	assert_equal "$(cat theirs/*)" "text
somebody else's"
}

@test "a store whose permits are gone is ours by its header" {
	cbrun -n api true
	rm "$STORE.permits"
	expect 0 "" "" cbrun -n api true
	assert_field api .totals.calls 2
}

@test "a damaged store beside its permits is ours, and is set aside" {
	cbrun -n api true
	rm "$STORE-wal" "$STORE-shm"
	echo noise >"$STORE"
	expect 0 "" "~cbrun: the store $STORE was damaged; set aside as .*" cbrun -n api true
	assert_field api .totals.calls 1
}

# --- beside it ---

@test "what is called as a store in the making stays, and the store is made all the same" {
	for end in .new .new-wal .new-shm .new-journal; do
		echo "a line of text" >"theirs/file$end"
	done
	chmod 600 theirs/*
	before=$(sha256sum theirs/*)
	expect 7 "ran" "" cbrun --store theirs/file -n api -- sh -c 'echo ran; exit 7'
	assert_equal "$(sha256sum theirs/file.new*)" "$before"
	assert_equal "$(cd theirs && echo *)" "file file-shm file-wal file.new file.new-journal file.new-shm file.new-wal file.permits"
	expect 0 '~.*"calls":1.*' "" cbrun status --json --store theirs/file
}

@test "what a killed process left of a store in the making is cleared" {
	cbrun -n api true
	mkdir -m 700 killed
	sqlite3 "$STORE" 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
	cp "$STORE" killed/cbrun.db.new
	: >killed/cbrun.db.new-wal
	{ head -c 22 /dev/zero; printf '\2\0\0\0\4\0'; } >killed/cbrun.db.new-journal # that was not flushed yet
	expect 0 "" "" cbrun --store killed/cbrun.db -n api true
	assert_equal "$(cd killed && echo *)" "cbrun.db cbrun.db-shm cbrun.db-wal cbrun.db.permits"
}

@test "what is called as the log, its index or the journal of a store that is not there stays" {
	for end in -wal -shm -journal; do
		rm -f theirs/*
		echo "a line of text" >"theirs/file$end"
		chmod 600 theirs/*
		expect 7 "ran" "~cbrun: api: cannot make the store $DIR/theirs/file: $DIR/theirs/file$end is in the way, and is not cbrun's; .*" \
			cbrun --store theirs/file -n api -- sh -c 'echo ran; exit 7'
		assert_equal "$(cat "theirs/file$end")" "a line of text"
	done
}

# --- mounted by itself ---

# mounted COMMAND...: runs it where the store's file is also theirs/my file, and nothing else of the store.
mounted() {
	private unshare --mount sh -c 'mount --bind "$1" "$2" && shift 2 && exec "$@"' sh "$STORE" "theirs/my file" "$@"
}

@test "a database that is mounted without its directory is refused, and gets no permits beside it" {
	[ "$EUID" -eq 0 ] && unshare --mount true 2>/dev/null || skip "needs root and a mount namespace"
	opened api
	: >"theirs/my file"
	alone="refusing the store $DIR/theirs/my file: only the file is mounted there, without its log and its permits; mount its directory"
	for kernel in new old; do
		[ $kernel = new ] || ENVIRONMENT+=(FAKE_OLD_STATX=1)
		unguarded "$alone" mounted "$CBRUN" --store "theirs/my file"
		rejected "$alone" mounted "$CBRUN" --store "theirs/my file"
		expect 125 "" "cbrun: $alone" mounted "$CBRUN" reset api --store "theirs/my file"
		expect 125 "" "cbrun: $alone" mounted "$CBRUN" status --store "theirs/my file"
		expect 1 "~.*BAD  $alone.*" "" mounted "$CBRUN" doctor --store "theirs/my file"
		assert_equal "$(ls theirs)" "my file"
		expect 75 "" "~cbrun: api: open .*" cbrun -n api touch ran
	done
}

@test "a database in a directory that is mounted is used" {
	[ "$EUID" -eq 0 ] && unshare --mount true 2>/dev/null || skip "needs root and a mount namespace"
	opened api
	expect 75 "" "~cbrun: api: open .*" private unshare --mount sh -c 'mount --bind "$1" theirs && shift && exec "$@"' sh \
		"$DIR/store" "$CBRUN" --store theirs/cbrun.db -n api touch ran
}
