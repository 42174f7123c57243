# metrics.bats: `metrics`: the breakers for Prometheus, printed or as a file for node_exporter.
load helper

# some_breakers: one of each kind.
some_breakers() {
	cbrun -n api true
	cbrun -q -n api -r 2 --retry-delay 1ms -- sh -c 'exit 2' || :
	cbrun -q -n api -t 10ms sleep 120 || :
	cbrun -q -n api --ignore-on 3 -- sh -c 'exit 3' || :
	opened db --fallback true
	cbrun -q -n db -f 1 -o 1h --fallback true false
	half_opened half
	cbrun -n free true
	cbrun trip -q --hold held
	cbrun disable -q free
	cbrun -q -n dark --shadow -f 1 -o 1h false || :
}

# samples FAMILY [NAME...]: without the family's head.
samples() {
	cbrun metrics "${@:2}" | grep -v '^#' | grep "^$1"
}

# expected_of_json: what `status --json` on standard input says, as samples.
expected_of_json() {
	jq -r '
		def epoch: sub("\\.[0-9]+Z$"; "Z") | fromdateiso8601;
		def ms: capture("\\.(?<ms>[0-9]+)Z$").ms | tonumber;
		def seconds: (epoch + ms / 1000);
		.breakers[] | "{name=\"\(.name)\"" as $name | .totals as $t |
		(.state as $is | ("closed", "open", "half-open") | "state\($name),state=\"\(.)\"} \(if . == $is then 1 else 0 end)"),
		"mode\($name),mode=\"\(.mode)\"} 1",
		"calls_total\($name),outcome=\"success\"} \($t.successes)",
		"calls_total\($name),outcome=\"failure\"} \($t.failures - $t.timeouts)",
		"calls_total\($name),outcome=\"timeout\"} \($t.timeouts)",
		"calls_total\($name),outcome=\"ignored\"} \($t.ignored)",
		"rejected_total\($name)} \($t.rejected)",
		"retries_total\($name)} \($t.retries)",
		"fallbacks_total\($name)} \($t.fallbacks)",
		"call_duration_seconds_count\($name)} \($t.successes + $t.failures)",
		"call_duration_seconds_bucket\($name),le=\"+Inf\"} \($t.successes + $t.failures)",
		"in_flight\($name)} \(.in_flight)",
		(.window.failure_rate | values | "failure_ratio\($name)} \(. * 1e9 + 0.5 | floor / 1e9)"),
		"state_since_timestamp_seconds\($name)} \(.since | seconds)",
		(.last_success_at | values | "last_success_timestamp_seconds\($name)} \(seconds)"),
		(.last_failure_at | values | "last_failure_timestamp_seconds\($name)} \(seconds)") | "cbrun_" + .' | LC_ALL=C sort
}

@test "the values are those of status --json" {
	some_breakers
	close_gate
	start running "$CBRUN" -n api -- flock -w 300 -s gate true
	eventually in_flight api 1
	# when a deadline was that nobody has noted is reckoned anew each time, to a millisecond
	reckoned='_state_since.*name="(half|db)"'
	assert_equal "$(samples cbrun_ | grep -Ev "transitions|le=\"[0-9]|_sum|_until|_down|_expected|_info|$reckoned" | LC_ALL=C sort)" \
		"$(cbrun status --json | expected_of_json | grep -Ev "$reckoned")"
	open_gate
	finish "$PID" 0
	assert_equal "$(samples cbrun_calls_total api)" 'cbrun_calls_total{name="api",outcome="success"} 2
cbrun_calls_total{name="api",outcome="failure"} 1
cbrun_calls_total{name="api",outcome="timeout"} 1
cbrun_calls_total{name="api",outcome="ignored"} 1'
	assert_equal "$(samples 'cbrun_\(rejected\|retries\|fallbacks\)' api db)" 'cbrun_rejected_total{name="api"} 0
cbrun_rejected_total{name="db"} 1
cbrun_retries_total{name="api"} 2
cbrun_retries_total{name="db"} 0
cbrun_fallbacks_total{name="api"} 0
cbrun_fallbacks_total{name="db"} 1'
}

