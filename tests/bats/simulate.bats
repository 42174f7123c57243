# simulate.bats: `simulate`: the breaker over a trace, with no store and no waiting.
load helper

# simulates EXPECTED [OPTION...] <TRACE: the whole output but for the summary.
simulates() {
	local expected=$1
	shift
	run --separate-stderr cbrun simulate "$@"
	assert_equal "status $status, stderr $stderr" "status 0, stderr "
	assert_equal "$(sed '$d' <<<"$output")" "$expected"
}

# summary NAME... <TRACE: these values of the summary.
summary() {
	local options=()
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	shift
	cbrun simulate "${options[@]}" | tail -n 1 | jq -c "[$(printf '.%s, ' "$@")empty]"
}

# --- events ---

@test "a call starts and ends, and the state is the one after the event" {
	simulates '{"t":1,"line":1,"event":"start","decision":"run","state":"closed","reason":null}
{"t":1,"line":1,"event":"end","outcome":"success","state":"closed"}
{"t":2.5,"line":2,"event":"start","decision":"run","state":"closed","reason":null}
{"t":2.5,"line":2,"event":"end","outcome":"failure","state":"open"}' -f 1 <<-'END'
		1 ok
		2.5 fail
	END
}

@test "every outcome has its word, and an ignored one decides nothing" {
	simulates '{"t":0,"line":1,"event":"start","decision":"run","state":"closed","reason":null}
{"t":0,"line":1,"event":"end","outcome":"ignored","state":"closed"}
{"t":0,"line":2,"event":"start","decision":"run","state":"closed","reason":null}
{"t":0,"line":2,"event":"end","outcome":"timeout","state":"open"}' -f 1 <<-'END'
		0 ignore
		0 timeout
	END
}

@test "a rejected call has a reason and no end" {
	simulates '{"t":0,"line":1,"event":"start","decision":"run","state":"closed","reason":null}
{"t":0,"line":1,"event":"end","outcome":"failure","state":"open"}
{"t":1,"line":2,"event":"start","decision":"reject","state":"open","reason":"1 consecutive failure"}' -f 1 <<-'END'
		0 fail
		1 ok 5
	END
}

@test "peek tells state and time to wait, and changes nothing" {
	simulates '{"t":0,"line":1,"event":"peek","state":"closed","retry_after_seconds":null}
{"t":0,"line":2,"event":"start","decision":"run","state":"closed","reason":null}
{"t":0,"line":2,"event":"end","outcome":"failure","state":"open"}
{"t":1.5,"line":3,"event":"peek","state":"open","retry_after_seconds":8.5}
{"t":9.999,"line":4,"event":"peek","state":"open","retry_after_seconds":0.001}
{"t":10,"line":5,"event":"peek","state":"half-open","retry_after_seconds":null}
{"t":99,"line":6,"event":"peek","state":"half-open","retry_after_seconds":null}' -f 1 -o 10 <<-'END'
		0 peek
		0 fail
		1.5 peek
		9.999 peek
		10 peek
		99 peek
	END
}

@test "trip, hold, reset, disable and enable act as the subcommands do" {
	simulates '{"t":0,"line":1,"event":"trip","state":"open","retry_after_seconds":5}
{"t":1,"line":2,"event":"reset","state":"closed","retry_after_seconds":null}
{"t":2,"line":3,"event":"hold","state":"open","retry_after_seconds":null}
{"t":99,"line":4,"event":"start","decision":"reject","state":"open","reason":"held"}
{"t":100,"line":5,"event":"disable","state":"closed","retry_after_seconds":null}
{"t":101,"line":6,"event":"start","decision":"run","state":"closed","reason":null}
{"t":101,"line":6,"event":"end","outcome":"failure","state":"closed"}
{"t":102,"line":7,"event":"enable","state":"closed","retry_after_seconds":null}
{"t":103,"line":8,"event":"start","decision":"run","state":"closed","reason":null}
{"t":103,"line":8,"event":"end","outcome":"failure","state":"open"}' -f 1 -o 5 <<-'END'
		0 trip
		1 reset
		2 hold
		99 ok
		100 disable
		101 fail
		102 enable
		103 fail
	END
}

# --- time ---

