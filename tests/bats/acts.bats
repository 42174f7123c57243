# acts.bats: what an operator does by hand: trip, reset, disable, enable, remove, check and record.
load helper

# The user whom history names.
me() {
	id -un
}

last_transition() {
	cbrun history "$1" --json | jq -rc 'select(.kind == "transition") | [.from, .to, .reason, .by]' | tail -n 1
}

# --- trip ---

@test "trip opens a breaker for its open period" {
	cbrun -n api -o 1h true
	expect 0 "" "" cbrun trip api
	expect 75 "" "~cbrun: api: open \(tripped for 1h by [^ ]+\), retry in $HOUR" cbrun -n api -- echo ran
	advance 1h
	assert_state api half-open
}

@test "trip --for says how long, without growth" {
	half_opened api -o 1m --open-factor 10
	expect 0 "" "" cbrun trip api --for 2h
	assert_field api '.retry_after_seconds | . > 7000 and . <= 7200' true
	assert_field api .reopenings 0
	advance 119m
	assert_state api open
	advance 1m
	assert_state api half-open
}

@test "trip --reason is told to whoever is rejected, and recorded with who did it" {
	cbrun -n api true
	expect 0 "" "" cbrun trip api --for 1h --reason "database moves"
	expect 75 "" "~cbrun: api: open \(tripped for 1h by $(me): database moves\), retry in $HOUR" cbrun -n api true
	assert_equal "$(last_transition api)" \
		"[\"closed\",\"open\",\"tripped for 1h by $(me): database moves\",\"$(me)\"]"
}

@test "trip --hold stays until reset, whatever time passes" {
	cbrun -n api true
	expect 0 "" "" cbrun trip api --hold --reason "broken by design"
	assert_field api '[.state, .mode, .retry_after_seconds]' '["open","held",null]'
	advance 365d
	reboot_clock 30d
	expect 75 "" "cbrun: api: open (held by $(me): broken by design), until reset" cbrun -n api -- echo ran
	expect 0 "" "" cbrun reset api
	expect 0 "ran" "" cbrun -n api -- echo ran
}

@test "trip cannot soften a hold" {
	cbrun -n api true
	cbrun trip api --hold
	expect 125 "" "cbrun: api is held open; 'cbrun reset api' first" cbrun trip api --for 1s
	assert_field api .mode held
}

@test "trip cannot open a disabled breaker" {
	cbrun -n api true
	cbrun disable api
	expect 125 "" "cbrun: api is disabled; 'cbrun enable api' first" cbrun trip api
	expect 125 "" "cbrun: api is disabled; 'cbrun enable api' first" cbrun trip api --hold
	assert_field api '[.state, .mode]' '["closed","disabled"]'
}

# --- reset ---

@test "reset closes an open breaker and clears what it remembers, not what it counted" {
	repeat 3 cbrun -n api -f 3 false
	expect 0 "" "" cbrun reset api --reason "fixed"
	assert_field api '[.state, .consecutive_failures, .window.calls, .totals.failures]' '["closed",0,0,3]'
	assert_equal "$(last_transition api)" "[\"open\",\"closed\",\"reset by $(me): fixed\",\"$(me)\"]"
}

@test "reset of a half-open breaker closes it" {
	half_opened api
	cbrun reset api
	assert_state api closed
	assert_transitions api "closed>open open>half-open half-open>closed"
}

@test "reset of a closed breaker ends its streak" {
	repeat 4 cbrun -n api false
	cbrun reset api
	repeat 4 cbrun -n api false
	assert_state api closed
}

@test "reset leaves a disabled breaker disabled" {
	cbrun -n api true
	cbrun disable api
	expect 0 "" "cbrun: api is cleared, and still disabled by $(me); 'cbrun enable api' ends that" cbrun reset api
	assert_field api .mode disabled
}

@test "reset of a disabled breaker leaves to be seen who disabled it, why and until when" {
	cbrun -n api true
	cbrun disable --for 1h --reason upgrade api
	run -0 --separate-stderr cbrun reset --reason curious api
	[[ $stderr =~ ^"cbrun: api is cleared, and still disabled by $(me): upgrade, for another "$HOUR"; 'cbrun enable api' ends that"$ ]]
	run -0 cbrun status api
	assert_line --regexp "^api +closed, disabled .*disabled by $(me): upgrade, for another $HOUR\$"
	assert_equal "$(last_transition api)" "[\"closed\",\"closed\",\"reset by $(me): curious\",\"$(me)\"]"
}

