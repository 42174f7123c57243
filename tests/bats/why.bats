# why.bats: `why`: why a breaker is as it is, or was, in sentences; and what else could have been.
load helper

# Times as why shows them; how long ago.
AT='([-0-9]{10} )?[:0-9]{8}'
AGO='[0-9hms]+ ago'

# api NAME... [OPTION...]: a run of the breaker `api`; what stands behind -- is the command.
api() {
	cbrun -n api -f 3 -o 1h "$@" || :
}

# fails [OPTION...]: one that fails, with exit 7.
fails() {
	api "$@" -- sh -c 'exit 7'
}

# broken [OPTION...]: it has opened, for an hour.
broken() {
	repeat 3 fails "$@"
	assert_state api open
}

# facts FILTER [OPTION...]: of the explanation as JSON.
facts() {
	local filter=$1
	shift
	cbrun why api --json "$@" | jq -c "$filter"
}

# --- the incident that goes on ---

@test "why tells which rule opened it, by which runs, when it is tried again and what closes it" {
	broken
	expect 0 "~api is open: every run is rejected\. The next trial run may start at $AT, in $HOUR\.

It opened at $AT, $AGO, because 3 runs in a row failed \(--failures 3\):
(  $AT  exit 7 after [0-9.]+s
){3}Since then no run was rejected or tried\.

3 trial runs that succeed close it \(--successes 3\); 1 that fails reopens it, for 1h\.
To close it now: cbrun reset api(
.*)?" "" cbrun why api
}

@test "why tells what has happened since" {
	broken
	repeat 4 cbrun -q -n api true
	advance 1h
	api -- sh -c 'kill -KILL $$'
	run cbrun why api
	assert_line --regexp "^Since then 4 runs were rejected, 1 trial run failed \(last at $AT: exit 137 \(SIGKILL\)\), it reopened once\.$"
	advance 1h
	repeat 2 api true
	run cbrun why api
	assert_line --index 0 "api is half-open: the next runs are trial runs, and may start now, at most 3 at a time."
	assert_line --regexp "^Since then 4 runs were rejected, 2 trial runs succeeded, 1 trial run failed "
	assert_line "1 more trial run that succeeds closes it (--successes 3); 1 that fails reopens it, for 1h."
}

@test "why tells signals, time limits and what the command said" {
	api -- sh -c 'kill -KILL $$'
	api -t 10ms sleep 120
	api --hints -- sh -c 'echo "reason no such host" >&$BREAKER_HINT_FD; exit 6'
	run cbrun why api
	assert_line --regexp "^  $AT  exit 137 \(SIGKILL\) after [0-9.]+s$"
	assert_line --regexp "^  $AT  time limit, exit 124 after [0-9.]+s$"
	assert_line --regexp "^  $AT  exit 6 after [0-9.]+s: no such host$"
}

@test "why tells each rule in its words" {
	repeat 2 cbrun -n within -f 2 --within 1m false
	cbrun -n rate -f 0 --min-calls 2 true
	cbrun -n rate -f 0 --min-calls 2 false || :
	repeat 2 cbrun -n slow -f 0 --min-calls 2 --slow 1ms -- sleep 0.01
	cbrun -n asked --hints -- sh -c 'echo retry-after 120 >&$BREAKER_HINT_FD; exit 1' || :
	for name in within rate slow asked; do
		cbrun why "$name"
	done | sed -n 's/^It opened at .* ago, //p' >opened
	assert_equal "$(cat opened)" "because 2 runs failed within 1m (--failures, --within):
because 1 of the last 2 runs failed (--failure-rate):
because 2 of the last 2 runs were slow (--slow, --slow-rate):
because the service asked to be left alone for 2m:"
}

