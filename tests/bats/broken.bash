# broken.bash: what the tests of broken stores share, beside helper.bash.

# A program that hangs fails the test.
bounded() {
	private timeout -k 1 120 "$CBRUN" "$@"
}

# survives NAME [WHY]: the command runs, and what is said is at most one line, of that form.
survives() {
	expect 7 "ran" "~(cbrun: ${2:-[^ ].*$DIR/store.*})?" bounded -n "$1" -f 0 --min-calls 90 -- sh -c 'echo ran; exit 7'
	assert [ "${#stderr_lines[@]}" -le 1 ]
}

# healthy NAME: it runs as if nothing had been.
healthy() {
	expect 7 "ran" "" bounded -n "$1" -f 0 --min-calls 90 -- sh -c 'echo ran; exit 7'
	expect 0 "~.*\"name\":\"$1\".*" "" bounded status "$1" --json
	[ -d "$STORE" ] || assert sound_at_last "$1"
}

# sound_at_last NAME: the table of events is looked at when some are moved there, which takes some calls.
sound_at_last() {
	local call
	for ((call = 0; call < 60; call++)); do
		[ "$(sqlite3 "$STORE" 'PRAGMA integrity_check' 2>&1)" != ok ] || return 0
		survives "$1"
	done
	false
}

# make_busy: a store whose last outcomes are in the log alone.
make_busy() {
	rm -rf store
	repeat 4 cbrun -n api true
	repeat 2 cbrun -n web true
}

# make_calm: all of it is in the one file.
make_calm() {
	make_busy
	sqlite3 "$STORE" 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
	rm -f "$STORE-wal" "$STORE-shm"
}

noise() {
	head -c "$(stat -c %s "$1")" /dev/urandom | dd of="$1" conv=notrunc status=none
}

half() {
	truncate -s $(($(stat -c %s "$1") / 2)) "$1"
}

# during FAULT...: a call runs while it happens, and others begin and end.
during() {
	close_gate
	start call timeout -k 1 120 "$CBRUN" -n api -- sh -c 'flock -w 300 -s gate true; exit 3'
	eventually in_flight api 1
	"$@"
	survives api
	survives web
	open_gate
	finish "$PID" 3
	assert [ "$(wc -l <call.err)" -le 1 ]
	healthy api
	healthy web
}

# alone FAULT...: nobody else comes while it happens.
alone() {
	close_gate
	start call timeout -k 1 120 "$CBRUN" -n api -- sh -c 'flock -w 300 -s gate true; exit 3'
	eventually in_flight api 1
	"$@"
	open_gate
	finish "$PID" 3
	assert [ "$(wc -l <call.err)" -le 1 ]
	survives api # what it had read before was enough for it; who comes next sees what has happened
	healthy api
}

# in_each_way FAULT...: between two calls, while one runs, and while one runs alone.
in_each_way() {
	make_busy
	"$@"
	survives api
	healthy api
	make_busy
	during "$@"
	make_busy
	alone "$@"
}
