# systemd.bats: `record --systemd`, told what systemd tells an ExecStopPost=, and the units that come with it.
load helper

ROOT=$(realpath "$BATS_TEST_DIRNAME/../..")

# stop_post RESULT CODE STATUS [OPTION...]: as systemd runs it; "-" is not set.
stop_post() {
	local variables=("SERVICE_RESULT=$1")
	[ "$2" = - ] || variables+=("EXIT_CODE=$2" "EXIT_STATUS=$3")
	shift 3
	private env "${variables[@]}" "$CBRUN" record --systemd job "$@"
}

# counted OUTCOME EXIT RESULT CODE STATUS [OPTION...]: that is what it counts as.
counted() {
	local want="$1 $2"
	shift 2
	expect 0 "" "" stop_post "$@"
	assert_equal "$* is $(cbrun history job --json | tail -n 1 | jq -r 'select(.kind == "call") | "\(.outcome) \(.exit)"')" "$* is $want"
}

@test "a service's own end is judged by the lists" {
	counted success 0 success exited 0
	counted failure 1 exit-code exited 1 -f 0
	counted failure 137 signal killed KILL
	counted failure 139 core-dump dumped SEGV
	counted ignored 2 exit-code exited 2 --ignore-on 2
	counted success 24 exit-code exited 24 --success-on 0,24
	counted success 24 exit-code exited 24 --failure-on 1
	counted failure 163 signal killed RTMIN+1
	assert_field job '.totals | [.calls, .successes, .failures, .ignored]' '[8,3,4,1]'
}

@test "time limits of systemd are timeouts" {
	counted timeout 124 timeout killed TERM -f 0
	counted timeout 124 timeout exited 0
	counted timeout 124 watchdog dumped ABRT
	counted ignored 124 timeout killed KILL --ignore-on timeout
	assert_field job '.totals | [.failures, .timeouts, .ignored]' '[3,3,1]'
}

@test "a service that broke its protocol, or was killed for want of memory, has failed" {
	counted failure 1 protocol - - -f 0
	counted failure 1 protocol exited 0
	counted failure 137 oom-kill killed KILL
	counted failure 137 oom-kill killed TERM
}

@test "a stop that somebody asked for says nothing" {
	counted ignored 143 success killed TERM
	counted ignored 143 signal killed TERM
	counted ignored 130 success killed INT
	counted ignored 129 success killed HUP
	counted ignored 143 exit-code exited 143
	counted ignored 141 success killed PIPE
	assert_field job '[.state, .totals.failures]' '["closed",0]'
}

@test "a service that could not be started says nothing" {
	counted ignored 203 exit-code exited 203
	counted ignored 200 exit-code exited 200
	counted ignored 200 resources - -
	counted failure 199 exit-code exited 199 -f 0
	counted failure 246 exit-code exited 246
	counted failure 255 exit-code exited 255
}

@test "what the unit calls a success is one, unless the breaker's failures say else" {
	counted success 24 success exited 24
	counted success 138 success killed USR1
	counted failure 24 success exited 24 --failure-on 24
	counted ignored 24 success exited 24 --ignore-on 24
}

@test "a run that did not take place is not counted" {
	expect 0 "" "" stop_post exec-condition exited 75
	expect 0 "" "" stop_post start-limit-hit - -
	expect 0 "" "cbrun: job: nothing ran, so nothing is recorded" stop_post exec-condition exited 75 -v
	assert [ ! -e "$STORE" ]
}

@test "a result that is not known is told by how the process ended" {
	counted failure 4 something-new exited 4
	counted success 0 something-new exited 0
}

@test "outside of ExecStopPost= it says where it belongs" {
	local where='--systemd is for ExecStopPost= of a service, where systemd sets SERVICE_RESULT, EXIT_CODE and EXIT_STATUS'
	expect 125 "" "cbrun: $where; SERVICE_RESULT is '' here" cbrun record --systemd job
	expect 125 "" "cbrun: $where; EXIT_CODE is '' here" stop_post exit-code - -
	expect 125 "" "cbrun: $where; EXIT_CODE is 'trapped' here" stop_post exit-code trapped 1
	for bad in '' TERM 256 -1; do
		expect 125 "" "cbrun: $where; EXIT_STATUS is '$bad' here" stop_post exit-code exited "$bad"
	done
	expect 125 "" "cbrun: $where; EXIT_STATUS is 'NONE' here" stop_post signal killed NONE
	expect 125 "" "cbrun: expected a breaker's name alone: systemd tells the outcome" stop_post success exited 0 success
	expect 125 "" "cbrun: expected a breaker's name and an outcome" cbrun record job
	assert [ ! -e "$STORE" ]
}

@test "a failing service opens its breaker, is skipped, and tried again" {
	printf '[breaker job]\npreset = cron\non-open = echo "$BREAKER_REASON" >>opened\n' >"$CONFIG"
	for _ in 1 2 3; do
		expect 0 "" "" cbrun check job
		expect 0 "" "~(cbrun: .*)?" stop_post exit-code exited 1
	done
	expect 75 "" "~cbrun: job: .*" cbrun check job
	expect 0 "" "" stop_post exec-condition exited 75
	assert has_lines opened 1
	assert_field job '[.state, .totals.calls]' '["open",3]'
	advance 15m
	expect 0 "" "" cbrun check job
	expect 0 "" "~(cbrun: .*)?" stop_post success exited 0
	assert_state job closed
}

@test "systemd accepts the units" {
	command -v systemd-analyze >/dev/null || skip "needs systemd-analyze"
	printf '[Unit]\n[Service]\nType=oneshot\nExecStart=/bin/true\n' >simple.service
	private systemd-analyze --man=no verify ./simple.service || skip "systemd-analyze cannot run here"
	for unit in mirror.service mirror.timer; do
		sed "s,/usr/local/bin/cbrun,$CBRUN,; s,/usr/local/bin/sync-mirror,/bin/true," "$ROOT/contrib/systemd/$unit" >"$unit"
	done
	expect 0 "" "" private systemd-analyze --man=no verify ./mirror.service ./mirror.timer
	echo 'ExecStopPots=/bin/true' >>mirror.service
	expect 0 "" "~.*Unknown key.*ExecStopPots.*" private systemd-analyze --man=no verify ./mirror.service
}
