# usage.bats: mistakes on the command line: 125, one line that says what to change, and nothing runs.
load helper

# refused TEXT WORD...: a guarded run with these options is a usage error of that text.
refused() {
	local text=$1
	shift
	expect 125 "" "cbrun: $text" cbrun -n api "$@" -- touch "$DIR/ran"
	assert [ ! -e "$DIR/ran" ]
}

# accepted WORD...: a guarded run with these options runs.
accepted() {
	expect 0 "" "" cbrun -n api "$@" -- true
}

@test "without any word there is an overview on standard error" {
	expect 125 "" "~Usage: cbrun \[OPTION.*Subcommands:.*" cbrun
}

@test "a guarded run needs a name" {
	expect 125 "" "~cbrun: .*--name.*" cbrun -- touch ran
	expect 125 "" "~cbrun: .*--name.*" cbrun -f 5 -- touch ran
	assert [ ! -e ran ]
}

@test "a guarded run needs a command" {
	expect 125 "" "cbrun: no command given; try 'cbrun --name api -- COMMAND'" cbrun -n api
	expect 125 "" "cbrun: no command given; try 'cbrun --name api -- COMMAND'" cbrun -n api --
}

@test "options before a subcommand are explained" {
	expect 125 "" "cbrun: no --name given; for the subcommand, write 'cbrun status' and then its options" \
		cbrun --verbose status
}

@test "an unknown option suggests the nearest one" {
	refused "unknown option --failure-rates; did you mean --failure-rate?" --failure-rates=5
	refused "unknown option --windwo; did you mean --window?" --windwo 5
	refused "unknown option --retry-forever; try 'cbrun --help'" --retry-forever
	refused "unknown option -z; try 'cbrun --help'" -z
}

@test "an unknown letter is named, whatever stands before its word" {
	expect 125 "" "cbrun: unknown option -z; try 'cbrun --help'" cbrun --verbose -zv -n api touch ran
	expect 125 "" "cbrun: unknown option -z; try 'cbrun --help'" cbrun --failures=3 -vz -n api touch ran
	assert [ ! -e ran ]
}

@test "one word may hold any number of letters" {
	printf -v letters 'q%.0s' {1..5000}
	accepted "-$letters"
	expect 0 "" "" cbrun disable "-$letters" api
}

@test "a long value does not hide what was expected of it" {
	printf -v long 'x%.0s' {1..50000}
	shown=${long:0:124}...
	refused "invalid --failures '$shown': expected a whole number from 0 to 1000000, or auto" -f "$long"
	refused "unknown option --${long:0:63}; try 'cbrun --help'" "--$long"
	expect 125 "" "cbrun: invalid name '$shown': expected 1 to 128 of the characters A-Za-z0-9._:/@+-, not starting with '-'" \
		cbrun trip "$long"
	expect 125 "" "~cbrun: cannot open the configuration x+\.\.\.: File name too long" cbrun --config "$long" -n api true
	expect 125 "" "cbrun: standard input, line 1: expected a time in seconds, not '$shown'" cbrun simulate <<<"$long ok"
	expect 125 "" "cbrun: no subcommand named '$shown'; try 'cbrun help'" cbrun help "$long"
}

@test "an option of another form is unknown" {
	refused "unknown option --limit; try 'cbrun --help'" --limit 5
	expect 125 "" "~cbrun: unknown option --foreground; try 'cbrun (trip )?--help'" cbrun trip api --foreground
}

@test "an option without its value is named" {
	expect 125 "" "cbrun: option --failures needs a value" cbrun -n api --failures
	expect 125 "" "cbrun: option -f needs a value" cbrun -n api -f
}

@test "a flag takes no value" {
	refused "option --version takes no value" --version=yes
}

@test "a count is a whole number within its bounds" {
	for bad in -1 1.5 five '' 1000001 99999999999999999999 ' 5' 5x 0x5; do
		refused "invalid --failures '$bad': expected a whole number from 0 to 1000000, or auto" --failures="$bad"
	done
	accepted --failures=0
	accepted --failures=1000000
}

@test "counts have the bounds that make sense for them" {
	for name in min-calls probes successes probe-failures; do
		refused "invalid --$name '0': expected a whole number from 1 to 1000000" --$name 0
		accepted --$name 1
	done
	refused "invalid --reject-exit '256': expected a whole number from 0 to 255" --reject-exit 256
	accepted --reject-exit 255
	accepted --max-concurrent 0
}

@test "a duration is a number with a unit, or compounds of these" {
	for bad in '' s 5x 5S -1s 1.s.5 '1 s' 1s5 1m30 1,5s 1e3 inf; do
		refused "invalid --retry-delay '$bad': expected a duration such as 30s, 1.5m, 200ms or 1m30s" --retry-delay="$bad"
	done
	for good in 0 1 .5 1.5 1.5h 200ms 1m30s 1d12h 999999999999d; do
		accepted --retry-delay=$good
	done
}