@test "why shows the end of what the last run that failed wrote, as far as it is kept" {
	api --output change -- sh -c 'echo first >&2; exit 1' 2>/dev/null
	api --output change -- sh -c 'echo second >&2; exit 1' 2>/dev/null
	api --output change -- sh -c 'printf "one\ntwo\n\e[2Jthree\nfour\n" >&2; exit 1' 2>/dev/null
	run cbrun why api
	assert_output --regexp "
The last run that failed, at $AT, wrote \(cbrun output api has all\):
  two
  \\\\e\[2Jthree
  four
Since then "
	assert_equal "$(facts .output.lines)" '["two","\u001b[2Jthree","four"]'
	cbrun reset api
	run cbrun why api
	refute_output --partial wrote
}

# --- by hand ---

@test "why tells who tripped it, and why" {
	api true
	cbrun trip api --for 1h --reason 'upgrade
of the server'
	run cbrun why api
	assert_line --index 0 --regexp "^api is open: every run is rejected\. The next trial run may start at $AT, in $HOUR\.$"
	assert_line --index 1 --regexp "^[^ ]+ tripped it at $AT for 1h: upgrade\\\\nof the server\.$"
	assert_equal "$(facts '.incident.opened | [.by != "cbrun", .reason[0:15]]')" '[true,"tripped for 1h "]'
}

@test "why tells who holds it open, also in the middle of an outage" {
	broken
	cbrun trip api --hold --reason 'wait for me'
	expect 0 "~api is held open: every run is rejected until somebody resets it\.

It opened at $AT, $AGO, because 3 runs in a row failed .*
Since then no run was rejected or tried\.
[^ ]+ held it open at $AT: wait for me\.

To close it now: cbrun reset api(
.*)?" "" cbrun why api
}

@test "why tells who disabled it, until when, and what was before" {
	broken
	cbrun disable api --for 2h --reason night
	expect 0 "~api is disabled: every run goes through and nothing opens it, for another (2h|1h59m[0-9]*s?)\.
[^ ]+ disabled it at $AT for 2h: night\.
To enable it now: cbrun enable api

The last incident:
It opened .*
[^ ]+ disabled it at $AT for 2h: night\.
That ended it, after [0-9ms]+\.(
.*)?" "" cbrun why api
	cbrun disable api
	run cbrun why api
	assert_line --index 0 "api is disabled: every run goes through and nothing opens it, until it is enabled."
}

# --- closed ---

@test "of a closed breaker why tells the last incident in short" {
	broken
	repeat 2 cbrun -q -n api true
	advance 1h
	repeat 3 api true
	expect 0 "~api is closed: runs go through\.

The last incident:
It opened at $AT, $AGO, because 3 runs in a row failed \(--failures 3\):
(  .*  exit 7 after [0-9.]+s
){3}Meanwhile 2 runs were rejected, 3 trial runs succeeded\.
It closed at $AT, when 3 trial runs had succeeded, after 1h\.(
.*)?" "" cbrun why api
}

@test "why tells that a breaker has never opened, and what it is on its way to" {
	api true
	expect 0 "api is closed: runs go through.
It has never opened." "" cbrun why api
	fails
	run cbrun why api
	assert_line --index 1 "The last run has failed, and 3 in a row open it (--failures 3)."
	repeat 3 cbrun -q -n api -f 3 -o 1h no-such-command
	run cbrun why api
	assert_line "But its last 3 runs were ignored, the last one as not started: they say nothing about the service."
}

@test "why tells what else keeps a run from starting: the limit, and what it needs" {
	close_gate
	start call "$CBRUN" -n api -c 1 -- flock -w 300 -s gate true
	eventually in_flight api 1
	run cbrun why api
	assert_line --index 1 --regexp '^Yet no run starts: 1 of at most 1 is running \(--max-concurrent\): pid [0-9]+, for [0-9ms]+\.$'
	open_gate
	finish "$PID" 0
	opened db
	printf '%s\n' '[breaker api]' 'needs = db' >"$CONFIG"
	run cbrun why api
	assert_line --index 1 --regexp '^Yet no run starts: it needs db, which is open, for another .*\.$'
	assert_line --index 2 "See: cbrun why db"
}

@test "why tells that trial runs are running" {
	half_opened api --probes 1
	close_gate
	start call "$CBRUN" -n api -f 1 -o 1h --probes 1 -- flock -w 300 -s gate true
	eventually in_flight api 1
	run cbrun why api
	assert_line --index 0 "api is half-open: 1 trial run is running, and no other may start until one has ended."
	open_gate
	finish "$PID" 0
}

@test "why tells that it only watches, in shadow, and what it would have done" {
	repeat 5 fails --shadow
	run cbrun why api
	assert_line --index 1 "It runs in shadow mode, so nothing is really rejected (--shadow)."
	assert_line "Since then 2 runs would have been rejected."
	assert_line "  with --shadow=false: 3 runs would have failed instead of 5"
}

# --- an incident that is over ---

@test "--at explains the incident at that time, or before" {
	broken
	advance 1h
	repeat 3 api true
	advance 5h
	cbrun trip api --for 1m --reason second
	advance 2h
	repeat 3 api true
	advance 1h
	assert_equal "$(facts '.incident.closed.reason' --at 1h),$(facts '.incident.opened.reason' --at 1h | cut -c 1-9)" \
		'"3 successful trial calls","tripped '
	assert_equal "$(facts '.incident.opened.reason' --at 7h30m)" '"3 consecutive failures"'
	expect 0 "~api: the incident at .*:
It opened at .*, because 3 runs in a row failed \(--failures 3\):
(  .*  exit 7 after [0-9.]+s
){3}Meanwhile 3 trial runs succeeded\.
It closed at .*, after 1h\.(
.*)?" "" cbrun why api --at 8h30m
	run cbrun why api --at 4h
	assert_line --index 0 --regexp '^api: the incident before .*:$'
	expect 0 "~api: no incident at .* or before is recorded\." "" cbrun why api --at 30d
	expect 125 "" "cbrun: invalid --at 'noon': expected a time such as 2h (ago), 14:00, yesterday or '2026-11-28 14:00'" \
		cbrun why api --at noon
}

# --- what else could have been ---

# flapping: six hours in which the service fails in the first ten minutes of each, called once a minute or so.
flapping() {
	local hour call
	for hour in 1 2; do
		for call in 1 2 3 4 5 6; do
			cbrun -q -n api -f 2 -o 20s --successes 1 -- sh -c 'exit 7' || :
			advance 30s
		done
		repeat 3 cbrun -q -n api -f 2 -o 20s --successes 1 true
		advance 50m
	done
}

@test "what else could have been is what simulate --from says, event for event" {
	flapping
	cbrun why api --json >why.json
	assert_equal "$(jq '[.alternatives[] | select(.matters)] | length > 2' why.json)" true
	jq -r '.as_it_is, .alternatives[] | .options' why.json |
		while read -r options; do
			cbrun simulate --from api $options | tail -n 1
		done | jq -c 'del(.event)' >simulated
	assert_equal "$(jq -c '.as_it_is, .alternatives[] | del(.options, .matters)' why.json)" "$(cat simulated)"
	assert_equal "$(wc -l <simulated)" "$(jq '.alternatives | length + 1' why.json)"
}

@test "only what would matter is told" {
	flapping
	cbrun why api --json | jq -r '.as_it_is.failures_run as $now | .alternatives[] | select(.matters and .failures_run != $now) |
		"\(.options): \(.failures_run) instead of \($now)"' >matters
	cbrun why api | sed -nE 's/^  with (.*): ([0-9]+) runs? would have failed( instead of [0-9]+).*/\1: \2\3/p' >told
	assert [ -s told ]
	assert_equal "$(cat told)" "$(cat matters)"
	run cbrun why api
	assert_line --regexp '^The 18 runs recorded since [-0-9 :]+, replayed:$'
	assert_line --regexp '^  with --open-for 40s: '
	refute_line --regexp '^  with --probes '
	cbrun -n well true
	run cbrun why well
	refute_output --partial "replayed"
}

# --- the command ---

@test "why --json has the same facts" {
	broken
	assert_equal "$(facts '[.schema, .name, .state, .mode, .reason, .by, .rejection, .consecutive_failures, .successes_needed,
		.probe_failures_allowed, .output]')" \
		'[1,"api","open","normal","3 consecutive failures","cbrun","3 consecutive failures",3,3,0,null]'
	assert_equal "$(facts '[.incident.runs[] | [.outcome, .exit, .said]]')" '[["failure",7,null],["failure",7,null],["failure",7,null]]'
	assert_equal "$(facts '.incident | [.recorded, .last_exit, .rejected, .trials_failed, .trials_succeeded, .reopenings,
		.by_hand, .closed, .last_trial_failed]')" '[true,7,0,0,0,0,[],null,null]'
	assert_equal "$(facts '.retry_after_seconds > 3500 and .incident.opened.at == .since and .recorded_since == .incident.first_failure_at')" true
	cbrun -n well true
	assert_equal "$(cbrun why well --json | jq -c '[.incident, .rejection, .retry_after_seconds]')" "[null,null,null]"
}

