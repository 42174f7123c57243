# processes.bash: what the tests of running commands share, beside helper.bash.

# --- programs that tests run ---

# program NAME: makes an executable of what is on standard input.
program() {
	cat >"$1"
	chmod +x "$1"
}

# goes_on NAME: makes such a program in bash, of what is on standard input, and then it goes on until there is `end` in its
# directory, or for ten minutes. It does so in turns: of a signal that comes just before bash begins to wait it runs the trap
# only after it has waited. Nobody writes what it reads, as a line that comes just when a turn ends is lost.
goes_on() {
	local never=never
	[ "$1" = "${1##*/}" ] || never=${1%/*}/never
	[ -p "$never" ] || mkfifo "$never"
	{
		cat
		echo 'for i in {1..3000}; do [ ! -e end ] || break; read -t 0.2 -u 9; done 9<>never'
	} | program "$1"
}

# write_stubborn SIGNAL...: `stubborn`, a command that notes these signals in `signals` and goes on. It writes `pid` when it
# is ready.
write_stubborn() {
	goes_on stubborn <<-END
		#!/bin/bash
		for signal in $*; do
			trap "echo \$signal >>signals" \$signal
		done
		echo \$\$ >pid
	END
}

# Runs a command and prints how it ended in the words of wait(2): "exit N" or "signal N".
how_it_ends() {
	private python3 -c 'import subprocess, sys
code = subprocess.run(sys.argv[1:]).returncode
print(f"exit {code}" if code >= 0 else f"signal {-code}")' "$@"
}

# --- time ---

# let_pass DURATION: so much time passes for the program started last, which looks at its clock at once.
let_pass() {
	advance "$1"
	kill -CHLD "$PID" 2>/dev/null || : # it may have seen the time, and ended, by itself
}

# --- ends ---

# ends NAME STATUS STDOUT STDERR: waits for the program started last, as NAME, and compares as expect does.
ends() {
	local ended=0
	wait "$PID" || ended=$?
	expect "$2" "$3" "$4" replay "$1" "$ended"
}

replay() {
	cat "$DIR/$1.out"
	cat "$DIR/$1.err" >&2
	return "$2"
}

# start_fed NAME FILE COMMAND...: as start, with FILE as standard input, which may be a pipe.
start_fed() {
	local name=$1 input=$2
	shift 2
	(
		exec <"$input"
		[ -z "${GATE:-}" ] || exec {GATE}>&-
		exec env -i --default-signal "${ENVIRONMENT[@]}" "$@" >"$DIR/$name.out" 2>"$DIR/$name.err" 3>&-
	) &
	PID=$!
}

# --- what is there ---

# has_line FILE LINE: the file has such a line by now.
has_line() {
	[ -e "$1" ] && grep -qxF -- "$2" "$1"
}

# says FILE TEXT: the file holds exactly that.
says() {
	[ -e "$1" ] && [ "$(cat "$1")" = "$2" ]
}

# is_pausing PID: it sleeps and has no child, not even one that has ended and that it has not waited for.
is_pausing() {
	sleeps "$1" && [ -z "$(ps -o pid= --ppid "$1")" ] && sleeps "$1"
}

# sleeps PID
sleeps() {
	state_of "$1"
	[ "$STATE" = S ]
}

# has_open PID FILE
has_open() {
	local fd
	for fd in /proc/"$1"/fd/*; do
		[ ! "$fd" -ef "$2" ] || return 0
	done
	return 1
}

# is_stopped PID
is_stopped() {
	state_of "$1"
	[ "$STATE" = T ]
}

# Processes that have this directory as their own.
left_behind() {
	local link
	for link in /proc/[0-9]*/cwd; do
		if [ "$link" -ef "$1" ]; then
			echo "${link//[!0-9]/}"
		fi
	done
}

# nobody_in DIRECTORY: no process has it as its own.
nobody_in() {
	[ -z "$(left_behind "$1")" ]
}

# What a call may leave beside the store: nothing but its own four files.
store_files() {
	(cd "${STORE%/*}" && find . -mindepth 1 -printf '%f\n' | sort | paste -sd ' ')
}

STORE_FILES='cbrun.db cbrun.db-shm cbrun.db-wal cbrun.db.permits'
