# terminal.bats: a person at a terminal, which is tmux with a server and a configuration of its own.
load helper
load processes

setup() {
	make_private
	echo 'set -g default-terminal screen' >tmux.conf
	mkdir there
	# what a person types is short: the long parts are functions of the shell
	cat >rc <<-END
		PS1='ready> '
		ulimit -c 0
		cd there
		guarded() { "$CBRUN" "\$@"; }
		sleeper() { guarded "\$@" -- sh -c 'echo \$\$ >pid; exec sleep 120'; }
	END
	tmux_do new-session -d -x 100 -y 30 bash --rcfile "$DIR/rc" -i
	SHELL_PID=$(tmux_do list-panes -F '#{pane_pid}')
	eventually shows 'ready>'
}

teardown() {
	tmux_do kill-server || :
	stop_all
}

tmux_do() {
	private tmux -S "$DIR/tmux" -f "$DIR/tmux.conf" "$@" 3>&-
}

# shows TEXT: the screen does.
shows() {
	tmux_do capture-pane -p | grep -qF -- "$1"
}

# types TEXT: and presses Enter.
types() {
	tmux_do send-keys -l -- "$1"
	tmux_do send-keys Enter
}

# presses KEY
presses() {
	tmux_do send-keys "$1"
}

# prints_status N: the shell has its prompt, and this was the status of the last command.
prints_status() {
	types 'echo "status=$?"'
	eventually shows "status=$1"
}

# only_the_shell_is_left: in its directory, no other process is.
only_the_shell_is_left() {
	[ "$(left_behind "$DIR/there")" = "$SHELL_PID" ]
}

is_stopped_with_its_child() {
	is_stopped "$1" && is_stopped "$(ps -o ppid= -p "$1" | tr -d ' ')"
}

@test "Ctrl-C stops a guarded sleep, leaves no process and counts as neither" {
	count=0
	for options in '' --foreground '-t 1h -k 1h' '-r 5 --output failure' --kill-tree; do
		rm -f there/pid
		types "clear; sleeper -n api -f 1 $options"
		eventually test -s there/pid
		presses C-c
		eventually only_the_shell_is_left
		prints_status 130
		assert_field api '[.state, .in_flight, .totals.ignored, .totals.calls]' "[\"closed\",0,$((++count)),$count]"
	done
}

@test "Ctrl-\\ does so, too" {
	types 'sleeper -n api -f 1'
	eventually test -s there/pid
	presses 'C-\'
	eventually only_the_shell_is_left
	prints_status 131
	assert_field api '[.state, .totals.ignored]' '["closed",1]'
}

@test "Ctrl-C reaches the command once" {
	goes_on there/counting <<-'END'
		#!/bin/bash
		trap 'echo INT >>signals' INT
		echo >ready
	END
	types 'guarded -n api -v ./counting'
	eventually test -e there/ready
	presses C-c
	eventually has_lines there/signals 1
	: >there/end
	eventually only_the_shell_is_left
	prints_status 0
	assert_equal "$(cat there/signals)" INT
	refute shows 'sending signal'
}

@test "a command reads what is typed" {
	types 'guarded -n api -- cat >typed'
	eventually in_flight api 1
	types hello
	presses C-d
	eventually only_the_shell_is_left
	assert_equal "$(cat there/typed)" hello
	assert_field api .totals.successes 1
}

@test "in a script, a command reads what is typed, with a time limit if it stays in the foreground" {
	for options in '' '-t 1h --foreground'; do
		echo "'$CBRUN' -n api $options -- cat >typed; echo >after" >there/script
		types 'sh script'
		eventually in_flight api 1
		types hello
		presses C-d
		eventually only_the_shell_is_left
		assert_equal "$(cat there/typed)" hello
		assert [ -e there/after ]
		rm there/typed there/after
	done
}

@test "Ctrl-C in a script ends the command and the script" {
	printf '%s\n' "'$CBRUN' -n api -- sh -c 'echo \$\$ >pid; exec sleep 120'" 'echo >after' >there/script
	types 'sh script'
	eventually test -s there/pid
	presses C-c
	eventually only_the_shell_is_left
	prints_status 130
	refute [ -e there/after ]
	assert_field api '[.in_flight, .totals.ignored, .totals.calls]' '[0,1,1]'
}

