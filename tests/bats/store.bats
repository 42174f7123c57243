# store.bats: where the store lives, and whom it trusts.
load helper

# assert_store PATH: there is a store, and it is the only one.
assert_store() {
	assert [ -s "$1" ]
	assert_equal "$(find "$DIR" -name '*.db' -size +0)" "$1"
}

# --- where ---

@test "--store says where, before all else" {
	ENVIRONMENT+=(STATE_DIRECTORY="$DIR/systemd" XDG_STATE_HOME="$DIR/xdg")
	expect 0 "" "" cbrun --store "$DIR/a/b/given.db" -n api true
	assert_store "$DIR/a/b/given.db"
}

@test "then CBRUN_STORE" {
	ENVIRONMENT+=(STATE_DIRECTORY="$DIR/systemd" XDG_STATE_HOME="$DIR/xdg")
	expect 0 "" "" cbrun -n api true
	assert_store "$STORE"
}

@test "then STATE_DIRECTORY, the first if there are several" {
	ENVIRONMENT+=(CBRUN_STORE= STATE_DIRECTORY="$DIR/one:$DIR/two" XDG_STATE_HOME="$DIR/xdg")
	expect 0 "" "" cbrun -n api true
	assert_store "$DIR/one/cbrun.db"
}

@test "then, for a user, XDG_STATE_HOME" {
	cp "$CBRUN" cbrun
	ENVIRONMENT+=(CBRUN_STORE= XDG_STATE_HOME="$DIR/xdg")
	expect 0 "" "" as_other ./cbrun -n api true
	assert_store "$DIR/xdg/cbrun/cbrun.db"
}

@test "then the home directory, also if XDG_STATE_HOME is relative" {
	cp "$CBRUN" cbrun
	ENVIRONMENT+=(CBRUN_STORE= XDG_STATE_HOME=relative)
	expect 0 "" "" as_other ./cbrun -n api true
	assert_store "$DIR/.local/state/cbrun/cbrun.db"
}

@test "without a home there is no store, and the command runs" {
	cp "$CBRUN" cbrun
	ENVIRONMENT+=(CBRUN_STORE= HOME=)
	unguarded "cannot find the store: HOME is not set; use --store" as_other ./cbrun
}

@test "a home that is relative would be another in each directory, and is none" {
	cp "$CBRUN" cbrun
	ENVIRONMENT+=(CBRUN_STORE= HOME=relative)
	unguarded "cannot find the store: HOME is not an absolute path; use --store" as_other ./cbrun
	ENVIRONMENT+=(STATE_DIRECTORY=relative HOME="$DIR")
	expect 0 "" "" as_other ./cbrun -n api true
	assert_store "$DIR/.local/state/cbrun/cbrun.db"
	assert [ ! -e relative ]
}

@test "a store's path may hold any characters" {
	path="$DIR/"$'sp ace?x=1&mode=ro#f%41\e/db ?.db'
	expect 0 "" "" cbrun --store "$path" -n api true
	assert [ -s "$path" ]
	expect 0 '~.*"calls":1.*' "" cbrun status --store "$path" --json
}

# --- modes ---

@test "the directory has mode 0700 and the files 0600, whatever the umask" {
	umask 0
	cbrun -n api true
	assert_equal "$(stat -c %a "$DIR/store")" 700
	assert_equal "$(stat -c %a "$DIR"/store/* | sort -u)" 600
}

@test "every directory that is made on the way has mode 0700" {
	umask 022
	cbrun --store "$DIR/a/b/s.db" -n api true
	assert_equal "$(stat -c %a "$DIR/a" "$DIR/a/b" | sort -u)" 700
}

@test "a directory that is there keeps its mode" {
	mkdir -m 755 store
	expect 0 "" "" cbrun -n api true
	assert_equal "$(stat -c %a store)" 755
}

# --- trust ---

@test "as root a directory that others can write is refused" {
	root_only
	for mode in 777 770; do
		rm -rf store
		mkdir -m $mode store
		unguarded "refusing the store: $DIR/store can be written by others than root .*" cbrun
		rejected "refusing the store: $DIR/store can be written by others than root .*" cbrun
		assert_equal "$(ls -A store)" ""
	done
}

@test "as root a directory of another user is refused" {
	root_only
	mkdir store
	chown 65534 store
	unguarded "refusing the store: $DIR/store belongs to uid 65534, not to root; .*" cbrun
	assert_equal "$(ls -A store)" ""
}

@test "as root a file of another user, or one that others can write, is refused" {
	root_only
	for file in "$STORE" "$STORE-wal" "$STORE.permits"; do
		cbrun -n api true
		chown 65534 "$file"
		unguarded "refusing the store: $file belongs to uid 65534, not to root; .*" cbrun
		expect 125 "" "~cbrun: refusing the store: $file belongs .*" cbrun status
		chown 0 "$file"
		chmod 666 "$file"
		unguarded "refusing the store: $file can be written by others than root .*" cbrun
		chmod 600 "$file"
	done
}

# refused_for WHAT: root does not use the store above/between/store/cbrun.db, and makes nothing.
refused_for() {
	ENVIRONMENT+=(CBRUN_STORE="$DIR/above/between/store/cbrun.db")
	unguarded "refusing the store: $1" cbrun
	rejected "refusing the store: $1" cbrun
	assert_equal "$(find above -mindepth 3)" "" # nothing was made
}

