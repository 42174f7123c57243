# config.bats: configuration files, variables of the environment, presets: which value counts, what is refused, and
# what `config` shows.
load helper

# The user's file, which is made by `configure`.
USER_FILE=.config/cbrun/cbrun.conf

setup() {
	make_private
	ENVIRONMENT+=(CBRUN_CONFIG=)
	rm "$CONFIG"
}

# configure: the user's file says what is on standard input.
configure() {
	mkdir -p "$DIR/.config/cbrun"
	cat >"$DIR/$USER_FILE"
}

# shown NAME KEY: what `config` shows of one key: its value and where it comes from.
shown() {
	cbrun config "$1" --json | jq -r ".settings[\"$2\"] | \"\(.value) from \(.from)\""
}

# assert_shown NAME KEY VALUE ORIGIN; "FILE:LINE" of the user's file is written ":LINE".
assert_shown() {
	local origin=$4
	case $origin in
	:*) origin=$DIR/$USER_FILE$origin ;;
	esac
	assert_equal "$2 = $(shown "$1" "$2")" "$2 = $3 from $origin"
}

# in_force NAME KEY: the value that a guarded run of the breaker really had.
in_force() {
	field "$1" ".policy[\"$2\"]"
}

# mistaken TEXT: with the configuration on standard input as --config names it, a guarded run is refused with "FILE:TEXT".
# As a usual file it is told, and the run goes on; 'config --check' tells the same.
mistaken() {
	configure
	expect 125 "" "cbrun: $DIR/$USER_FILE:$1" cbrun --config "$DIR/$USER_FILE" -n api -- touch "$DIR/ran"
	expect 125 "" "cbrun: $DIR/$USER_FILE:$1" cbrun config --config "$DIR/$USER_FILE"
	assert [ ! -e "$DIR/ran" ]
	assert [ ! -e "$STORE" ]
	expect 0 ran "cbrun: $DIR/$USER_FILE:$1" cbrun -n api -- echo ran
	expect 1 "$DIR/$USER_FILE:$1" "" cbrun config --check
	rm -r "${STORE%/*}"
}

# with_system COMMAND...: runs it where /etc/cbrun.conf is $DIR/system.conf.
with_system() {
	private unshare --mount sh -c 'mount --bind "$1" /etc && shift && exec "$@"' sh "$DIR/etc" "$@"
}

# As much of /etc as a program needs, and the system's file, from standard input.
make_system() {
	[ "$EUID" -eq 0 ] && unshare --mount true 2>/dev/null || skip "needs root and a mount namespace"
	mkdir "$DIR/etc"
	cp /etc/passwd /etc/group "$DIR/etc/"
	cp /etc/ld.so.cache /etc/nsswitch.conf "$DIR/etc/" 2>/dev/null || :
	cat >"$DIR/etc/cbrun.conf"
}

# --- which value counts ---

@test "each layer counts before the one below it: default, preset, [default], glob, name, environment, command line" {
	strongest() {
		cbrun -n api "$@" true
		in_force api open-for
	}
	assert_equal "$(strongest)" 30s
	configure <<-'END'
		[default]
		preset = conservative
	END
	assert_equal "$(strongest)" 1m
	configure <<-'END'
		[default]
		preset = conservative
		open-for = 2m
	END
	assert_equal "$(strongest)" 2m
	configure <<-'END'
		[breaker a*]
		open-for = 3m
		[default]
		preset = conservative
		open-for = 2m
	END
	assert_equal "$(strongest)" 3m
	configure <<-'END'
		[breaker api]
		open-for = 4m
		[breaker a*]
		open-for = 3m
		[default]
		preset = conservative
		open-for = 2m
	END
	assert_equal "$(strongest)" 4m
	ENVIRONMENT+=(CBRUN_OPEN_FOR=5m)
	assert_equal "$(strongest)" 5m
	assert_equal "$(strongest -o 6m)" 6m
}

@test "each layer leaves to the ones below it what it does not say" {
	configure <<-'END'
		[default]
		preset = aggressive
		probes = 11
		successes = 11
		min-calls = 11
		window = 11
		jitter = 11
		[breaker a*]
		successes = 12
		min-calls = 12
		window = 12
		jitter = 12
		[breaker api]
		min-calls = 13
		window = 13
		jitter = 13
	END
	ENVIRONMENT+=(CBRUN_WINDOW=14 CBRUN_JITTER=14)
	cbrun -n api --jitter 15 true
	for pair in slow-rate=100 failures=3 probes=11 successes=12 min-calls=13 window=14 jitter=15; do
		assert_equal "${pair%=*}=$(in_force api "${pair%=*}")" "$pair"
	done
}

