# helper.bash: what the tests share. Each test has a directory of its own, with a store and a clock in it, and runs
# everything under `env -i` and with the usual signals.
export LC_ALL=C PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
bats_require_minimum_version 1.5.0

# Their own load.bash starts a process for each of their files, and all of this happens again for each test.
load_library() {
	local directory file directories
	IFS=: read -r -a directories <<<"$BATS_LIB_PATH"
	for directory in "${directories[@]}"; do
		if [ -d "$directory/$1/src" ]; then
			for file in "$directory/$1"/src/*.bash; do
				source "$file"
			done
			return
		fi
	done
	echo "$1 is in none of $BATS_LIB_PATH" >&2
	return 1
}
load_library bats-support
load_library bats-assert

# The program with a clock that can be set, and the real one. An absolute path is taken as it is.
CBRUN=${CBRUN:-$BATS_TEST_DIRNAME/../../build/release/tests/cbrun}
CBRUN_REAL=${CBRUN_REAL:-$BATS_TEST_DIRNAME/../../build/release/cbrun}
case $CBRUN in /*/../* | [!/]*) CBRUN=$(realpath "$CBRUN") ;; esac
case $CBRUN_REAL in /*/../* | [!/]*) CBRUN_REAL=$(realpath "$CBRUN_REAL") ;; esac
# What else was built for the tests; elsewhere, if the program is one that is installed (see tests/tools/test).
BUILT=${BUILT:-${CBRUN_REAL%/*}}

# What is left of an hour that has just begun, on however slow a machine.
HOUR='(1h|59m[0-9]*s?|5[0-8]m[0-9]*s?)'

setup() {
	make_private
}

teardown() {
	stop_all
}

# --- the private directory ---

make_private() {
	set +T # bats need not follow each command of the functions below: that would take most of the time
	umask 022
	DIR=$BATS_TEST_TMPDIR/private
	STORE=$DIR/store/cbrun.db
	CLOCK=$DIR/clock
	mkdir "$DIR"
	cd "$DIR" || return
	keep_environment
	BOOT_MS=0 WALL_MS=0 BOOT_ID=0
	echo "0 0 0" >"$CLOCK"
	CONFIG=$DIR/cbrun.conf
	: >"$CONFIG"
	ENVIRONMENT=(PATH=/usr/bin:/bin HOME="$DIR" LC_ALL=C TZ=UTC CBRUN_STORE="$STORE" CBRUN_CONFIG="$CONFIG"
		FAKE_CLOCK="$CLOCK")
	if [ -n "${TEST_SERVER:-}" ]; then # see tests/tools/with-redis
		STORE=$TEST_SERVER
		# a quarter of a second, the default, is not what a server needs beside everything else
		ENVIRONMENT+=(CBRUN_STORE="$STORE" CBRUN_REDIS_PREFIX="$BATS_ROOT_PID/$BATS_SUITE_TEST_NUMBER:" STATE_DIRECTORY="$DIR/state"
			CBRUN_STORE_TIMEOUT=20s)
	fi
	if [ -n "${REACH:-}" ]; then # see tests/fake/reach.c
		ENVIRONMENT+=(REACH="$REACH/$BATS_TEST_NUMBER")
	fi
	if [ -n "${JSON_WITNESS:-}" ]; then # see tests/fake/witness.c
		ENVIRONMENT+=(JSON_WITNESS="$JSON_WITNESS")
	fi
	if [ -n "${GCOV_PREFIX:-}" ]; then
		ENVIRONMENT+=(GCOV_PREFIX="$GCOV_PREFIX")
	fi
}

# private [VARIABLE=VALUE...] COMMAND...: runs it with nothing of the caller's environment and signals; with INSTEAD set in a
# subshell that has nothing else to do, instead of that. The shell does what env would, as to start env costs as much as the
# program itself; but where a signal is ignored, as it is in the background, no shell can undo that; nor can it set a variable
# with a strange name (BY_ENV).
private() {
	if [[ $1 != */* || $1 == *=* || -n ${BY_ENV:-} ]] || ignores_signals; then # true, say, is a word of the shell, too
		${INSTEAD:+exec} env -i --default-signal "${ENVIRONMENT[@]}" "$@"
	else
		local -x "${ENVIRONMENT[@]}"
		${INSTEAD:+exec} "$@"
	fi
}

