# needs.bats: breakers that depend on others.
load helper

# The network is down, for an hour, and `net` has learned it.
net_is_open() {
	opened net
}

@test "while a breaker that it needs is open, a call is rejected for that reason" {
	net_is_open
	expect 75 "" "~cbrun: job: closed \\(needs net, which is open\\), retry in $HOUR" cbrun -n job --needs net -- echo ran
	assert_field job '[.state, .totals.calls, .totals.rejected, .consecutive_failures]' '["closed",0,1,0]'
	advance 1h
	expect 0 ran "" cbrun -n job --needs net -- echo ran
}

@test "of several that it needs, the first that is open is told" {
	cbrun -n a true
	opened b -o 10m
	opened c -o 20m
	expect 75 "" "~cbrun: job: closed \\(needs b, which is open\\), retry in (10m|9m[0-9]*s)" cbrun -n job --needs a,none,b,c true
}

@test "one that is held rejects, too; one that is half-open, in shadow, disabled or missing does not" {
	net_is_open
	cbrun trip --hold net
	expect 75 "" "cbrun: job: closed (needs net, which is open)" cbrun -n job --needs net true
	cbrun reset net
	opened net -o 1m
	advance 1m
	expect 0 "" "" cbrun -n job --needs net true
	cbrun -n dark -f 1 --shadow false || :
	assert_state dark open
	expect 0 "" "" cbrun -n job --needs dark,missing true
	cbrun disable net
	expect 0 "" "" cbrun -n job --needs net true
}

@test "an open breaker rejects for its own reason first" {
	net_is_open
	opened job -o 5m
	expect 75 "" "~cbrun: job: open \\(1 consecutive failure\\), retry in (5m|4m[0-9]*s)" cbrun -n job --needs net true
}

@test "a disabled breaker runs its calls whatever it needs" {
	net_is_open
	cbrun -n job true
	cbrun disable job
	expect 0 ran "" cbrun -n job --needs net echo ran
}

@test "one hop: what a needed breaker needs in turn does not matter" {
	net_is_open
	cbrun -n db --needs net true || :
	expect 0 "" "" cbrun -n job --needs db true
}

@test "a breaker does not need itself, so [default] may say it for all" {
	printf '[default]\nneeds = net\n' >"$CONFIG"
	net_is_open
	expect 75 "" "~cbrun: net: open \\(1 consecutive failure\\), retry in $HOUR" cbrun -n net true
	expect 75 "" "~cbrun: job: closed \\(needs net, which is open\\), retry in $HOUR" cbrun -n job true
	expect 75 "" "~cbrun: job: closed \\(needs net, which is open\\), retry in $HOUR" cbrun check job
	advance 1h
	expect 0 "" "" cbrun check job
}

@test "a call that fails while what it needs is open is ignored, and one that succeeds is not" {
	close_gate
	start failing "$CBRUN" -n job -f 1 --needs net -- sh -c 'flock -w 300 -s gate true; exit 3'
	failing=$PID
	start fine "$CBRUN" -n fine -f 1 --needs net -- flock -w 300 -s gate true
	fine=$PID
	eventually in_flight job 1
	eventually in_flight fine 1
	net_is_open
	open_gate
	finish "$failing" 3
	finish "$fine" 0
	assert_field job '[.state, .totals.ignored, .totals.failures]' '["closed",1,0]'
	assert_field fine '[.totals.ignored, .totals.successes]' '[0,1]'
}

@test "record ignores such a failure, too" {
	net_is_open
	expect 0 "" "" cbrun record --needs net job 1
	assert_field job '[.totals.ignored, .totals.failures]' '[1,0]'
}