@test "of globs that match only the longest counts, and of two as long the later one" {
	configure <<-'END'
		[breaker db/*]
		failures = 1
		probes = 1
		[breaker db/ma*]
		failures = 2
		[breaker *]
		failures = 3
		successes = 9
		[breaker w?b]
		failures = 4
		[breaker we?]
		failures = 5
	END
	assert_shown db/main failures 2 :5
	assert_shown db/main probes 3 default
	assert_shown db/main successes 3 default
	assert_shown db/other failures 1 :2
	assert_shown other failures 3 :7
	assert_shown web failures 5 :12
	assert_shown wob failures 4 :10
}

@test "a glob is a pattern of the whole name; * matches any characters, ? exactly one" {
	configure <<-'END'
		[breaker job*]
		failures = 1
		[breaker ?]
		failures = 2
		[breaker *:*/x]
		failures = 3
	END
	assert_shown job failures 1 :2
	assert_shown job/a:b failures 1 :2
	assert_shown a-job failures 5 default
	assert_shown j failures 2 :4
	assert_shown jj failures 5 default
	assert_shown a:b/c/x failures 3 :6
	assert_shown a:b/c/y failures 5 default
}

@test "a name in a section is no pattern" {
	configure <<-'END'
		[breaker a.c]
		failures = 1
		[breaker a+]
		failures = 2
	END
	assert_shown a.c failures 1 :2
	assert_shown abc failures 5 default
	assert_shown aa failures 5 default
	assert_shown a+ failures 2 :4
}

@test "sections of the same name add up, and of two lines the later one counts" {
	configure <<-'END'
		[breaker api]
		failures = 1
		probes = 1
		[breaker api]
		failures = 2
		failures = 7
	END
	assert_shown api failures 7 :6
	assert_shown api probes 1 :3
}

@test "without a name, [default] is shown" {
	configure <<-'END'
		[default]
		failures = 1
		[breaker *]
		failures = 2
	END
	assert_equal "$(cbrun config --json | jq -r '.settings.failures.value')" 1
}

@test "the user's file is found by XDG_CONFIG_HOME, which must be absolute, or below HOME" {
	configure <<<$'[default]\nfailures = 1'
	assert_shown api failures 1 :2
	ENVIRONMENT+=(XDG_CONFIG_HOME="$DIR/xdg")
	assert_shown api failures 5 default
	mkdir -p xdg/cbrun relative/cbrun
	echo $'[default]\nfailures = 2' >xdg/cbrun/cbrun.conf
	assert_shown api failures 2 "$DIR/xdg/cbrun/cbrun.conf:2"
	echo $'[default]\nfailures = 3' >relative/cbrun/cbrun.conf
	ENVIRONMENT+=(XDG_CONFIG_HOME=relative)
	assert_shown api failures 1 :2
}

@test "the user's file counts before the system's where the sections have the same rank, and not else" {
	make_system <<-'END'
		[default]
		failures = 1
		probes = 1
		successes = 1
		[breaker api]
		min-calls = 1
		[breaker a*]
		window = 1
		jitter = 1
	END
	configure <<-'END'
		[default]
		failures = 2
		probes = 2
		min-calls = 2
		window = 2
		[breaker api]
		probes = 3
		[breaker a??]
		jitter = 2
	END
	CBRUN_CONFIGURED=$(with_system "$CBRUN" config api --json)
	from() { jq -r ".settings[\"$1\"] | \"\(.value) \(.from)\"" <<<"$CBRUN_CONFIGURED"; }
	assert_equal "$(from failures)" "2 $DIR/$USER_FILE:2"
	assert_equal "$(from probes)" "3 $DIR/$USER_FILE:7"
	assert_equal "$(from successes)" "1 /etc/cbrun.conf:4"
	assert_equal "$(from min-calls)" "1 /etc/cbrun.conf:6"
	assert_equal "$(from jitter)" "2 $DIR/$USER_FILE:9" # its glob is the longer one
	assert_equal "$(from window)" "2 $DIR/$USER_FILE:5"
}

@test "--config and CBRUN_CONFIG replace both files" {
	make_system <<<$'[default]\nprobes = 1'
	configure <<<$'[default]\nfailures = 1'
	echo $'[default]\nwindow = 7' >mine
	for given in --config=mine CBRUN_CONFIG=mine; do
		case $given in
		--*) run with_system "$CBRUN" config "$given" ;;
		*) run with_system env "$given" "$CBRUN" config ;;
		esac
		assert_line --regexp '^probes +3 +default$'
		assert_line --regexp '^failures +5 +default$'
		assert_line --regexp '^window +7 +mine:2$'
	done
	run with_system "$CBRUN" config
	assert_line --regexp '^probes +1 +/etc/cbrun.conf:2$'
	assert_line --regexp "^failures +1 +$DIR/$USER_FILE:2\$"
}

@test "--config counts before CBRUN_CONFIG" {
	echo $'[default]\nfailures = 1' >one
	echo $'[default]\nfailures = 2' >two
	ENVIRONMENT+=(CBRUN_CONFIG=two)
	assert_shown api failures 2 two:2
	assert_equal "$(cbrun config api --config one --json | jq -r .settings.failures.from)" one:2
}