# --- disable and enable ---

@test "a disabled breaker lets everything run and counts in the totals alone" {
	opened api
	expect 0 "" "" cbrun disable api --reason "maintenance"
	repeat 6 cbrun -n api -f 2 false
	assert_field api '[.state, .mode, .totals.failures, .consecutive_failures, .window.calls]' '["closed","disabled",7,0,0]'
	assert_equal "$(last_transition api)" "[\"open\",\"closed\",\"disabled by $(me): maintenance\",\"$(me)\"]"
}

@test "the limit of calls at once holds while the breaker is disabled" {
	cbrun -n api true
	cbrun disable api
	close_gate
	start call "$CBRUN" -n api -c 1 -- flock -w 300 -s gate true
	eventually in_flight api 1
	expect 75 "" "~cbrun: api: not started: 1 of at most 1 is running.*" cbrun -n api -c 1 -- touch ran
	assert [ ! -e ran ]
	open_gate
	finish "$PID" 0
}

@test "disable --for ends by itself, and says until when" {
	opened api
	expect 0 "" "" cbrun disable --for 23m --reason upgrade api
	run -0 cbrun status api
	assert_line --regexp "^api +closed, disabled .*disabled by $(me): upgrade, for another (23m|22m[0-9]+s)\$"
	expect 0 "" "~cbrun: api: disabled by $(me): upgrade, for another (23m|22m[0-9]+s)" cbrun check -v api
	expect 0 "" "" cbrun check api
	advance 22m
	repeat 2 cbrun -n api -f 2 false
	assert_field api '[.state, .mode]' '["closed","disabled"]'
	advance 1m
	run -0 cbrun status api
	assert_line --regexp '^api +closed +[0-9]+s .*disabled for 23m, which are over$'
	repeat 2 cbrun -n api -f 2 -o 1h false
	assert_field api '[.state, .mode]' '["open","normal"]'
	expect 125 "" "cbrun: api is not disabled" cbrun enable api
}

@test "disable without --for lasts, also after one that was for a time" {
	cbrun disable --for 1h api
	cbrun disable api
	advance 2h
	expect 0 "" "cbrun: api: disabled by $(me)" cbrun check -v api
}

@test "enable starts a disabled breaker afresh" {
	repeat 4 cbrun -n api -f 5 false
	cbrun disable api
	repeat 4 cbrun -n api -f 5 false
	expect 0 "" "" cbrun enable api --reason "done"
	assert_field api '[.state, .mode, .consecutive_failures]' '["closed","normal",0]'
	assert_equal "$(last_transition api)" "[\"closed\",\"closed\",\"enabled by $(me): done\",\"$(me)\"]"
	repeat 5 cbrun -n api -f 5 false
	assert_state api open
}

@test "only a disabled breaker can be enabled" {
	cbrun -n api true
	expect 125 "" "cbrun: api is not disabled" cbrun enable api
}

# --- all of them ---

@test "acts on a breaker that is not there say so, with 1, and make none" {
	for act in reset enable remove; do
		expect 1 "" "cbrun: no breaker named 'api'" cbrun $act api
	done
	assert [ ! -e "$DIR/store" ]
	cbrun -n web true
	for act in reset enable remove; do
		expect 1 "" "cbrun: no breaker named 'api'" cbrun $act api
	done
	assert_equal "$(cbrun status --json | jq -c '[.breakers[].name]')" '["web"]'
}

@test "an act takes several names" {
	for name in a b c; do
		cbrun -n $name true
	done
	expect 0 "" "" cbrun trip a c
	assert_equal "$(cbrun status --json | jq -c '[.breakers[].state]')" '["open","closed","open"]'
	expect 0 "" "" cbrun remove a b
	assert_equal "$(cbrun status --json | jq -c '[.breakers[].name]')" '["c"]'
}

@test "an act says with --verbose what it did" {
	cbrun -n api true
	expect 0 "" "~cbrun: api: closed -> open \(tripped for 5m by $(me)\), retry in (5m|4m[0-9]+s)" cbrun trip -v api --for 5m
	expect 0 "" "cbrun: api: open -> closed (reset by $(me))" cbrun reset -v api
}

@test "who acted through sudo is named too" {
	[ "$EUID" -eq 0 ] || skip "needs root"
	cbrun -n api true
	ENVIRONMENT+=(SUDO_USER=$'al\eice')
	cbrun trip api
	run cbrun history api
	assert_line --partial "by root (sudo al\\eice)"
	assert_equal "$(cbrun history api --json | jq -c 'select(.kind == "transition") | .by')" '"root (sudo al\u001bice)"'
}