@test "calls overlap, and each counts when it ends" {
	simulates '{"t":0,"line":1,"event":"start","decision":"run","state":"closed","reason":null}
{"t":1,"line":2,"event":"start","decision":"run","state":"closed","reason":null}
{"t":2,"line":2,"event":"end","outcome":"failure","state":"closed"}
{"t":3,"line":3,"event":"start","decision":"run","state":"closed","reason":null}
{"t":3,"line":3,"event":"end","outcome":"success","state":"closed"}
{"t":10,"line":1,"event":"end","outcome":"failure","state":"closed"}' -f 2 <<-'END'
		0 fail 10
		1 fail 1
		3 ok
	END
}

@test "at equal times an earlier call's end comes before a later line" {
	simulates '{"t":0,"line":1,"event":"start","decision":"run","state":"closed","reason":null}
{"t":5,"line":1,"event":"end","outcome":"failure","state":"open"}
{"t":5,"line":2,"event":"start","decision":"reject","state":"open","reason":"1 consecutive failure"}' -f 1 <<-'END'
		0 fail 5
		5 ok
	END
}

@test "calls that end together end in the order in which they started" {
	simulates '{"t":0,"line":1,"event":"start","decision":"run","state":"closed","reason":null}
{"t":1,"line":2,"event":"start","decision":"run","state":"closed","reason":null}
{"t":2,"line":1,"event":"end","outcome":"success","state":"closed"}
{"t":2,"line":2,"event":"end","outcome":"failure","state":"open"}' -f 1 <<-'END'
		0 ok 2
		1 fail 1
	END
}

@test "a call that ends in a later generation decides nothing" {
	simulates '{"t":0,"line":1,"event":"start","decision":"run","state":"closed","reason":null}
{"t":1,"line":2,"event":"reset","state":"closed","retry_after_seconds":null}
{"t":2,"line":1,"event":"end","outcome":"failure","state":"closed"}' -f 1 <<-'END'
		0 fail 2
		1 reset
	END
}

@test "trial permits are held while trial calls last" {
	simulates '{"t":0,"line":1,"event":"start","decision":"run","state":"closed","reason":null}
{"t":0,"line":1,"event":"end","outcome":"failure","state":"open"}
{"t":10,"line":2,"event":"start","decision":"run","state":"half-open","reason":null}
{"t":11,"line":3,"event":"start","decision":"reject","state":"half-open","reason":"1 trial call running"}
{"t":15,"line":2,"event":"end","outcome":"success","state":"half-open"}
{"t":15,"line":4,"event":"start","decision":"run","state":"half-open","reason":null}
{"t":16,"line":4,"event":"end","outcome":"success","state":"closed"}' -f 1 -o 10 --probes 1 --successes 2 <<-'END'
		0 fail
		10 ok 5
		11 ok 5
		15 ok 1
	END
}

@test "--max-concurrent holds in a simulation" {
	run cbrun simulate -c 1 <<-'END'
		0 ok 5
		4 ok
		5 ok
	END
	assert_line --index 1 '{"t":4,"line":2,"event":"start","decision":"reject","state":"closed","reason":"1 command running"}'
	assert_line --index 3 '{"t":5,"line":3,"event":"start","decision":"run","state":"closed","reason":null}'
}

@test "times are rounded to the millisecond" {
	simulates '{"t":0,"line":1,"event":"peek","state":"closed","retry_after_seconds":null}
{"t":0.001,"line":2,"event":"peek","state":"closed","retry_after_seconds":null}
{"t":1.235,"line":3,"event":"peek","state":"closed","retry_after_seconds":null}' <<-'END'
		0.0004 peek
		.0005 peek
		1.2346 peek
	END
}

# --- the summary ---

@test "the summary adds up calls, verdicts and the time open" {
	cat >trace <<-'END'
		0 fail
		1 fail
		2 ok
		3 ignore
		11 fail
		20 ok
		21 ok
	END
	assert_equal "$(summary -f 1 -o 10 --successes 2 -- \
		event calls run rejected failures_run failures_avoided successes_rejected opened open_seconds <trace)" \
		'["summary",7,3,4,2,1,2,2,20]'
}

@test "the summary counts the time open up to the last event" {
	assert_equal "$(printf '0 fail\n4 ok\n' | summary -f 1 -o 10 -- open_seconds)" "[4]"
	assert_equal "$(printf '0 fail\n400 peek\n' | summary -f 1 -o 10 -- open_seconds)" "[10]"
	assert_equal "$(printf '0 hold\n400 peek\n' | summary -- open_seconds opened)" "[400,1]"
}

