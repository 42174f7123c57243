# wait.bats: calls that wait to be let in: whom a permit that is given back wakes, and in which order.
load helper
load processes

PLACES=$((1 << 62)) # the bytes of the permits file from which on calls that wait have their places

# on_permits: the locks on the permits file, and who is blocked by them: "WRITE 4611686018427387904".
on_permits() {
	local inode
	inode=$(stat -c %i "$STORE.permits")
	sed -nE "s/^[0-9]+:( ->)? OFDLCK +ADVISORY +(WRITE|READ) +-?[0-9]+ [^ ]*:$inode ([0-9]+) .*/\2 \3/p" /proc/locks
}

# real_in_flight NAME N
real_in_flight() {
	[ "$(real status "$1" --json 2>/dev/null | jq '.breakers[0].in_flight')" = "$2" ]
}

# waiting N: exactly N calls have a place, and each of them blocks on a lock, not just looking.
waiting() {
	[ "$(on_permits | awk -v places=$PLACES '$1 == "WRITE" && $2 >= places' | wc -l)" -eq "$1" ] &&
		[ "$(on_permits | grep -c READ)" -eq "$1" ]
}

# holding [NAME]: a call of the breaker runs until the gate is open; its pid is in $HOLDER.
holding() {
	close_gate
	start holder "$CBRUN" -n "${1:-api}" -c 1 -- flock -w 300 -s gate true
	HOLDER=$PID
	eventually in_flight "${1:-api}" 1
}

# How many of the numbers on standard input, one a line, are in order, if the others are taken out.
in_order() {
	python3 -c 'import bisect, sys
ends = []
for number in map(int, sys.stdin):
    at = bisect.bisect(ends, number)
    ends[at:at + 1] = [number]
print(len(ends))'
}

@test "a call that waits for another one blocks in the kernel, and sleeps at no time" {
	no_sanitizer "traced"
	holding
	start call strace -qq -o trace -e trace=fcntl,nanosleep,clock_nanosleep,poll,ppoll,select,pselect6 \
		"$CBRUN" -n api -c 1 --wait 1h touch ran
	eventually waiting 1
	assert [ ! -e ran ]
	open_gate
	ends call 0 "" ""
	assert grep -q OFD_SETLKW trace
	assert_equal "$(grep -E 'sleep|poll|select' trace)" ""
	finish "$HOLDER" 0
	assert_field api '.totals | [.calls, .rejected]' '[2,0]'
}

@test "a call that waits for one of several to end is let in, whichever ends" {
	for ends in 1 2 3; do
		rm -rf store
		for i in 1 2 3; do
			rm -f gate$i
			mkfifo gate$i
			# shellcheck disable=SC2016 # for sh
			start holder$i "$CBRUN" -n api -c 3 -- sh -c 'read -r line <>"$0"' gate$i
			pids[i]=$PID
			eventually in_flight api $i
		done
		start call "$CBRUN" -n api -c 3 --wait 1h echo ran
		eventually waiting 1
		echo >gate$ends
		ends call 0 ran ""
		for i in 1 2 3; do
			[ $i -eq $ends ] || echo >gate$i
			finish "${pids[i]}" 0
		done
	done
}

@test "calls are let in in the order in which they came" {
	holding
	pids=()
	for ((i = 1; i <= 20; i++)); do
		# shellcheck disable=SC2016 # for sh
		start "call$i" "$CBRUN" -n api -c 1 --wait 1h -- sh -c 'echo "$0" >>order' $i
		pids+=("$PID")
		eventually waiting $i
	done
	open_gate
	for pid in "${pids[@]}"; do
		finish "$pid" 0
	done
	assert has_lines order 20
	# each looks for itself now and then, and may be lucky; by chance 7 would be
	assert [ "$(in_order <order)" -ge 15 ]
}

