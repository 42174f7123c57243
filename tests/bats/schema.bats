# schema.bats: a store of each released schema is read and carried on by this build.
load helper

# of_schema N: a store as that schema's release left it.
of_schema() {
	rm -rf store
	mkdir -m 700 store
	sqlite3 "$STORE" <"$BATS_TEST_DIRNAME/../fixtures/store-v$1.sql" >/dev/null
	chmod 600 "$STORE"
}

unprivileged_contents() {
	unprivileged "$CBRUN" status --json | jq -c "$SUMMARY"
}

# What was in it, without what goes by the clock.
contents() {
	cbrun status --json | jq -c "$SUMMARY"
}

SUMMARY='.breakers[] | [.name, .state, .mode, .reason, .consecutive_failures, .trial_successes, .reopenings,
	.last_exit, (.totals | .calls, .successes, .failures, .timeouts, .slow, .ignored, .rejected, .transitions)]'

CONTENTS='["calls","closed","normal",null,2,0,0,124,4,1,2,1,0,1,0,0]
["grown","half-open","normal","open period of 2s is over",1,1,1,0,3,1,2,0,0,0,0,4]
["held","open","held","held by root: moves house",0,0,0,0,1,1,0,0,0,0,1,1]
["off","closed","disabled","disabled by root: upgrade",0,0,0,0,1,1,0,0,0,0,0,1]
["plain","closed","normal",null,0,0,0,0,1,1,0,0,0,0,0,0]
["time","closed","normal",null,1,0,0,1,4,3,1,0,3,0,0,0]'

LATEST=2

@test "a store of each schema is read, and reading changes nothing" {
	for ((schema = 1; schema <= LATEST; schema++)); do
		of_schema $schema
		before=$(sha256sum "$STORE")
		expect 0 "$CONTENTS" "" contents
		assert_equal "$(cbrun history grown --json | jq -r '.to // .outcome' | paste -sd ' ')" \
			"failure open half-open failure open half-open success"
		assert_equal "$(cbrun history grown --json | jq -r .at | head -n 1 | cut -c1-11)" 2026-11-21T
		plan=""
		[ $schema = $LATEST ] || plan=", which the next guarded run brings to $LATEST"
		expect 0 "~.*ok   schema $schema$plan, write-ahead log
ok   integrity: ok.*" "" cbrun doctor
		expect 75 "" "~cbrun: held: open .*" cbrun check held
		assert_equal "$(sha256sum "$STORE")" "$before"
	done
}

@test "a store of each schema is carried on: each breaker decides by what it had seen" {
	for ((schema = 1; schema <= LATEST; schema++)); do
		of_schema $schema
		carried_on
		assert_equal "$(sqlite3 "$STORE" 'PRAGMA user_version')" $LATEST
	done
}

carried_on() {
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

@test "every record of each schema is sound after it was written again" {
	for ((schema = 1; schema <= LATEST; schema++)); do
		of_schema $schema
		for name in calls grown off plain time; do
			cbrun -q -n "$name" true
		done
		expect 0 "~.*" "" cbrun status
		assert_equal "$(cbrun status --json | jq -c '[.breakers[].totals.calls] | add')" 19
		assert_equal "$(cbrun history grown --json | wc -l)" 8
	done
}

@test "an operator's act brings a store up to date, too, and so does a rejected call" {
	for act in "0 reset held" "0 trip plain" "75 -q -n held true"; do
		of_schema 1
		run "-${act%% *}" cbrun ${act#* }
		assert_equal "$(sqlite3 "$STORE" 'PRAGMA user_version')" $LATEST
	done
}

@test "forty calls that find an older schema at once: one brings it up to date, and all are counted" {
	of_schema 1
	for ((i = 0; i < 40; i++)); do
		cbrun -n plain true 2>>err &
	done
	wait
	assert_equal "$(cat err)" ""
	assert_field plain .totals.calls 41
	assert_equal "$(sqlite3 "$STORE" 'PRAGMA user_version; PRAGMA integrity_check' | paste -sd ' ')" "$LATEST ok"
}

@test "a store of an older schema that cannot be written is read, and guards nothing" {
	of_schema 1
	chmod 400 "$STORE"
	chmod 500 store
	expect 0 "$CONTENTS" "" unprivileged_contents
	expect 0 "ran" "~cbrun: plain: cannot .* $STORE.*; running the command unguarded" \
		unprivileged "$CBRUN" -n plain echo ran
	chmod 700 store
}

@test "a store of an older schema that another process holds cannot be brought up to date, which is told" {
	of_schema 1
	close_gate
	printf '%s\n' 'BEGIN IMMEDIATE;' '.shell touch locked' '.shell flock -w 300 -s gate true' >script
	start locker sqlite3 -init script "$STORE"
	eventually test -e locked
	expect 0 "ran" "~cbrun: plain: cannot upgrade the store $STORE: another process held its lock for more than 50 ms \(see --lock-timeout\); running the command unguarded" \
		cbrun --lock-timeout 50ms -n plain echo ran
	open_gate
	finish "$PID" 0
	assert_equal "$(sqlite3 "$STORE" 'PRAGMA user_version')" 1
	expect 0 "ran" "" cbrun -n plain echo ran
}
