# status.bats: `status` as a table and as JSON, and that looking changes nothing.
load helper

# unchanged COMMAND...: the store's directory is the same, file by file, after the command.
unchanged() {
	local before
	before=$(fingerprint "$DIR/store")
	"$@" >/dev/null || :
	assert_equal "$(fingerprint "$DIR/store")" "$before"
}

look_at_all() {
	cbrun status
	cbrun status --json
	cbrun check api
	cbrun check unknown
	cbrun history api
	cbrun history api --json
	cbrun simulate --from api -f 2
}

# --- the table ---

@test "the table shows each breaker's state, since when, its counts and why" {
	repeat 3 cbrun -n web true
	opened api
	repeat 2 cbrun -q -n api true
	advance 61s
	expect 0 "~NAME  STATE  +FOR  CALLS  FAILED  REJECTED  WHY
api   open +1m[0-9]+s      1       1         2  1 consecutive failure \(exit 1\), retry in 58m[0-9]*s?
web   closed +1m[0-9]+s      3       0         0 *" "" cbrun status
}

@test "the table shows modes beside states" {
	for name in held off shadow; do
		cbrun -n $name true
	done
	cbrun trip held --hold
	cbrun disable off
	cbrun -n shadow --shadow true
	run cbrun status
	assert_line --regexp '^held +open, held .* held by [^ ]+$'
	assert_line --regexp '^off +closed, disabled .* disabled by [^ ]+$'
	assert_line --regexp '^shadow +closed, shadow '
}

@test "the table names the calls that are running" {
	close_gate
	start call "$CBRUN" -n api -- flock -w 300 -s gate true
	eventually in_flight api 1
	run cbrun status api
	assert_line --regexp '^api .* 1 running$'
	open_gate
	finish "$PID" 0
}

@test "only the breakers that were asked for are shown" {
	for name in a b c; do
		cbrun -n $name true
	done
	run cbrun status c a
	assert_line --index 1 --regexp '^a '
	assert_line --index 2 --regexp '^c '
	assert_equal "${#lines[@]}" 3
}

@test "there is no colour where there is no terminal" {
	opened api
	run cbrun status
	refute_output --partial $'\e'
}

# on_terminal COMMAND...: its output on a terminal.
on_terminal() {
	local words
	printf -v words '%q ' env -i TERM=xterm "${ENVIRONMENT[@]}" "$@"
	script --quiet --return --command "$words" "$DIR/typescript" </dev/null
}

@test "on a terminal the state has its colour, unless NO_COLOR is set or the terminal is dumb" {
	command -v script || skip "needs script(1)"
	opened api
	run on_terminal "$CBRUN" status
	assert_output --partial $'\e[31mopen\e[0m'
	ENVIRONMENT+=(NO_COLOR=1)
	run on_terminal "$CBRUN" status
	assert_output --partial open
	refute_output --partial $'\e'
	ENVIRONMENT+=(NO_COLOR= TERM=dumb)
	run on_terminal "$CBRUN" status
	assert_output --partial open
	refute_output --partial $'\e'
}

# --- JSON ---

@test "JSON has every name of the contract, each with its type" {
	opened api
	cbrun status --json >json
	assert_equal "$(jq -c 'keys' json)" '["breakers","schema"]'
	assert_equal "$(jq -c '[.schema, (.breakers | length)]' json)" '[1,1]'
	cat >differ.jq <<-'END'
		.breakers[0] as $b | $wanted[0] | [paths(scalars) as $p |
			{name: $p | join("."), wanted: getpath($p),
				is: ($b | getpath($p[:-1]) | if has($p[-1]) then (.[$p[-1]] | type) else "missing" end)} |
			select(.wanted != .is)]
	END
	cat >wanted <<-'END'
		{"consecutive_failures":"number","in_flight":"number","last_exit":"number","last_failure_at":"string",
		"last_success_at":"null","latency_seconds":{"max":"number","mean":"number","p50":"number","p95":"number",
		"p99":"number"},"mode":"string","name":"string","reason":"string","reopenings":"number",
		"retry_after_seconds":"number","since":"string","state":"string","totals":{"calls":"number",
		"failures":"number","fallbacks":"number","ignored":"number","rejected":"number","retries":"number",
		"slow":"number","successes":"number","timeouts":"number","transitions":"number"},
		"trial_successes":"number","window":{"calls":"number","enough":"boolean","failure_rate":"number",
		"failures":"number","kind":"string","size":"number","slow":"number","slow_rate":"number"}}
	END
	assert_equal "$(jq -c --slurpfile wanted wanted -f differ.jq json)" '[]'
}

@test "JSON of a breaker that has seen no call has null for what there is none of" {
	cbrun -n api true
	cbrun reset api
	assert_field api '[.retry_after_seconds, .window.failure_rate, .window.slow_rate, .last_failure_at]' '[null,null,null,null]'
	cbrun record new ignored
	assert_field new '[.reason, .latency_seconds, .last_success_at, .totals.calls]' '[null,null,null,1]'
}

