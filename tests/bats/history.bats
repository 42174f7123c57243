# history.bats: `history`: what happened, oldest first.
load helper

@test "history tells calls and transitions, oldest first" {
	repeat 2 cbrun -n api -f 2 -o 1h -- sh -c 'exit 9'
	advance 1h
	repeat 3 cbrun -n api true
	expect 0 "~([-0-9]{10} [:0-9]{8}  call        failure  exit 9 after [0-9.]+s
){2}[-0-9]{10} [:0-9]{8}  transition  closed -> open \(2 consecutive failures\)
[-0-9]{10} [:0-9]{8}  transition  open -> half-open \(open period of 1h is over\)
([-0-9]{10} [:0-9]{8}  call        success  exit 0 after [0-9.]+s
){3}[-0-9]{10} [:0-9]{8}  transition  half-open -> closed \(3 successful trial calls\)" "" cbrun history api
}

@test "history --json has one object a line with the names of the contract" {
	opened api
	cbrun history api --json >lines
	assert has_lines lines 2
	assert_equal "$(jq -c 'to_entries | map("\(.key):\(.value | type)")' lines | tr '\n' ' ')" \
		'["at:string","kind:string","outcome:string","exit:number","duration_seconds:number","generation:number","ignored:null","said:null"] ["at:string","kind:string","from:string","to:string","reason:string","by:string"] '
	assert_equal "$(jq -c 'del(.at, .duration_seconds)' lines | tr '\n' ' ')" \
		'{"kind":"call","outcome":"failure","exit":1,"generation":1,"ignored":null,"said":null} {"kind":"transition","from":"closed","to":"open","reason":"1 consecutive failure","by":"cbrun"} '
}

@test "history tells every outcome with its exit status" {
	run cbrun -n api true
	run cbrun -n api -- sh -c 'exit 3'
	run cbrun -n api -t 50ms sleep 30
	run -127 cbrun -n api no-such-command
	run cbrun -n api -- sh -c 'kill -KILL $$'
	assert_equal "$(cbrun history api --json | jq -rc '[.outcome, .exit] | join(" ")' | paste -sd ',')" \
		"success 0,failure 3,timeout 124,ignored 127,failure 137"
}

@test "history tells why a call was ignored" {
	run cbrun -n api --ignore-on 7 -- sh -c 'exit 7'
	run -127 cbrun -n api no-such-command
	run cbrun -n api -- sh -c 'kill -PIPE $$'
	start call "$CBRUN" -n api -- sh -c 'echo $$ >pid; exec sleep 30'
	eventually test -s pid
	kill -TERM "$PID"
	wait "$PID" || :
	run cbrun -n api -- sh -c 'exit 7'
	assert_equal "$(cbrun history api --json | jq -rc '.ignored' | paste -sd ',')" "by --ignore-on,not started,broken pipe,cancelled,null"
	expect 0 "~.*  ignored  exit 7 after [0-9.]+s \(by --ignore-on\)
.*  ignored  exit 127 after [0-9.]+s \(not started\)
.*  ignored  exit 141 after [0-9.]+s \(broken pipe\)
.*  ignored  exit 143 after [0-9.]+s \(cancelled\)
.*  failure  exit 7 after [0-9.]+s" "" cbrun history api
}

@test "history tells how long calls took" {
	cbrun -n api sleep 0.1
	assert_equal "$(cbrun history api --json | jq -c '.duration_seconds | . >= 0.1 and . < 20')" true
}

@test "history's times are in UTC in JSON, and local for people" {
	ENVIRONMENT+=(TZ=XXX-10)
	cbrun -n api true
	hour=$(cbrun history api --json | jq -r '.at | .[11:13]')
	run cbrun history api
	assert_output --regexp "^[-0-9]{10} $(printf %02d $(((10#$hour + 10) % 24))):"
}

@test "rejected calls are no calls and in no history" {
	opened api
	repeat 3 cbrun -q -n api true
	assert_equal "$(cbrun history api --json | jq -r .kind | paste -sd ' ')" "call transition"
}

@test "history --limit shows the last events only" {
	for status in 1 2 3 4; do
		run cbrun -n api -- sh -c "exit $status"
	done
	assert_equal "$(cbrun history api --json --limit 2 | jq -r .exit | paste -sd ' ')" "3 4"
	assert_equal "$(cbrun history api --json --limit 9 | jq -r .exit | paste -sd ' ')" "1 2 3 4"
	run cbrun history api --limit 1
	assert_equal "${#lines[@]}" 1
}

@test "history escapes what people wrote" {
	cbrun -n api true
	cbrun trip api --for 1h --reason $'\e[2Jgone\nnew line'
	run cbrun history api
	assert_line --index 1 --regexp 'closed -> open \(tripped for 1h by [^ ]+: \\e\[2Jgone\\nnew line\)$'
	assert_equal "${#lines[@]}" 2
	assert_equal "$(cbrun history api --json | jq -c 'select(.kind == "transition") | .reason | split(": ")[1]')" \
		'"\u001b[2Jgone\nnew line"'
}

@test "history has the same generation for calls between two transitions, and counts up" {
	opened api
	advance 1h
	repeat 3 cbrun -n api true
	cbrun -n api true
	assert_equal "$(cbrun history api --json | jq -r 'select(.kind == "call") | .generation' | paste -sd ' ')" "1 3 3 3 4"
}

@test "history keeps each breaker's own events" {
	cbrun -n api true
	cbrun -n web false || :
	assert_equal "$(cbrun history api --json | jq -r .exit)" 0
	assert_equal "$(cbrun history web --json | jq -r .exit)" 1
}