@test "a command behind a pipe has the terminal" {
	types "seq 1000 | guarded -n api -- sh -c 'read -r line </dev/tty; echo \$line >typed'"
	eventually in_flight api 1
	types hello
	eventually only_the_shell_is_left
	assert_equal "$(cat there/typed)" hello
}

@test "a background job that reads the terminal is stopped as a whole, and continued as a whole" {
	types "$CBRUN -n api -- sh -c 'echo \$\$ >pid; read -r line; echo \$line >typed' &"
	eventually test -s there/pid
	eventually is_stopped_with_its_child "$(cat there/pid)"
	types fg
	types hello
	eventually only_the_shell_is_left
	assert_equal "$(cat there/typed)" hello
}

@test "in a script without --foreground, a command that reads the terminal is stopped, and its time limit ends it" {
	cat >there/script <<-END
		"$CBRUN" -n api -t 1h -- sh -c 'echo \$\$ >pid; exec cat'
		echo \$? >status
	END
	types 'sh script'
	eventually test -s there/pid
	eventually is_stopped "$(cat there/pid)"
	PID=$(ps -o ppid= -p "$(cat there/pid)")
	let_pass 1h
	eventually test -s there/status
	assert_equal "$(cat there/status)" 124
}

@test "where writing stops a background process, it stops the command, and not cbrun" {
	cat >there/script <<-END
		stty tostop
		"$CBRUN" -n api -v -t 1h -- sh -c 'echo \$\$ >pid; echo written'
		stty -tostop
		echo \$? >status
	END
	types 'sh script'
	eventually test -s there/pid
	eventually is_stopped "$(cat there/pid)"
	assert shows "cbrun: api: closed, running 'sh'"
	PID=$(ps -o ppid= -p "$(cat there/pid)")
	let_pass 1h
	eventually test -s there/status
	assert shows "cbrun: sending signal TERM to command 'sh'"
	assert_field api '[.totals.timeouts, .totals.calls]' '[1,1]'
}

@test "Ctrl-Z stops cbrun and the command, and fg continues both" {
	mkfifo there/go # a shell that starts one sleep after the other can be caught in vfork, where nothing stops it
	types "guarded -n api -t 1h -- sh -c 'echo \$\$ >pid; read -r _ <go; exit 3'"
	eventually test -s there/pid
	presses C-z
	eventually is_stopped_with_its_child "$(cat there/pid)"
	eventually shows Stopped
	in_flight api 1
	types fg
	echo >there/go
	eventually only_the_shell_is_left
	prints_status 3
	assert_field api '[.in_flight, .last_exit, .totals.calls]' '[0,3,1]'
}

@test "after Ctrl-Z a command can be killed, and one that goes on in the background, too" {
	types 'sleeper -n api'
	eventually test -s there/pid
	presses C-z
	eventually is_stopped_with_its_child "$(cat there/pid)"
	types 'kill %1; fg'
	eventually only_the_shell_is_left
	rm there/pid
	types "'$CBRUN' -n api -- sh -c 'echo \$\$ >pid; exec sleep 120' &"
	eventually test -s there/pid
	types 'kill %1'
	eventually only_the_shell_is_left
	assert_field api '[.in_flight, .totals.ignored, .totals.calls]' '[0,2,2]'
}

@test "Ctrl-C with --kill-tree ends what has left the group, at once" {
	program there/far <<-'END'
		#!/bin/sh
		setsid -f sh -c 'echo $$ >daemon; exec sleep 120'
		while [ ! -s daemon ]; do sleep 0.02; done
		echo $$ >pid
		exec sleep 120
	END
	types 'guarded -n api --kill-tree -k 1h ./far'
	eventually test -s there/pid
	presses C-c
	eventually only_the_shell_is_left
	prints_status 130
}

@test "the terminal is left to each attempt as it is" {
	types "guarded -n api -r 1 --retry-delay 1ms -- sh -c 'test -t 0 && read -r line && echo \"\$line\" >>lines; test \$line = two'"
	types one
	eventually has_lines there/lines 1
	types two
	eventually only_the_shell_is_left
	assert_equal "$(paste -sd ' ' there/lines)" "one two"
	assert_field api '.totals | [.successes, .retries]' '[1,1]'
}

@test "a terminal that is closed ends the call, which is ignored" {
	types 'sleeper -n api'
	eventually test -s there/pid
	tmux_do kill-server
	eventually nobody_in "$DIR/there"
	assert_field api '[.in_flight, .totals.ignored, .totals.calls]' '[0,1,1]'
}