@test "remove forgets a breaker and its history" {
	opened api
	expect 0 "" "" cbrun remove api
	expect 1 "" "cbrun: no breaker named 'api'" cbrun history api
	expect 0 "ran" "" cbrun -n api -- echo ran
	assert_field api '[.state, .totals.calls]' '["closed",1]'
}

@test "a call that runs while its breaker is removed does not bring it back" {
	close_gate
	start call "$CBRUN" -n api -f 1 --stale-ok 1h -- sh -c 'flock -w 300 -s gate true; echo output'
	eventually in_flight api 1
	cbrun remove api
	open_gate
	finish "$PID" 0
	expect 1 "" "cbrun: no breaker named 'api'" cbrun status api
	run ls store
	refute_output --partial output
}

@test "a call of a removed breaker counts for the one that has its name now, and decides nothing" {
	close_gate
	start call "$CBRUN" -n api -f 1 -- sh -c 'flock -w 300 -s gate true; exit 1'
	eventually in_flight api 1
	cbrun remove api
	cbrun -n api -f 1 true
	open_gate
	finish "$PID" 1
	assert_field api '[.state, .totals.failures, .totals.successes]' '["closed",1,1]'
}

# --- check and record ---

@test "check and record guard what no command line can" {
	for _ in 1 2 3; do
		expect 0 "" "" cbrun check api
		expect 0 "" "" cbrun record api failure -f 3 -o 1h
	done
	expect 75 "" "~cbrun: api: open \(3 consecutive failures\), retry in $HOUR" cbrun check api
	advance 1h
	for _ in 1 2 3; do
		expect 0 "" "" cbrun check api
		expect 0 "" "" cbrun record api success
	done
	assert_state api closed
	assert_transitions api "closed>open open>half-open half-open>closed"
}

@test "check takes no permit and counts nothing" {
	half_opened api
	repeat 5 cbrun check api --probes 1
	assert_field api '[.state, .totals.calls, .totals.rejected]' '["half-open",1,0]'
	opened web
	run cbrun check web
	assert_field web '[.totals.calls, .totals.rejected]' '[1,0]'
}

@test "check sees that no trial call is free" {
	half_opened api --probes 1
	close_gate
	start call "$CBRUN" -n api --probes 1 -- flock -w 300 -s gate true
	eventually in_flight api 1
	expect 75 "" "cbrun: api: half-open (1 trial call running)" cbrun check api
	expect 75 "" "" cbrun check -q api
	open_gate
	finish "$PID" 0
	expect 0 "" "" cbrun check api
}

@test "record takes words" {
	for word in success failure timeout ignored; do
		expect 0 "" "" cbrun record api $word
	done
	assert_field api '.totals | [.calls, .successes, .failures, .timeouts, .ignored]' '[4,1,2,1,1]'
	assert_equal "$(cbrun history api --json | jq -rc '[.outcome, .exit]' | paste -sd ' ')" \
		'["success",0] ["failure",1] ["timeout",124] ["ignored",0]'
}

@test "record takes exit statuses and judges them by the lists" {
	expect 0 "" "" cbrun record api 0
	expect 0 "" "" cbrun record api 22
	expect 0 "" "" cbrun record api 22 --success-on 0,22
	expect 0 "" "" cbrun record api 22 --ignore-on 22
	expect 0 "" "" cbrun record api 255 --failure-on 22
	assert_field api '.totals | [.successes, .failures, .ignored]' '[3,1,1]'
	assert_field api .last_exit 255
}

@test "record --duration says how long the call took" {
	repeat 2 cbrun record api success --duration 3s --slow 2s --min-calls 3
	assert_field api '[.totals.slow, .latency_seconds.max]' '[2,3]'
	cbrun record api success --duration 2.5s --slow 2s --min-calls 3
	assert_field api '[.state, .reason]' '["open","slow rate 100% (3 of 3 calls)"]'
}

@test "record refuses what is no outcome" {
	for bad in maybe -1 256 '' 1.5 SUCCESS; do
		expect 125 "" "~cbrun: invalid outcome '$bad': expected .*" cbrun record api -- "$bad"
	done
	assert [ ! -e "$STORE" ]
}

@test "record while open is counted and moves no deadline" {
	opened api
	advance 30m
	cbrun record api failure
	cbrun record api success
	assert_field api '[.state, .totals.calls, .retry_after_seconds <= 1800]' '["open",3,true]'
}
