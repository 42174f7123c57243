# guard.bats: the manners of a guarded run: words, streams, exit statuses.
load helper

# Prints its arguments, each in brackets, and exits with 7.
write_echo() {
	cat >"$DIR/echo" <<-'END'
		#!/bin/sh
		printf '[%s]' "$@"
		exit 7
	END
	chmod +x "$DIR/echo"
}

# --- exit statuses ---

@test "the exit status of the command is passed on" {
	for wanted in 0 1 2 75 99 125 255; do
		expect $wanted "" "" cbrun -n "s$wanted" -- sh -c "exit $wanted"
	done
}

@test "a command that is not found gives 127 and one line" {
	expect 127 "" "cbrun: api: cannot run 'no-such-command': No such file or directory" cbrun -n api no-such-command
}

@test "a path that does not exist gives 127" {
	expect 127 "" "cbrun: api: cannot run './missing': No such file or directory" cbrun -n api ./missing
}

@test "a command that is not executable gives 126 and one line" {
	echo data >"$DIR/data"
	expect 126 "" "cbrun: api: cannot run './data': Permission denied" cbrun -n api ./data
}

@test "a directory is no command: 126" {
	expect 126 "" "cbrun: api: cannot run '/': Permission denied" cbrun -n api /
}

@test "a script without an interpreter line is run by the shell, as everywhere" {
	echo 'echo script' >"$DIR/script"
	chmod +x "$DIR/script"
	expect 0 "script" "" cbrun -n api ./script
}

@test "a command that dies of a signal gives 128 and the signal's number" {
	for signal in HUP TERM KILL USR1 SEGV; do
		expect $((128 + $(kill -l $signal))) "" "" cbrun -n "$signal" -- sh -c "kill -s $signal \$\$"
	done
}

# --- words ---

@test "the command's arguments arrive untouched" {
	write_echo
	expect 7 $'[a b][][*][$HOME][-n][--][\n][\'"\\]' "" cbrun -n api -- ./echo 'a b' '' '*' '$HOME' -n -- $'\n' "'\"\\"
}

@test "options end at the first word that is none, so curl needs no --" {
	write_echo
	expect 7 "[-fsS][--name][x][--help]" "" cbrun -n api ./echo -fsS --name x --help
}

@test "options end at --" {
	write_echo
	expect 7 "[-n][x]" "" cbrun --name=api -- ./echo -n x
}

@test "an option's value may stand in the same word or in the next" {
	for form in "-nweb" "-n web" "--name=web" "--name web"; do
		# shellcheck disable=SC2086 # a list of words
		expect 0 "" "" cbrun $form true
	done
	assert_field web .totals.calls 4
}

@test "of an option that is given twice the last one counts" {
	expect 3 "" "" cbrun -n other -n api -- sh -c 'exit 3'
	expect 1 "" "cbrun: no breaker named 'other'" cbrun history other
}

@test "a command may be called as a subcommand is" {
	printf '#!/bin/sh\necho mine\n' >"$DIR/status"
	chmod +x "$DIR/status"
	ENVIRONMENT+=(PATH="$DIR:/usr/bin:/bin")
	expect 0 "mine" "" cbrun -n api status
}

# --- streams and environment ---

@test "standard input reaches the command" {
	expect 0 "3" "" cbrun -n api -- wc -c <<<"ab"
}

@test "standard output and error of the command pass through, byte by byte" {
	head -c 100000 /dev/urandom >"$DIR/noise"
	cbrun -n api -- sh -c 'cat noise; cat noise >&2' >"$DIR/out" 2>"$DIR/err"
	cmp "$DIR/noise" "$DIR/out"
	cmp "$DIR/noise" "$DIR/err"
}

@test "the command inherits further descriptors, and none of the store's" {
	private sh -c 'echo /proc/self/fd/*' >plain 7</dev/null
	cbrun -n api -- sh -c 'echo /proc/self/fd/*' >guarded 7</dev/null
	run cat guarded
	assert_output "$(cat plain)"
	assert_output --partial fd/7
}

@test "the command gets the environment as it is" {
	# a shell tells each program as _ which one it is
	cbrun -n api env | grep -v ^_= | sort >"$DIR/guarded"
	private env | grep -v ^_= | sort >"$DIR/plain"
	run diff "$DIR/plain" "$DIR/guarded"
	assert_output ""
}

@test "the command runs in the caller's directory and with its umask" {
	umask 027
	expect 0 "$DIR 0027" "" cbrun -n api -- sh -c 'echo "$(pwd) $(umask)"'
}

