# hostile.bats: whatever a user, a file, the environment or a store hands in: no crash, no harm, nothing that a
# terminal, a shell, SQL or JSON would obey.
# shellcheck disable=SC2016 # the shell shall not expand what no shell may see
load helper

# Text that somebody might believe. None of it holds a NUL, which no argument can.
HOSTILE=(
	$'\e[2J\e]0;owned\a' $'over\rwritten' $'two\nlines' $'\x01\x1f\x7f' $'\xc2\x9b2J' $'\xe2\x80\xaetxt.exe' $'\xe2\x80\xa8next'
	$'bad \xff\xfe \xed\xa0\x80 \xc3' '"' "'" '\' '\n' "'; DROP TABLE breaker; --" "x' OR '1'='1" '$(touch pwned)' '`touch pwned`'
	'; touch pwned' '| touch pwned' $'\ntouch pwned\n' '%n%n%s%x%1000000d' '{"a":1}' '"},{"name":"x' '</script>' '<!--' '&amp;'
	'../../etc/passwd' '*' '~' '!!' 'a b' 'naïve' '🔥'
)

# What is meant to be a number, and is none.
NO_NUMBERS=('' ' ' - + -1 +1 -0 '1 ' ' 1' $'1\n' $'\t1' 0x10 1e3 1e400 -1e400 nan inf 1_000 1,5 1.2.3 '1;2' '1%n' '%s' '$(id)' ٣ $'1\xff' $'\e1')

# A few of them, for where there is much to try.
NAUGHTY=($'\e[2J' $'two\nlines' $'\xc2\x9b2J \xff' '"' '$(touch pwned)' "'; DROP TABLE breaker; --" '%n%s')

# For every day those are enough everywhere.
if [ -n "${BRIEF:-}" ]; then
	HOSTILE=("${NAUGHTY[@]}")
	NO_NUMBERS=('' -1 ' 1' 0x10 1e400 nan '$(id)')
fi

# Lines of valid UTF-8 without control characters; and without what turns the direction of text, or separates lines.
VALID='(?:[\t\x20-\x7e]|\xc2[\xa0-\xbf]|[\xc3-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}'
VALID+='|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2})*'
CLEAN='(?!.*(?:\xe2\x80[\xa8-\xae]|\xe2\x81[\xa6-\xa9]))'$VALID

# clean FILE [PATTERN]: all its lines are such.
clean() {
	local LC_ALL=C text
	mapfile -t text <"$1"
	[[ "${text[*]}" == *[^[:print:]]* ]] || return 0
	if LC_ALL=C grep -aqvxP "${2:-$CLEAN}" "$1"; then
		fail "not clean: $(cat -v "$1")"
	fi
}

# clean_json FILE: no control characters, and JSON. What turns text is text for programs.
clean_json() {
	clean "$1" "$VALID"
	jq -e . "$1" >/dev/null || fail "no JSON: $(cat -v "$1")"
}

# ran STATUS COMMAND...: ends with that status, not by a signal; what cbrun says is clean. In out and err, and $said.
ran() {
	local want=$1 got=0
	shift
	"$@" >out 2>err </dev/null || got=$?
	mapfile -t said <err
	if [ $got -ne "$want" ]; then
		fail "status $got, not $want: $(printf '%q ' "$@"): $(cat -v err)"
	fi
	clean err
}

