# clock.bats: clocks that are set months forward and back, between calls and while they run, and across restarts:
# nothing is held longer, nothing opens, no old outcome is new and no new one old.
load helper
load processes

# seen_at TEXT DURATION: a time of the JSON is that far from what the wall clock shows now, but for five minutes.
seen_at() {
	local off
	to_ms "$2"
	assert_regex "$1" '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\.[0-9]{3}Z$'
	off=$(($(date -ud "$1" +%s) - $(date +%s) - (WALL_MS + MS) / 1000))
	assert [ "$off" -gt -300 ]
	assert [ "$off" -lt 300 ]
}

# assert_next STATE: what the next call meets, "open" or "half-open".
assert_next() {
	assert_state api "$1"
	if [ "$1" = open ]; then
		expect 75 "" "~cbrun: api: open .*" cbrun check api
	else
		expect 0 "" "" cbrun check api
	fi
}

# --- open ---

@test "months forward and back between calls leave an open period as long as it was" {
	opened api
	for step in 90d -200d 45d -1d 400d; do
		step_wall $step
		advance 10m
		assert_next open
	done
	assert_field api '[.retry_after_seconds > 540, .retry_after_seconds <= 600]' '[true,true]'
	advance 10m
	assert_next half-open
}

@test "across a restart months of wall time count, and months back end the period at once" {
	opened api
	reboot_clock 90d
	assert_next half-open
	cbrun reset api
	opened api
	reboot_clock -90d
	assert_next half-open
	expect 0 "ran" "" cbrun -n api -- echo ran
	assert_transitions api "closed>open open>half-open half-open>closed closed>open open>half-open"
}

@test "a restart within the period, then months forward and back, leave the rest of it" {
	opened api
	reboot_clock 20m
	cbrun -q -n api true || : # from here on it goes by the clock of this boot
	step_wall 90d
	assert_next open
	step_wall -180d
	assert_next open
	assert_field api '[.retry_after_seconds > 2340, .retry_after_seconds <= 2400]' '[true,true]'
	advance 40m
	assert_next half-open
}

@test "several restarts within a period add up" {
	opened api
	for _ in 1 2 3 4 5; do
		reboot_clock 5m
		cbrun -q -n api true || :
		advance 6m
		assert_next open
		cbrun -q -n api true || :
	done
	advance 5m
	assert_next half-open
}

@test "a boot clock that is far behind under the same boot id is another machine's, and the wall clock counts" {
	opened api
	((BOOT_MS -= 7200000)) || :
	advance 30m
	assert_next open
	advance 30m
	assert_next half-open
}

@test "a time namespace has a boot clock of its own, and neither ends nor holds what another has opened" {
	[ "$EUID" -eq 0 ] && unshare --time --boottime 7200 true 2>/dev/null || skip "needs root and time namespaces"
	opened api
	for offset in 7200 -60 0; do
		expect 75 "" "~cbrun: api: open .*, retry in $HOUR" private unshare --time --boottime $offset "$CBRUN" -n api touch ran
		expect 75 "" "~cbrun: api: open .*, retry in $HOUR" cbrun -n api touch ran
	done
	private unshare --time --boottime 7200 "$CBRUN" -n inside -f 1 -o 1h false || :
	expect 75 "" "~cbrun: inside: open .*, retry in $HOUR" cbrun -n inside touch ran
	advance 1h
	assert_state inside half-open
	assert_next half-open
}

@test "where no boot is told from another, the wall clock counts" {
	[ "$EUID" -eq 0 ] && unshare --mount true 2>/dev/null || skip "needs root and a mount namespace"
	: >empty
	unknown() { private unshare --mount sh -c 'mount --bind empty /proc/sys/kernel/random/boot_id && exec "$@"' sh "$CBRUN" "$@"; }
	unknown -n api -f 1 -o 1h false || :
	expect 75 "" "~cbrun: api: open .*" unknown -n api touch ran
	reboot_clock 1d # within the same number 0, and with a boot clock that shows no day
	((BOOT_ID = 0, BOOT_MS = 0)) || :
	write_clock
	expect 0 "" "" unknown -n api true
}

@test "a period tripped by hand is as long as it was said, whatever the clock" {
	cbrun -n api true
	cbrun trip api --for 2h
	step_wall -300d
	advance 119m
	assert_next open
	step_wall 600d
	assert_next open
	advance 1m
	assert_next half-open
}