@test "--config /dev/null is no configuration" {
	configure <<<'nonsense'
	expect 0 ran "" cbrun --config /dev/null -n api echo ran
}

@test "a file that --config names must be there, and be a file" {
	expect 125 "" "cbrun: cannot open the configuration none: No such file or directory" cbrun --config none -n api touch ran
	expect 125 "" "cbrun: cannot read the configuration .: Is a directory" cbrun --config . -n api touch ran
	assert [ ! -e ran ]
}

# --- the environment ---

@test "every key has a variable" {
	cbrun config --json | jq -r '.settings | to_entries[] | "\(.key) \(.value.value // "")"' >keys
	assert [ "$(wc -l <keys)" -gt 30 ]
	while read -r key value; do
		case $key=$value in
		store=*) value=$STORE ;;
		ignore-on=) value=5 ;;
		*-on=) value=6 ;;
		fallback= | health-check= | on-*= | log=) value=/bin/true ;;
		*=) value=5s ;;
		esac
		variable=${key//-/_}
		ENVIRONMENT+=("CBRUN_${variable^^}=$value")
		echo "$key $value environment" >>expected
	done <keys
	cbrun config --json | jq -r '.settings | to_entries[] | "\(.key) \(.value.value) \(.value.from)"' >actual
	assert_equal "$(cat actual)" "$(cat expected)"
}

@test "an empty variable says nothing" {
	configure <<<$'[default]\nfailures = 1'
	ENVIRONMENT+=(CBRUN_FAILURES= CBRUN_CONFIG= CBRUN_SHADOW=)
	assert_shown api failures 1 :2
	assert_shown api shadow no default
}

@test "a bad value in the environment names the variable, and nothing runs" {
	for pair in 'CBRUN_FAILURES=x|a whole number from 0 to 1000000, or auto' 'CBRUN_SHADOW=maybe|yes or no' \
		'CBRUN_OPEN_FOR=0|a duration longer than zero' 'CBRUN_ON_STORE_ERROR=x|run or reject'; do
		variable=${pair%%=*} value=${pair%|*}
		expect 125 "" "cbrun: invalid $variable '${value#*=}' in the environment: expected ${pair#*|}" \
			private env "$value" "$CBRUN" -n api touch ran
	done
	assert [ ! -e ran ]
}

@test "a variable that is no key's means nothing, and config says so" {
	ENVIRONMENT+=(CBRUN_NAME=other CBRUN_JSON=yes CBRUN_HELP=yes CBRUN_UNKNOWN=x)
	expect 0 ran "" cbrun -n api echo ran
	assert_equal "$(cbrun status --json | jq -r '.breakers[].name')" api
	expect 0 '~.*' "~.*warning: CBRUN_UNKNOWN in the environment means nothing to cbrun.*" cbrun config
}

@test "a variable that is nearly a key's was meant to be it: nothing runs" {
	ENVIRONMENT+=(CBRUN_TIMOUT=5)
	expect 125 "" "cbrun: unknown variable CBRUN_TIMOUT in the environment; did you mean CBRUN_TIMEOUT?" cbrun -n api touch ran
	assert [ ! -e ran ]
}

# --- checking ---

@test "config --check tells every mistake of the usual files, and nothing if there is none" {
	expect 0 "" "" cbrun config --check
	configure <<'END'
[default]
failurs = 3
open-for = 5m
timeout = soon

[breakers x]
failures = nobody asks
no-key = 1
[breaker y]
retries
 within = 1m
retry-delay = 2s
END
	expect 1 "$DIR/$USER_FILE:2: unknown key 'failurs'; did you mean 'failures'?
$DIR/$USER_FILE:4: invalid timeout 'soon': expected a duration such as 30s, 1.5m, 200ms or 1m30s
$DIR/$USER_FILE:6: unknown section [breakers x]; expected [default] or [breaker NAME], NAME of the characters \
A-Za-z0-9._:/@+-, * and ?
$DIR/$USER_FILE:10: expected 'key = value' or '[section]'
$DIR/$USER_FILE:11: the line is indented; write each key at the start of its line" "" cbrun config --check
	assert_shown y open-for 5m :3
	assert_shown y retry-delay 2s :12
	assert_shown y failures 5 default
	assert_shown x failures 5 default
}

@test "config --check FILE checks that file alone" {
	configure <<<$'[default]\nfailurs = 3'
	printf '[breaker a*]\nwithin = 1h\nfailures = 5000\n' >other.conf
	expect 1 "~other.conf: the settings of a\\* make no sense together: --failures 5000 is too many for --within.*" "" \
		cbrun config --check other.conf
	printf '[breaker a*]\nwithin = 1h\n' >other.conf
	expect 0 "" "" cbrun config --check other.conf
	expect 125 "" "cbrun: cannot open the configuration missing.conf: No such file or directory" cbrun config --check missing.conf
}

