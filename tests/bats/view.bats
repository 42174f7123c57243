# view.bats: what `status` shows of many breakers, and to whom: filter, order, exit status, a terminal, one breaker in full.
load helper

# on_terminal COMMAND...: its output on a terminal, and its exit status.
on_terminal() {
	local words
	command -v script >/dev/null || skip "needs script(1)"
	printf -v words '%q ' env -i TERM=xterm "${ENVIRONMENT[@]}" "$@"
	script --quiet --return --command "$words" "$DIR/typescript" </dev/null | tr -d '\r'
	return "${PIPESTATUS[0]}"
}

# names OPTION...: those that status shows, in order.
names() {
	INSTEAD=yes cbrun status "$@" | awk 'NR > 1 { print $1 }' | paste -sd ' '
}

# some_trouble: a breaker of each kind.
some_trouble() {
	half_opened half
	opened open
	cbrun -n well true
	cbrun -q -n shady --shadow -f 1 -o 1h false || :
	for name in off held; do
		cbrun -n $name true
	done
	cbrun disable off
	cbrun trip held --hold
}

# --- filter, order, exit status ---

@test "--open shows what is not closed, and what is disabled" {
	some_trouble
	assert_equal "$(names --open)" "held open half shady off"
	assert_equal "$(cbrun status --open --json | jq -rc '[.breakers[].name]')" '["half","held","off","open","shady"]'
	assert_equal "$(names --open 'h*' well)" "held half"
	cbrun reset held
	expect 0 "" "" cbrun status --open held
}

@test "--sort orders by what it says, the worst first" {
	cbrun -q -n b -f 9 false || :
	repeat 3 cbrun -n a true
	opened c
	cbrun record slow success --duration 9s
	advance 1m
	cbrun reset a
	assert_equal "$(names)" "c b a slow"
	assert_equal "$(names --sort trouble)" "c b a slow"
	assert_equal "$(names --sort name)" "a b c slow"
	assert_equal "$(names --sort state)" "c a b slow"
	assert_equal "$(names --sort since)" "c a slow b"
	assert_equal "$(names --sort rate)" "b c slow a"
	assert_equal "$(names --sort calls)" "a b c slow"
	assert_equal "$(names --sort p95 | cut -d ' ' -f 1)" "slow"
	assert_equal "$(cbrun status --sort calls --json | jq -rc '[.breakers[].name]')" '["a","b","c","slow"]'
	expect 125 "" "cbrun: invalid --sort 'size': expected trouble or name or state or since or rate or calls or p95" \
		cbrun status --sort size
}

@test "--exit-code tells the worst state: 2 open, 1 half-open, else 0" {
	cbrun -n well true
	expect 0 "~.*" "" cbrun status --exit-code
	cbrun disable well
	cbrun -q -n shady --shadow -f 1 -o 1h false || :
	expect 0 "~.*" "" cbrun status --exit-code
	half_opened half
	expect 1 "~.*" "" cbrun status --exit-code
	expect 0 "~.*" "" cbrun status --exit-code well shady
	cbrun -n held true
	cbrun trip held --hold
	expect 2 "~.*held.*" "" cbrun status --exit-code
	expect 2 '~\{"schema":1,.*\}' "" cbrun status --exit-code --json --open
	expect 1 "~.*" "" cbrun status --exit-code half
}

@test "--exit-code tells a record that cannot be read apart, unless a breaker is open" {
	cbrun -n api true
	cbrun -n other true
	sqlite3 "$STORE" "UPDATE breaker SET record = x'ff' WHERE name = 'other'"
	expect 3 "~.*api.*" "cbrun: the record of breaker other in the store $STORE is damaged" cbrun status --exit-code
	expect 0 "~.*api.*" "~cbrun: the record of breaker other .*" cbrun status
	cbrun trip --for 1h api
	expect 2 "~.*api.*" "~cbrun: the record of breaker other .*" cbrun status --exit-code
}