@test "of an empty trace there is a summary of zeros" {
	expect 0 '{"event":"summary","calls":0,"run":0,"rejected":0,"failures_run":0,"failures_avoided":0,"successes_rejected":0,"opened":0,"open_seconds":0}' \
		"" cbrun simulate /dev/null
}

# --- for people ---

# shown [OPTION...]: what a person at a terminal sees of the trace in the file `trace`.
shown() {
	set -o pipefail
	private script -qec "'$CBRUN' simulate $* trace" /dev/null </dev/null | tr -d '\r'
}

@test "at a terminal a simulation is a summary and the transitions" {
	printf '%s\n' '0 ok' '5 fail' '10 fail' '11 fail' '12 ok' '40.5 ok' '41 ok' '60 ok' '100 ok' >trace
	run shown -f 2 -o 30s --successes 2
	assert_equal "$status" 0
	assert_output - <<-'END'
		Calls     9 in 1m40s
		Let in    7, of which 2 failed
		Rejected  2, of which 1 would have failed and 1 succeeded
		Open      once, for 30s in all

		       10s  closed -> open (2 consecutive failures)
		  40s500ms  open -> half-open (open period of 30s is over)
		       41s  half-open -> closed (2 successful trial calls)
	END
}

@test "of many transitions a terminal sees the first" {
	for ((i = 0; i < 300; i++)); do
		echo "$((i * 10)) fail"
	done >trace
	run shown -f 1 -o 10s
	assert_equal "${#lines[@]}" 15
	assert_line --index 0 'Calls     300 in 49m50s'
	assert_line --index 3 'Open      300 times, for 49m50s in all'
	assert_line --index 14 --regexp '^ +and 589 more transitions$'
}

@test "a breaker that never opens is said to" {
	printf '0 ok\n61 fail\n' >trace
	run shown
	assert_output - <<-'END'
		Calls     2 in 1m1s
		Let in    2, of which 1 failed
		Rejected  none
		Open      never
	END
	: >trace
	run shown
	assert_output - <<-'END'
		Calls     none
	END
}

@test "--json prints JSON at a terminal, and behind a pipe it needs not be given" {
	printf '0 fail\n' >trace
	piped=$(cbrun simulate -f 1 trace)
	assert_equal "$(shown -f 1 --json)" "$piped"
	assert_equal "$(cbrun simulate -f 1 --json trace)" "$piped"
}

@test "a malformed line shows no summary at a terminal" {
	printf '0 fail\nx\n' >trace
	run shown
	assert_equal "$status" 125
	assert_output "cbrun: trace, line 2: expected a time in seconds, not 'x'"
}

# --- input ---

@test "comments, blank lines and any blanks between the words are allowed" {
	printf '# a comment\n\n  \t0\t ok  1.5 # behind\r\n1 peek#\n2 fail' >trace
	run cbrun simulate trace
	assert_line --index 0 --partial '"line":3,"event":"start"'
	assert_line --index 1 --partial '"line":4,"event":"peek"'
	assert_line --index 4 --partial '"t":2,"line":5,"event":"end"'
}

@test "a trace comes from a file, from standard input, or from -" {
	echo "7 peek" >trace
	for form in "simulate trace" "simulate" "simulate -"; do
		# shellcheck disable=SC2086 # a list of words
		run cbrun $form <trace
		assert_line --index 0 '{"t":7,"line":1,"event":"peek","state":"closed","retry_after_seconds":null}'
	done
}

