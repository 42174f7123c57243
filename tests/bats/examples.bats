# examples.bats: what the documents show is run as it stands there.
load helper

ROOT=$(realpath "$BATS_TEST_DIRNAME/../..")

setup() {
	make_private
	ENVIRONMENT+=(PATH="$DIR/bin:/usr/bin:/bin" URL="file://$DIR/page.txt" HOME="$DIR")
	mkdir bin
	ln -s "$CBRUN" bin/cbrun
	echo "a page" >page.txt
	printf '%s\n' one two three >list
	touch one two three
	for program in sync-mirror fetch-invoices sync psql ssh ping; do
		printf '#!/bin/sh\nexit 0\n' >"bin/$program"
		chmod +x "bin/$program"
	done
}

# of_readme LANGUAGE: the fenced blocks of that language, each in a file of its own: LANGUAGE-1, LANGUAGE-2 ...
of_readme() {
	awk -v kind="$1" '
	$0 == "```" kind { file = kind "-" ++n; printf "" >file; next }
	$0 == "```" { file = "" }
	file != "" { print >>file }' "$ROOT/README.md"
}

# of_manual KIND: the same of the blocks of cbrun-examples(7) that are marked so.
of_manual() {
	awk -v kind="$1" '
	$0 == ".\\\" example: " kind { file = kind "-" ++n; printf "" >file; next }
	/^\.Bd/ { next }
	/^\.Ed/ { file = "" }
	file != "" {
		gsub(/\\-/, "-"); gsub(/\\\(aq/, "\047"); gsub(/\\\(dq/, "\""); gsub(/\\&/, ""); gsub(/\\e/, "\\")
		print >>file
	}' "$ROOT/man/cbrun-examples.7"
}

# at_least N FILE...: so many examples there are.
at_least() {
	local want=$1
	shift
	[ $# -ge "$want" ] && [ -s "$1" ] || fail "expected $want examples or more, got $*"
}

# Each job of a crontab is run as cron would, once, with the variables that stand before it.
run_crontab() {
	local line jobs=0 path=/usr/bin:/bin
	while IFS= read -r line; do
		case $line in
		PATH=*) path=${line#PATH=} ;;
		'#'* | '') ;;
		*)
			jobs=$((jobs + 1))
			set -f
			# shellcheck disable=SC2086 # five fields, then the command
			set -- $line
			set +f
			shift 5
			expect 0 "" "" private env PATH="$DIR/bin:$path" /bin/sh -c "$*"
			;;
		esac
	done <"$1"
	assert [ "$jobs" -ge 1 ]
}

@test "scripts of README end with 0, and their breakers have counted" {
	of_readme sh
	at_least 1 sh-*
	for script in sh-*; do
		expect 0 "" "" private /bin/sh -e "./$script"
	done
	assert_field db .totals.calls 1
}

@test "scripts of cbrun-examples(7) end with 0, and their breakers have counted" {
	of_manual sh
	at_least 7 sh-*
	cbrun -n 'db2' true
	for script in sh-*; do
		expect 0 "~.*" "~.*" private /bin/sh -e "./$script"
		refute [ "$(grep -c 'usage\|unknown\|invalid' <<<"$stderr")" -gt 0 ]
	done
	assert_field api .totals.successes 1
	assert_field rates .totals.successes 1
	assert_field upload .totals.successes 3
	assert [ -e three.sent ]
	assert_field db .mode normal
}

@test "crontabs of README and cbrun-examples(7) run their jobs" {
	of_readme crontab
	at_least 1 crontab-*
	for table in crontab-*; do
		run_crontab "$table"
	done
	assert_field mirror .totals.successes 1
	rm crontab-*
	of_manual crontab
	at_least 3 crontab-*
	for table in crontab-*; do
		run_crontab "$table"
	done
	assert_field net .totals.successes 1
	assert_field fetch-invoices .totals.successes 1
}

@test "configurations of README and cbrun-examples(7) have no mistake" {
	of_readme ini
	of_manual conf
	at_least 3 ini-* conf-*
	for file in ini-* conf-*; do
		expect 0 "" "" cbrun config --check "$file"
	done
	expect 0 "" "" cbrun config --check "$ROOT/man/examples/cbrun.conf"
}

@test "no example leaves the section [default] with a preset, which would hold back the output of every command" {
	of_readme ini
	of_manual conf
	for file in ini-* conf-* "$ROOT/man/examples/cbrun.conf"; do
		assert_equal "$file: $(cbrun config --config "$file" --json | jq -r .settings.preset.value)" "$file: none"
	done
}

@test "a nightly job by README's configuration mails the night it breaks, and tries again the next night" {
	of_readme ini
	ENVIRONMENT+=(CBRUN_CONFIG="$DIR/ini-1")
	expect 1 "~.*broken: 1 failure.*" "" cbrun_together -n backup-db -- sh -c 'echo no space; exit 1'
	advance 24h
	expect 0 "~cbrun: backup-db: works again.*" "" cbrun_together -n backup-db -- true
}

# As under cron: standard output and error are one.
cbrun_together() {
	cbrun "$@" 2>&1
}
