# overdue.bats: `overdue`: which breakers were not called, or have not succeeded, in time.
load helper

# daily NAME N COMMAND...: N calls, a day apart; the last one is now.
daily() {
	local name=$1 times=$2 i
	shift 2
	for ((i = 0; i < times; i++)); do
		((i == 0)) || advance 24h
		cbrun -q -n "$name" -f 0 "$@" || :
	done
}

# expecting NAME DUR: its own section says so.
expecting() {
	printf '[breaker %s]\nexpect = %s\n' "$1" "$2" >>"$CONFIG"
}

# verdict NAME FILTER: of its object.
verdict() {
	run private "$CBRUN" overdue --json "$1"
	jq -rc ".breakers[] | $2" <<<"$output"
}

# seconds_between TIME TIME: to the nearest.
seconds_between() {
	echo $((($(date -d "$2" +%s%3N) - $(date -d "$1" +%s%3N) + 500) / 1000))
}

AT='(Mon|Tue|Wed|Thu|Fri|Sat|Sun) [0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}'

@test "a breaker that was not called within its learned interval and margin is overdue" {
	daily mirror 7 true
	expect 0 "" "" cbrun overdue
	advance 29h
	expect 0 "" "" cbrun overdue
	advance 20h
	expect 1 "~mirror: last called $AT, 49h ago; expected every 24h \(within 30h\)" "" cbrun overdue
	expect 1 "~mirror: last called .*" "" cbrun overdue mirror
	expect 1 "~mirror: last called .*" "" cbrun overdue 'm*'
	expect 1 "~mirror: last called .*" "" cbrun overdue --all
	cbrun -n mirror true
	expect 0 "" "" cbrun overdue
}

@test "the time of the last call is told by the wall clock as it is now" {
	daily mirror 7 true
	step_wall 2d
	advance 49h
	assert_equal "$(seconds_between "$(cbrun history mirror --json | jq -r .at | tail -n 1)" "$(verdict mirror .last_called_at)")" 172800
	expect 1 "~mirror: last called $(TZ=UTC date -d "$(verdict mirror .last_called_at)" '+%a %Y-%m-%d %H:%M'), 49h ago; .*" \
		"" cbrun overdue
}

@test "a job with holes has learned them" {
	local day
	for day in 1 2 3 4 5; do
		for _ in 1 2 3 4 5; do
			cbrun -n office true
			advance 1h
		done
		advance 19h
	done
	advance 1h
	expect 0 "" "" cbrun overdue
	advance 5h
	expect 1 "~office: last called .*, 26h ago; expected every [0-9]+h \(within 25h\)" "" cbrun overdue
}

@test "a breaker with few calls is too little known, which -v says" {
	daily api 3 true
	advance 30d
	expect 0 "" "" cbrun overdue
	expect 0 "" "cbrun: api: 3 calls known, too few to tell" cbrun overdue -v
	daily one 1 true
	expect 0 "" "cbrun: one: 1 call known, too few to tell" cbrun overdue -v one
	assert_equal "$(verdict api '[.overdue, .why, .expected_seconds, .expected_by, .enough]')" '[false,null,null,null,false]'
}

@test "expect in its section says how often it must be called" {
	expecting backup 26h
	cbrun -n backup true
	advance 25h
	expect 0 "" "" cbrun overdue
	advance 2h
	expect 1 "~backup: last called $AT, 27h ago; expected within 26h" "" cbrun overdue
	assert_equal "$(verdict backup '[.overdue, .why, .expected_seconds, .expected_by, .enough]')" \
		'[true,"not called",93600,"config",true]'
}

@test "expect may stand in a glob's section, in [default] and on the command line" {
	printf '[default]\nexpect = 1d\n[breaker slow-*]\nexpect = 7d\n[breaker any]\nexpect = 0\n' >"$CONFIG"
	for name in any slow-x x; do
		cbrun -n $name true
	done
	advance 2d
	expect 1 "~x: last called .*, 48h ago; expected within 24h" "" cbrun overdue
	expect 1 "~any: .* within 1h.*
slow-x: .*
x: .*" "" cbrun overdue --expect 1h
	expect 0 "" "" cbrun overdue --expect 3d
}

@test "a breaker that was called but did not succeed in time is overdue" {
	daily backup 6 true
	advance 24h
	daily backup 3 false
	advance 2h
	expect 1 "backup: called 2h ago, but has not succeeded for 3d (exit 1)" "" cbrun overdue
	assert_equal "$(verdict backup '[.overdue, .why, .expected_by]')" '[true,"not succeeded","learned"]'
	cbrun -n backup true
	expect 0 "" "" cbrun overdue
}

@test "a breaker that has never succeeded is overdue once its time is over" {
	expecting backup 26h
	daily backup 2 sh -c 'exit 3'
	expect 0 "" "" cbrun overdue
	advance 24h
	daily backup 1 sh -c 'exit 3'
	expect 1 "~backup: called [0-9]+s ago, but has never succeeded in 48h \(exit 3\)" "" cbrun overdue
}