@test "held is held, whatever the clock and after any restart" {
	cbrun -n api true
	cbrun trip api --hold
	for step in 300d -900d; do
		step_wall $step
		assert_field api '[.state, .mode, .retry_after_seconds]' '["open","held",null]'
		reboot_clock $step
		expect 75 "" "~cbrun: api: open \(held by .*\), until reset" cbrun -n api -- echo ran
	done
}

# --- half-open and backoff ---

@test "trial successes are kept when the clock is set, and after a restart" {
	half_opened api
	cbrun -n api true
	step_wall 90d
	cbrun -n api true
	reboot_clock -200d
	assert_field api '[.state, .trial_successes]' '["half-open",2]'
	cbrun -n api true
	assert_state api closed
}

@test "the growth of the open period survives set clocks and restarts" {
	growing=(--open-factor 2 --open-max 100h -f 1 -o 1h)
	half_opened api "${growing[@]}"
	cbrun -n api "${growing[@]}" false || :
	step_wall -90d
	advance 119m
	assert_next open
	advance 1m
	assert_next half-open
	step_wall 180d
	cbrun -n api "${growing[@]}" false || :
	reboot_clock 3h
	assert_next open
	advance 1h
	assert_next half-open
	cbrun -n api "${growing[@]}" false || :
	reboot_clock -400d
	assert_next half-open
	cbrun -n api "${growing[@]}" false || :
	assert_field api '[.reopenings, .retry_after_seconds > 57500, .retry_after_seconds <= 57600]' '[4,true,true]'
}

@test "a breaker that became half-open unnoticed is so since its deadline, on the wall as it is now" {
	opened api
	step_wall -90d
	advance 3h
	seen_at "$(field api .since)" -2h
	cbrun -n api true
	seen_at "$(field api .since)" -2h
}

# --- windows ---

@test "a time window follows the clock that nobody sets" {
	window=(-n api -f 0 -w 1h --min-calls 4)
	repeat 2 cbrun "${window[@]}" false
	step_wall 90d
	advance 30m
	repeat 1 cbrun "${window[@]}" false
	step_wall -200d
	assert_field api '.window | [.calls, .failures]' '[3,3]'
	advance 30m
	assert_field api '.window | [.calls, .failures]' '[1,1]'
	step_wall -90d
	advance 30m
	assert_field api .window.calls 0
	repeat 3 cbrun "${window[@]}" false
	assert_state api closed
	repeat 1 cbrun "${window[@]}" false
	assert_state api open
}

@test "across a restart a time window goes on by wall time" {
	window=(-n api -f 0 -w 1h --min-calls 9)
	repeat 2 cbrun "${window[@]}" false
	reboot_clock 20m
	assert_field api .window.calls 2
	repeat 1 cbrun "${window[@]}" false
	advance 40m
	assert_field api .window.calls 1
	reboot_clock 90d
	assert_field api .window.calls 0
}

@test "a restart with the clock months back makes no outcome new, and they age from then on" {
	repeat 2 cbrun -n api -f 3 --within 1h false
	advance 59m
	cbrun -n api -f 3 --within 1h --ignore-on 9 -- sh -c 'exit 9' || : # it sees that the time has passed
	reboot_clock -90d
	cbrun -n api -f 3 --within 1h --ignore-on 9 -- sh -c 'exit 9' || :
	advance 2m
	repeat 2 cbrun -n api -f 3 --within 1h false
	assert_state api closed
	repeat 1 cbrun -n api -f 3 --within 1h false
	assert_field api '[.state, .reason]' '["open","3 failures within 1h"]'
}

@test "--within opens by failures between which the clock was set by months" {
	repeat 1 cbrun -n api -f 3 --within 1h false
	step_wall 90d
	repeat 1 cbrun -n api -f 3 --within 1h false
	step_wall -180d
	repeat 1 cbrun -n api -f 3 --within 1h false
	assert_state api open
}

# --- while a call runs ---

# gated NAME OPTION...: a call that ends with 3 once the gate is open
gated() {
	close_gate
	start "$1" "$CBRUN" -n api "${@:2}" -- sh -c 'flock -w 300 -s gate true; exit 3'
	eventually in_flight api 1
}

