# schema.bats: a store of each released schema is read and carried on by this build.
load helper

# of_schema N: a store as that schema's release left it.
of_schema() {
	rm -rf store
	mkdir -m 700 store
	sqlite3 "$STORE" <"$BATS_TEST_DIRNAME/../fixtures/store-v$1.sql" >/dev/null
	chmod 600 "$STORE"
}

# What was in it, without what goes by the clock.
contents() {
	cbrun status --json | jq -c '.breakers[] | [.name, .state, .mode, .reason, .consecutive_failures, .trial_successes,
		.reopenings, .last_exit, (.totals | .calls, .successes, .failures, .timeouts, .slow, .ignored, .rejected, .transitions)]'
}

CONTENTS='["calls","closed","normal",null,2,0,0,124,4,1,2,1,0,1,0,0]
["grown","half-open","normal","open period of 2s is over",1,1,1,0,3,1,2,0,0,0,0,4]
["held","open","held","held by root: moves house",0,0,0,0,1,1,0,0,0,0,1,1]
["off","closed","disabled","disabled by root: upgrade",0,0,0,0,1,1,0,0,0,0,0,1]
["plain","closed","normal",null,0,0,0,0,1,1,0,0,0,0,0,0]
["time","closed","normal",null,1,0,0,1,4,3,1,0,3,0,0,0]'

@test "a store of schema 1 is read, and reading changes nothing" {
	of_schema 1
	before=$(sha256sum "$STORE")
	expect 0 "$CONTENTS" "" contents
	assert_equal "$(cbrun history grown --json | jq -r '.to // .outcome' | paste -sd ' ')" \
		"failure open half-open failure open half-open success"
	assert_equal "$(cbrun history grown --json | jq -r .at | head -n 1 | cut -c1-11)" 2026-11-21T
	assert_equal "$(sha256sum "$STORE")" "$before"
	expect 0 "~.*ok   schema 1, write-ahead log
ok   integrity: ok.*" "" cbrun doctor
}

@test "a store of schema 1 is carried on: each breaker decides by what it had seen" {
	of_schema 1
	repeat 2 cbrun -q -n calls false
	assert_state calls closed
	repeat 1 cbrun -q -n calls false
	assert_field calls '[.state, .reason, .totals.calls]' '["open","5 consecutive failures",7]'
	expect 75 "" "cbrun: held: open (held by root: moves house), until reset" cbrun -n held -- echo ran
	expect 0 "ran" "" cbrun -n off -- echo ran
	expect 0 "" "" cbrun enable off
	cbrun -n grown --successes 2 true
	assert_field grown '[.state, .totals.calls, .totals.transitions]' '["closed",4,5]'
	assert_equal "$(sqlite3 "$STORE" 'PRAGMA integrity_check')" ok
	expect 0 "" "" cbrun remove plain
}

@test "every record of schema 1 is sound after it was written again" {
	of_schema 1
	for name in calls grown off plain time; do
		cbrun -q -n "$name" true
	done
	expect 0 "~.*" "" cbrun status
	assert_equal "$(cbrun status --json | jq -c '[.breakers[].totals.calls] | add')" 19
}
