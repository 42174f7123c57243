# watch.bats: `status --watch`, on a terminal, which is tmux, and elsewhere.
load helper

setup() {
	make_private
	echo 'set -g default-terminal screen' >tmux.conf
	cat >rc <<-END
		PS1='ready> '
		watching() { "$CBRUN_REAL" status --watch=0.1 "\$@"; }
	END
}

teardown() {
	tmux_do kill-server 2>/dev/null || :
	stop_all
}

# terminal COLUMNS LINES: one, with a shell.
terminal() {
	command -v tmux >/dev/null || skip "needs tmux"
	tmux_do -u new-session -d -x "$1" -y "$2" bash --rcfile "$DIR/rc" -i
	eventually shows 'ready>'
}

tmux_do() {
	private tmux -S "$DIR/tmux" -f "$DIR/tmux.conf" "$@" 3>&-
}

# shows TEXT: the screen does.
shows() {
	tmux_do capture-pane -p | grep -qF -- "$1"
}

shows_no() {
	! shows "$1"
}

# types TEXT: and presses Enter.
types() {
	tmux_do send-keys -l -- "$1"
	tmux_do send-keys Enter
}

# is_set FORMAT: the pane's flag of tmux is.
is_set() {
	[ "$(tmux_do display-message -p "#{$1}")" = 1 ]
}

is_unset() {
	! is_set "$1"
}

@test "--watch shows what happens as it happens, in place, and Ctrl-C gives the terminal back" {
	real -n api -f 1 true
	real -n web true
	terminal 100 20
	types watching
	eventually shows 'All 2 are closed.'
	assert is_set alternate_on
	assert is_unset cursor_flag
	real -q -n api -f 1 false || :
	eventually shows '1 of 2 is down.'
	assert shows_no 'All 2'
	assert shows_no 'ready>'
	tmux_do send-keys C-c
	eventually is_unset alternate_on
	assert is_set cursor_flag
	types 'echo "status=$?"'
	eventually shows status=130
	assert shows '1 of 2 is down.'
}

@test "--watch follows the size of the terminal" {
	for name in a b c d e f; do
		real -n $name true
	done
	terminal 100 20
	types watching
	eventually shows 'All 6 are closed.'
	tmux_do resize-window -x 60 -y 5
	eventually shows '... and 5 more lines'
	assert_equal "$(tmux_do capture-pane -p | sed -n '$=')" 5
	tmux_do resize-window -x 100 -y 20
	eventually shows 'All 6 are closed.'
}

@test "--watch is stopped by Ctrl-Z, and goes on" {
	real -n a true
	real -n b true
	terminal 100 20
	types watching
	eventually is_set alternate_on
	tmux_do send-keys C-z
	eventually shows Stopped
	assert is_unset alternate_on
	types fg
	eventually is_set alternate_on
	eventually shows 'All 2 are closed.'
	tmux_do send-keys C-c
	eventually is_unset alternate_on
}

@test "--watch sees a store, and a breaker, that appear later" {
	terminal 100 20
	types 'watching api'
	eventually shows "no breaker named 'api'"
	real -n api true
	eventually shows ' Policy: '
	assert shows_no "no breaker named"
}

@test "elsewhere --watch prints a block a look, each with its time" {
	real -n api true
	start watch "$CBRUN_REAL" status --watch=10ms
	looked_twice() { [ "$(grep -c '^api   closed ' watch.out)" -ge 2 ]; }
	eventually looked_twice
	kill -TERM "$PID"
	finish "$PID" 143
	run head -n 5 watch.out
	assert_line --index 0 --regexp '^[0-9-]{10} [0-9:+-]+, every 10ms$'
	assert_line --index 1 --regexp '^NAME  STATE '
	assert_line --index 2 --regexp '^api   closed '
	assert_line --index 3 --partial ', every 10ms'
	run grep -c $'\e' watch.out
	assert_output 0
	assert_equal "$(cat watch.err)" ""
}

@test "--watch --json prints a line of JSON a look" {
	start watch "$CBRUN_REAL" status --watch=10ms --json
	eventually test -s watch.out
	real -n api true
	eventually grep -q '"name":"api"' watch.out
	kill -INT "$PID"
	finish "$PID" 130
	jq -se 'all(.schema == 1) and .[0].breakers == []' watch.out >/dev/null
}

@test "--watch ends when nobody reads on, and says what it cannot do at first" {
	real -n api true
	expect 141 "" "" private bash -c '"$0" status --watch=10ms | head -n 1 >/dev/null; exit "${PIPESTATUS[0]}"' "$CBRUN_REAL"
	echo nonsense >"$STORE"
	rm -f "$STORE"-* "$STORE.permits"
	expect 125 "" "~cbrun: refusing the store .*" real status --watch
	expect 125 "" "cbrun: invalid --watch '0': expected a duration longer than zero" real status --watch=0
}

@test "--watch has no file of the store open between its looks" {
	real -n api true
	start watch "$CBRUN_REAL" status --watch=1h
	eventually grep -q '^api ' watch.out
	open_files() { find "/proc/$PID/fd" -lname "*cbrun.db*" 2>/dev/null; }
	assert_equal "$(open_files)" ""
	kill -INT "$PID"
	finish "$PID" 130
}