@test "--exit-code tells a breaker that is not there apart, unless one is open" {
	half_opened half
	expect 0 "~.*" "" cbrun status half
	expect 3 "~.*" "cbrun: no breaker named 'none'" cbrun status --exit-code half none
	opened open
	expect 2 "~.*" "cbrun: no breaker named 'none'" cbrun status --exit-code open none
	expect 1 "~.*" "cbrun: no breaker named 'none'" cbrun status open none
}

@test "there are no breakers to be open without a store" {
	expect 0 "" "cbrun: no breakers yet" cbrun status --exit-code
	expect 0 '{"schema":1,"breakers":[]}' "" cbrun status --exit-code --open --sort rate --json
}

# --- a terminal ---

@test "a terminal sees signs, the last outcomes, latencies and the next try" {
	repeat 2 cbrun -n api true
	opened api
	cbrun -n web true
	advance 61s
	ENVIRONMENT+=(COLUMNS=140 NO_COLOR=1)
	run on_terminal "$CBRUN" status
	assert_line --index 0 --regexp '^  NAME  STATE +DOWN +LAST +FAILED +P50 +P95 +NEXT TRY  WHY$'
	assert_line --index 1 --regexp '^X api   open +1m[0-9]+s +\+\+x +33% of 3 +[<0-9ms]+ +[<0-9ms]+ +5[89]m[0-9]*s?  1 consecutive failure \(exit 1\)$'
	assert_line --index 2 --regexp '^\+ web   closed +\+ +0% of 1 +[<0-9ms]+ +[<0-9ms]+$'
	assert_line --index 3 "1 of 2 is down."
	assert_equal "${#lines[@]}" 4
}

@test "a terminal of 80 columns sees reasons below, and no line is longer" {
	some_trouble
	cbrun -q -n "$(printf 'n%.0s' {1..100})" no-such-program || :
	cbrun trip open --reason "$(printf 'r%.0s' {1..100})"
	ENVIRONMENT+=(COLUMNS=80 NO_COLOR=1 LC_ALL=C.UTF-8)
	run on_terminal "$CBRUN" status
	for line in "${lines[@]}"; do
		columns=$(LC_ALL=C.UTF-8 bash -c 'echo ${#1}' bash "$line")
		assert [ "$columns" -le 80 ]
	done
	assert_line --regexp '^✗ held +held +'
	assert_line --regexp '^    held by [^ ]+$'
	assert_line --regexp '^◒ half +half-open .* now$'
	assert_line --regexp '^    tripped for .*r\.\.\.$'
	assert_line --regexp '^- off +disabled +'
	assert_line --regexp '^! shady +open, shadow +'
	assert_line --regexp '^! nnnnn+\.\.\. +closed +·|^✓ nnnnn+\.\.\. +closed +·'
	assert_line "3 of 7 are down, 1 of them half-open; 1 would be (shadow); 1 is disabled."
}

@test "the summary calls down what --exit-code does, and a breaker in shadow mode rejects nobody" {
	cbrun -n well true
	opened shady --shadow
	run on_terminal "$CBRUN" status --exit-code
	assert_success
	assert_line "None of 2 is down; 1 would be (shadow)."
	half_opened half
	run on_terminal "$CBRUN" status
	assert_line "1 of 3 is down, 1 of them half-open; 1 would be (shadow)."
	run on_terminal "$CBRUN" status --exit-code
	assert_failure 1
}

@test "the summary counts what --open leaves out" {
	cbrun -n a true
	cbrun -n b true
	run on_terminal "$CBRUN" status --open
	assert_output "All 2 are closed."
}

@test "signs are ASCII unless the locale has others" {
	opened api
	ENVIRONMENT+=(NO_COLOR=1)
	for locale in LC_ALL=C 'LC_ALL=de_DE' 'LC_ALL= LANG=POSIX'; do
		run on_terminal env $locale "$CBRUN" status
		assert_line --index 1 --regexp '^X api .* x '
	done
	for locale in LC_ALL=C.utf8 'LC_ALL= LC_CTYPE=de_DE.UTF-8 LANG=C' 'LC_ALL= LANG=en_US.UTF-8'; do
		run on_terminal env $locale "$CBRUN" status
		assert_line --index 1 --regexp '^✗ api .* ✗ '
	done
}