@test "what is printed passes promtool's check" {
	command -v promtool >/dev/null || skip "needs promtool"
	some_breakers
	cbrun metrics >text
	expect 0 "" "" sh -c 'promtool check metrics <text'
	assert_equal "$(sed -n 's/^# TYPE //p' text)" 'cbrun_state gauge
cbrun_mode gauge
cbrun_calls_total counter
cbrun_rejected_total counter
cbrun_retries_total counter
cbrun_fallbacks_total counter
cbrun_transitions_total counter
cbrun_call_duration_seconds histogram
cbrun_in_flight gauge
cbrun_failure_ratio gauge
cbrun_state_since_timestamp_seconds gauge
cbrun_down_since_timestamp_seconds gauge
cbrun_open_until_timestamp_seconds gauge
cbrun_last_success_timestamp_seconds gauge
cbrun_last_failure_timestamp_seconds gauge
cbrun_store_info gauge'
	assert_equal "$(tail -n 1 text)" 'cbrun_store_info{engine="sqlite"} 1'
}

@test "--openmetrics is what Prometheus reads as such" {
	command -v promtool >/dev/null || skip "needs promtool"
	some_breakers
	cbrun metrics --openmetrics >text
	assert_equal "$(sed -n 's/^# TYPE //p' text | sed -n '/ counter\|info/p')" 'cbrun_calls counter
cbrun_rejected counter
cbrun_retries counter
cbrun_fallbacks counter
cbrun_transitions counter
cbrun_store info'
	# a unit is what the name ends in
	assert_equal "$(grep -c '^# UNIT' text) $(grep -cE '^# UNIT [a-z_]+_(seconds|ratio) \1$' text)" "7 7"
	assert_equal "$(tail -n 1 text)" "# EOF"
	# but for the heads, all is the same in both formats
	assert_equal "$(grep -v '^#' text | grep -v '_until\|_state_since')" "$(samples cbrun_ | grep -v '_until\|_state_since')"
	awk '/^#/ { print; next } { print $0, 1700000000 }' text >stamped
	expect 0 "~BLOCK ULID.*" "" promtool tsdb create-blocks-from openmetrics stamped blocks
	sed -i '$d' stamped # it does read it
	expect 1 "~.*" "~.*does not end with # EOF.*" promtool tsdb create-blocks-from openmetrics stamped blocks
}

@test "the histogram counts what took less, up to an hour" {
	for duration in 5ms 10ms 30s 59m 3h; do
		cbrun record -q --duration $duration api success
	done
	cbrun record -q --duration 1s api ignored # which are not measured
	assert_equal "$(samples cbrun_call_duration_seconds | sed 's/.*{name="api",*//; s/le=//')" '"0.0096"} 1
"0.0256"} 2
"0.0512"} 2
"0.1024"} 2
"0.256"} 2
"0.512"} 2
"1.024"} 2
"2.4576"} 2
"4.9152"} 2
"9.8304"} 2
"32.768"} 3
"65.536"} 3
"131.072"} 3
"314.5728"} 3
"629.1456"} 3
"1677.7216"} 3
"3355.4432"} 3
"+Inf"} 5
} 5
} 14370.015'
}

@test "the times of an outage are told while it lasts" {
	cbrun -n api true
	assert_equal "$(samples 'cbrun_\(down\|open\)')" ""
	opened api
	down=$(samples cbrun_down_since api)
	[[ $(samples cbrun_open_until api) =~ ([0-9]+)(\.[0-9]+)?$ ]]
	until=${BASH_REMATCH[1]}
	[[ $down =~ ([0-9]+)(\.[0-9]+)?$ ]]
	assert [ $((until - BASH_REMATCH[1])) -ge 3599 ]
	assert [ $((until - BASH_REMATCH[1])) -le 3601 ]
	advance 2h
	assert_equal "$(samples cbrun_state api | sed 1q)" 'cbrun_state{name="api",state="closed"} 0'
	assert_equal "$(samples cbrun_down_since api)" "$down"
	[[ $(samples cbrun_open_until api) =~ ([0-9]+)(\.[0-9]+)?$ ]]
	assert [ $((until - BASH_REMATCH[1])) -ge -1 ]
	assert [ $((until - BASH_REMATCH[1])) -le 1 ]
	cbrun trip -q --hold api
	assert_equal "$(samples 'cbrun_\(down\|open_until\)' api)" "$down"
	cbrun reset -q api
	assert_equal "$(samples 'cbrun_\(down\|open\)')" ""
	assert_equal "$(samples cbrun_transitions api)" 'cbrun_transitions_total{name="api",to="closed"} 1
cbrun_transitions_total{name="api",to="open"} 2
cbrun_transitions_total{name="api",to="half-open"} 1'
}