@test "an open period is longer than zero" {
	for name in open-for open-max; do
		refused "invalid --$name '0': expected a duration longer than zero" --$name 0
		accepted --$name 1ms
	done
}

@test "a percentage is between 0 and 100" {
	for bad in '' -1 100.1 101% 50%% %  1/2 0.00001; do
		refused "invalid --failure-rate '$bad': expected a percentage from 0 to 100 with at most four decimals" \
			--failure-rate="$bad"
	done
	for good in 0 0.0001 33.3 50% 100 100%; do
		accepted --failure-rate=$good
	done
}

@test "a factor is between 1 and 1000" {
	for bad in '' 0 0.999 1000.001 1.0001 x; do
		refused "invalid --open-factor '$bad': expected a number from 1 to 1000 with at most three decimals" \
			--open-factor="$bad"
	done
	for good in 1 1.5 2.125 1000; do
		accepted --open-factor=$good
	done
}

@test "a window is a number of calls or a duration" {
	for bad in '' 0 10001 0s 1.5 x 5x; do
		refused "invalid --window '$bad': expected 1 to 10000 calls, or a duration with its unit such as 5m" \
			--window="$bad"
	done
	for good in 1 10000 5m 365d 1.5h; do
		accepted --window=$good
	done
}

@test "a signal is a name or a number" {
	for bad in '' 0 65 NOPE nope SIG; do
		refused "invalid --signal '$bad': expected a signal such as TERM, SIGINT or 9" --signal="$bad"
	done
	for good in TERM SIGTERM term sigterm 15 RTMIN+1 rtmax-1 64; do
		accepted --signal=$good
	done
}

@test "a list names exit statuses, ranges, signals and words" {
	for bad in ',' '1,' ',1' 256 7-5 5- -5 x SIGNOPE '1,,2' '1 2'; do
		refused "invalid --ignore-on '$bad': expected exit statuses, ranges, signals, 'signal', 'timeout' or 'any', separated by commas" \
			--ignore-on="$bad"
	done
	for good in 1 1,5-7 SIGSEGV signal timeout 1,5-7,SIGSEGV,signal,timeout; do
		accepted --ignore-on=$good
	done
	accepted --failure-on any
}

@test "a choice names its words" {
	refused "invalid --on-store-error 'maybe': expected run or reject" --on-store-error maybe
}

@test "a store's path is not empty" {
	refused "invalid --store '': expected something that is not empty" --store=
}

@test "options that can never open the breaker are refused with what to change" {
	refused "with --failures 0 and no rate the breaker can never open; set --failures, --failure-rate, or --slow with --slow-rate" \
		--failures 0 --failure-rate 0
	accepted --failures 0 --failure-rate 0 --slow 1s
}

@test "more failures than --within can keep are refused with what to use" {
	refused "--failures 1001 is too many for --within, which takes at most 1000; use --failure-rate with a time --window" \
		--failures 1001 --within 1h
	accepted --failures 1000 --within 1h
}

@test "two lists that name the same outcome are refused" {
	refused "--ignore-on and --failure-on name the same outcome; name it once" --ignore-on 5 --failure-on 1-9
	refused "--success-on and --failure-on name the same outcome; name it once" --success-on 5 --failure-on 5
	refused "--success-on and --ignore-on name the same outcome; name it once" --success-on 0,5 --ignore-on 5
}

@test "--min-calls above a count window is clamped to it" {
	repeat 3 cbrun -n api -f 0 -w 3 --min-calls 1000 false
	assert_state api open
}

@test "--quiet and --verbose, --hold and --for exclude each other" {
	expect 125 "" "" cbrun -v -q -n api touch ran # quiet enough
	assert [ ! -e ran ]
	expect 125 "" "cbrun: --hold and --for exclude each other" cbrun trip api --hold --for 5m
}

@test "--quiet silences what is wrong with the command line, wherever it stands" {
	expect 125 "" "" cbrun -qn api --bogus touch ran
	expect 125 "" "" cbrun --bogus -vq -n api touch ran
	expect 125 "" "" cbrun -n api -f many --qui touch ran
	expect 125 "" "" cbrun status --bogus --quiet
	expect 125 "" "~cbrun: unknown option --bogus; .*" cbrun -n api --bogus touch -q
	expect 125 "" "~cbrun: unknown option --bogus; .*" cbrun --quiet=no -n api --bogus touch ran
	expect 125 "" "cbrun: unknown option -X; try 'cbrun --help'" cbrun -n api -X --bogus touch ran
	assert [ ! -e ran ]
}

