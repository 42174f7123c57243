# group.bats: a store that a group shares: a directory of mode 2770, and callers with umask 007.
load helper

GROUP=4242

setup() {
	make_private
	root_only
	umask 007
	chmod a+x "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test" "$BATS_TEST_TMPDIR"
	chmod 755 "$DIR"
	chmod 644 "$CONFIG" "$CLOCK"
	cp "$CBRUN" program
	chmod 755 program
	mkdir store
	chgrp $GROUP store
	chmod 2770 store
}

# as UID COMMAND...: as a member of the group.
as() {
	private setpriv --reuid "$1" --regid "$1" --groups $GROUP "${@:2}"
}

# outsider COMMAND...: as somebody else.
outsider() {
	private setpriv --reuid 5003 --regid 5003 --clear-groups "$@"
}

# member_field UID NAME FILTER
member_field() {
	as "$1" ./program status "$2" --json | jq -rc ".breakers[0] | $3"
}

member_in_flight() {
	[ "$(member_field 5002 api .in_flight)" = "$1" ]
}

@test "two users of the group call, and both see what both did" {
	expect 0 "" "" as 5001 ./program -n api true
	expect 0 "" "" as 5002 ./program -n api true
	expect 3 "" "" as 5001 ./program -n api -- sh -c 'exit 3'
	for user in 5001 5002; do
		assert_equal "$(member_field $user api '.totals | [.calls, .failures]')" '[3,1]'
	done
	assert_equal "$(as 5002 ./program history api --json | jq -r .exit | paste -sd ' ')" "0 0 3"
}

@test "its files have mode 0660 and the group, whoever makes them" {
	as 5001 ./program -n api true
	as 5002 ./program -n api true
	assert_equal "$(stat -c '%a %g' store/cbrun.db* | sort -u)" "660 $GROUP"
	assert_equal "$(find store -type f | wc -l)" 4
}

@test "one opens it, the other is rejected, and may reset it" {
	as 5001 ./program -n api -f 1 -o 1h false || :
	expect 75 "" "~cbrun: api: open \(1 consecutive failure\), .*" as 5002 ./program -n api -- echo ran
	expect 0 "" "" as 5002 ./program reset api
	expect 0 "ran" "" as 5001 ./program -n api -- echo ran
}

@test "permits are counted across users, and one who dies gives back" {
	close_gate
	chmod 666 gate
	start call setpriv --reuid 5001 --regid 5001 --groups $GROUP ./program -n api -c 1 -- flock -w 300 -s gate true
	eventually member_in_flight 1
	expect 75 "" "~cbrun: api: not started: 1 of at most 1 is running( \(pid [0-9]+, for [0-9ms]+\))?" as 5002 ./program -n api -c 1 -- echo ran
	kill -KILL "$PID"
	finish "$PID" 137
	expect 0 "ran" "" as 5002 ./program -n api -c 1 -- echo ran
}

@test "a log and an index that either user made are used by the other" {
	for users in "5001 5002" "5002 5001"; do
		read -r one other <<<"$users"
		rm -f store/*
		as "$one" ./program -n api true
		rm store/cbrun.db-shm
		as "$one" ./program -n api true
		expect 0 "" "" as "$other" ./program -n api true
		as "$one" sqlite3 store/cbrun.db 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
		rm -f store/cbrun.db-wal store/cbrun.db-shm store/cbrun.db.permits
		expect 0 "" "" as "$other" ./program -n api true
		assert_equal "$(stat -c '%a %g' store/cbrun.db* | sort -u)" "660 $GROUP"
		expect 0 "" "" as "$one" ./program -n api true
		assert_equal "$(member_field "$one" api .totals.calls)" 5
	done
}

@test "a damaged store is set aside by the user who did not make it" {
	as 5001 ./program -n api true
	rm store/cbrun.db-wal store/cbrun.db-shm
	head -c 20480 /dev/urandom >store/cbrun.db
	expect 0 "ran" "~cbrun: the store .* was damaged; set aside as .*" as 5002 ./program -n api -- echo ran
	expect 0 "ran" "" as 5001 ./program -n api -- echo ran
	assert_equal "$(member_field 5001 api .totals.calls)" 2
}

@test "kept output of one is served to the other" {
	expect 0 "kept" "" as 5001 ./program -n api --stale-ok 1h -- echo kept
	as 5001 ./program trip api --for 1h
	expect 0 "kept" "~cbrun: api: .*" as 5002 ./program -n api --stale-ok 1h -- echo fresh
	as 5001 ./program reset api
	expect 0 "newer" "" as 5002 ./program -n api --stale-ok 1h -- echo newer
	assert_equal "$(stat -c '%a %g' store/cbrun.db.output-* | sort -u)" "660 $GROUP"
}

@test "somebody outside the group runs unguarded, and one line says so" {
	as 5001 ./program -n api -f 1 -o 1h false || :
	before=$(fingerprint store)
	unguarded "cannot .* $DIR/store.*: Permission denied" outsider ./program
	rejected "cannot .* $DIR/store.*: Permission denied" outsider ./program
	expect 125 "" "~cbrun: cannot .* $DIR/store.*: Permission denied" outsider ./program status
	assert_equal "$(fingerprint store)" "$before"
}

@test "a member's umask shuts nobody out" {
	for umask in 077 022 002; do
		rm -rf store/* && umask $umask
		expect 0 "kept" "" as 5001 ./program -n api --stale-ok 1h -- echo kept
		assert_equal "$(stat -c '%a %g' store/cbrun.db* | sort -u)" "660 $GROUP"
		expect 0 "newer" "" as 5002 ./program -n api --stale-ok 1h -- echo newer
		assert_equal "$(stat -c '%a %g' store/cbrun.db* | sort -u)" "660 $GROUP"
		assert_equal "$(member_field 5001 api .totals.calls)" 2
		expect 0 "~.*" "" as 5002 ./program doctor
	done
}

@test "files that the group cannot write are found by doctor, and the other runs unguarded" {
	as 5001 ./program -n api true
	chmod g-w "$STORE" "$STORE.permits"
	unguarded "cannot open the permits file $STORE.permits: Permission denied" as 5002 ./program
	for user in 5001 5002; do
		run --separate-stderr as $user ./program doctor
		assert_equal "$status $stderr" "1 "
		assert_equal "$(grep ^BAD <<<"$output")" "BAD  $STORE has mode 0640, and a group shares the store; chmod g+rw it
BAD  $STORE.permits has mode 0640, and a group shares the store; chmod g+rw it"
	done
	as 5001 chmod g+rw "$STORE" "$STORE.permits"
	expect 0 "" "" as 5002 ./program -n api true
	expect 0 "~.*" "" as 5002 ./program doctor
}

@test "root does not trust a store that a group can write" {
	as 5001 ./program -n api true
	unguarded "refusing the store: $DIR/store can be written by others than root \(mode 2770\); .*" private ./program
}