# ignores_signals: a program that this shell starts would ignore some. The C library keeps 32 and 33 for itself: nobody can
# set those. The first shell of a test ignores SIGQUIT, but not for its programs.
ignores_signals() {
	local status
	if [ "$BASHPID" = "$$" ] && [ -n "${FIRST_SHELL_IGNORES:-}" ]; then
		return "$FIRST_SHELL_IGNORES"
	fi
	read -r -d '' status <"/proc/$BASHPID/status" || :
	status=${status#*SigIgn:}
	status=$((16#${status:1:16} & ~16#180000000))
	if [ "$BASHPID" = "$$" ]; then
		((status & ~4)) && FIRST_SHELL_IGNORES=0 || FIRST_SHELL_IGNORES=1
		return "$FIRST_SHELL_IGNORES"
	fi
	((status))
}

# keep_environment: what the caller exports is known to this shell only, from here on, but for what private() always sets.
keep_environment() {
	local name exported
	mapfile -d '' -t exported <"/proc/$$/environ"
	for name in "${exported[@]%%=*}" "${!BATS@}" CBRUN CBRUN_REAL PWD OLDPWD SHLVL; do
		case $name in
		BASH_FUNC_*%%) name=${name#BASH_FUNC_} && export -nf "${name%'%%'}" ;;
		PATH | HOME | LC_ALL | *[!A-Za-z0-9_]*) ;;
		*) declare -g +x "$name" ;;
		esac
	done
}

cbrun() {
	private "$CBRUN" "$@"
}

# The real program, which looks at the machine's clocks.
real() {
	private "$CBRUN_REAL" "$@"
}

# no_sanitizer WHY: skips the test if the program has one.
no_sanitizer() {
	! grep -q __asan_init "$CBRUN" || skip "$1"
}

strace_works() {
	strace -qq -o /dev/null true 2>/dev/null || skip "strace is not allowed here"
}

# no_coverage WHY: skips the test if the program counts its lines.
no_coverage() {
	[ -z "${GCOV_PREFIX:-}" ] || skip "$1"
}

# as_other COMMAND...: as a user who is not root, who may come into $DIR and owns it.
as_other() {
	if [ "$EUID" -ne 0 ]; then
		private "$@"
		return
	fi
	chmod a+x "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test" "$BATS_TEST_TMPDIR"
	chown -R 65534:65534 "$DIR"
	private setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
}

# unprivileged COMMAND...: as the same user, whom the modes of files bind even if it is root.
unprivileged() {
	if [ "$EUID" -ne 0 ]; then
		private "$@"
	else
		private setpriv --bounding-set=-dac_override,-dac_read_search "$@"
	fi
}

# own_file WHY: skips the test if the store is no file.
own_file() {
	[ -z "${TEST_SERVER:-}" ] || skip "$1"
}

# A digest of every file below a directory: names, types, modes, times and contents.
fingerprint() {
	(cd "$1" && find . -printf '%P %y %m %U %s %T@\n' | sort && find . -type f -exec sha256sum {} + | sort)
}

# --- the clock ---

# write_clock: an installed program cannot be told what time it is: from here on, the one that can goes on in its place.
write_clock() {
	[ "$CBRUN" != "$CBRUN_REAL" ] || CBRUN=$BUILT/tests/cbrun
	echo "$BOOT_MS $WALL_MS $BOOT_ID" >"$CLOCK.new"
	mv "$CLOCK.new" "$CLOCK"
}

# to_ms [-]NUMBER{ms,s,m,h,d}: it is in $MS.
to_ms() {
	local number=${1%%[a-z]*}
	case ${1#"$number"} in
	ms) MS=$number ;;
	s) MS=$((number * 1000)) ;;
	m) MS=$((number * 60000)) ;;
	h) MS=$((number * 3600000)) ;;
	d) MS=$((number * 86400000)) ;;
	*) fail "no duration: $1" ;;
	esac
}

# advance DURATION: time passes.
advance() {
	to_ms "$1"
	((BOOT_MS += MS, WALL_MS += MS)) || :
	write_clock
}

# step_wall [-]DURATION: somebody sets the wall clock.
step_wall() {
	to_ms "$1"
	((WALL_MS += MS)) || :
	write_clock
}