@test "JSON has the values that the calls had" {
	cbrun -n api true
	run cbrun -n api -- sh -c 'exit 5'
	run cbrun -n api -t 50ms sleep 120
	run -127 cbrun -n api no-such-command
	assert_field api '[.name, .state, .mode, .consecutive_failures, .last_exit]' '["api","closed","normal",2,127]'
	assert_field api '.totals | [.calls, .successes, .failures, .timeouts, .ignored]' '[4,1,2,1,1]'
	assert_field api '.window | [.kind, .size, .calls, .failures, .slow, .enough]' '["calls",100,3,2,0,false]'
	assert_field api '.window.failure_rate * 3 | round' 2
	assert_field api '.latency_seconds | .p50 <= .p95 and .p95 <= .p99 and .p99 <= .max and .max >= 0.05' true
	assert_field api '.latency_seconds | .mean > 0 and .mean <= .max' true
}

@test "JSON has the last outcomes, the newest last" {
	cbrun record new ignored
	cbrun record new success --duration 9s --slow 1s
	for outcome in success failure timeout; do
		cbrun record new $outcome
	done
	assert_field new .recent '["ignored","slow","success","failure","timeout"]'
	repeat 20 cbrun record new success
	cbrun record new failure
	assert_field new '[(.recent | length), (.recent | unique), .recent[-1]]' '[20,["failure","success"],"failure"]'
	cbrun trip unseen 2>/dev/null
	assert_field unseen .recent '[]'
}

@test "times in JSON are RFC 3339 in UTC with milliseconds, whatever the zone" {
	ENVIRONMENT+=(TZ=Asia/Kathmandu)
	opened api
	cbrun -n api --shadow true
	for time in .since .last_failure_at .last_success_at; do
		assert_field api "$time | test(\"^20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9][.][0-9]{3}Z\$\")" true
		assert_field api "now - ($time | .[:19] + \"Z\" | fromdate) | . > -5 and . < 300" true
	done
}

@test "JSON names the policy of the last call by its options" {
	cbrun -n api -f 7 --within 90s --failure-rate 12.5 --min-calls 3 -w 5m --slow 250ms --slow-rate 60 -o 1m30s \
		--open-factor 1.5 --open-max 1h --jitter 10% --probes 2 --successes 4 --probe-failures 5 -c 6 true
	assert_field api '.policy | to_entries | sort_by(.key) | map("\(.key)=\(.value)") | join(" ")' \
		"failure-rate=12.5 failures=7 false-trips=1/365d jitter=10 max-concurrent=6 min-calls=3 open-factor=1.5 open-for=1m30s \
open-max=1h probe-failures=5 probes=2 shadow=false slow=250ms slow-rate=60 successes=4 window=5m within=1m30s"
}

@test "JSON lists all breakers in the order of their names" {
	for name in b a/2 a:1 C; do
		cbrun -n $name true
	done
	assert_equal "$(cbrun status --json | jq -c '[.breakers[].name]')" '["C","a/2","a:1","b"]'
}

# --- looking changes nothing ---

@test "looking at a half-open breaker that nobody has noticed changes no file" {
	half_opened api
	unchanged look_at_all
	assert_state api half-open
	assert_transitions api "closed>open"
}

@test "looking while a call runs changes no file" {
	opened web
	close_gate
	start call "$CBRUN" -n api -- flock -w 300 -s gate true
	eventually in_flight api 1
	unchanged look_at_all
	open_gate
	finish "$PID" 0
}

@test "looking at a store whose log has been folded in makes no new one" {
	opened api
	sqlite3 "$STORE" 'PRAGMA journal_mode = DELETE' >/dev/null
	rm -f "$STORE-wal" "$STORE-shm"
	unchanged look_at_all
	assert_state api open
}

@test "looking at a store whose log lacks its index makes none" {
	opened api
	rm "$STORE-shm"
	unchanged look_at_all
	assert_state api open
}

@test "looking at a store that has lost its log makes none" {
	opened api
	rm "$STORE-wal"
	unchanged look_at_all
}

@test "looking at a store that has lost its permits makes none" {
	opened api
	rm "$STORE.permits"
	unchanged look_at_all
	assert_state api open
}

@test "looking at a damaged store changes nothing and says so" {
	opened api
	rm "$STORE-wal" "$STORE-shm"
	head -c 8192 /dev/urandom >"$STORE"
	unchanged look_at_all
	expect 125 "" "cbrun: cannot use the store $STORE: the file is damaged; the next guarded run sets it aside" cbrun status
}