@test "why of a breaker that is not there exits with 1, and takes one name" {
	expect 1 "" "cbrun: no breaker named 'api'" cbrun why api
	cbrun -n web true
	expect 1 "" "cbrun: no breaker named 'api'" cbrun why api --json
	expect 125 "" "cbrun: expected one breaker's name, got 2" cbrun why api web
	expect 125 "" "cbrun: expected one breaker's name, got 0" cbrun why
}

@test "why changes nothing" {
	own_file "it is about a store's files"
	half_opened api
	before=$(fingerprint "$DIR/store")
	cbrun why api >/dev/null
	cbrun why api --json --at 10m >/dev/null
	assert_equal "$(fingerprint "$DIR/store")" "$before"
}

@test "at a terminal, no line is longer than that, and goes on further in where it stands further in" {
	command -v script >/dev/null || skip "needs script(1)"
	repeat 5 cbrun -q -n api -o 1h false
	repeat 3 cbrun -q -n api -o 1h true
	advance 1h
	cbrun -q -n api -o 1h false || :
	cbrun why api >piped
	folded=$(script -qec "env -i COLUMNS=50$(printf ' %q' "${ENVIRONMENT[@]}" "$CBRUN") why api" /dev/null </dev/null | tr -d '\r')
	assert [ "$(wc -L <piped)" -gt 70 ]
	assert [ "$(wc -L <<<"$folded")" -le 50 ]
	# but for how much time has passed, it is the same
	assert_equal "$(tr -s ' \n' ' ' <<<"$folded" | sed 's/[0-9][0-9hms]*//g')" "$(tr -s ' \n' ' ' <piped | sed 's/[0-9][0-9hms]*//g')"
	grep -q '^    [a-z]' <<<"$folded"
}
