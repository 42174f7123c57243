# mail.bats: what a person reads with --output change: what broke, that it works again, that it is still broken; and what
# is kept of the output for that.
load helper
load processes

# A time as messages tell it, today or on another day; when it is tried again, and how to have that sooner.
AT='([A-Z][a-z][a-z] |[-0-9]{10} )?[0-9]{2}:[0-9]{2}'
NEXT="next try (at $AT|in [0-9ms]+), or now: cbrun reset api"

# mail COMMAND...: all that it prints, as cron would send it.
mail() {
	"$@" 2>&1
}

# job EXIT [TEXT]: a guarded run of the breaker under test, its output held back.
job() {
	cbrun -n api "${POLICY[@]}" -- sh -c 'echo "$2" >&2; exit "$1"' sh "$1" "${2-}"
}

# kept: the files that hold output.
kept() {
	find store -name '*.output-*' | sed 's/.*output-[0-9]*//' | sort | paste -sd ' '
}

# --- what broke ---

@test "the message that something broke tells how often, since when, how it ended last, what comes next and what to type" {
	POLICY=(-f 3 -o 1h --output change)
	repeat 2 job 7 first
	expect 9 "~cbrun: api: broken: 3 failures since $AT, the last with exit 9; $NEXT
cbrun: api: the first failure, at $AT:
first
cbrun: api: the last failure, at $AT:
last" "" mail job 9 last
}

@test "it tells death by a signal, the time limit, and a single failure, each in its words" {
	policy=(--output change -o 1h)
	expect 137 "~cbrun: a: broken: 1 failure at $AT, killed by SIGKILL; next try at .*" "" mail cbrun -n a -f 1 "${policy[@]}" -- sh -c 'kill -KILL $$'
	expect 124 "~cbrun: b: broken: 1 failure at $AT, after its time limit of 100ms; next try at .*" "" mail cbrun -n b -f 1 -t 100ms "${policy[@]}" sleep 120
	expect 3 "~cbrun: c: broken: 1 failure at $AT, with exit 3; next try in 30s, or now: cbrun reset c" "" mail cbrun -n c -f 1 --output change -- sh -c 'exit 3'
}

@test "each rule that opens a breaker has its words" {
	cbrun -n a -f 0 --min-calls 2 --output change false || :
	expect 1 "~cbrun: a: broken: 2 of the last 2 calls failed, the last with exit 1; next .*" "" mail cbrun -n a -f 0 --min-calls 2 --output change false
	cbrun -n b -f 2 --within 1h --output change false || :
	expect 1 "~cbrun: b: broken: 2 failures within 1h, the last with exit 1; next .*" "" mail cbrun -n b -f 2 --within 1h --output change false
	cbrun -n c -f 0 --min-calls 2 --slow 1ms --output change sleep 0.01
	expect 0 "~cbrun: c: too slow: 2 of the last 2 calls took longer than 1ms, the last after [0-9ms]+; next .*" "" \
		mail cbrun -n c -f 0 --min-calls 2 --slow 1ms --output change sleep 0.01
}

@test "what is done by hand is told with who and why" {
	printf '[default]\noutput = change\n' >"$CONFIG"
	cbrun -n api true
	expect 0 "" "~cbrun: api: tripped for 1h by [^ ]+: upgrade; $NEXT" cbrun trip api --for 1h --reason upgrade
	repeat 2 cbrun -n api true
	advance 10m
	expect 0 "" "~cbrun: api: reset by [^ ]+, after 10m(0[0-9]s)? \(2 runs skipped\)" cbrun reset api
	expect 0 "" "~cbrun: api: held by [^ ]+; it stays so until: cbrun reset api" cbrun trip api --hold
}

@test "in shadow nothing is said of a next try, since everything runs" {
	expect 1 "" "~cbrun: api: broken: 1 failure at $AT, with exit 1; in shadow mode, so it runs all the same" cbrun -n api -f 1 --shadow --output change false
	expect 1 "" "~cbrun: api: shadow: would reject, open \(1 consecutive failure\); running 'false'
cbrun: api: exit 1 after [0-9ms]+: failure" cbrun -n api -f 1 --shadow -v false
}

@test "--verbose tells how a call was judged" {
	expect 7 "" "~cbrun: api: closed, running 'sh'
cbrun: api: exit 7 after [0-9ms]+: failure \(1 of 5\)" cbrun -n api -v -- sh -c 'exit 7'
	expect 7 "" "~.*
cbrun: api: exit 7 after [0-9ms]+: ignored \(by --ignore-on\)" cbrun -n api -v --ignore-on 7 -- sh -c 'exit 7'
	expect 127 "" "~.*
cbrun: api: not started: ignored" cbrun -n api -v no-such-command
	expect 124 "" "~.*
cbrun: api: time limit of 100ms: timeout \(2 of 5\)" cbrun -n api -v -t 100ms sleep 120
	expect 0 "" "~.*
cbrun: api: exit 0 after [0-9ms]+: success" cbrun -n api -v true
}

# --- what is kept ---

@test "the first and the last failing output since a success are kept, and output prints them" {
	POLICY=(-f 10 --output failure)
	for text in one two three; do
		job 1 $text || :
	done
	expect 0 "one
three" "~cbrun: api: the first failure, at $AT:
cbrun: api: the last failure, at $AT:" cbrun output api
	assert_equal "$(kept)" ".first .last"
	job 0 good
	expect 0 "" "cbrun: api: no output of a failed call is kept: no call has failed since the last success" cbrun output api
	job 1 anew || :
	expect 0 "anew" "~cbrun: api: the first failure, at $AT:" cbrun output api
	assert_equal "$(stat -c %a store/*.first)" 600
}