@test "a relative store is the same one whatever the command does to its directory" {
	mkdir below
	expect 0 "" "" cbrun --store below/s.db -n api -- sh -c 'cd /'
	expect 0 "" "" cbrun check --store below/s.db api
	assert [ -e below/s.db ]
	assert [ ! -e s.db ]
}

# --- names ---

@test "a name may hold every allowed character and have 128 bytes" {
	name=$(printf 'Az09._:/@+-%0117d' 0)
	assert_equal "${#name}" 128
	expect 0 "" "" cbrun -n "$name" true
	assert_field "$name" .totals.calls 1
}

@test "a name that is empty, too long, or has other characters is refused" {
	for name in '' "$(printf '%0129d' 0)" 'a b' 'a*' 'ä' $'a\nb' '-a'; do
		expect 125 "" "~cbrun: invalid --name '.*': expected 1 to 128 of the characters A-Za-z0-9._:/@\+-, not starting with '-'" \
			cbrun --name="$name" touch ran
	done
	assert [ ! -e ran ]
	assert [ ! -e "$STORE" ]
}

# --- what cbrun says ---

@test "a call that runs adds nothing to the output of its command" {
	expect 1 "out" "err" cbrun -n api -f 1 -- sh -c 'echo out; echo err >&2; exit 1'
}

@test "--quiet says nothing about a rejected call" {
	opened api
	expect 75 "" "" cbrun -q -n api -- echo ran
}

@test "--quiet says nothing about a command that cannot run" {
	expect 127 "" "" cbrun --quiet -n api no-such-command
}

@test "--quiet says nothing about bad values either" {
	expect 125 "" "" cbrun --quiet -n api -f many true
}

@test "--verbose says what was decided and how the breaker changed" {
	expect 1 "" "~cbrun: api: closed, running 'false'
cbrun: api: exit 1 after [0-9ms]+: failure \(1 of 1\)
cbrun: api: closed -> open \(1 consecutive failure\), retry in $HOUR" cbrun -v -n api -f 1 -o 1h false
	advance 1h
	expect 0 "" "~cbrun: api: open -> half-open \(open period of 1h is over\)
cbrun: api: half-open, running 'true' as a trial call
cbrun: api: exit 0 after [0-9ms]+: success" cbrun -v -n api -f 1 -o 1h true
	cbrun -n api -f 1 -o 1h true
	expect 0 "" "~cbrun: api: half-open, running 'true' as a trial call
cbrun: api: exit 0 after [0-9ms]+: success
cbrun: api: half-open -> closed \(3 successful trial calls\)" cbrun -v -n api -f 1 -o 1h true
}

@test "--verbose says once that the last call had another policy" {
	opened api
	advance 1h
	run --separate-stderr cbrun -v -n api -f 2 -o 1h true
	assert_equal "$(grep -c 'ran with .*failures' <<<"$stderr")" 1
}

@test "--verbose names the signals that are sent" {
	expect 124 "" "cbrun: api: closed, running 'sleep'
cbrun: sending signal TERM to command 'sleep'
cbrun: api: time limit of 50ms: timeout (1 of 5)" cbrun -v -n api -t 50ms sleep 120
}

@test "a command's name is shown with its control characters escaped" {
	expect 127 "" "cbrun: api: cannot run '\\e[31mred\\n': No such file or directory" cbrun -n api $'\e[31mred\n'
}

@test "--version and --help answer on standard output" {
	expect 0 "~cbrun [0-9]+\.[0-9]+\.[0-9]+" "" cbrun --version
	expect 0 "~Usage: cbrun \[OPTION\.\.\.\] --name NAME .*--failures N.*--store PATH.*" "" cbrun --help
	assert [ ! -e "$STORE" ]
}

@test "every subcommand has a help of its own" {
	for subcommand in status check record trip reset disable enable history simulate tune remove metrics report; do
		expect 0 "~Usage: cbrun $subcommand .*" "" cbrun "$subcommand" --help
		expect 0 "~Usage: cbrun $subcommand .*" "" cbrun help "$subcommand"
	done
}

@test "help has a help" {
	expect 0 "~Usage: cbrun help .*" "" cbrun help --help
	expect 0 "~Usage: cbrun help .*" "" cbrun help help
}

@test "help fits 80 columns" {
	for help in --help "trip --help" "simulate --help" help; do
		# shellcheck disable=SC2086 # a list of words
		run awk 'length($0) > 80' <(cbrun $help)
		assert_output ""
	done
}