# told PATTERN COMMAND...: 125, and one line that matches.
told() {
	local pattern=$1
	shift
	ran 125 "$@"
	if [ ${#said[@]} -ne 1 ] || [[ ! ${said[0]} =~ ^cbrun:\ $pattern ]]; then
		fail "no line like '$pattern': $(printf '%q ' "$@"): $(cat -v err)"
	fi
}

# refused PATTERN COMMAND...: that, and no other output.
refused() {
	told "$@"
	[ ! -s out ] || fail "output: $(printf '%q ' "$@"): $(cat -v out)"
}

# is_name TEXT
is_name() {
	[[ $1 =~ ^[A-Za-z0-9._:/@+][A-Za-z0-9._:/@+-]*$ ]]
}

# unharmed: nobody else's command has run, and the store is in order.
unharmed() {
	assert_equal "$(find . -name 'pwned*')" ""
	if [ -e "$STORE" ]; then
		assert_equal "$(sqlite3 "$STORE" 'PRAGMA integrity_check')" ok
	fi
}

# options ARGUMENT: the long options of a guarded run that take such an argument.
options() {
	cbrun --help | sed -nE "s/^ .* --([a-z-]+) ${1//|/\\|} .*/\1/p" | grep .
}

# --- names ---

@test "what is no name is refused by every form, and changes nothing" {
	opened api
	before=$(fingerprint store)
	printf -v long 'x%.0s' {1..129}
	for name in "${HOSTILE[@]}" "$long" '' -x; do
		if is_name "$name" && [ "$name" != "$long" ]; then
			continue
		fi
		refused "invalid --name '.*': (expected 1 to 128|there is no such field|a '\{' has no '\}')" cbrun --name="$name" -- touch pwned
		[ "$name" = '*' ] || # which is a glob
			refused "invalid name '.*': expected 1 to 128" cbrun trip -- "$name"
	done
	for name in "${NAUGHTY[@]}" "$long" ''; do
		for form in 'status --' 'check --' 'history --' 'reset --' 'remove --' 'config --' 'simulate --from' 'record --'; do
			# shellcheck disable=SC2046,SC2086 # words
			refused "invalid .*: expected 1 to 128" cbrun $form "$name" $([ "$form" != 'record --' ] || echo ok)
		done
	done
	assert_equal "$(fingerprint store)" "$before"
	unharmed
}

@test "what is no subcommand, outcome or file is shown as text" {
	cbrun -n api true
	for text in "${HOSTILE[@]}"; do
		refused ".*to guard a command.*" cbrun "x$text"
		refused "no subcommand named" cbrun help "$text"
		refused "invalid outcome" cbrun record api "$text"
		refused "cannot open the trace" cbrun simulate "x$text"
		refused "unknown option -z" cbrun "-z$text"
		refused "unknown option --" cbrun "--x$text"
	done
	unharmed
}

@test "every name that is one can be used, looked up and removed" {
	printf -v long 'x%.0s' {1..128}
	for name in . .. / ../../etc/passwd @ + a-b 0 "$long" default NULL null.json api@host:80/v1.2+x; do
		ran 0 cbrun -n "$name" true
		assert_equal "$(cbrun status "$name" --json | jq -r '.breakers[].name')" "$name"
		ran 0 cbrun history "$name"
		ran 0 cbrun remove "$name"
		ran 1 cbrun history "$name"
	done
	unharmed
}

# --- reasons ---

@test "a reason is text and nothing else, in the table, the history, the log and the hooks" {
	echo "[default]
log = $DIR/log
on-open = printf %s \"\$BREAKER_REASON\" >told" >"$CONFIG"
	cbrun -n api true
	cbrun trip api --for 1h --reason '|'
	by=$(cut -d '|' -f 1 told)
	told=1 # of each reason two: a reset and a trip
	for reason in "${HOSTILE[@]}"; do
		ran 0 cbrun reset api --reason "$reason"
		ran 0 cbrun trip api --for 1h --reason "$reason"
		assert_equal "$(cat told; echo .)" "$by$reason." # the hook has it as it was given
		ran 0 cbrun status
		clean out
		assert_equal "$(wc -l <out)" 2
		((told += 2))
	done
	ran 0 cbrun history api
	clean out
	assert_equal "$(grep -c transition out)" $told
	clean log
	assert_equal "$(wc -l <log)" $told
	ran 0 cbrun why api
	clean out
	ran 0 cbrun why api --json
	clean_json out
	unharmed
}

@test "JSON gives a reason back byte by byte, if it is text" {
	cbrun -n api true
	cat >reason.jq <<<'.breakers[0].reason | sub("^held by [^:]*: "; "")'
	for reason in "${HOSTILE[@]}"; do
		cbrun trip api --hold --reason "$reason"
		ran 0 cbrun status api --json
		clean_json out
		# what is no UTF-8, and what JSON has no escape for, is shown as in a table
		[[ ! $reason =~ $'\x7f'|$'\xc2\x9b'|bad ]] || continue
		assert_equal "$(jq -r -f reason.jq out; echo .)" "$reason"$'\n.'
	done
	ran 0 cbrun history api --json
	clean_json out
	assert_equal "$(jq -s '[.[] | select(.kind == "transition")] | length' out)" ${#HOSTILE[@]}
	unharmed
}

@test "a reason that is too long is cut at a character, and shows it" {
	cbrun -n api true
	cbrun trip api --hold --reason "$(printf 'é%.0s' {1..60000})"
	assert_field api '.reason | sub("^held by [^:]*: "; "")' "$(printf 'é%.0s' {1..126})..."
}

@test "who acted is shown as text" {
	root_only
	cbrun -n api true
	for user in "${HOSTILE[@]}"; do
		ran 0 private SUDO_USER="$user" "$CBRUN" trip api
		ran 0 cbrun status
		clean out
		ran 0 cbrun history api --json
		clean_json out
	done
	unharmed
}

# --- commands ---

@test "a command gets its words as they are, and no shell sees them" {
	printf '%s\0' "${HOSTILE[@]}" >want
	ran 0 cbrun -n api -- printf '%s\0' "${HOSTILE[@]}"
	cmp out want
	unharmed
}

@test "a command that cannot be run is named as text" {
	for word in "${HOSTILE[@]}"; do
		ran 127 cbrun -v -n api -- "./x$word"
		assert_equal "${#said[@]}" 3
	done
	unharmed
}

@test "hooks, fallbacks and health checks are given text by the environment, not by pasting" {
	cbrun -n api true
	cbrun trip api --for 1h --reason '"; touch pwned; $(touch pwned) `touch pwned`'
	ran 0 cbrun -n api --fallback 'echo "$BREAKER_REASON" >told' -- false
	grep -q 'touch pwned' told
	advance 1h
	ran 0 cbrun -n api --successes 1 --health-check 'echo $BREAKER_NAME "$BREAKER_REASON"' --on-close 'echo $BREAKER_REASON' -- true
	unharmed
}

# --- numbers ---

@test "what is no number is refused by every option that takes one" {
	for kind in N DUR PCT X 'N|DUR'; do
		values=("${NO_NUMBERS[@]}") # for the first of a kind all, for the others two
		for option in $(options "$kind"); do
			for value in "${values[@]}"; do
				refused "invalid --$option '.*': expected " cbrun -n api "--$option=$value" -- touch pwned
			done
			values=('' -1)
		done
	done
	unharmed
	assert [ ! -e store ]
}

# beyond LOW HIGH: numbers outside, among them those that are inside once they have lost their upper bits.
beyond() {
	echo $(($1 - 1)) $(($2 + 1)) $((1 << 32 | $1)) 9223372036854775807 9223372036854775808 -9223372036854775808
	echo 18446744073709551616 1844674407370955161"$((6 + $1))"
}

@test "a whole number has the bounds that are told, and no other" {
	cbrun -n api true
	for option in $(options N) 'history limit' 'simulate seed'; do
		form=("--${option#* }")
		tail=(-n api true)
		case $option in
		history*) form=(history "${form[@]}") tail=(api) ;;
		simulate*) form=(simulate "${form[@]}") tail=() ;;
		esac
		refused "invalid --${option#* } '9+': expected a whole number from [0-9]+ to [0-9]+$" \
			cbrun "${form[@]}" 99999999999999999999 "${tail[@]}"
		[[ ${said[0]} =~ from\ ([0-9]+)\ to\ ([0-9]+)$ ]]
		low=${BASH_REMATCH[1]} high=${BASH_REMATCH[2]}
		for value in $(beyond "$low" "$high"); do
			# a seed may be larger than 32 bits
			[[ $value == -* || $value -lt $low || $value -gt $high || ${#value} -gt 18 ]] || continue
			refused ".* from $low to $high$" cbrun "${form[@]}=$value" "${tail[@]}"
		done
		for value in "$low" "$high" "000$low"; do
			ran 0 cbrun "${form[@]}=$value" "${tail[@]}"
		done
	done
}

@test "a duration is at most ten years, and never wraps around" {
	printf -v nines '9%.0s' {1..400}
	for value in 3661d 2147483648s 9223372036854775808ms 18446744073709551616d "${nines}d" "0.${nines}s" "1d$nines.${nines}h"; do
		for option in $(options DUR) window; do
			ran 0 cbrun -n api "--$option=$value" -- true
		done
	done
	cbrun -n api -f 1 -o 18446744073709551616d --open-max "${nines}d" --jitter 100 false || :
	assert_field api '.policy["open-for"]' 3660d
	assert_field api '.retry_after_seconds | . >= 3660 * 86400 and . <= 2 * 3660 * 86400' true
	unharmed
}

@test "the longest calls add up" {
	repeat 20 cbrun record api 0 --duration 3660d
	expect 0 "" "" cbrun record api 0 --duration 99999999999999999999d
	assert_field api '[.totals.successes, .latency_seconds.mean, .latency_seconds.max]' '[21,316224000,316224000]'
}

@test "percentages and factors have their bounds" {
	for option in $(options PCT); do
		ran 0 cbrun -n api "--$option=100.0000%" -- true
		for value in 100.0001 101 100.00000000000000000001 18446744073709551616 0.00001 50%% %; do
			refused "invalid --$option '.*': expected a percentage" cbrun -n api "--$option=$value" -- true
		done
	done
	for value in 0.999 1000.001 1.0001 18446744073709552 18446744073709551617; do
		refused "invalid --open-factor '.*': expected a number" cbrun -n api "--open-factor=$value" -- true
	done
	ran 0 cbrun -n api --open-factor=1000.000 -- true
}

# --- words and lists ---

@test "what is no word, list or signal is refused by every option that takes one" {
	for option in preset output on-store-error fallback-on signal success-on ignore-on failure-on retry-on; do
		values=("${NAUGHTY[@]}")
		case $option in
		preset | signal | success-on) values=("${HOSTILE[@]}") ;;
		esac
		for value in "${values[@]}" -1 256 0-256 SIG , 1,,2; do
			refused "invalid --$option '.*': expected " cbrun -n api "--$option=$value" -- touch pwned
		done
	done
	unharmed
	assert [ ! -e store ]
}

@test "a list of any length is read" {
	printf -v list '0-255,SIGTERM,%.0s' {1..8000}
	ran 1 cbrun -n api --ignore-on "${list%,}" -- false
	assert_field api .totals.ignored 1
}

# --- the environment ---

@test "variables of options are held to the same grammar" {
	tried=0
	for option in $(options N) $(options DUR) $(options PCT) $(options X) window signal preset output success-on; do
		variable=CBRUN_${option^^}
		variable=${variable//-/_}
		values=($'\e[2J' '$(touch pwned)' 1e400 -1 18446744073709551616x) # for each variable the next two
		for value in "${values[tried++ % 5]}" "${values[tried++ % 5]}"; do
			refused "invalid $variable '.*' in the environment: expected " \
				private "$variable=$value" "$CBRUN" -n api -- touch pwned
		done
	done
	unharmed
	assert [ ! -e store ]
}

@test "other variables may hold anything" {
	printf -v long 'x%.0s' {1..100000}
	opened api
	for variable in HOME XDG_STATE_HOME XDG_CONFIG_HOME TZ COLUMNS NO_COLOR TERM LC_ALL CBRUN_NO_OPTION CBRUN_ BREAKER_NAME; do
		for value in "${NAUGHTY[@]}" ../../../etc/passwd /dev/zero "$long" ''; do
			ran 0 private "$variable=$value" "$CBRUN" history api
			clean out
		done
	done
	unharmed
}

@test "a zone that is none changes no time in JSON" {
	opened api
	since=$(field api .since)
	for zone in '$(touch pwned)' ../../../etc/passwd :/dev/zero 'A-99999999999999999999' $'\e[2J'; do
		ENVIRONMENT+=(TZ="$zone")
		assert_field api .since "$since"
	done
	unharmed
}

# --- configuration ---

@test "a hostile configuration is refused with its line, before anything runs" {
	printf -v long 'x%.0s' {1..5000}
	for text in "${HOSTILE[@]}" "$long"; do
		case $text in
		*$'\n'* | ';'*) continue ;; # several lines; a comment
		esac
		lines=("$text" "[breaker $text]")
		[[ " ${NAUGHTY[*]} $long " != *" $text "* ]] ||
			lines+=("[$text]" "[breaker $text" "$text = 5" "failures = $text" "[default] $text")
		for line in "${lines[@]}"; do
			if [ "$line" = "[breaker $text]" ] && is_name "${text//[*?]/x}" && [ "$text" != "$long" ]; then
				continue
			fi
			printf '[default]\n%s\n' "$line" >"$CONFIG"
			refused "$CONFIG:2: " cbrun -n api -- touch pwned
		done
	done
	unharmed
	assert [ ! -e store ]
}

@test "a configuration of a megabyte is read, and one long line is refused" {
	{
		echo '[default]'
		printf 'open-for = %ds\n; a comment that is here to make it long\n' {1..18000}
	} >"$CONFIG"
	ran 0 cbrun -n api -- true
	assert_field api '.policy["open-for"]' 5h
	{ echo '[default]'; head -c 1000000 /dev/zero | tr '\0' x; } >"$CONFIG"
	refused "$CONFIG:2: the line is longer than " cbrun -n api -- touch pwned
	head -c 1000000 /dev/zero >"$CONFIG"
	refused "$CONFIG:1: the line holds a NUL" cbrun -n api -- touch pwned
	head -c 1000000 /dev/urandom >"$CONFIG"
	refused "$CONFIG:" cbrun -n api -- touch pwned
	unharmed
}

@test "a configuration's path is shown as text" {
	for text in "${HOSTILE[@]}"; do
		path="$DIR/x${text//\//_}"
		refused "cannot open the configuration " cbrun --config "$path" -n api true
		echo '[defualt]' >"$path"
		refused ".*:1: unknown section" cbrun --config "$path" -n api true
		echo $'[default]\nfailures = 7' >"$path"
		ran 0 cbrun config --config "$path"
		clean out
	done
	ran 0 cbrun config --config "$path" --json
	assert_equal "$(jq -r '.settings.failures.value' out)" 7
}

# --- stores ---

@test "a store stands where it was put, whatever its path holds" {
	for text in "${NAUGHTY[@]}" '../../etc/passwd' '*' '~' 'naïve' 'file:x?mode=memory' ':memory:' 'a?b=c&d' 'a%20b' 'a#b' ' '; do
		directory="$DIR/s${text//\//_}"
		path="$directory/${text//\//_}.db"
		ran 0 cbrun --store "$path" -n api --stale-ok 1h -- echo hello
		assert [ -f "$path" ]
		ran 0 cbrun trip api --hold --store "$path"
		ran 0 cbrun --store "$path" -n api --stale-ok 1h -- echo new
		assert_equal "$(cat out)" hello
		ran 0 cbrun status --store "$path"
		for file in "$directory"/* "$directory"/.[!.]*; do
			[[ ! -e $file || $file == "$path"* ]] || fail "what is $(printf %q "$file")?"
		done
	done
	ran 0 cbrun doctor --store "$path"
	assert [ ! -e "$STORE" ]
	unharmed
}

@test "what is wrong with a store is told in clean text" {
	for text in "${NAUGHTY[@]}"; do
		path="$DIR/s${text//\//_}/${text//\//_}.db"
		cbrun --store "$path" -n api true
		rm "$path"-*
		head -c 5000 /dev/urandom >"$path"
		ran 1 cbrun doctor --store "$path"
		clean out
		ran 0 cbrun --store "$path" -n api true
		[[ ${said[*]} == *damaged* ]]
	done
	unharmed
}

@test "a directory that systemd gives may be called anything" {
	for text in "${HOSTILE[@]}"; do
		directory="$DIR/s${text//[\/:]/_}"
		ENVIRONMENT=(PATH=/usr/bin:/bin CBRUN_CONFIG=/dev/null STATE_DIRECTORY="$directory")
		ran 0 cbrun -n api true
		assert [ -f "$directory/cbrun.db" ]
	done
}

@test "a store that cannot be opened is named as text" {
	for text in "${HOSTILE[@]}"; do
		ran 0 cbrun --store "/dev/null/$text" -n api true
		assert_equal "${#said[@]}" 1
		refused "(cannot|refusing) " cbrun --store "/dev/null/$text" --on-store-error reject -n api touch pwned
	done
	unharmed
}

# forge SQL: changes the store behind cbrun's back; the original is in kept.
forge() {
	rm -rf store
	cp -r kept store
	sqlite3 "$STORE" "$1"
}

@test "forged names are shown as text" {
	opened api
	cbrun -n other true
	cp -r store kept
	for text in "${NAUGHTY[@]}" $'\xe2\x80\xaetxt' ''; do
		hex=$(printf %s "$text" | od -An -v -tx1 | tr -d ' \n')
		forge "UPDATE breaker SET name = CAST(x'$hex' AS TEXT) WHERE name = 'other'"
		ran 0 cbrun status
		clean out
		ran 0 cbrun status --json
		clean_json out
		ran 75 cbrun -n api touch pwned
	done
	unharmed
}

@test "forged records are refused, and their breaker starts afresh" {
	opened api
	cbrun -n other true
	cp -r store kept
	for record in "''" 'zeroblob(1000)' 'zeroblob(1000000)' "x'ff' || randomblob(150)" "x'01'" "x'0100'" "'text'" 12345 "record || x'00'" \
		"substr(record, 1, length(record) - 1)"; do
		forge "UPDATE breaker SET record = $record WHERE name = 'other';
			UPDATE breaker SET recent = $record; UPDATE event SET record = $record"
		ran 0 cbrun status --json
		assert_equal "$(jq -c '[.breakers[].name]' out)" '["api"]'
		ran 0 cbrun history api
		assert_equal "$(cat out)" ""
		ran 0 cbrun -n other true
		assert_field other .totals.calls 1
	done
	unharmed
}

# --- traces ---

@test "a hostile trace is refused with its line" {
	for text in "${HOSTILE[@]}" ok '1 2 3' '1 ok ok' '1 fail -1' '1 fail 1e3' '-1 ok' '1e400 ok' 'nan ok' '0x1 ok' '1 ok 1 1' '1 peek 1' \
		"$(printf 'x%.0s' {1..100000})"; do
		printf '0 ok\n0 fail\n%s\n' "$text" >trace
		told 'trace, line [34]: ' cbrun simulate trace
		assert_equal "$(jq -s length out)" 4
	done
	printf '0 ok\n1 ok\0 2\n' >trace
	told 'trace, line 2: a NUL byte' cbrun simulate trace
	head -c 1000000 /dev/zero >trace
	told 'trace, line 1: a NUL byte' cbrun simulate trace
	head -c 1000000 /dev/urandom >trace
	told 'trace, line 1: ' cbrun simulate trace
	unharmed
}

@test "a trace may hold any numbers that are some" {
	printf -v nines '9%.0s' {1..400}
	printf '%s\n' "0.$nines ok 0.$nines" '3 ok' "18446744073709551616 fail 18446744073709551616" "$nines fail $nines.$nines" >trace
	ran 0 cbrun simulate trace
	assert_equal "$(jq -c 'select(.event == "end") | .t' out | paste -sd ' ')" "2 3 632448000 632448000"
	{ head -c 1000000 /dev/zero | tr '\0' ' '; echo '1 ok'; } >trace
	ran 0 cbrun simulate trace
}