@test "a mistake in a usual file is told by each run, and a dozen of them stop none" {
	configure <<<$'[default]\nfailurs = 3\npreset = cron'
	expect 0 ran "cbrun: $DIR/$USER_FILE:2: unknown key 'failurs'; did you mean 'failures'?" cbrun -n api echo ran
	expect 0 ran "" cbrun -q -n api echo ran
	expect 0 "~.*" "cbrun: $DIR/$USER_FILE:2: unknown key 'failurs'; did you mean 'failures'?" cbrun status
}

@test "an open period that is over before the next call is warned of" {
	repeat 6 eval 'cbrun -n nightly true; advance 24h'
	expect 0 '~.*' "cbrun: warning: this breaker is called every 1d or so, and --open-for 30s is over by then: it will reject nothing; \
lengthen it" cbrun config nightly
	configure <<<$'[breaker nightly]\nopen-for = 2d'
	expect 0 '~.*' "cbrun: warning: the last call ran with open-for 30s (here: 2d)" cbrun config nightly
}

# --- presets ---

# assert_preset NAME KEY=VALUE...: what the preset sets, and nothing else.
assert_preset() {
	local preset=$1
	shift
	assert_equal "$(private env "CBRUN_PRESET=$preset" "$CBRUN" config --json | jq -r '.settings | to_entries[] |
		select(.value.from == "preset '"$preset"'") | "\(.key)=\(.value.value)"' | sort | paste -sd ' ')" \
		"$(printf '%s\n' "$@" | sort | paste -sd ' ')"
}

@test "the presets have their values" {
	assert_preset conservative failures=5 successes=2 open-for=60s probes=3
	assert_preset aggressive failures=3 successes=3 open-for=30s probes=1
	assert_preset tolerant failures=10 successes=1 open-for=120s probes=5
	assert_preset none
	run private env CBRUN_PRESET=cron "$CBRUN" config
	for pair in failures=3 successes=1 probes=1 open-for=15m open-factor=2 open-max=1h reject-exit=0 output=change remind=1d; do
		assert_line --regexp "^${pair%=*} +${pair#*=} +preset cron\$"
	done
}

@test "a rejected call of a cron job is a success" {
	repeat 3 cbrun -n job --preset cron false
	expect 0 "" '~.*' cbrun -n job --preset cron echo ran
	assert_field job .totals.rejected 1
}

@test "whatever is said counts before the preset, wherever either stands" {
	configure <<-'END'
		[default]
		failures = 7
		[breaker web]
		preset = tolerant
	END
	cbrun -n api --preset conservative true
	assert_equal "$(in_force api failures) $(in_force api open-for)" "7 1m"
	cbrun -n web --successes 4 true
	assert_equal "$(in_force web failures) $(in_force web successes) $(in_force web probes)" "7 4 5"
}

@test "of two presets the one of the stronger layer counts, alone" {
	configure <<-'END'
		[default]
		preset = cron
		[breaker api]
		preset = tolerant
		[breaker web]
		preset = none
	END
	assert_shown api failures 10 "preset tolerant"
	assert_shown api reject-exit 75 default
	assert_shown web failures 5 default
	cbrun -n api --preset aggressive true
	assert_equal "$(in_force api failures) $(in_force api open-for)" "3 30s"
}

@test "an unknown preset is refused with their names" {
	configure <<<$'[default]\npreset = crom'
	expect 0 "" "cbrun: $DIR/$USER_FILE:2: invalid preset 'crom': expected none or conservative or aggressive or tolerant or cron" \
		cbrun -n api true
}

# --- flags ---

@test "flags are yes or no, in the words that people use" {
	for word in yes true on 1 Yes TRUE; do
		configure <<<$'[default]\nshadow = '$word
		cbrun -n api true
		assert_equal "$word: $(in_force api shadow)" "$word: true"
	done
	for word in no false off 0 No; do
		configure <<<$'[default]\nshadow = '$word
		cbrun -n api true
		assert_equal "$word: $(in_force api shadow)" "$word: false"
	done
}

@test "a flag that a file sets is taken back by the environment and on the command line" {
	configure <<-'END'
		[default]
		shadow = yes
		quiet = yes
	END
	cbrun -n api --shadow=no true
	assert_equal "$(in_force api shadow)" false
	private env CBRUN_SHADOW=no "$CBRUN" -n api true
	assert_equal "$(in_force api shadow)" false
	cbrun -n api true
	assert_equal "$(in_force api shadow)" true
	cbrun trip api --hold
	expect 75 "" "" cbrun -n api --shadow=no true
	expect 75 "" "~cbrun: api: open \(held by [^ ]+\), until reset" cbrun -n api --shadow=no --quiet=no true
}

@test "--verbose on the command line counts before quiet in a file" {
	configure <<<$'[default]\nquiet = yes'
	expect 0 "" "~cbrun: api: closed, running 'true'
cbrun: api: exit 0 after [0-9ms]+: success" cbrun -v -n api true
}

# --- syntax ---