@test "many calls that wait for each other are all let in, one at a time" {
	local many=200
	[ -z "${BRIEF:-}" ] || [ "$EUID" -eq 0 ] || many=60 # after root's run
	ENVIRONMENT+=(CBRUN_LOCK_TIMEOUT=20s)
	close_gate
	start holder "$CBRUN_REAL" -n api -c 1 -- flock -w 300 -s gate true
	HOLDER=$PID
	eventually real_in_flight api 1
	pids=()
	for ((i = 0; i < many; i++)); do
		start call "$CBRUN_REAL" -q -n api -c 1 --wait 1h -- sh -c 'mkdir alone && echo >>ran && rmdir alone'
		pids+=("$PID")
	done
	open_gate
	for pid in "${pids[@]}" "$HOLDER"; do
		finish "$pid" 0
	done
	assert has_lines ran $many
	assert_equal "$(real status api --json | jq -c '.breakers[0] | [.in_flight, .totals.successes, .totals.failures, .totals.rejected]')" \
		"[0,$((many + 1)),0,0]"
	assert_equal "$(on_permits)" ""
}

@test "a call that waits and is killed leaves no gap" {
	for killed in 1 2 3; do
		holding
		for i in 1 2 3; do
			start call$i "$CBRUN" -n api -c 1 --wait 1h echo ran
			pids[i]=$PID
			eventually waiting $i
		done
		kill -KILL "${pids[killed]}"
		finish "${pids[killed]}" 137
		eventually waiting 2
		open_gate
		for i in 1 2 3; do
			[ $i -eq $killed ] || finish "${pids[i]}" 0
		done
		finish "$HOLDER" 0
		eventually in_flight api 0
	done
}

@test "a call that is killed while it runs lets the one that waits in" {
	holding
	start call "$CBRUN" -n api -c 1 --wait 1h echo ran
	eventually waiting 1
	kill -KILL "$HOLDER"
	ends call 0 ran ""
	finish "$HOLDER" 137
}

@test "a signal ends a call that waits, first or not, at once, and nothing is counted" {
	for signal in HUP:129 INT:130 TERM:143; do
		holding
		start first "$CBRUN" -n api -c 1 --wait 1h touch ran
		first=$PID
		eventually waiting 1
		start second "$CBRUN" -n api -c 1 --wait 1h touch ran
		second=$PID
		eventually waiting 2
		kill "-${signal%:*}" "$second"
		finish "$second" "${signal#*:}"
		kill "-${signal%:*}" "$first"
		finish "$first" "${signal#*:}"
		open_gate
		finish "$HOLDER" 0
		assert [ ! -e ran ]
	done
	assert_field api '[.in_flight, .totals.calls, .totals.rejected]' '[0,3,0]'
}

@test "a call that was stopped while it waited goes on, and keeps no other out for good" {
	holding
	start stopped "$CBRUN" -n api -c 1 --wait 1h echo stopped
	stopped=$PID
	eventually waiting 1
	start call "$CBRUN" -n api -c 1 --wait 1h echo ran
	eventually waiting 2
	kill -STOP "$stopped"
	eventually is_stopped "$stopped"
	open_gate
	finish "$HOLDER" 0
	advance 10s     # that is how long it puts up with that
	kill -URG "$PID" # and this makes it see what time it is
	ends call 0 ran ""
	kill -CONT "$stopped"
	PID=$stopped
	ends stopped 0 stopped ""
}

@test "a call that needs less than another one does not stand behind it" {
	holding
	mkfifo fifo
	start other "$CBRUN" -n api -c 2 -- sh -c 'read -r line <>fifo'
	other=$PID
	eventually in_flight api 2
	start patient "$CBRUN" -q -n api -c 1 --wait 1h echo patient
	patient=$PID
	eventually waiting 1
	start call "$CBRUN" -q -n api -c 2 --wait 1h echo ran
	eventually waiting 2
	open_gate
	ends call 0 ran ""
	assert [ ! -s patient.out ]
	echo >fifo
	finish "$other" 0
	PID=$patient
	ends patient 0 patient ""
	finish "$HOLDER" 0
}