@test "looking at a store in a directory that cannot be written works" {
	opened api
	chmod 500 "$DIR/store"
	chmod 400 "$DIR"/store/*
	expect 0 "~.*api +open .*" "" unprivileged "$CBRUN" status
	expect 75 "" "~cbrun: api: open .*" unprivileged "$CBRUN" check api
	chmod 700 "$DIR/store"
}

@test "looking where there is no store finds no breakers and makes nothing" {
	expect 0 "" "cbrun: no breakers yet" cbrun status
	expect 0 '{"schema":1,"breakers":[]}' "" cbrun status --json
	expect 0 "" "" cbrun check api
	assert [ ! -e "$DIR/store" ]
}

@test "a breaker that is not there is named, with exit status 1" {
	expect 1 "" "cbrun: no breaker named 'api'" cbrun history api
	cbrun -n web true
	expect 1 "" "cbrun: no breaker named 'api'" cbrun history api
	expect 1 "" "cbrun: no breaker named 'api'" cbrun simulate --from api
	expect 1 '~.*web.*' "cbrun: no breaker named 'api'" cbrun status web api
	expect 0 "" "" cbrun check api
}

@test "a full output is an error" {
	opened api
	full() { cbrun "$@" >/dev/full; }
	expect 125 "" "cbrun: cannot write to standard output" full status
	expect 125 "" "cbrun: cannot write to standard output" full history api
}

# --- hostile text ---

@test "a hostile reason is escaped in the table" {
	cbrun -n api true
	cbrun trip api --hold --reason $'\e[31mred\a\r\nlast\t"q" \\ caf\xc3\xa9 \x7f \xc2\x9b \xff'
	run cbrun status api
	assert_line --index 1 --partial '\e[31mred\a\r\nlast\t"q" \\ café \x7f \xc2\x9b \xff'
	assert_equal "${#lines[@]}" 2
}

@test "a hostile reason is a proper string in JSON" {
	cbrun -n api true
	cbrun trip api --hold --reason $'\e[31mred\a\r\nlast\t"q" \\ caf\xc3\xa9'
	assert_equal "$(cbrun status api --json | jq '.breakers[0].reason | sub("^held by [^:]*: "; "")')" \
		'"\u001b[31mred\u0007\r\nlast\t\"q\" \\ café"'
}

@test "JSON is text without control characters, whatever a reason holds" {
	cbrun -n api true
	cbrun trip api --hold --reason $'\x01 \x1f \x7f \xc2\x80 \xc2\x9b'
	cbrun status api --json >json
	jq -e . json >/dev/null
	run grep -aP '[\x01-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]' json
	assert_output ""
}

@test "JSON stays valid with a reason that is no UTF-8, and with one that is too long" {
	cbrun -n api true
	for reason in $'bad \xff\xfe \xed\xa0\x80 \xc3' "$(printf 'ä%.0s' {1..60000})"; do
		expect 0 "" "" cbrun trip api --reason "$reason"
		cbrun status api --json >json
		iconv -f UTF-8 -t UTF-8 json >/dev/null
		assert_equal "$(jq -r '.breakers[0].reason | startswith("tripped for 30s by ")' json)" true
		cbrun history api --json | jq -e . >/dev/null
	done
}

@test "the worst stand first, and numbers in names are numbers" {
	for name in mirror/10 mirror/2 mirror/1; do
		cbrun -n $name true
	done
	cbrun -n sick false || :
	repeat 3 cbrun -q -n lost no-such-program
	opened z
	half_opened y
	opened a -o 2h
	cbrun -n mirror/2 true
	assert_equal "$(cbrun status | awk '{ print $1 }' | paste -sd ' ')" "NAME a y z lost sick mirror/1 mirror/2 mirror/10"
}

@test "a breaker that is open again tells since when, why at first, and what came of it" {
	cbrun -n api -f 1 -o 1h -- sh -c 'exit 7' || :
	advance 1h
	cbrun -q -n api -f 1 -o 1h false || :
	advance 30m
	run cbrun status
	assert_line --regexp '^api +open +1h30m.* 1 consecutive failure \(exit 7\), 1 trial call failed since, retry in (30m|29m.*)$'
	advance 30m
	run cbrun status
	assert_line --regexp '^api +half-open +2h.* 1 consecutive failure \(exit 7\), 1 trial call failed since, a trial call may run$'
}

@test "a job that never ran does not look healthy" {
	repeat 3 cbrun -q -n api no-such-program
	run cbrun status
	assert_line --regexp '^api +closed .* the last 3 calls were ignored: not started$'
}

@test "a table that is wider than COLUMNS says is cut to it, names first" {
	long=$(printf 'n%.0s' {1..100})
	cbrun -n "$long" true
	opened api
	cbrun trip api --reason "$(printf 'r%.0s' {1..100})"
	ENVIRONMENT+=(COLUMNS=80)
	run cbrun status
	for line in "${lines[@]}"; do
		assert [ "${#line}" -le 80 ]
	done
	assert_line --regexp '^nnnnn+\.\.\. '
	assert_line --regexp ' tripped .*\.\.\.$'
	ENVIRONMENT+=(COLUMNS=)
	run cbrun status
	assert_line --partial "$long"
}