@test "colour is where it is wanted" {
	opened api
	for wanted in '' CLICOLOR_FORCE=0 'CLICOLOR_FORCE=1 TERM=dumb'; do
		run on_terminal env $wanted "$CBRUN" status
		assert_output --partial $'\e[31mopen'
	done
	for refused in NO_COLOR=1 TERM=dumb TERM= 'NO_COLOR=1 CLICOLOR_FORCE=1'; do
		run on_terminal env $refused "$CBRUN" status
		assert_output --partial open
		refute_output --partial $'\e'
	done
	run on_terminal env NO_COLOR=1 "$CBRUN" status --color=always
	assert_output --partial $'\e[31mopen'
	run on_terminal "$CBRUN" status --color=never
	refute_output --partial $'\e'
}

@test "a pipe gets the plain table, in colour only if that is asked for" {
	opened api
	plain='NAME  STATE  FOR  CALLS  FAILED  REJECTED  WHY
api   open '
	run private env LC_ALL=C.UTF-8 TERM=xterm "$CBRUN" status api
	assert_output --partial "$plain"
	refute_output --partial $'\e'
	run cbrun status --color
	assert_output --partial $'\e[31mopen\e[0m'
	run private env CLICOLOR_FORCE=1 "$CBRUN" status
	assert_output --partial $'\e[31mopen\e[0m'
	run private env CLICOLOR_FORCE=1 "$CBRUN" status --color=never
	assert_output --partial "$plain"
}

@test "what is well is one line at a terminal, whatever it was closed by" {
	half_opened api
	cbrun -n api --successes 1 true
	cbrun -n web true
	cbrun reset web
	ENVIRONMENT+=(COLUMNS=80 NO_COLOR=1)
	run on_terminal "$CBRUN" status
	assert_line --index 1 --regexp '^\+ api +closed +x\+ '
	assert_line --index 2 --regexp '^\+ web +closed +\+ '
	assert_line --index 3 "All 2 are closed."
}

@test "what would be open but for shadow mode stands behind what is, and is yellow" {
	opened shady --shadow
	half_opened half
	opened shady --shadow
	run on_terminal "$CBRUN" status
	assert_line --index 1 --regexp $'^\e\\[33m\\?\e\\[0m half '
	assert_line --regexp $'^\e\\[33m!\e\\[0m shady +\e\\[33mopen, shadow\e'
}

# --- one breaker in full ---

@test "--long shows a breaker in full: policy, incident, next try, latency, states and events" {
	cbrun -n api -f 2 -o 1h true
	advance 10m
	cbrun -q -n api -f 2 -o 1h sh -c 'exit 7' || :
	cbrun -q -n api -f 2 -o 1h sh -c 'exit 7' || :
	cbrun -q -n api -f 2 -o 1h true || :
	advance 50m
	ENVIRONMENT+=(COLUMNS=200)
	expect 0 "~X api
     State: open: 2 consecutive failures \(exit 7\)
Down since: [0-9:A-Za-z ]+ \(5[0-9]m[0-9]*s? ago\), failing since [^,]*, 1 rejected
      Next: a trial call may run in (10m|9m[0-9]+s) \([0-9:A-Za-z ]+\), or now: cbrun reset api
Last calls: \+xx  succeeded [^,]+, failed [^,]+
    Window: 2 of 3 calls failed \(66%\)
    Totals: 3 calls, 2 failed, 1 rejected
   Latency: [0-9.]+ms \|[^|]+\| [0-9.]+ms  p50 [<0-9]+ms, p95 [<0-9]+ms, p99 [<0-9]+ms
    Policy: failures 2, failure-rate 50, min-calls 10, window 100, slow-rate 100, open-for 1h, open-factor 1, open-max 10m, probes 3, successes 3, probe-failures 1
   Differs: failures 2 \(here: 5\), open-for 1h \(here: 30s\)
    States: [13]h ago +-+#+ now

[0-9-]+ [0-9:+-]+  call        success  exit 0 after .*
[0-9-]+ [0-9:+-]+  transition  closed -> open \(2 consecutive failures\)" "" cbrun status --long api
}