@test "a reset is no success: what is kept stays" {
	POLICY=(-f 1 --output change)
	job 1 one || :
	cbrun reset api
	expect 0 "one" "~.*" cbrun output api
}

@test "of a long output the last 64 KiB are kept, byte by byte" {
	cbrun -n api --output failure -- sh -c 'exec >&2; head -c 100000 /dev/urandom | tee all; exit 1' 2>/dev/null || :
	cbrun output api >end 2>/dev/null
	tail -c 65536 all | cmp - end
}

@test "where nothing is held back nothing is kept, and output says why" {
	cbrun -n api -- sh -c 'echo bad; exit 1' || :
	expect 0 "" "cbrun: api: no output of a failed call is kept: only --output failure or change keeps it" cbrun output api
	assert_equal "$(kept)" ""
	expect 1 "" "cbrun: no breaker named 'other'" cbrun output other
	expect 125 "" "~cbrun: expected one breaker's name.*" cbrun output
}

@test "output changes nothing, and is none in a store that is not there" {
	expect 1 "" "cbrun: no breaker named 'api'" cbrun output api
	assert [ ! -e store ]
	POLICY=(--output failure)
	job 1 one || :
	before=$(fingerprint store)
	cbrun output api
	assert_equal "$(fingerprint store)" "$before"
}

@test "on a terminal output does what no byte of it asks for" {
	cbrun -n api --output failure -- sh -c 'printf "red \033[31m\tand \302\233 or \0 \303\266\n" >&2; exit 1' || :
	run private script -qec "'$CBRUN' output -q api" /dev/null </dev/null
	assert_output $'red \\e[31m\tand \\xc2\\x9b or \\x00 ö\r'
}

@test "remove takes what is kept with it" {
	POLICY=(--output failure)
	repeat 2 job 1 one
	assert_equal "$(kept)" ".first .last"
	cbrun remove api
	assert_equal "$(kept)" ""
}

@test "a kept output that is damaged is told, and served to nobody" {
	POLICY=(-f 2 -o 1h --output change)
	job 1 one || :
	printf X | dd of="$(echo store/*.first)" conv=notrunc bs=1 seek=56 status=none
	expect 125 "" "~cbrun: cannot read the output kept in .*/cbrun.db.output-[0-9]+.first: it is damaged" cbrun output api
	expect 1 "~cbrun: api: broken: 2 failures since .*
two" "" mail job 1 two
}

# --- reminders ---

@test "with --remind one rejected call says after each duration that it is still broken" {
	POLICY=(-f 2 -o 10d --open-max 10d --output change --remind 1d)
	repeat 2 job 3
	advance 23h
	expect 75 "" "" job 0
	advance 1h
	expect 75 "" "~cbrun: api: still broken since [A-Z][a-z]{2} [0-9:]{5}: 2 consecutive failures, the last with exit 3; 2 runs skipped; $NEXT" job 0
	expect 75 "" "" job 0
	advance 1d
	cbrun -q -n api "${POLICY[@]}" true || : # says nothing, so it uses nothing up
	expect 75 "" "~cbrun: api: still broken since .*; 5 runs skipped; .*" job 0
}

@test "a trial call that fails says so too, of many calls one" {
	POLICY=(-f 1 -o 1h --output change --remind 1d)
	job 3 || :
	for _ in {1..23}; do
		advance 1h
		expect 3 "" "" mail job 3
	done
	advance 1h
	expect 3 "~cbrun: api: still broken since $AT: 1 consecutive failure, the last with exit 3; 0 runs skipped, 24 more failed; $NEXT" "" mail job 3
	advance 1h
	expect 3 "" "" mail job 3
}

@test "one that is held is reminded of with who and why" {
	cbrun -n api true
	cbrun trip api --hold --reason 'on purpose'
	advance 1d
	expect 0 "" "~cbrun: api: still open since $AT: held by [^ ]+: on purpose; 1 run skipped; it stays so until: cbrun reset api" cbrun -n api --preset cron true
}

@test "a job that hangs is told by the calls that it keeps from starting" {
	close_gate
	start call "$CBRUN" -n api -c 1 -- flock -w 300 -s gate true
	eventually in_flight api 1
	expect 75 "" "~cbrun: api: not started: 1 of at most 1 is running \(pid $PID, for [0-9ms]+\)" cbrun -n api -c 1 true
	expect 75 "" "~cbrun: api: not started: 1 of at most 1 is running \(pid $PID, for [0-9ms]+\)" cbrun check api -c 1
	expect 0 "" "" cbrun -n api -c 1 --preset cron true
	advance 23h
	expect 0 "" "" cbrun -n api -c 1 --preset cron true
	advance 2h
	expect 0 "" "~cbrun: api: still running: pid $PID, for 1d01h; nothing was started since $AT; to end it: kill $PID" cbrun -n api -c 1 --preset cron true
	expect 0 "" "" cbrun -n api -c 1 --preset cron true
	open_gate
	finish "$PID" 0
	expect 0 "ran" "" cbrun -n api -c 1 --preset cron echo ran
}

@test "without --output change nothing is reminded of" {
	POLICY=(-f 1 -o 10d --open-max 10d --remind 1h)
	job 3 2>/dev/null || :
	advance 1d
	expect 75 "" "~cbrun: api: open \(1 consecutive failure\), retry in .*" job 0
}