@test "forty jobs behind one network: all are rejected for that reason, one mail is sent, and none of them opens" {
	printf '[default]\npreset = cron\nfailures = 1\n[breaker job-*]\nneeds = net\n' >"$CONFIG"
	close_gate
	for ((i = 1; i <= 20; i++)); do
		start "job-$i" "$CBRUN" -n "job-$i" -- sh -c 'flock -w 300 -s gate true; echo no route to host >&2; exit 7'
		pids[i]=$PID
	done
	for ((i = 1; i <= 20; i++)); do
		eventually in_flight "job-$i" 1
	done
	cbrun -n net -- sh -c 'echo network unreachable >&2; exit 1' >mail 2>&1 || :
	assert_state net open
	grep -q "network unreachable" mail
	open_gate
	for ((i = 1; i <= 20; i++)); do
		finish "${pids[i]}" 7
	done
	for ((i = 21; i <= 40; i++)); do
		expect 0 "" "" cbrun -n "job-$i" -- echo ran
	done
	run cat job-*.out job-*.err
	assert_output ""
	assert_equal "$(cbrun status --json | jq -c '[.breakers[] | select(.name != "net") | .state] | group_by(.) | map([.[0], length])')" \
		'[["closed",40]]'
	assert_equal "$(cbrun status --json | jq '[.breakers[] | select(.name != "net") | .totals.rejected] | add')" 20
}

@test "what is needed is read in the same transaction: no call more begins" {
	own_file "a server has no transaction over several breakers"
	no_coverage "it writes files of its own"
	command -v strace >/dev/null || skip "needs strace"
	cbrun -n net true
	count() {
		private strace -f -qq -e trace=fcntl -o trace "$CBRUN" -n job "$@" true
		grep -c 'F_OFD_SETLK\|F_SETLK,' trace
	}
	count >/dev/null
	assert_equal "$(count --needs net)" "$(count)"
}

@test "a list of names that is none is a usage error" {
	for list in , a, ,a a,,b -a 'a b' "$(printf 'x%.0s' {1..129})"; do
		expect 125 "" "~cbrun: invalid --needs '.*': expected breakers' names, separated by commas" cbrun -n job --needs="$list" true
	done
	expect 0 "" "" cbrun -n job --needs "$(printf 'x%.0s' {1..128}),a" true
}

# alter NAME RECORD: as SQL has it, of a breaker that SQLite keeps.
alter() {
	sqlite3 "$STORE" "UPDATE breaker SET record = $2 WHERE name = '$1'"
}

@test "of a breaker that cannot be read it cannot be told, and the call goes on as in a store that cannot be used" {
	own_file "it alters the file"
	printf '[breaker api]\nneeds = none,base\n' >"$CONFIG"
	opened base
	cbrun -n api true 2>/dev/null || :
	opened net
	sound=$(sqlite3 "$STORE" "SELECT hex(record) FROM breaker WHERE name = 'base'")
	newer="a newer cbrun wrote it in the store $STORE \(this is [^)]*\); upgrade cbrun or do without --needs"
	damaged="its record in the store $STORE is damaged; it starts afresh with its next call"
	while read -r why record; do
		alter base "$record"
		why="cannot tell whether base, which is needed, is open: ${!why}"
		unguarded "$why" cbrun
		rejected "$why" cbrun
		for form in 'check api' 'why api'; do
			# shellcheck disable=SC2086 # words
			expect 125 "" "~cbrun: $why" cbrun $form
		done
		# another one tells enough
		expect 75 "" "~cbrun: api: closed \\(needs net, which is open\\), .*" cbrun -n api --needs base,net echo ran
	done <<-END
		newer x'03${sound:2}'
		newer x'1F'
		damaged x'ff00ff'
	END
	assert_field api '[.state, .totals.calls, .totals.rejected]' '["closed",0,4]'
	alter base "x'03${sound:2}'"
	expect 0 "" "" cbrun record api failure # what has ended is not lost
	assert_field api .totals.failures 1
	alter base "x'ff00ff'"
	cbrun -n base true 2>/dev/null
	expect 0 "ran" "" cbrun -n api echo ran
}