@test "a young breaker's states are drawn over minutes, and what was just now has its second" {
	opened api
	advance 4m
	cbrun status -l api >full
	grep -q '^    States: 5m ago  *#* now$' full
	grep -qE '^Down since: [0-9]{2}:[0-9]{2}:[0-9]{2} \(4m' full
	advance 3h
	cbrun status -l api >full
	grep -qE '^    States: 6h ago ' full
	grep -qE '^Down since: ([A-Z][a-z]{2} )?[0-9]{2}:[0-9]{2} \(3h' full
}

@test "it differs in nothing from the settings that it has" {
	printf '[breaker api]\nfailures = 2\n' >"$CONFIG"
	cbrun -n api true
	run cbrun status -l api
	assert_line --regexp '^    Policy: failures 2, '
	refute_line --partial Differs
	printf '[breaker api]\nfailures = 4\n' >"$CONFIG"
	run cbrun status -l api
	assert_line '   Differs: failures 2 (here: 4)'
}

@test "at a terminal one breaker that was asked for is shown in full, and a pipe gets its row" {
	cbrun -n api true
	cbrun -n web true
	for operand in api 'a*'; do
		run on_terminal "$CBRUN" status "$operand"
		assert_line --regexp '^    Policy: '
		refute_line --partial web
	done
	run on_terminal "$CBRUN" status api web
	refute_line --partial Policy
	run cbrun status api
	refute_line --partial Policy
	assert_equal "${#lines[@]}" 2
}

@test "a breaker in full names its running calls, by pid and age" {
	half_opened api
	close_gate
	start call "$CBRUN" -n api -- flock -w 300 -s gate true
	eventually in_flight api 1
	run cbrun status --long api
	assert_line --regexp "^   Running: pid $PID for [0-9a-z]+ \(trial call\)$"
	assert_line '      Next: trial calls may run, 0 of 3 have succeeded'
	open_gate
	finish "$PID" 0
}

@test "a hostile reason is escaped, in full and at a terminal" {
	cbrun -n api true
	cbrun trip api --hold --reason $'\e[31mred\r\n'
	ENVIRONMENT+=(NO_COLOR=1)
	run on_terminal "$CBRUN" status
	assert_output --partial '\e[31mred\r\n'
	refute_output --partial $'\e'
	run cbrun status -l
	assert_output --partial '\e[31mred\r\n'
	refute_output --partial $'\e'
}

@test "in full, no line is longer than the terminal, and what an event was goes on below itself" {
	name=$(printf 'n%.0s' {1..100})
	cbrun -n "$name" --hints -f 9 -- sh -c 'printf "reason %s\n" "$1" >&"$BREAKER_HINT_FD"; exit 7' sh \
		"$(printf 'the café is \033[31m closed %.0s' {1..8})" || :
	cbrun trip -q "$name" --reason "$(printf 'because we move the house, %.0s' {1..6})"
	ENVIRONMENT+=(NO_COLOR=1 LC_ALL=C.UTF-8)
	for columns in 80 40; do
		run on_terminal env COLUMNS=$columns "$CBRUN" status "$name"
		assert [ "$(LC_ALL=C.UTF-8 wc -L <<<"$output")" -le $columns ]
		assert_line --index 1 --regexp '^  n+$'
		text=$(tr -d '\n' <<<"$output" | tr -s ' ')
		[[ $text == *"exit 7 after "*": the café is \e[31m closed the café is "* ]]
		[[ $text == *"transition closed -> open (tripped for 30s by "*": because we move the house, because we move "*")"* ]]
		indent=4
		[ $columns = 40 ] || indent=39
		assert_line --regexp "^ {$indent}[^ ].* closed the café"
		assert_line --regexp "^ {12}[^ ].*because we move"
	done
}

@test "looking in full changes nothing" {
	half_opened api
	before=$(fingerprint "$DIR/store")
	cbrun status --long >/dev/null
	assert_equal "$(fingerprint "$DIR/store")" "$before"
}