@test "comments, empty lines, blanks around and carriage returns mean nothing" {
	printf '; first\n\n# second\n   # third\n\t\n[default]\r\n\r\nfailures=1\r\nprobes   =   2   \n#successes = 9\nwindow = 3' |
		configure
	assert_shown api failures 1 :8
	assert_shown api probes 2 :9
	assert_shown api successes 3 default
	assert_shown api window 3 :11
}

@test "a value holds whatever stands behind the first =" {
	configure <<<$'[default]\nstore = a = b ; c # d'
	ENVIRONMENT+=(CBRUN_STORE=)
	assert_shown api store "a = b ; c # d" :2
}

@test "a value may be as long as a line" {
	long=$(printf 'x%.0s' {1..4000})
	configure <<<$'[default]\nstore = '$long
	ENVIRONMENT+=(CBRUN_STORE=)
	assert_equal "$(cbrun config --json | jq -r .settings.store.value)" "$long"
}

@test "a name of 128 characters has its section" {
	long=$(printf 'x%.0s' {1..128})
	configure <<<"[breaker $long]"$'\nfailures = 1\n'"[breaker ${long/x/?}]"$'\nprobes = 1\n'
	assert_shown "$long" failures 1 :2
	assert_shown "$long" probes 1 :4
}

# --- mistakes ---

@test "an unknown key names file, line, key and the nearest one" {
	mistaken "2: unknown key 'failurs'; did you mean 'failures'?" <<<$'[default]\nfailurs = 3'
	mistaken "4: unknown key 'open_for'; did you mean 'open-for'?" <<<$'# x\n\n[default]\nopen_for = 3'
	mistaken "2: unknown key 'xyzzy'; 'man cbrun.conf' lists the keys" <<<$'[default]\nxyzzy = 3'
}

@test "what is an option and no key is unknown" {
	for key in name config json help version limit; do
		mistaken "2: unknown key '$key'; 'man cbrun.conf' lists the keys" <<<$'[default]\n'"$key = 1"
	done
}

@test "a bad value names file, line, key, and what was expected" {
	mistaken "2: invalid failures 'many': expected a whole number from 0 to 1000000, or auto" <<<$'[default]\nfailures = many'
	mistaken "2: invalid open-for '0': expected a duration longer than zero" <<<$'[default]\nopen-for = 0'
	mistaken "2: invalid shadow '': expected yes or no" <<<$'[default]\nshadow ='
	mistaken "2: invalid on-store-error 'ignore': expected run or reject" <<<$'[default]\non-store-error = ignore'
	mistaken "2: invalid failures '3 ; three': expected a whole number from 0 to 1000000, or auto" <<<$'[default]\nfailures = 3 ; three'
}

@test "mistakes are found in sections that do not apply" {
	mistaken "2: unknown key 'failurs'; did you mean 'failures'?" <<<$'[breaker other]\nfailurs = 3'
	mistaken "2: invalid failures '-1': expected a whole number from 0 to 1000000, or auto" <<<$'[breaker other]\nfailures = -1'
	mistaken "2: invalid window '0': expected 1 to 10000 calls, or a duration with its unit such as 5m" \
		<<<$'[breaker o*]\nwindow = 0\n[breaker api]\nwindow = 5'
}

@test "a value that another layer overrides must make sense, too" {
	configure <<<$'[default]\nfailures = x'
	expect 0 "" "~.*:2: invalid failures 'x': .*" cbrun -n api -f 3 true
	expect 125 "" "~.*:2: invalid failures 'x': .*" cbrun --config "$DIR/$USER_FILE" -n api -f 3 touch ran
	assert [ ! -e ran ]
}

@test "an unknown section is refused with those there are" {
	known="expected [default] or [breaker NAME], NAME of the characters A-Za-z0-9._:/@+-, * and ?"
	for section in defaults Default breaker 'breaker a b' 'breaker -a' 'breaker [a' brake\ x ' default'; do
		mistaken "1: unknown section [$section]; $known" <<<"[$section]"$'\nfailures = 3'
	done
}

@test "a key in no section is refused" {
	mistaken "1: the key 'failures' is in no section; begin with [default] or [breaker NAME]" <<<'failures = 3'
}

@test "a section without its bracket, or with too long a name, is refused" {
	mistaken "1: the section's name has no ']'" <<<$'[default\nfailures = 3'
	mistaken "1: the section's name is too long" <<<"[breaker $(printf 'x%.0s' {1..300})]"
}

@test "a line without = is refused" {
	mistaken "2: expected 'key = value' or '[section]'" <<<$'[default]\nshadow'
}

@test "an indented line is refused, be it a key or the rest of a value" {
	mistaken "2: the line is indented; write each key at the start of its line" <<<$'[default]\n  failures = 3'
	mistaken "3: the line is indented; write each key at the start of its line" <<<$'[default]\nfailures = 3\n\t4'
	mistaken "1: the line is indented; write each key at the start of its line" <<<$' [default]\nfailures = 3'
	for blank in $'\v' $'\f' $'\r'; do
		mistaken "3: the line is indented; write each key at the start of its line" \
			<<<$'[default]\nfailures = 3\n'"${blank}"'successes = 4'
	done
}