@test "the interval in which a success is expected is the section's, else what was learned" {
	for _ in 1 2 3 4 5 6; do
		cbrun -n job true
		cbrun -n other true
		advance 1h
	done
	cbrun disable -q other
	assert_equal "$(samples cbrun_expected | sed 's/[0-9][0-9]\.[0-9]*$/../')" 'cbrun_expected_interval_seconds{name="job"} 45..'
	printf '[breaker job]\nexpect = 2h\n' >"$CONFIG"
	assert_equal "$(samples cbrun_expected)" 'cbrun_expected_interval_seconds{name="job"} 7200'
	printf '[default]\nexpect = 3h\n' >"$CONFIG"
	assert_equal "$(samples cbrun_expected)" 'cbrun_expected_interval_seconds{name="job"} 10800'
}

@test "without a store there are no breakers yet, and none is made" {
	expect 0 "" "" cbrun metrics
	expect 0 "# EOF" "" cbrun metrics --openmetrics
	expect 0 "" "" cbrun metrics --textfile file.prom
	assert_equal "$(stat -c '%s %a' file.prom)" "0 644"
	assert [ ! -e "$STORE" ]
	cbrun -n api true
	cbrun remove -q api
	assert_equal "$(cbrun metrics | grep -v '^#')" 'cbrun_store_info{engine="sqlite"} 1'
}

@test "names and globs pick breakers, and what they name in vain is told" {
	for name in api:1 api:2 db; do
		cbrun -n $name true
	done
	before=$(fingerprint store)
	assert_equal "$(samples cbrun_in_flight 'api*')" 'cbrun_in_flight{name="api:1"} 0
cbrun_in_flight{name="api:2"} 0'
	expect 1 "~.*\{name=\"db\"\} 0.*" "cbrun: no breaker named 'x'
cbrun: no breaker's name matches 'y*'" cbrun metrics x db 'y*'
	expect 1 "" "cbrun: no breaker named 'x'" cbrun metrics x db --textfile file.prom
	assert [ "$(grep -c '"db"' file.prom)" -gt 30 ]
	expect 125 "" "cbrun: --all and names exclude each other" cbrun metrics --all db
	assert_equal "$(fingerprint store)" "$before"
}

@test "what cannot be printed is a failure" {
	cbrun -n api true
	expect 125 "" "cbrun: cannot write to standard output" private sh -c '"$1" metrics >/dev/full' sh "$CBRUN"
}

# --- --textfile ---

# textfiles: a directory for them, with an old one.
textfiles() {
	mkdir textfiles
	echo old >textfiles/cbrun.prom
	cbrun -n api true
}

# replaced: the file is the new one, and alone.
replaced() {
	assert_equal "$(ls -A textfiles)" cbrun.prom
	assert_equal "$(tail -n 1 textfiles/cbrun.prom)" 'cbrun_store_info{engine="sqlite"} 1'
}

# kept WHY COMMAND...: it fails, and what was there is as it was.
kept() {
	local before why=$1
	shift
	before=$(fingerprint textfiles)
	expect 125 "" "~cbrun: $why" "$@"
	assert_equal "$(fingerprint textfiles)" "$before"
}

@test "a text file is replaced as a whole, for everybody to read" {
	textfiles
	ln textfiles/cbrun.prom old
	(
		umask 077
		expect 0 "" "" cbrun metrics --textfile textfiles/cbrun.prom
	)
	replaced
	assert_equal "$(stat -c %a textfiles/cbrun.prom)" 644
	assert_equal "$(<old)" old
	cd textfiles
	expect 0 "" "" cbrun metrics --textfile cbrun.prom
	cd ..
	replaced
}