@test "a call that gave up gives its place up, whatever comes instead" {
	holding
	start rejected "$CBRUN" -n api -c 1 --wait 50ms --fallback 'echo >instead; flock -w 300 -s other true' touch ran
	rejected=$PID
	exec {OTHER}>other
	flock -x "$OTHER"
	eventually test -e instead
	assert waiting 0
	start call "$CBRUN" -n api -c 1 --wait 1h echo ran
	eventually waiting 1
	open_gate
	ends call 0 ran ""
	flock -u "$OTHER"
	finish "$rejected" 0
	finish "$HOLDER" 0
}

@test "where the kernel gives no timer, a call that waits looks now and then" {
	no_sanitizer "traced"
	holding
	expect 75 "" "~cbrun: api: not started: 1 of at most 1 is running.*" private timeout 120 \
		strace -qq -o trace -e trace=timer_create,fcntl -e inject=timer_create:error=EAGAIN "$CBRUN" -n api -c 1 --wait 3s touch ran
	assert grep -q timer_create trace
	assert_equal "$(grep SETLKW trace)" ""
	start call strace -qq -o trace -e trace=timer_create -e inject=timer_create:error=EAGAIN \
		"$CBRUN" -n api -c 1 --wait 1h echo ran
	eventually grep -q timer_create trace
	open_gate
	ends call 0 ran ""
	finish "$HOLDER" 0
}

@test "calls that wait for a trial call are let in when it has closed the breaker" {
	half_opened api
	close_gate
	start trial "$CBRUN" -q -n api --probes 1 --successes 1 -- flock -w 300 -s gate true
	trial=$PID
	eventually in_flight api 1
	pids=()
	for i in 1 2 3; do
		start call$i "$CBRUN" -q -n api --probes 1 --successes 1 --wait 1h echo ran
		pids+=("$PID")
		eventually waiting $i
	done
	open_gate
	for pid in "$trial" "${pids[@]}"; do
		finish "$pid" 0
	done
	assert_state api closed
	assert_field api '.totals | [.calls, .rejected]' '[5,0]'
}

@test "an operator's act lets those who wait look again" {
	for act in reset disable; do
		rm -rf store
		half_opened api
		close_gate
		start trial "$CBRUN" -q -n api --probes 1 -- flock -w 300 -s gate true
		trial=$PID
		eventually in_flight api 1
		pids=()
		for i in 1 2 3; do
			start call$i "$CBRUN" -q -n api --probes 1 --wait 1h echo ran
			pids+=("$PID")
			eventually waiting $i
		done
		cbrun $act api
		for pid in "${pids[@]}"; do
			finish "$pid" 0
		done
		in_flight api 1
		open_gate
		finish "$trial" 0
	done
}

@test "what the caller has made of SIGURG stays, and lengthens no wait" {
	holding
	for how in --block-signal --ignore-signal; do
		expect 75 "" "~cbrun: api: not started: 1 of at most 1 is running.*" \
			private env $how=URG timeout 120 "$CBRUN" -n api -c 1 --wait 50ms touch ran
	done
	start blocked env --block-signal=URG "$CBRUN" -n api -c 1 --wait 1h grep SigBlk /proc/self/status
	blocked=$PID
	eventually waiting 1
	start ignored env --ignore-signal=URG "$CBRUN" -n api -c 1 --wait 1h grep SigIgn /proc/self/status
	eventually waiting 2
	open_gate
	ends ignored 0 "~SigIgn:	0{7}(00|18)0400000" "" # env can make nothing of 32 and 33, which are glibc's own
	PID=$blocked
	ends blocked 0 "SigBlk:	0000000000400000" ""
	finish "$HOLDER" 0
	assert [ ! -e ran ]
}