@test "a line that is too long, or holds a NUL, is refused" {
	for start in 'store = ' '; ' '[breaker '; do
		mistaken "2: the line is longer than 4093 bytes" <<<$'[default]\n'"$start$(printf 'x%.0s' {1..5000})"
	done
	printf '[default]\nfailures = 3\0\nprobes = 1\n' | mistaken "2: the line holds a NUL"
	printf '[default]\nfailures = 3\0junk' | mistaken "2: the line holds a NUL"
}

@test "an unknown section is refused even if it is empty" {
	mistaken "1: unknown section [defualt]; expected [default] or [breaker NAME], NAME of the characters A-Za-z0-9._:/@+-, * and ?" <<<'[defualt]'
}

@test "a key behind a section's name is refused" {
	mistaken "1: nothing may follow the section's name; begin a new line" <<<'[default] failures = 3'
}

@test "a comment may stand behind a section's name, and a byte order mark before it" {
	printf '\357\273\277[default] ; all\nfailures = 3\n' | configure
	run cbrun config --json
	assert_success
	assert_equal "$(jq -r .settings.failures.value <<<"$output")" 3
}

@test "the key store belongs into the section default" {
	mistaken "2: the key 'store' belongs in [default]: all commands must find the same one" <<<$'[breaker api]\nstore = x.db'
}

@test "a long key that is nobody's is likened to none" {
	mistaken "2: unknown key '$(printf 'k%.0s' {1..124})...'; 'man cbrun.conf' lists the keys" \
		<<<$'[default]\n'"$(printf 'k%.0s' {1..150}) = 3"
}

@test "--quiet and --verbose in one file are refused with a word" {
	configure <<<$'[default]\nquiet = yes\nverbose = yes'
	expect 125 "" "cbrun: --quiet and --verbose exclude each other" cbrun --config "$DIR/$USER_FILE" -n api touch ran
	expect 0 ran "cbrun: the settings in $DIR/$USER_FILE for api make no sense together: --quiet and --verbose exclude each other; \
going on without them" cbrun -n api echo ran
}

@test "values that make no sense together are refused, as on the command line" {
	configure <<<$'[breaker api]\nfailures = 0\nfailure-rate = 0'
	why="with --failures 0 and no rate the breaker can never open; set --failures, --failure-rate, or --slow with --slow-rate"
	expect 125 "" "cbrun: $why" cbrun --config "$DIR/$USER_FILE" -n api touch ran
	assert [ ! -e ran ]
	expect 0 ran "cbrun: the settings in $DIR/$USER_FILE for api make no sense together: $why; going on without them" cbrun -n api echo ran
	expect 0 ran "" cbrun -n other echo ran
	expect 1 "$DIR/$USER_FILE: the settings of api make no sense together: $why" "" cbrun config --check
}

@test "control characters of a file do not reach the terminal" {
	printf '[default]\nfail\033[31m = 3\n' | configure
	run cbrun config
	assert_output --partial 'fail\e[31m'
	refute_output --partial $'\033'
}

# --- safety ---

# passed_over WHY: one line tells why the user's file is, the run goes on without it, and the same file by --config is an error.
passed_over() {
	local why
	why="cbrun: refusing the configuration $DIR/$USER_FILE: $1"
	expect 0 ran "$why; going on without it" cbrun -n api -- echo ran
	expect 0 "~.*failures +5 +default.*" "$why; going on without it" cbrun config
	expect 125 "" "$why" cbrun --config "$DIR/$USER_FILE" -n api touch ran
	assert [ ! -e ran ]
}

@test "root passes over a file that belongs to another user" {
	root_only
	configure <<<$'[default]\nfailures = 1'
	chown 65534 "$USER_FILE"
	passed_over "it belongs to uid 65534, not to root; chown it"
}

@test "root passes over a file that others can write" {
	root_only
	configure <<<$'[default]\nfailures = 1'
	for mode in 0620 0602 0666; do
		chmod "$mode" "$USER_FILE"
		passed_over "it can be written by others than root (mode $mode); chmod go-w it"
	done
	chmod 0644 "$USER_FILE"
	assert_shown api failures 1 :2
}

@test "root passes over a file below a directory that another user owns or can write" {
	root_only
	configure <<<$'[default]\nfailures = 1'
	chown 65534 .config
	passed_over "$DIR/.config belongs to uid 65534, not to root; chown it"
	chown 0 .config
	chmod 0775 .config/cbrun
	passed_over "$DIR/.config/cbrun can be written by others than root (mode 0775); chmod go-w it"
	chmod 1777 .config/cbrun
	assert_shown api failures 1 :2
}