# reboot_clock DURATION: the machine restarts, which takes that long; its boot clock begins anew.
reboot_clock() {
	local up
	to_ms "$1"
	read -r up _ </proc/uptime
	((BOOT_ID += 7, WALL_MS += MS)) || :
	BOOT_MS=$((1000 - ${up%.*} * 1000))
	write_clock
}

# --- expectations ---

root_only() {
	[ "$EUID" -eq 0 ] || skip "needs root"
}

# expect STATUS STDOUT STDERR COMMAND...: runs the command and compares all three together. A text that begins with
# "~" is an extended regular expression that the whole must match.
expect() {
	local want_status=$1 want_output=$2 want_stderr=$3
	shift 3
	run_apart "$@"
	if [ "$status" -ne "$want_status" ] || ! is_text "$output" "$want_output" || ! is_text "$stderr" "$want_stderr"; then
		batslib_print_kv_single_or_multi 15 \
			'command' "$*" \
			'status' "$status" 'expected' "$want_status" \
			'stdout' "$output" 'expected' "$want_output" \
			'stderr' "$stderr" 'expected' "$want_stderr" |
			batslib_decorate 'not what was expected' | fail
	fi
}

# run_apart COMMAND...: as `run --separate-stderr`, by two processes less: these functions only begin a program, which may as
# well run instead of their shell. Not if SIGINT is to end it: from a shell that dies of that, bash takes it over.
run_apart() {
	local file=$BATS_TEST_TMPDIR/stderr-$BASHPID-$((++RUNS)) flags=$- instead=
	case ${want_status:-}:$1 in
	130:*) ;;
	*:cbrun | *:real | *:private) instead=yes ;;
	esac
	set +eET
	status=0
	output=$(INSTEAD=$instead; "$@" 2>"$file") || status=$?
	read -d '' -r stderr <"$file"
	local IFS=$'\n'
	set -f
	lines=($output)
	stderr_lines=($stderr)
	set +f "-$flags"
}

