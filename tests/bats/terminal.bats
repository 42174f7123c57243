# terminal.bats: commands in a real terminal: what the keyboard sends, what is typed, and job control.
load helper
load processes

setup() {
	make_private
	ENVIRONMENT+=(TMUX_TMPDIR="$BATS_TEST_TMPDIR")
	terminal -f /dev/null new-session -d -s it -x 120 -y 40 \
		"env PS1='ready> ' bash --norc --noprofile -i"
	eventually shows 'ready>'
}

teardown() {
	terminal kill-server 2>/dev/null || :
	stop_all
	cd /
	eventually nobody_in "$DIR"
}

# A server of this test's own, whose socket is in the test's directory.
terminal() {
	private tmux -L cbrun "$@"
}

# type_line TEXT: as somebody types it, with Enter.
type_line() {
	terminal send-keys -t it -l -- "$1"
	press Enter
}

# press KEY
press() {
	terminal send-keys -t it "$1"
}

# The lines of the terminal, without the blanks at their ends and the keys that it shows as ^C.
lines() {
	terminal capture-pane -p -t it | sed 's/^\^[CZ\\]//; s/ *$//'
}

# shows LINE: such a line is there by now.
shows() {
	lines | grep -qxF -- "$1"
}

# asleep: the command `sleep 300` runs.
asleep() {
	SLEEPER=$(sleepers)
	[ -n "$SLEEPER" ]
}

# The processes that sleep for 300 seconds in this test's directory.
sleepers() {
	local pid
	for pid in $(left_behind "$DIR"); do
		if [ "$(tr '\0' ' ' <"/proc/$pid/cmdline")" = "sleep 300 " ]; then
			echo "$pid"
		fi
	done
} 2>/dev/null

shell() {
	terminal display-message -p -t it '#{pane_pid}'
}

session() {
	ps -o sid= -p "$(shell)" | tr -d ' '
}

# only_the_shell: in the terminal nothing runs but the shell that reads the commands.
only_the_shell() {
	[ "$(terminal display-message -p -t it '#{pane_current_command}')" = bash ] &&
		[ -z "$(pgrep -P "$(shell)")" ]
}

# reads COMM: the foreground of the terminal is a command of that name, which waits for what is typed.
reads() {
	ps -o stat=,comm= -s "$(session)" | grep -qE "^S[^ ]*\\+ +$1\$"
}

# typed_twice LINE: once as the terminal shows what is typed, once as it was printed.
typed_twice() {
	[ "$(lines | grep -cxF -- "$1")" -eq 2 ]
}

# --- the keys that send signals ---

@test "Ctrl-C ends a guarded command, leaves no process, and counts an ignored call and no failure" {
	for options in '' --foreground --kill-tree; do
		type_line "clear; $CBRUN -n api -f 1 $options sleep 300; echo ended with \$?"
		eventually asleep
		press C-c
		eventually gone "$SLEEPER"
		eventually only_the_shell
		assert_field api '[.state, .in_flight]' '["closed",0]'
		assert_field api '.totals | [.calls, .ignored, .failures, .timeouts, .successes]' '[1,1,0,0,0]'
		assert_equal "$(sleepers)" ""
		cbrun remove api
	done
}

@test "Ctrl-C tells the shell that the command was interrupted" {
	type_line "clear; for i in 1 2 3; do $CBRUN -n api sleep 300; done; echo not reached"
	eventually asleep
	press C-c
	eventually only_the_shell
	assert_field api .totals.calls 1
	type_line "echo reached \$?"
	eventually shows "reached 130"
	refute shows "not reached"
}

@test "Ctrl-C reaches a command once that takes it for no end" {
	program patient <<-'END'
		#!/bin/bash
		trap 'echo INT >>signals' INT
		echo >started
		for ((i = 0; i < 600; i++)); do
			read -t 0.05 -u 9 && exit
		done 9<>fifo
	END
	mkfifo fifo
	type_line "clear; $CBRUN -n api -f 1 -k 0 ./patient; echo ended with \$?"
	eventually test -e started
	press C-c
	eventually test -s signals
	sleep 0.3 # for a second one
	echo >fifo
	eventually shows "ended with 0"
	assert_equal "$(cat signals)" INT
	assert_field api '.totals | [.calls, .ignored]' '[1,1]'
}

@test "Ctrl-\\ ends a guarded command too" {
	type_line "clear; ulimit -c 0; $CBRUN -n api -f 1 sleep 300"
	eventually asleep
	press 'C-\'
	eventually gone "$SLEEPER"
	eventually only_the_shell
	assert_field api '[.state, .totals.ignored, .totals.failures]' '["closed",1,0]'
}