@test "a clock set by months while a call runs changes neither its time limit nor its length" {
	for step in 90d -200d; do
		gated call -t 1h --slow 30m
		step_wall $step
		kill -CHLD "$PID" # it looks at its clock
		open_gate
		finish "$PID" 3
	done
	assert_field api '[.totals.calls, .totals.timeouts, .totals.slow, .latency_seconds.max < 60]' '[2,0,0,true]'
	assert_equal "$(cbrun history api --json | jq -c '.duration_seconds < 60' | paste -sd ' ')" "true true"
}

@test "a trial call that ends after the clock was set months back counts" {
	half_opened api
	close_gate
	start call "$CBRUN" -n api --successes 1 -- flock -w 300 -s gate true
	eventually in_flight api 1
	step_wall -90d
	open_gate
	finish "$PID" 0
	assert_state api closed
}

@test "--wait goes by the time that has passed, not by the wall" {
	opened api
	start call "$CBRUN" -n api --wait 2h -- echo ran
	step_wall 90d
	sleep 0.6 # longer than it sleeps between two looks
	assert_state api open
	assert_equal "$(cat call.out)" ""
	step_wall -180d
	advance 1h
	finish "$PID" 0
	assert_equal "$(cat call.out)" ran
}

# --- what is told ---

@test "times are told as the wall showed them when it happened" {
	step_wall 90d
	cbrun -n api -f 1 -o 1h true
	step_wall -200d
	cbrun -n api -f 1 -o 1h false || :
	seen_at "$(field api .last_success_at)" 200d
	seen_at "$(field api .last_failure_at)" 0d
	seen_at "$(field api .since)" 0d
	step_wall -30d
	seen_at "$(field api .since)" 30d
}

@test "history stays in the order in which things happened" {
	step_wall 90d
	cbrun -n api -f 2 -o 1h -- sh -c 'exit 4' || :
	step_wall -200d
	cbrun -n api -f 2 -o 1h -- sh -c 'exit 5' || :
	reboot_clock 90d
	cbrun -n api true
	cbrun history api --json >lines
	assert_equal "$(jq -r '.exit // .to' lines | paste -sd ' ')" "4 5 open half-open 0"
	seen_at "$(sed -n 1p lines | jq -r .at)" 110d
	seen_at "$(sed -n 2p lines | jq -r .at)" -90d
	seen_at "$(sed -n 5p lines | jq -r .at)" 0d
	expect 0 "~.*exit 4.*exit 5.*half-open.*exit 0.*" "" cbrun history api
}

@test "the table tells no time before it began, with a clock that was set back" {
	opened api
	step_wall -90d
	expect 0 "~NAME .*
api   open +[0-9]+s  +1 .*retry in $HOUR" "" cbrun status
}

@test "a clock in 1970, before it, and in the next century keeps what the breaker has counted" {
	wall=$(date +%s)
	for year in $((-wall * 1000 + 5000)) $((-wall * 1000 - 90000)) 3155760000000; do
		rm -rf store
		WALL_MS=$year
		write_clock
		expect 1 "" "" cbrun -n api -f 2 -o 1h false
		expect 1 "" "" cbrun -n api -f 2 -o 1h false
		expect 75 "" "~cbrun: api: open .*" cbrun -n api -f 2 -o 1h true
		seen_at "$(field api .since)" 0d
		WALL_MS=0
		write_clock
		assert_field api '[.state, .totals.failures]' '["open",2]'
		advance 1h
		expect 0 "" "" cbrun -n api -f 2 -o 1h true
	done
}

@test "doctor tells of a clock that was set back, until it is right again or the breakers have seen it" {
	cbrun -n api true
	cbrun -n web true
	expect 0 "~.*
ok   the wall clock is ahead of all that the breakers have seen" "" cbrun doctor
	step_wall 90d
	expect 0 "~.*
ok   the wall clock is ahead of all that the breakers have seen" "" cbrun doctor
	step_wall -91d
	expect 1 "~.*
BAD  the wall clock is behind what 2 breakers have seen: it was set back; set it right" "" cbrun doctor
	cbrun -n api true
	expect 1 "~.*
BAD  the wall clock is behind what 1 breaker has seen: .*" "" cbrun doctor
	cbrun -n web true
	expect 0 "~.*
ok   the wall clock is ahead of all that the breakers have seen" "" cbrun doctor
}