is_text() {
	case $2 in
	'~'*) [[ $1 =~ ^(${2#'~'})$ ]] ;;
	*) [ "$1" = "$2" ] ;;
	esac
}

# field NAME FILTER: one value of the breaker's status, by jq.
field() {
	local FIELD
	look_up "$1" "$2"
	echo "$FIELD"
}

# assert_field NAME FILTER VALUE
assert_field() {
	local FIELD
	look_up "$1" "$2"
	assert_equal "$2 = $FIELD" "$2 = $3"
}

# look_up NAME FILTER: it is in $FIELD.
look_up() {
	local json
	json=$(INSTEAD=yes cbrun status "$1" --json)
	pick_from "$json" "$2" || FIELD=$(jq -rc ".breakers[0] | $2" <<<"$json")
}

# pick_from JSON FILTER: as jq, to start which takes ten times as long; only of scalars, as .KEY, .KEY.KEY or a list of these,
# whose keys JSON has once.
pick_from() {
	local path rest value values=()
	[[ $2 =~ ^\[?(\.[a-z_]+){1,2}(,\ (\.[a-z_]+){1,2})*\]?$ ]] || return 1
	for path in ${2//[][,]/ }; do
		rest=$1
		if [[ $path == .*.* ]]; then
			pick_after "$rest" "${path%.*}" || return 1
			rest=${rest%%\}*}\}
		fi
		pick_after "$rest" ".${path##*.}" || return 1
		[[ $rest =~ ^(\"[^\"\\]*\"|[a-z]+|-?[0-9]+(\.[0-9]*[1-9])?)[]},] ]] || return 1 # jq has 1 for 1.0
		values+=("${BASH_REMATCH[1]}")
	done
	local IFS=,
	FIELD=${values[*]}
	case $2 in
	'['*) FIELD="[$FIELD]" ;;
	*) FIELD=${FIELD#'"'} FIELD=${FIELD%'"'} ;;
	esac
}

# pick_after TEXT .KEY: what follows the key, which the text has once, is in $rest.
pick_after() {
	rest=${1#*"\"${2#.}\":"}
	[ "$rest" != "$1" ] && [[ $rest != *"\"${2#.}\":"* ]]
}

# assert_state NAME STATE
assert_state() {
	status_has "$1" "\"state\":\"$2\"" || assert_field "$1" .state "$2"
}

# status_has NAME TEXT: the breaker's status does, as JSON. To start jq takes ten times as long.
status_has() {
	[[ $(INSTEAD=yes cbrun status "$1" --json) == *"$2"* ]]
}

# assert_transitions NAME FROM>TO...: all transitions of its history, oldest first.
assert_transitions() {
	local name=$1
	shift
	assert_equal "$(INSTEAD=yes cbrun history "$name" --json |
		jq -r 'select(.kind == "transition") | .from + ">" + .to' | paste -sd ' ')" "$*"
}

# repeat N COMMAND...
repeat() {
	local times=$1 i
	shift
	for ((i = 0; i < times; i++)); do
		"$@" || :
	done
}

# opened NAME [OPTION...]: a breaker that one failure has opened, for an hour if no option says else.
opened() {
	local name=$1
	shift
	cbrun -n "$name" -f 1 -o 1h "$@" false || :
	assert_state "$name" open
}

# half_opened NAME [OPTION...]: the same, and the hour is over.
half_opened() {
	opened "$@"
	advance 1h
	assert_state "$1" half-open
}

# eventually COMMAND...: waits until the command succeeds, at most half as long as what it waits for can last.
eventually() {
	local end=$((SECONDS + 60)) pause=10
	while ((SECONDS < end)); do
		if "$@"; then
			return 0
		fi
		pause_ms $pause
		((pause >= 100)) || ((pause += 10))
	done
	fail "it never came to: $*"
}

# pause_ms N: for less than a second; by a pipe into which nobody writes, as sleep would be a process.
pause_ms() {
	[ -p "$BATS_TEST_TMPDIR/never" ] || mkfifo "$BATS_TEST_TMPDIR/never"
	printf -v REPLY '0.%03d' "$1"
	read -r -t "$REPLY" <>"$BATS_TEST_TMPDIR/never" || :
}

# has_lines FILE N: the file has exactly N lines.
has_lines() {
	[ -e "$1" ] && [ "$(wc -l <"$1")" -eq "$2" ]
}

# unguarded WHY PROGRAM...: in a store that cannot be used, the command runs, with its status, and one line says why nothing guards it.
unguarded() {
	local why=$1
	shift
	expect 7 "ran" "~cbrun: api: $why; running the command unguarded" "$@" -n api -- sh -c 'echo ran; exit 7'
}

# rejected WHY PROGRAM...: with --on-store-error reject it does not run.
rejected() {
	local why=$1
	shift
	expect 125 "" "~cbrun: $why" "$@" --on-store-error reject -n api -- sh -c 'echo ran; exit 7'
}

# --- processes in the background ---

# start NAME COMMAND...: its pid is in $PID, its output in NAME.out and NAME.err. COMMAND is no function.
start() {
	local name=$1
	shift
	(
		[ -z "${GATE:-}" ] || exec {GATE}>&-
		exec env -i --default-signal "${ENVIRONMENT[@]}" "$@" >"$DIR/$name.out" 2>"$DIR/$name.err" </dev/null 3>&-
	) &
	PID=$!
}

# finish PID STATUS: waits for it.
finish() {
	local ended=0
	wait "$1" || ended=$?
	assert_equal "status $ended" "status $2"
}

# Whatever a test that failed has left running; only children of this shell that it has not waited for.
stop_all() {
	local pid
	[ -n "${!:-}" ] || return 0
	for pid in $(jobs -p); do
		kill -KILL "$pid" 2>/dev/null || :
	done
}

# gone PID: no such process, or only what its parent has not yet waited for.
gone() {
	state_of "$1"
	[ -z "$STATE" ] || [ "$STATE" = Z ]
}

# state_of PID: as ps has it, it is in $STATE; nothing if there is no such process.
state_of() {
	STATE=
	[ -e "/proc/$1/stat" ] || return 0
	read -r -d '' STATE <"/proc/$1/stat" || : # which may be empty by now
	STATE=${STATE##*) }
	STATE=${STATE%% *}
}

# A gate keeps the commands of other processes waiting: `flock -w 300 -s gate true` ends once it is open, or when the
# test has ended.
close_gate() {
	exec {GATE}>"$DIR/gate"
	flock -x "$GATE"
}

open_gate() {
	flock -u "$GATE"
}

# in_flight NAME N: the breaker has exactly N calls running.
in_flight() {
	status_has "$1" "\"in_flight\":$2,"
}