@test "whoever reads the text file all the time never sees a part of it" {
	textfiles
	cbrun metrics --textfile textfiles/cbrun.prom
	start reader bash -c 'while [ ! -e stop ]; do
		[ "$(tail -n 1 textfiles/cbrun.prom)" = "cbrun_store_info{engine=\"sqlite\"} 1" ] || echo torn; done'
	repeat 20 cbrun metrics --textfile textfiles/cbrun.prom
	touch stop
	finish "$PID" 0
	assert_equal "$(<reader.out)$(<reader.err)" ""
	replaced
}

@test "what is no plain file is not replaced by one" {
	textfiles
	mkfifo textfiles/fifo
	ln -s /dev/null textfiles/link
	mkdir textfiles/directory
	for file in fifo link; do
		kept "cannot write textfiles/$file: it is not a plain file, and would be replaced by one" \
			cbrun metrics --textfile textfiles/$file
	done
	kept "cannot write textfiles/directory: Is a directory" cbrun metrics --textfile textfiles/directory
	kept "cannot write textfiles/directory/: .*" cbrun metrics --textfile textfiles/directory/
	kept "cannot write none/cbrun.prom: No such file or directory" cbrun metrics --textfile none/cbrun.prom
	kept "cannot write textfiles/cbrun.prom/x: Not a directory" cbrun metrics --textfile textfiles/cbrun.prom/x
	kept "--openmetrics and --textfile exclude each other: node_exporter reads the text format" \
		cbrun metrics --openmetrics --textfile textfiles/cbrun.prom
}

@test "the old text file is kept if the new one cannot be written" {
	no_coverage "the counts are files, too"
	textfiles
	kept "cannot write textfiles/cbrun.prom: File too large" small_files cbrun metrics --textfile textfiles/cbrun.prom
	chmod 555 textfiles
	kept "cannot write textfiles/cbrun.prom: Permission denied" \
		unprivileged "$CBRUN" metrics --textfile textfiles/cbrun.prom
	chmod 755 textfiles
}

# As a disk that is full, at a kilobyte.
small_files() {
	(
		ulimit -f 1
		"$@"
	)
}

@test "the old text file is kept if the store cannot be read" {
	textfiles
	echo "no store" >foreign
	kept ".*foreign.*" cbrun metrics --store "$DIR/foreign" --textfile textfiles/cbrun.prom
}

# traced OPTION...: the real program under strace, as it replaces the text file.
traced() {
	private strace --quiet=all -o trace "$@" "$CBRUN_REAL" metrics --textfile textfiles/cbrun.prom
}

strace_works() {
	no_sanitizer "it does not work under strace"
	strace -qq -o /dev/null true 2>/dev/null || skip "strace is not allowed here"
}

@test "where a file cannot be without a name, it has one until it is in place" {
	no_coverage "the counts are files, too"
	strace_works
	textfiles
	expect 0 "" "" traced -e trace=openat -P textfiles/ -e inject=openat:error=EOPNOTSUPP
	grep -q 'O_TMPFILE.*EOPNOTSUPP' trace
	replaced
	echo old >textfiles/cbrun.prom
	expect 125 "" "cbrun: cannot write textfiles/cbrun.prom: File too large" \
		small_files traced -e trace=openat -P textfiles/ -e inject=openat:error=EOPNOTSUPP
	assert_equal "$(ls -A textfiles) $(<textfiles/cbrun.prom)" "cbrun.prom old"
}

@test "a signal leaves the old file or the new one, and nothing beside it" {
	strace_works
	for call in openat write linkat rename; do
		rm -rf textfiles
		textfiles
		only=()
		[ $call != openat ] || only=(-P textfiles/)
		expect 143 "" "" traced "${only[@]}" -e trace=$call -e inject=$call:signal=TERM
		replaced
		expect 137 "" "~.*" traced "${only[@]}" -e trace=$call -e inject=$call:signal=KILL
	done
}