@test "Ctrl-Z stops a guarded command, and fg lets it go on" {
	program counting <<-'END'
		#!/bin/sh
		echo $$ >pid
		while [ ! -e enough ]; do sleep 0.02; done
		echo went on
		exit 3
	END
	for options in '' --foreground; do
		rm -f pid enough
		type_line "clear; $CBRUN -n api $options ./counting; echo ended with \$?"
		eventually test -s pid
		press C-z
		eventually is_stopped "$(cat pid)"
		eventually shows "ended with 148"
		touch enough
		type_line "clear; jobs; echo asked"
		eventually shows asked
		assert is_stopped "$(cat pid)"
		refute shows "went on"
		type_line "clear; fg; echo then \$?"
		eventually shows "then 3"
		assert shows "went on"
		assert gone "$(cat pid)"
	done
	assert_field api '.totals | [.calls, .failures, .ignored]' '[2,2,0]'
}

@test "a command that was stopped by Ctrl-Z can be put into the background, and ended from there" {
	type_line "clear; $CBRUN -n api -f 1 sleep 300"
	eventually asleep
	press C-z
	eventually is_stopped "$SLEEPER"
	type_line "bg"
	running() { [ "$(ps -o state= -p "$SLEEPER")" = S ]; }
	eventually running
	type_line "kill %1"
	eventually gone "$SLEEPER"
	eventually only_the_shell
	assert_field api '[.state, .totals.ignored, .totals.failures]' '["closed",1,0]'
}

@test "closing the terminal ends a guarded command" {
	type_line "clear; $CBRUN -n api -f 1 sleep 300"
	eventually asleep
	terminal kill-server
	eventually gone "$SLEEPER"
	counted() { [ "$(field api '.totals | [.calls, .ignored, .failures]')" = "[1,1,0]" ]; }
	eventually counted
}

# --- what is typed ---

@test "with --foreground a command reads what is typed" {
	type_line "clear; $CBRUN -n x --foreground -- cat"
	eventually reads cat
	type_line "hello"
	eventually typed_twice hello
	press C-d
	eventually only_the_shell
	assert_field x '.totals | [.calls, .successes]' '[1,1]'
}

@test "at the prompt a command reads what is typed without --foreground, too" {
	type_line "clear; $CBRUN -n x -- cat"
	eventually reads cat
	type_line "hello"
	eventually typed_twice hello
	press C-d
	eventually only_the_shell
	assert_field x '.totals | [.calls, .successes]' '[1,1]'
}

@test "with --foreground a command reads what is typed in a script, too" {
	program script <<-END
		#!/bin/sh
		$CBRUN -n x --foreground -- cat
		echo the script ended with \$?
	END
	type_line "clear; ./script"
	eventually reads cat
	type_line "hello"
	eventually typed_twice hello
	press C-d
	eventually shows "the script ended with 0"
	assert_field x '.totals | [.calls, .successes]' '[1,1]'
}

@test "in a script without --foreground a command that reads the terminal stops, and its time limit ends it" {
	program script <<-END
		#!/bin/sh
		$CBRUN -n x -t 1h -- cat
		echo the script ended with \$?
	END
	type_line "clear; ./script"
	stopped_cat() {
		CAT=$(pgrep -x cat -s "$(session)")
		[ -n "$CAT" ] && is_stopped "$CAT"
	}
	eventually stopped_cat
	PID=$(ps -o ppid= -p "$CAT" | tr -d ' ')
	let_pass 1h
	eventually shows "the script ended with 124"
	assert gone "$CAT"
	assert_field x '.totals | [.calls, .timeouts]' '[1,1]'
}

@test "with --retries the terminal is left to the command" {
	type_line "clear; $CBRUN -n x --foreground -r 1 --retry-delay 0 -- sh -c 'test -t 0 && read line && echo got \$line && false'"
	eventually reads sh
	type_line first
	eventually shows "got first"
	eventually reads sh
	type_line second
	eventually shows "got second"
	eventually only_the_shell
	assert_field x '.totals | [.calls, .retries, .failures]' '[1,1,1]'
}

@test "a command in the terminal finds it on all three descriptors, whatever its size" {
	type_line "clear; $CBRUN -n x -- sh -c 'test -t 0 && test -t 1 && test -t 2 && stty size'"
	eventually shows "40 120"
}
