# auto.bats: --failures auto, as far as a user sees it. What it goes by is tested in tests/unit/test_cusum.c.
load helper

# So many calls of a breaker of that name, one each day, that end with the exit status.
daily() {
	local name=$1 calls=$2 status=$3
	shift 3
	for ((i = 0; i < calls; i++)); do
		advance 1d
		cbrun -n "$name" -f auto -o 2d "$@" -- sh -c "exit $status" || :
	done
}

# A trace of days: each word is a number and what happens on so many days.
days() {
	local day=0 run count event i
	for run; do
		count=${run%%[a-z]*} event=${run##*[0-9]}
		for ((i = 0; i < count; i++)); do
			echo "$((day++ * 86400)) $event"
		done
	done
}

@test "--failures auto opens a daily job at its second failure in a row, and says how rare that is" {
	daily backup 20 0
	daily backup 1 1
	expect 0 "" "" cbrun check backup
	daily backup 1 1
	ENVIRONMENT+=(COLUMNS=200)
	expect 0 "~.*
     State: open: 2nd failure in a row; in health that happens once in [0-9]{3} calls \(exit 1\)
.*
    Policy: failures auto, false-trips 1/365d, min-calls 10, .*
    Health: 1.25% of calls fail, opens at what happens once in 3[67]0 calls
.*" "" cbrun status --long backup
	expect 75 "" "~cbrun: backup: open \(2nd failure in a row; in health that happens once in [0-9]{3} calls\), retry in (2d|1d23h.*)" \
		cbrun -n backup -f auto -o 2d true
	run -0 cbrun why backup
	assert_line --regexp "because 2 of the last 2 runs failed, which in health happens once in [0-9,]+ runs \(--failures auto\):$"
	run -0 cbrun status --json backup
	assert_equal "$(jq -c '.breakers[0] | [.policy.failures, .policy["false-trips"], .policy["failure-rate"]]' <<<"$output")" \
		'["auto","1/365d",0]'
}

@test "why says how near a job with --failures auto is to opening" {
	daily backup 5 0
	daily backup 1 1
	expect 0 "~backup is closed: runs go through.
The last run has failed; in health that happens once in [0-9]+ runs. It opens at what happens once in 3[67]0 \(--false-trips\).
It has never opened." "" cbrun why backup
}

@test "--verbose says under --failures auto how near a failure has come to opening" {
	local ending="cbrun: backup: exit 1 after [0-9ms]+: failure"
	expect 1 "" "~.*
$ending \(in health once in [0-9]+ calls; how often it is called is not known yet\)" cbrun -n backup -v -f auto false
	cbrun remove backup
	daily backup 40 0
	advance 1d
	expect 1 "" "~.*
$ending \(in health once in [0-9]{2} calls, opens when rarer than once in 3[67]0\)" cbrun -n backup -v -f auto -o 2d false
	advance 1d
	expect 1 "" "~.*
$ending \(2 of the last 2; in health once in [0-9,]+ calls, opens when rarer than once in 3[67]0\)
cbrun: backup: closed -> open \(2nd failure in a row; in health that happens once in [0-9,]+ calls\), retry in 2d" \
		cbrun -n backup -v -f auto -o 2d false
}

@test "a first failure never opens under --failures auto, however rare it is, and so it is told" {
	daily backup 60 0 --false-trips 1/30d
	daily backup 1 1 --false-trips 1/30d
	run -0 cbrun why backup
	assert_line --regexp "^The last run has failed; in health that happens once in [0-9]+ runs. It opens if the next one fails, too.$"
}

@test "status says under --failures auto when it is not known yet how often it is called" {
	cbrun -n backup -f auto true
	run -0 cbrun status --long backup
	assert_line --regexp "^ +Health: 2.38% of calls fail, how often it is called is not known yet$"
}

@test "why offers --failures auto where another rule was in force" {
	for ((i = 0; i < 10; i++)); do
		advance 1d
		cbrun -q -n backup -f 4 -o 3d --successes 1 sh -c "exit $((i >= 6))" || :
	done
	run -0 cbrun why backup
	assert_line --regexp "^  with --failures auto: 3 runs would have failed instead of 4$"
	daily learned 10 0
	daily learned 3 1
	run -0 cbrun why learned
	refute_output --partial "with --failures auto"
}

@test "--failures auto opens no job at a single failure" {
	days 900ok 1fail 10ok 1fail >trace
	expect 0 '~.*"opened":0,.*' "" sh -c '"$@" | tail -n 1' - "$CBRUN" simulate -f auto trace
}

@test "--failures auto bears what a flaky job does in health" {
	for ((i = 0; i < 400; i++)); do
		echo "$((i * 86400)) $([ $((i % 5)) -eq 4 ] && echo fail || echo ok)"
	done >trace
	expect 0 '~.*"opened":0,.*' "" sh -c '"$@" | tail -n 1' - "$CBRUN" simulate -f auto trace
}

@test "with fewer --false-trips it takes more failures" {
	days 30ok 9fail >trace
	opened() {
		cbrun simulate -f auto --false-trips "$1" -o 90d trace |
			jq -r 'select(.event == "summary") | .failures_run'
	}
	assert_equal "$(opened 12/365d) $(opened 1/365d) $(opened 1/3650d)" "2 2 3"
}

@test "with --failures auto a failure rate counts only if it is given" {
	printf '[default]\nfailures = auto\n' >"$CONFIG"
	run -0 cbrun config
	assert_line --regexp "^failures +auto +.*cbrun.conf:2$"
	assert_line --regexp "^failure-rate +0 +default$"
	echo 'failure-rate = 40' >>"$CONFIG"
	run -0 cbrun config
	assert_line --regexp "^failure-rate +40 +.*cbrun.conf:3$"
	ENVIRONMENT+=(CBRUN_FAILURES=auto CBRUN_FALSE_TRIPS=2/30d)
	: >"$CONFIG"
	run -0 cbrun config
	assert_line --regexp "^false-trips +2/30d +environment$"
}

@test "a replay with --failures auto drops the rate of the recorded policy, but not one that is given" {
	daily job 1 0 -f 3 --failure-rate 50
	summary() {
		cbrun simulate --from job "$@" >/dev/null
	}
	expect 0 "" "" summary -f auto
	expect 125 "" "cbrun: with --failures 0 and no rate the breaker can never open; set --failures, --failure-rate, or --slow with --slow-rate" \
		cbrun simulate --from job -f 0 --failure-rate 0
}

@test "what makes no sense with --failures auto is refused" {
	expect 125 "" "cbrun: --failures auto and --within exclude each other: auto learns by itself how close together failures mean an outage" \
		cbrun -n api -f auto --within 1h true
	expect 125 "" "cbrun: invalid --failures 'automatic': expected a whole number from 0 to 1000000, or auto" cbrun -n api -f automatic true
	for bad in "" 1 0/1d 1/ 1/0s /1d 2000000/1d 5/1ms -1/1d 1/1y; do
		expect 125 "" "cbrun: invalid --false-trips '$bad': expected how often, such as 1/365d or 2/30d" \
			cbrun -n api -f auto --false-trips "$bad" true
	done
}