@test "a malformed line is refused with its number, and no summary follows" {
	while IFS='|' read -r line why; do
		printf '# first\n0 peek\n%b\n9 ok\n' "$line" >trace
		expect 125 '{"t":0,"line":2,"event":"peek","state":"closed","retry_after_seconds":null}' \
			"cbrun: trace, line 3: $why" cbrun simulate trace
	done <<-'END'
		x ok|expected a time in seconds, not 'x'
		-1 ok|expected a time in seconds, not '-1'
		1s ok|expected a time in seconds, not '1s'
		1e3 ok|expected a time in seconds, not '1e3'
		1|expected an event behind '1'
		1 win|expected ok, fail, timeout, ignore, peek, trip, hold, reset, disable or enable, not 'win'
		1 OK|expected ok, fail, timeout, ignore, peek, trip, hold, reset, disable or enable, not 'OK'
		1 ok x|expected a duration in seconds, not 'x'
		1 ok -1|expected a duration in seconds, not '-1'
		1 ok 1 1|nothing may follow the duration, but here is '1'
		1 peek 1|only calls have a duration, not 'peek'
		1 \e[31m|expected ok, fail, timeout, ignore, peek, trip, hold, reset, disable or enable, not '\e[31m'
	END
}

@test "a line with a NUL is refused" {
	printf '1 ok\0 fail\n' >trace
	expect 125 "" "~cbrun: trace, line 1: .*" cbrun simulate trace
}

@test "a time that goes back is refused" {
	printf '5 ok\n4.999 ok\n' >trace
	run --separate-stderr cbrun simulate trace
	assert_equal "$status $stderr" "125 cbrun: trace, line 2: this time is before the line above: '4.999'"
}

@test "a trace that cannot be read is named" {
	expect 125 "" "cbrun: cannot open the trace missing: No such file or directory" cbrun simulate missing
	expect 125 "" "~cbrun: cannot read the trace .*|cbrun: cannot read /: Is a directory" cbrun simulate /
}

@test "a very large time is no overflow" {
	printf '0 fail\n99999999999999999999 ok 99999999999999999999\n' >trace
	run --separate-stderr cbrun simulate trace
	assert_equal "$status $stderr" "0 "
	assert_equal "$(jq -s 'map(.t // 0) | min' <<<"$output")" 0
}

@test "--jitter is drawn by --seed, the same for the same seed" {
	printf '0 fail\n0 peek\n' >trace
	first=$(cbrun simulate -f 1 --jitter 100 -o 1h --seed 5 trace)
	assert_equal "$(cbrun simulate -f 1 --jitter 100 -o 1h --seed 5 trace)" "$first"
	assert_not_equal "$(cbrun simulate -f 1 --jitter 100 -o 1h --seed 6 trace)" "$first"
}

# --- a breaker's history ---

@test "--from replays a breaker's recorded calls under another policy" {
	repeat 3 cbrun -n api -f 5 false
	advance 10m
	cbrun -n api -f 5 true
	assert_equal "$(summary --from api -- calls run rejected opened)" '[4,4,0,0]'
	assert_equal "$(summary --from api -f 2 -o 1h -- calls run rejected failures_avoided successes_rejected opened)" \
		'[4,2,2,1,1,1]'
	assert_equal "$(summary --from api -f 2 -o 5m -- calls run rejected opened)" '[4,3,1,1]'
}

@test "--from starts calls when they started, so that overlaps are the same" {
	close_gate
	start long "$CBRUN" -n api -- sh -c 'flock -w 300 -s gate true; exit 1'
	eventually in_flight api 1
	cbrun -n api true
	open_gate
	finish "$PID" 1
	assert_equal "$(cbrun simulate --from api | jq -r 'select(.outcome) | .outcome' | paste -sd ' ')" "success failure"
	assert_equal "$(cbrun simulate --from api | head -n 2 | jq -r .event | paste -sd ' ')" "start start"
}

@test "--from of a breaker that is not there says so" {
	expect 1 "" "cbrun: no breaker named 'api'" cbrun simulate --from api
	expect 125 "" "cbrun: --from and a trace file exclude each other" cbrun simulate --from api trace
}

@test "a simulation makes no store" {
	echo "0 fail" | cbrun simulate -f 1 >/dev/null
	assert [ ! -e "$DIR/store" ]
}

# --- two policies ---

# failing_trace: 12 calls a minute apart, of which those from the 4th to the 9th fail.
failing_trace() {
	for i in {0..11}; do
		echo "$((i * 60)) $( ((i >= 3 && i < 9)) && echo fail || echo ok)"
	done >trace
}

@test "--versus sums up a second policy, the first with its options over it" {
	failing_trace
	first=$(cbrun simulate -f 3 -o 90s trace | tail -n 1)
	second=$(cbrun simulate -f 2 -o 90s trace | tail -n 1)
	expect 0 "$first
${second/'"summary"'/'"summary","versus":"-f 2"'}" "" cbrun simulate -f 3 -o 90s --versus '-f 2' trace
	expect 0 "$first
${second/'"summary"'/'"summary","versus":"--failures  2"'}" "" cbrun simulate -f 3 -o 90s --versus '--failures  2' <trace
}

@test "at a terminal --versus sets two policies side by side" {
	failing_trace
	run private script -qec "'$CBRUN' simulate -f 3 -o 3m --successes 1 --versus '-f 1 -o 10m' trace" /dev/null </dev/null
	assert_equal "$(tr -d '\r' <<<"$output")" "\
                         as it is  with -f 1 -o 10m
Calls                          12          12
Let in                          8           4
  failed                        4           1
Rejected                        4           8
  would have failed             2           5
  would have succeeded          2           3
Opened                          2           1
Open for                       6m          8m"
}

@test "--versus goes by the recorded policy of --from" {
	repeat 2 cbrun -q -n api -f 2 -o 1h false
	run cbrun simulate --from api --versus '-f 3'
	assert_equal "$(jq -c '[.failures_run, .opened, .versus]' <<<"$output" | paste -sd ' ')" '[2,1,null] [2,0,"-f 3"]'
}

@test "what is no policy is refused by --versus, and nothing is printed" {
	echo "0 ok" >trace
	for words in x '-f 2 x' '--json' '--seed 3' '--from api' '--store x' '--'; do
		expect 125 "" "cbrun: invalid --versus '$words': expected options of a policy, such as '-f 3 -o 10m'" \
			cbrun simulate --versus "$words" trace
	done
	expect 125 "" "cbrun: invalid --failures 'x': expected a whole number from 0 to 1000000, or auto" cbrun simulate --versus '-f x' trace
	expect 125 "" "~cbrun: unknown option --bogus.*" cbrun simulate --versus '--bogus' trace
}

@test "--chart draws the states, and how many calls failed and were rejected" {
	failing_trace
	expect 0 "Calls     12 in 11m
Let in    8, of which 4 failed
Rejected  4, of which 2 would have failed and 2 succeeded
Open      2 times, for 6m in all

        5m  closed -> open (3 consecutive failures)
        8m  open -> half-open (open period of 3m is over)
        8m  half-open -> open (1 failed trial call)
       11m  open -> half-open (open period of 3m is over)
       11m  half-open -> closed (1 successful trial call)

State     ------------###############
Failed           # #  #      #        up to 1
Rejected                #  #    # #   up to 1
          0s                      11m" "" private COLUMNS=51 "$CBRUN" simulate -f 3 -o 3m --successes 1 --chart trace
	expect 125 "" "cbrun: --chart and --json exclude each other" cbrun simulate --chart --json trace
}

@test "--chart of two policies is to one scale, and of a day as wide as of a second" {
	for i in {0..99}; do
		echo "$((i * 864)) fail"
	done >trace
	run private COLUMNS=51 "$CBRUN" simulate -f 5 -o 1h --chart --versus '-o 12h' trace
	assert_equal "$status" 0
	assert_line "The other:"
	assert_equal "$(grep -c "^State     .\{27\}\$" <<<"$output")" 2
	assert_equal "$(grep '^Failed' <<<"$output" | sed 's/.* up/up/' | sort -u)" "up to 4"
	assert_line --regexp '^          0s                23h45m36s$'
}

# --- a person waits ---

@test "a simulation that takes long tells a person at a terminal so, and wipes it in the end" {
	mkfifo trace
	start simulation script -qefc "TERM=xterm '$CBRUN' simulate trace >steps" screen
	exec {FEED}>trace
	seq -f '%g ok' 5000 >&"$FEED"
	eventually test -s steps
	advance 2s
	seq -f '%g ok' 5001 10000 >&"$FEED"
	eventually grep -qE 'cbrun: simulating: [0-9]+s' screen # the clock goes on beside what is set
	exec {FEED}>&-
	finish "$PID" 0
	assert_equal "$(tail -n 1 steps | jq .calls)" 10000
	# what is shown at last is nothing
	assert_regex "$(cat screen)" $'simulating: [0-9]+s\r\e\\[K([^c]|$)'
}

@test "nobody is told how far a simulation is where no terminal is, or it is dumb" {
	for term in dumb xterm; do
		rm -f trace steps
		mkfifo trace
		if [ $term = dumb ]; then
			start simulation script -qefc "TERM=dumb '$CBRUN' simulate trace >steps" screen
		else
			start simulation "$CBRUN" simulate trace
			ln simulation.out steps
		fi
		exec {FEED}>trace
		seq -f '%g ok' 5000 >&"$FEED"
		eventually test -s steps
		advance 2s
		seq -f '%g ok' 5001 10000 >&"$FEED"
		exec {FEED}>&-
		finish "$PID" 0
	done
	refute [ -s simulation.err ]
	assert_equal "$(grep -c simulating screen)" 0
}
