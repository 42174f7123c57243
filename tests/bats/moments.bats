# moments.bats: what comes at an awkward moment: a signal before the command is there, a flush that fails when all is
# done, a time limit that passes while the machine sleeps, a file that is closed beside SQLite's.
load helper
load processes

# --- Ctrl-C ---

# The same call makes the same system calls if the store is the same: the longer its log, the more it reads.
save_store() {
	cp -r store saved
}

restore_store() {
	rm -rf store first
	cp -r saved store
}

# trace_calls PROGRAM...: writes the program's own system calls to `calls`, one a line.
trace_calls() {
	private strace -o calls -e signal=none "$@" || :
	restore_store
}

# call_number PATTERN [WHICH]: the number of the first system call that is like that, or of a later one.
call_number() {
	grep -nE "$1" calls | sed -n "${2:-1}{s/:.*//;p}"
}

# interrupted_from N TO PROGRAM...: SIGINT comes at each of these system calls, in a call of its own. As strace hands it
# over it looks like one that was typed, but only cbrun has got it.
interrupted_from() {
	local at name first=$1 last=$2
	shift 2
	assert [ "$first" -lt "$last" ]
	for ((at = first; at <= last; at++)); do
		name=$(sed -n "$at{s/(.*//;p}" calls)
		expect 130 "" "" private strace -o /dev/null \
			-e "inject=$name:signal=INT:when=$(head -n $at calls | grep -c "^$name(")" "$@"
		assert_equal "$at: $(real status api --json | jq -c '.breakers[0].totals | [.calls, .ignored]')" "$at: [2,1]"
		restore_store
	done
}

START='^(vfork|clone|clone3)\('

@test "Ctrl-C is not lost on a command that has not started yet, at whatever system call it comes" {
	strace_works
	no_sanitizer "it makes system calls of its own"
	local call=(-n api -k 0 -- sleep)
	real -n api true
	save_store
	trace_calls "$CBRUN_REAL" "${call[@]}" 0
	interrupted_from "$(call_number '^rt_sigprocmask\(SIG_BLOCK')" $(($(call_number "$START") + 1)) "$CBRUN_REAL" "${call[@]}" 30
}

@test "nor is it between two attempts" {
	strace_works
	no_sanitizer "it makes system calls of its own"
	local call=(-n api -k 0 -r 1 --retry-delay 0 -- sh -c '[ -e first ] || { echo >first; exit 1; }; exec sleep $1' sh)
	real -n api true
	save_store
	trace_calls "$CBRUN_REAL" "${call[@]}" 0
	# one that comes before may have ended the first attempt
	interrupted_from $(($(call_number '^wait4\(') + 2)) $(($(call_number "$START" 2) + 1)) "$CBRUN_REAL" "${call[@]}" 30
}

# --- a machine that sleeps ---

@test "a time limit that has passed while the machine slept is noticed without being told" {
	local options
	for options in '' '--output failure'; do # which it waits for in two ways
		start "call$options" "$CBRUN" -n "api${options// /}" -t 1h $options -- sh -c 'echo >>ready; exec sleep 60'
		pids+=("$PID")
	done
	eventually has_lines ready 2
	advance 1h
	for pid in "${pids[@]}"; do
		finish "$pid" 124
	done
}

# --- a flush that fails ---

# failing_flush N [NAME=VALUE]: a call that opens the breaker, and whose Nth flush fails. False if there are fewer.
failing_flush() {
	rm -rf store hook trace
	private $2 "$CBRUN" -q -n api true
	run -1 --separate-stderr private $2 strace -qq -o trace -e trace=fsync,fdatasync -e "inject=fsync,fdatasync:error=EIO:when=$1" \
		"$CBRUN" -n api -f 1 --on-open 'echo >>hook' false
	grep -q INJECTED trace
}

@test "whichever flush fails, an opening is kept and announced, or neither, and the line says which" {
	strace_works
	no_sanitizer "it takes its time under strace"
	local kind number state kept
	for kind in FAKE_FILE_SYSTEM=0xEF53 FAKE_FILE_SYSTEM=0x6969; do
		kept=0
		for ((number = 1; ; number++)); do
			failing_flush $number $kind || break
			state=$(private $kind "$CBRUN" status api --json | jq -r '.breakers[0].state')
			case $state in
			open)
				assert has_lines hook 1
				[[ $stderr != *"not recorded"* ]] || fail "$number: $stderr"
				((++kept))
				;;
			closed)
				refute [ -e hook ]
				[[ $stderr == *"not recorded"* ]] || fail "$number: $stderr"
				;;
			esac
		done
		assert has_lines hook 1
		assert [ $number -gt 1 ]
		assert [ $kept -gt 0 ] # its last flush is made when all is written
	done
}

# --- files that are closed ---

# closed_beside FILE: how often a process has closed the file while it had it open once more, by `trace`. Closing drops
# all of a process's locks on a file, those of another descriptor too.
closed_beside() {
	awk -v file="<$1>" '
		index($0, file) == 0 { next }
		$2 ~ /^openat\(/ && $0 ~ /= [0-9]+</ { open[$1]++ }
		$2 ~ /^close\(/ { if (--open[$1] > 0) count++ }
		END { print count + 0 }' trace
}

@test "nothing closes the database, or its log's index, beside SQLite" {
	strace_works
	local kind file words
	for kind in FAKE_FILE_SYSTEM=0xEF53 FAKE_FILE_SYSTEM=0x6969; do
		rm -rf store
		for words in '-q -n api true' '-q -n api -f 1 false' 'reset api' 'status api' 'history api' 'check api' doctor; do
			private $kind strace -f -y -qq -o trace -e trace=openat,close -e signal=none "$CBRUN" $words >/dev/null || :
			for file in "$STORE" "$STORE-shm"; do
				assert_equal "$words: $(closed_beside "$file")" "$words: 0"
			done
		done
	done
}