@test "CBRUN_QUIET silences it, too" {
	ENVIRONMENT+=(CBRUN_QUIET=yes)
	expect 125 "" "" cbrun -n api --bogus touch ran
	expect 125 "" "" cbrun -n api -f many touch ran
	expect 125 "" "" cbrun trip
	expect 125 "" "~cbrun: unknown option --bogus; .*" cbrun -v -n api --bogus touch ran
	expect 125 "" "~cbrun: unknown option --bogus; .*" cbrun --quiet=no -n api --bogus touch ran
	ENVIRONMENT+=(CBRUN_QUIET=perhaps)
	expect 125 "" "~cbrun: .*CBRUN_QUIET.*perhaps.*" cbrun -n api touch ran
	assert [ ! -e ran ]
}

@test "a long name that is nobody's is likened to none" {
	long=$(printf 'x%.0s' {1..60})
	expect 125 "" "cbrun: unknown option --$long; try 'cbrun --help'" cbrun -n api "--$long" touch ran
}

@test "the nearest subcommand is suggested for a word that is none" {
	for word in statsu statu stat list; do
		expect 125 "" "cbrun: '$word' is not a subcommand; did you mean 'status'?" cbrun $word api
		expect 125 "" "cbrun: '$word' is not a subcommand; did you mean 'status'?" cbrun help $word
	done
	expect 125 "" "cbrun: 'hist' is not a subcommand; did you mean 'history'?" cbrun hist
	expect 125 "" "cbrun: 'version' is not a subcommand; did you mean '--version'?" cbrun version
	expect 125 "" "cbrun: no subcommand named 'curl'; try 'cbrun help'" cbrun help curl
}

@test "a word that is no subcommand is answered with the form that guards" {
	expect 125 "" "cbrun: 'api' is not a subcommand; to guard a command: cbrun -n api -- curl ..." cbrun api curl -f URL
	expect 125 "" "cbrun: 'api' is not a subcommand; to guard a command: cbrun -n api -- touch ..." cbrun api -- touch ran
	expect 125 "" "cbrun: 'touch' is not a subcommand; to guard a command: cbrun -n NAME -- touch ..." cbrun touch -c ran
	expect 125 "" "cbrun: 'true' is not a subcommand; to guard a command: cbrun -n NAME -- true" cbrun true
	expect 125 "" "cbrun: 'run' is not a subcommand, and none is needed: cbrun --name NAME -- COMMAND" cbrun run -n api touch ran
	expect 125 "" "cbrun: no --name given; try 'cbrun --name NAME -- COMMAND'" cbrun -- touch ran
	assert [ ! -e ran ]
}

@test "help run shows how a command is guarded" {
	expect 0 "$(cbrun --help)" "" cbrun help run
}

@test "help explains the arguments that its options take, and no others" {
	explained() {
		cbrun "$@" --help | sed -n 's/^\(DUR\|LIST\): .*/\1/p' | paste -sd ' '
	}
	assert_equal "$(explained)" "DUR LIST"
	assert_equal "$(explained help)" ""
	assert_equal "$(explained status)" "DUR"
	refute [ "$(cbrun status --help | grep -c 'PCT\|LIST')" -gt 0 ]
}

@test "the beginning that several options have is ambiguous, and they are named" {
	refused "--fail is ambiguous: --failures, --failure-rate, --failure-on" --fail 3
	refused "--re is ambiguous: --remind, --reject-exit, --retries, --retry-delay, --retry-max, --retry-on, --redis-password-file, --redis-prefix" --re=3
	accepted --failures=3 --min=1 # which are not
}

@test "subcommands want the names that they act on" {
	for subcommand in trip reset disable enable remove history; do
		expect 125 "" "cbrun: no breaker's name given; --all means all of them" cbrun $subcommand
	done
	expect 125 "" "cbrun: expected one breaker's name, got 0" cbrun check
	expect 125 "" "cbrun: expected one breaker's name, got 2" cbrun check a b
	expect 125 "" "cbrun: expected one breaker's name, got 2" cbrun why a b
	expect 125 "" "cbrun: expected a breaker's name and an outcome" cbrun record api
	expect 125 "" "cbrun: expected one trace file, got 2" cbrun simulate a b
}

@test "subcommands refuse what is no name" {
	for subcommand in status why check history trip reset disable enable remove probe metrics report; do
		expect 125 "" "cbrun: invalid name 'a b': expected 1 to 128 of the characters A-Za-z0-9._:/@+-, not starting with '-'" \
			cbrun $subcommand 'a b'
	done
}

@test "a subcommand's options may stand behind its names" {
	opened api
	expect 0 '~\{"schema":1,.*' "" cbrun status api --json
}