@test "as root a directory above the store that another user owns, or can write, is refused" {
	root_only
	for made in above/between above/between/store; do # the one that the store makes, too
		mkdir -p $made
		chmod 755 above
		chown 65534 above
		refused_for "$DIR/above belongs to uid 65534, not to root; chown it or use --store"
		chown 0 above
		chmod 775 above
		refused_for "$DIR/above can be written by others than root \(mode 0775\); chmod go-w it or use --store"
		[ $made = above/between/store ] || assert [ ! -e above/between/store ]
	done
	chmod 1777 above
	chmod 700 above/between/store
	expect 0 "" "" cbrun -n api true
	expect 0 "~.*" "" cbrun doctor
	chmod 755 above
	chown 65534 above
	expect 125 "" "~cbrun: refusing the store: $DIR/above belongs to uid 65534, .*" cbrun status
	expect 1 "~.*BAD  refusing the store: $DIR/above belongs to uid 65534, .*" "" cbrun doctor
}

# told_whom STORE WORDS: root is told how the owner of that store looks at it.
told_whom() {
	ENVIRONMENT+=(CBRUN_STORE="$1/cbrun.db")
	local why="refusing the store: $1 belongs to uid 65534, not to root; its owner may look: $2"
	expect 125 "" "cbrun: $why" cbrun status
	expect 125 "" "cbrun: $why" cbrun history api
	expect 125 "" "cbrun: $why" cbrun reset api
	expect 1 "~.*BAD  $why" "" cbrun doctor
}

@test "root who looks at a user's store is told how its owner looks, and the store is left as it is" {
	root_only
	cp "$CBRUN" program
	as_other ./program -n api true
	chown 0 "$DIR" "$CONFIG" # so that nothing but the store is theirs
	before=$(fingerprint store)
	told_whom "$DIR/store" "sudo -u nobody cbrun --store $STORE status"
	mkdir -p .local/state
	mv store .local/state/cbrun
	told_whom "$DIR/.local/state/cbrun" "sudo -u nobody cbrun status" # which looks there by itself
	mv .local/state/cbrun store
	assert_equal "$(fingerprint store)" "$before"
	ENVIRONMENT+=(CBRUN_STORE="$STORE")
	unguarded "refusing the store: $DIR/store belongs to uid 65534, not to root; chown it or use --store" cbrun
	chown -R 12345 store
	expect 125 "" "~.*; its owner may look: sudo -u '#12345' cbrun --store $STORE status" cbrun status
}

@test "as root a link to the store that another user can turn elsewhere is refused" {
	root_only
	mkdir -m 700 real
	mkdir theirs
	ln -s ../real theirs/link
	chown 65534 theirs
	unguarded "refusing the store: $DIR/theirs belongs to uid 65534, not to root; .*" cbrun --store theirs/link/cbrun.db
	chown 0 theirs
	chown -h 65534 theirs/link
	unguarded "refusing the store: $DIR/theirs/link belongs to uid 65534, not to root; .*" cbrun --store theirs/link/cbrun.db
	chown -h 0 theirs/link
	ln -s theirs/link/../real/. way
	expect 0 "" "" cbrun --store way/cbrun.db -n api true
	ln -s loop loop
	unguarded ".*Too many levels of symbolic links" cbrun --store loop/cbrun.db
}

@test "as root a journal of another user is refused" {
	root_only
	cbrun -n api true
	echo planted >"$STORE-journal"
	chown 65534 "$STORE-journal"
	unguarded "refusing the store: $STORE-journal belongs to uid 65534, not to root; .*" cbrun
}

@test "a program with more rights than its caller does not obey the caller's environment" {
	root_only
	no_sanitizer "which cannot look for leaks in such a program"
	cp "$CBRUN" program
	chmod a+x "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test" "$BATS_TEST_TMPDIR" "$DIR"
	ENVIRONMENT+=(CBRUN_FAILURES=2 CBRUN_LOG="$DIR/log")
	unguarded "cannot find the store: HOME is not set; use --store" private setpriv --euid 65534 ./program
	expect 0 "5 default" "" sh -c '"$@" | jq -r ".settings.failures | .value + \" \" + .from"' sh \
		env "${ENVIRONMENT[@]}" setpriv --ruid 65534 ./program config api --json --store "$STORE"
	expect 1 "" "" private setpriv --ruid 65534 ./program -n api -f 1 --store "$STORE" false
	assert_state api open
	assert [ ! -e log ]
}

@test "a link in place of the store is not followed" {
	opened api
	mkdir links
	ln -s "$STORE" links/s.db
	before=$(fingerprint store)
	unguarded "refusing the store $DIR/links/s.db: it is a symbolic link; name the file itself" cbrun --store links/s.db
	expect 125 "" "cbrun: refusing the store $DIR/links/s.db: it is a symbolic link; name the file itself" \
		cbrun status --store links/s.db
	assert_equal "$(fingerprint store)" "$before"
}

@test "a link in place of the permits is not followed" {
	cbrun -n api true
	rm "$STORE.permits"
	ln -s "$DIR/precious" "$STORE.permits"
	unguarded "cannot open the permits file $STORE.permits: Too many levels of symbolic links" cbrun
	assert [ ! -e precious ]
}

@test "a link in place of a log is not followed" {
	for end in wal shm; do
		rm -rf store
		cbrun -n api true
		cp "$STORE" copy
		echo keep >precious
		rm -f "$STORE-wal" "$STORE-shm"
		ln -s "$DIR/precious" "$STORE-$end"
		expect 0 "ran" "~(cbrun: api: .*)?" cbrun -n api -- echo ran
		assert_equal "$(cat precious)" keep
	done
}

@test "a link to the store's directory is fine" {
	mkdir -m 700 real
	ln -s real store
	expect 0 "" "" cbrun -n api true
	assert [ -s real/cbrun.db ]
}
