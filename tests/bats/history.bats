# history.bats: `history`: what happened, oldest first.
load helper

# A time as history shows it, in UTC.
AT='[-0-9]{10} [:0-9]{8}\+00:00'

# exits NAME... [OPTION...]: "NAME EXIT" of each call in the history of several, or "NAME STATE" of each transition.
exits() {
	cbrun history --json "$@" | jq -r '"\(.name // "-") \(.exit // .to)"' | paste -sd ,
}

# call NAME STATUS: a call that ends so.
call() {
	cbrun -n "$1" -f 99 --failure-rate 0 -- sh -c "exit $2" || :
}

@test "history tells calls and transitions, oldest first" {
	own_file "on a server each event has its host, too: see redis.bats"
	repeat 2 cbrun -n api -f 2 -o 1h -- sh -c 'exit 9'
	advance 1h
	repeat 3 cbrun -n api true
	expect 0 "~($AT  call        failure  exit 9 after [0-9.]+s
){2}$AT  transition  closed -> open \(2 consecutive failures\)
$AT  transition  open -> half-open \(open period of 1h is over\)
($AT  call        success  exit 0 after [0-9.]+s
){3}$AT  transition  half-open -> closed \(3 successful trial calls\)" "" cbrun history api
}

@test "history --json has one object a line with the names of the contract" {
	own_file "on a server each event has its host, too: see redis.bats"
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
	run cbrun -n api -t 50ms sleep 120
	run -127 cbrun -n api no-such-command
	run cbrun -n api -- sh -c 'kill -KILL $$'
	assert_equal "$(cbrun history api --json | jq -rc '[.outcome, .exit] | join(" ")' | paste -sd ',')" \
		"success 0,failure 3,timeout 124,ignored 127,failure 137"
}