@test "calls that say nothing of the service are no success" {
	expecting backup 26h
	cbrun -n backup true
	for _ in 1 2; do
		advance 24h
		expect 127 "" "~cbrun: backup: .*" cbrun -n backup /nonexistent
	done
	expect 1 "~backup: called [0-9]+s ago, but has not succeeded for 48h \(ignored, exit 127\)" "" cbrun overdue
}

@test "rejected calls are calls, but no successes; a held breaker says who holds it" {
	expecting mirror 26h
	cbrun -n mirror true
	cbrun trip mirror --hold --reason 'new disk'
	for _ in 1 2 3; do
		advance 24h
		cbrun -q -n mirror true || :
	done
	advance 2h
	expect 1 "~mirror: called 2h ago, but has not succeeded for 3d \(held by [^ ]+ for 3d: new disk\)" "" cbrun overdue
	advance 2d
	expect 1 "~mirror: last called $AT, 5[0-9]h ago; expected within 26h \(held by [^ ]+ for 5d: new disk\)" "" cbrun overdue
	assert_equal "$(verdict mirror .mode)" held
}

@test "a disabled breaker is not overdue, which -v says" {
	expecting mirror 26h
	cbrun -n mirror true
	cbrun disable mirror --reason moving
	advance 3d
	expect 0 "" "" cbrun overdue
	expect 0 "" "~cbrun: mirror: disabled by [^ ]+ for 3d: moving, so nothing is expected" cbrun overdue -v
	cbrun enable mirror
	expect 1 "~mirror: last called .*, 3d ago; .*" "" cbrun overdue
}

@test "a breaker that its own section expects, but nobody has ever called, is overdue" {
	expecting backup 26h
	expecting 'mirror-*' 26h
	printf '[breaker api]\ntimeout = 3s\n' >>"$CONFIG"
	expect 1 "backup: never called; expected within 26h" "" cbrun overdue
	expect 1 "backup: never called; expected within 26h" "" cbrun overdue 'back*'
	assert [ ! -e "$STORE" ]
	cbrun -n web true
	expect 1 "backup: never called; expected within 26h" "" cbrun overdue
	assert_equal "$(verdict backup '[.why, .last_called_at, .last_success_at]')" '["not called",null,null]'
	cbrun -n backup true
	expect 0 "" "" cbrun overdue
}

@test "a hung call shows" {
	expecting job 1h
	cbrun -n job true
	close_gate
	start call "$CBRUN" -n job -- flock -w 300 -s gate true
	eventually in_flight job 1
	advance 3h
	expect 1 "~job: last called .*, 3h ago; expected within 1h; 1 running" "" cbrun overdue
	open_gate
	finish "$PID" 0
}

@test "--json lists all that were asked for, with times" {
	daily mirror 7 true
	cbrun -n api true
	advance 49h
	run private "$CBRUN" overdue --json
	assert_equal "$status" 1
	assert_equal "$(jq -c '[.schema, (.breakers[] | [.name, .overdue])]' <<<"$output")" '[1,["api",false],["mirror",true]]'
	assert_equal "$(jq -c '.breakers[1] | keys' <<<"$output")" \
		'["enough","expected_by","expected_seconds","in_flight","last_called_at","last_success_at","mode","name","overdue","why"]'
	assert_equal "$(jq -c '.breakers[1] | [.expected_seconds >= 108060, .expected_seconds < 108180, .expected_by, .mode]' <<<"$output")" \
		'[true,true,"learned","normal"]'
	assert_equal "$(seconds_between "$(cbrun history mirror --json | jq -r .at | tail -n 1)" \
		"$(jq -r '.breakers[1].last_called_at' <<<"$output")")" 0
	expect 0 '~\{"schema":1,"breakers":\[\{"name":"api",.*\}\]\}' "" cbrun overdue --json api
}

@test "without a store there is nothing overdue, and none is made" {
	expect 0 "" "" cbrun overdue
	expect 0 "" "" cbrun overdue --all
	expect 0 '{"schema":1,"breakers":[]}' "" cbrun overdue --json
	expect 1 "" "cbrun: no breaker named 'api'" cbrun overdue api
	assert [ ! -e "$STORE" ]
}

@test "overdue changes nothing" {
	local before
	daily mirror 7 true
	advance 49h
	before=$(fingerprint "$DIR/store")
	cbrun overdue -v >/dev/null || :
	cbrun overdue --json >/dev/null || :
	assert_equal "$(fingerprint "$DIR/store")" "$before"
}

@test "a name that no breaker has does not keep the others from being told" {
	expecting backup 26h
	cbrun -n backup true
	advance 27h
	expect 1 "~backup: last called .*" "cbrun: no breaker named 'gone'" cbrun overdue gone backup
	expect 125 "" "~cbrun: invalid name 'a b': .*" cbrun overdue 'a b'
	expect 125 "" "cbrun: --all and names exclude each other" cbrun overdue --all backup
}