@test "root passes over a link that another user can turn elsewhere, and follows its own" {
	root_only
	configure <<<$'[default]\nfailures = 1'
	mkdir theirs
	mv .config/cbrun kept
	ln -s ../kept theirs/cbrun
	ln -s ../theirs/cbrun .config/cbrun
	assert_shown api failures 1 :2
	chown -h 65534 theirs/cbrun
	passed_over "$DIR/theirs/cbrun belongs to uid 65534, not to root; chown it"
	chown -h 0 theirs/cbrun
	chown 65534 theirs
	passed_over "$DIR/theirs belongs to uid 65534, not to root; chown it"
}

@test "root passes over the system's file if it is not to be trusted" {
	make_system <<<$'[default]\nfailures = 1'
	chmod 0666 "$DIR/etc/cbrun.conf"
	expect 0 ran "cbrun: refusing the configuration /etc/cbrun.conf: it can be written by others than root (mode 0666); chmod go-w it; going on without it" \
		with_system "$CBRUN" -n api -- echo ran
}

@test "a configuration may come through a descriptor" {
	expect 0 "7" "" bash -c '"$@" --config <(printf "[default]\nfailures = 7\n") | jq -r .settings.failures.value' bash \
		env "${ENVIRONMENT[@]}" "$CBRUN" config --json
}

@test "another user is not asked whose file it is" {
	configure <<<$'[default]\nfailures = 1'
	chmod 0666 "$USER_FILE"
	expect 0 "~.*failures +1 +.*" "" as_other "$CBRUN" config
}

@test "a usual file that cannot be opened is told of and passed over, one that --config names is an error" {
	configure <<<$'[default]\nfailures = 1'
	chmod 0 "$USER_FILE"
	problem="cbrun: cannot open the configuration $DIR/$USER_FILE: Permission denied"
	expect 0 ran "$problem; going on without it" unprivileged "$CBRUN" -n api echo ran
	expect 125 "" "$problem" unprivileged "$CBRUN" --config "$DIR/$USER_FILE" -n api touch ran
	assert [ ! -e ran ]
}

# --- what `config` shows ---

@test "the text shows each key, its value and its origin" {
	configure <<-'END'
		[default]
		preset = tolerant
		[breaker api]
		timeout = 1m30s
	END
	ENVIRONMENT+=(CBRUN_KILL_AFTER=3s)
	run --separate-stderr cbrun config api
	assert_success
	assert_equal "$stderr" ""
	assert_line --index 0 --regexp '^OPTION +VALUE +FROM$'
	assert_line --regexp "^preset +tolerant +$DIR/$USER_FILE:2\$"
	assert_line --regexp "^timeout +1m30s +$DIR/$USER_FILE:4\$"
	assert_line --regexp '^kill-after +3s +environment$'
	assert_line --regexp '^failures +10 +preset tolerant$'
	assert_line --regexp '^window +100 +default$'
	assert_line --regexp '^within +- +default$'
	assert_line --regexp '^shadow +no +default$'
}

@test "JSON has each key with its value, where it comes from, and the warnings" {
	configure <<<$'[default]\nfailures = 4'
	cbrun config --json >json
	assert_equal "$(jq -c '[.schema, .name, .settings.failures, .settings.within, .warnings]' json)" \
		"[1,null,{\"value\":\"4\",\"from\":\"$DIR/$USER_FILE:2\"},{\"value\":null,\"from\":\"default\"},[]]"
	assert_equal "$(cbrun config a:b/c --json | jq -r .name)" a:b/c
}

@test "what config shows is what a guarded run has" {
	configure <<-'END'
		[default]
		preset = cron
		jitter = 5
		[breaker api]
		window = 5m
		within = 1m30s
		slow = 250ms
	END
	cbrun -n api true
	cbrun config api --json | jq -r '.settings | to_entries[] | "\(.key) \(.value.value)"' >shown
	for key in failures open-factor jitter window within slow min-calls probes; do
		assert_equal "$key $(in_force api "$key")" "$(grep "^$key " shown)"
	done
}

@test "config takes one name, and no policy" {
	expect 125 "" "cbrun: expected one breaker's name, got 2" cbrun config a b
	expect 125 "" "cbrun: invalid name 'a b': expected 1 to 128 of the characters A-Za-z0-9._:/@+-, not starting with '-'" \
		cbrun config 'a b'
	expect 125 "" "~cbrun: unknown option --failures.*" cbrun config --failures 3
}

@test "config makes nothing, and changes nothing" {
	cbrun config api >/dev/null
	cbrun config >/dev/null
	assert_equal "$(ls -A "$DIR")" clock
	opened api
	before=$(fingerprint "$DIR/store")
	cbrun config api >/dev/null 2>&1
	cbrun config api --json >/dev/null
	assert_equal "$(fingerprint "$DIR/store")" "$before"
}

@test "fifty breakers are configured in one file" {
	{
		echo $'[default]\npreset = cron\ntimeout = 15m'
		for i in {1..50}; do
			echo "[breaker job-$i]"
			echo "open-for = ${i}m"
		done
	} | configure
	for i in {1..50}; do
		cbrun -n job-$i -- true
	done
	assert_equal "$(cbrun status --json | jq -r '.breakers[] | "\(.name) \(.policy["open-for"]) \(.policy.failures)"' | sort)" \
		"$(for i in {1..50}; do echo "job-$i ${i}m 3"; done | sort)"
	assert_shown job-37 open-for 37m :77
	assert_shown job-51 open-for 15m "preset cron"
}