@test "history tells why a call was ignored" {
	own_file "on a server each event has its host, too: see redis.bats"
	run cbrun -n api --ignore-on 7 -- sh -c 'exit 7'
	run -127 cbrun -n api no-such-command
	run cbrun -n api -- sh -c 'kill -PIPE $$'
	start call "$CBRUN" -n api -- sh -c 'echo $$ >pid; exec sleep 120'
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
	assert_output --regexp "^[-0-9]{10} $(printf %02d $(((10#$hour + 10) % 24))):..:..\+10:00  call "
	ENVIRONMENT+=(TZ=XXX3:30)
	run cbrun history api
	assert_output --regexp "^[-0-9]{10} ..:..:..-03:30  call "
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
	own_file "on a server each event has its host, too: see redis.bats"
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

# --- several ---

@test "the histories of several are one, in the order of time" {
	call web:eu 1
	advance 1m
	call api 2
	advance 1m
	call web:eu 3
	advance 1m
	opened db
	assert_equal "$(exits --all)" "web:eu 1,api 2,web:eu 3,db 1,db open"
	assert_equal "$(exits api 'web*')" "web:eu 1,api 2,web:eu 3"
	expect 0 "~$AT  web:eu  call        failure  exit 1 .*
$AT  api     call        failure  exit 2 .*
$AT  web:eu  call        failure  exit 3 [^
]*" "" cbrun history 'web*' api
}

@test "--limit takes the newest of all of them" {
	call a 1
	call a 2
	advance 1m
	call b 3
	advance 1m
	call a 4
	assert_equal "$(exits --all --limit 1)" "a 4"
	assert_equal "$(exits --all --limit 2)" "b 3,a 4"
	assert_equal "$(exits a b --limit 3)" "a 2,b 3,a 4"
	assert_equal "$(exits a b --limit 0)" "a 1,a 2,b 3,a 4"
}

# --- what is asked for ---

@test "--since and --until are bounds of the time, as a duration or a time" {
	call api 1
	advance 1h
	call api 2
	between=$(cbrun history api --json --limit 1 | jq -r .at)
	advance 1h
	call api 3
	assert_equal "$(exits api --since 90m)" "- 2,- 3"
	assert_equal "$(exits api --since 10m)" "- 3"
	assert_equal "$(exits api --until 30m)" "- 1,- 2"
	assert_equal "$(exits api --since 90m --until 30m)" "- 2"
	assert_equal "$(exits api --since "$between" --until "$between")" "- 2"
	assert_equal "$(exits api --since 90m --limit 1)" "- 3"
	assert_equal "$(exits api --until 30m --limit 1)" "- 2"
	assert_equal "$(exits api --since 1970-01-01)" "- 1,- 2,- 3"
	assert_equal "$(exits api --until yesterday)" ""
}

@test "--since and --until are local times unless they name a zone" {
	ENVIRONMENT+=(TZ=XXX-10)
	call api 1
	shown=$(cbrun history api)
	assert_equal "$(exits api --since "${shown:0:19}")" "- 1"
	assert_equal "$(exits api --since "${shown:0:25}")" "- 1"
	assert_equal "$(exits api --since "${shown:0:19}+09:00")" ""
	assert_equal "$(exits api --since "${shown:0:10}")" "- 1"
	assert_equal "$(exits api --until "${shown:0:10}")" ""
}

@test "what is no time, and bounds that leave nothing, are told" {
	for wrong in 24:00 tomorrow 2026-02-30 '2026-11-28 14'; do
		expect 125 "" "cbrun: invalid --since '$wrong': expected a time such as 2h (ago), 14:00, yesterday or '2026-11-28 14:00'" \
			cbrun history api --since "$wrong"
	done
	expect 125 "" "cbrun: --since 1h is later than --until 2h" cbrun history api --since 1h --until 2h
	expect 125 "" "cbrun: --follow and --until exclude each other" cbrun history api --follow --until 2h
}

@test "--transitions leaves out the calls" {
	opened api
	opened web
	assert_equal "$(exits --all --transitions)" "api open,web open"
	advance 1h
	repeat 3 cbrun -n api true
	assert_equal "$(exits api --transitions --limit 2)" "- half-open,- closed"
	assert_equal "$(exits api --transitions --since 30m)" "- half-open,- closed"
}

@test "the help of history tells of its own values alone" {
	run cbrun history --help
	assert_equal "$(grep -cE '^(DUR|TIME): ' <<<"$output") $(grep -cE 'PCT|LIST|COMMAND' <<<"$output")" "2 0"
}

# --- --follow ---

# ends_by NUMBER: the follower dies of that signal.
ends_by() {
	kill -s "$1" "$PID"
	finish "$PID" $((128 + $(kill -l "$1")))
}

@test "--follow prints events as they come, of a breaker that is yet to be made, and ends by Ctrl-C with 130" {
	call api 1
	start tail "$CBRUN" history --json --follow api new
	eventually has_lines tail.out 1
	call api 2
	eventually has_lines tail.out 2
	call new 3
	call other 4
	call new 5
	eventually has_lines tail.out 4
	ends_by INT
	assert_equal "$(jq -r '"\(.name) \(.exit)"' tail.out | paste -sd ,)" "api 1,api 2,new 3,new 5"
	assert_equal "$(cat tail.err)" "cbrun: no breaker named 'new'"
}

@test "--follow survives a breaker that is removed, renamed, and made again" {
	call api 1
	start tail "$CBRUN" history --json --follow 'a*'
	eventually has_lines tail.out 1
	cbrun remove api
	call api 2
	eventually has_lines tail.out 2
	cbrun rename api away
	call away 3
	eventually has_lines tail.out 3
	call api 4
	eventually has_lines tail.out 4
	ends_by TERM
	assert_equal "$(jq -r '"\(.name) \(.exit)"' tail.out | paste -sd ,)" "api 1,api 2,away 3,api 4"
}

@test "--follow waits for a store that is made later, and goes on with another one" {
	own_file "it is about a store's files"
	start tail "$CBRUN" history --json --follow api
	eventually grep -q "no breaker named 'api'" tail.err
	call api 1
	eventually has_lines tail.out 1
	rm -r "$DIR/store"
	call api 2
	eventually has_lines tail.out 2
	ends_by TERM
	assert_equal "$(jq -r .exit tail.out | paste -sd ,)" "1,2"
}

@test "--follow begins with the last ten, or with what is asked for" {
	for status in {1..12}; do
		call api "$status"
	done
	start tail "$CBRUN" history --follow --all
	eventually has_lines tail.out 10
	ends_by TERM
	start tail "$CBRUN" history --follow --limit 0 api
	eventually has_lines tail.out 12
	ends_by TERM
	start tail "$CBRUN" history --follow --transitions api --since 1h
	opened api
	eventually has_lines tail.out 1
	ends_by TERM
}

@test "--follow ends when nobody reads what it prints" {
	call api 1
	run bash -o pipefail -c '"$@" | head -n 1; echo "${PIPESTATUS[*]}"' - env -i "${ENVIRONMENT[@]}" "$CBRUN" history --follow api
	assert_line --index 0 --regexp "^$AT  call "
	assert_line --index 1 "141 0"
}