@test "the example is valid as it stands" {
	cp "$BATS_TEST_DIRNAME/../../man/examples/cbrun.conf" example
	expect 0 '~OPTION .*' "" cbrun config --config example
	grep -o '^\[breaker .*\]' example | sed 's/.* //; s/\]//; s/\*/x/' >names
	assert [ "$(wc -l <names)" -ge 5 ]
	while read -r name; do
		expect 0 '~OPTION .*example:.*' "" cbrun config --config example "$name"
		expect 0 "" "" cbrun --config example -n "$name" true
	done <names
}

# --- warnings ---

# called NAME TIMES EVERY: a breaker with a history of calls at that rate.
called() {
	local i
	for ((i = 0; i < $2; i++)); do
		cbrun -n "$1" true
		advance "$3"
	done
}

# warnings NAME: those about times that are too short.
warnings() {
	cbrun config "$1" --json | jq -r '.warnings[]' | grep -v 'the last call ran with\|is called every' || :
}

@test "a window too short for --min-calls at the rate of the history is warned of" {
	called api 12 60s
	configure <<<$'[breaker api]\nwindow = 5m30s'
	warning="a --window of 5m30s holds about 5 calls at the rate this breaker is called, and --min-calls is 10: no rate will open it; lengthen the window or lower --min-calls"
	assert_equal "$(warnings api)" "$warning"
	run --separate-stderr cbrun config api
	assert_success
	assert_equal "$(grep -c "^cbrun: warning: $warning\$" <<<"$stderr")" 1
}

@test "a window that is long enough, or not asked, is not warned of" {
	called api 12 60s
	for setting in 'window = 15m' $'window = 5m30s\nmin-calls = 5' $'window = 5m30s\nfailure-rate = 0' 'window = 5' \
		$'window = 5m30s\nfailure-rate = 0\nslow-rate = 50'; do
		configure <<<$'[breaker api]\n'"$setting"
		assert_equal "$setting: $(warnings api)" "$setting: "
	done
	configure <<<$'[breaker api]\nwindow = 5m30s\nfailure-rate = 0\nslow = 1s'
	assert [ -n "$(warnings api)" ]
}

@test "a --within too short for --failures at the rate of the history is warned of" {
	called api 12 60s
	configure <<<$'[breaker api]\nwithin = 2m30s'
	assert_equal "$(warnings api)" \
		"--within 2m30s sees about 2 calls at the rate this breaker is called, and --failures is 5: it will not open it; lengthen the time or lower --failures"
	configure <<<$'[breaker api]\nwithin = 2m30s\nfailures = 2'
	assert_equal "$(warnings api)" ""
}

@test "nothing is said of a rate that is not known yet" {
	called api 9 60s
	configure <<<$'[breaker api]\nwindow = 1m\nwithin = 1m'
	assert_equal "$(warnings api)" ""
	assert_equal "$(warnings unknown)" ""
}

# --- two callers with different policies ---

@test "two callers with different policies show in status, in config and with --verbose" {
	cbrun -n api -f 3 true
	assert_field api .policy_disagreement null
	cbrun -n api -f 5 true
	cbrun -n api -f 3 true
	assert_field api .policy_disagreement "failures 3 (other: 5)"
	expect 0 '~.*
api .*callers disagree: failures 3 \(other: 5\)' "" cbrun status
	expect 0 '~.*' "cbrun: warning: the last call ran with failures 3 (here: 5)
cbrun: warning: callers use two policies in turn: failures 3 (other: 5)" cbrun config api
	expect 0 "" "~cbrun: api: the last call ran with failures 3 \(here: 5\)
cbrun: api: closed, running 'true'
cbrun: api: exit 0 after [0-9ms]+: success" cbrun -v -n api -f 5 true
}

@test "a disagreement names every option that differs" {
	cbrun -n api -w 5m -o 1m --slow 1s true
	expect 0 "" "~cbrun: api: the last call ran with window 5m \(here: 100\), slow 1s \(here: 0s\), open-for 1m \(here: 30s\)
cbrun: api: closed, running 'true'
cbrun: api: exit 0 after [0-9ms]+: success" cbrun -v -n api true
}

@test "a policy that was changed once is no disagreement" {
	cbrun -n api -f 3 true
	repeat 3 cbrun -n api -f 5 true
	assert_field api .policy_disagreement null
	run cbrun status
	refute_output --partial disagree
}

@test "callers who differ in what is no policy of the breaker agree" {
	for option in '-t 5s' '-q' '--reject-exit 3' '-t 5s'; do
		# shellcheck disable=SC2086 # two words
		cbrun -n api $option true
	done
	assert_field api .policy_disagreement null
}
