# examples.bats: what the documents show is run as it stands there.
load helper

ROOT=$(realpath "$BATS_TEST_DIRNAME/../..")

setup() {
	make_private
	local here=file://${DIR// /%20}
	ENVIRONMENT+=(PATH="$DIR/bin:/usr/bin:/bin" HOME="$DIR" URL="$here/page.txt" SOURCE="$DIR/source/" CACHE="$DIR/cache"
		MIRRORS="$here/nothing $here/source" SHARED="$DIR/shared" GROUP="$(id -gn)")
	mkdir bin source
	ln -s "$CBRUN" bin/cbrun
	ln -s "$ROOT/contrib/hinted-curl" bin/hinted-curl
	echo "a release" >source/Release
	echo "a page" >page.txt
	printf '%s\n' one two three >list
	touch one two three
	for program in sync-mirror fetch-invoices fetch-dependencies sync psql ssh ping; do
		stub "$program" 'exit 0'
	done
	stub fetch-from 'echo "$1" >>fetched; [ "$1" != one ]'
	stub pg_dump 'echo "a dump"'
	stub send 'echo "$1" >>sent'
	stub take-one 'echo 1 >>taken; [ "$(wc -l <taken)" -lt 3 ] || touch stop'
}

# stub PROGRAM SCRIPT: stands for a program that a recipe calls.
stub() {
	printf '#!/bin/sh\n%s\n' "$2" >"bin/$1"
	chmod +x "bin/$1"
}

# recipe WORDS: the one script of cbrun-examples(7) that has these words is in $RECIPE.
recipe() {
	of_manual sh
	RECIPE=$(grep -lF -- "$1" sh-*)
	assert_equal "$1: $(wc -l <<<"$RECIPE")" "$1: 1"
	rm -f $(ls sh-* | grep -vxF "$RECIPE")
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
	assert_field rates .totals.successes 1
	assert_equal "$(cat rates)" "a page"
}

@test "scripts of cbrun-examples(7) end with 0, and their breakers have counted" {
	of_manual sh
	at_least 18 sh-*
	for program in curl jq rsync parallel; do
		command -v $program >/dev/null || skip "needs $program"
	done
	cbrun -n 'db2' true
	for script in sh-*; do
		expect 0 "~.*" "~.*" private /bin/sh -e "./$script"
		refute [ "$(grep -c 'usage\|unknown\|invalid' <<<"$stderr")" -gt 0 ]
	done
	assert_field api .totals.successes 2
	assert_field rates .totals.successes 1
	assert_field upload .totals.successes 3
	assert [ -e three.sent ]
	assert_field db .mode normal
	assert_equal "$(cat mirror/Release Release shop.dump)" "a release
a release
a dump"
	assert_equal "$(cat fetched)" "one
two"
	assert_equal "$(sort sent | uniq -c | tr -s ' \n' ' ')" " 2 one 2 three 2 two "
	assert_field queue .totals.successes 3
	assert_equal "$(stat -c %a shared)" 2770
	assert [ -e cache/cbrun.db ]
}

@test "members of a group share the store in its directory, and root does not" {
	recipe 'install -d'
	ENVIRONMENT+=(GROUP=65534)
	[ "$EUID" -eq 0 ] || ENVIRONMENT+=(GROUP="$(id -gn)")
	expect 0 "" "" private /bin/sh -e "./$RECIPE"
	of_manual member
	at_least 1 member-1
	expect 0 "" "" as_other /bin/sh -e ./member-1
	STORE=$DIR/shared/cbrun.db
	expect 0 "~.*api +closed .* 1 .*" "" as_other "$CBRUN" status --store "$STORE"
	if [ "$EUID" -eq 0 ]; then
		expect 0 "" "~cbrun: api: refusing the store: .*; running the command unguarded" private CBRUN_CONFIG=/dev/null /bin/sh ./member-1
	fi
}

@test "a dump that is rejected leaves the one before" {
	recipe pg_dump
	echo yesterday >shop.dump
	cbrun trip --for 1h dump
	expect 75 "" "~cbrun: dump: open .*" private /bin/sh "./$RECIPE"
	assert_equal "$(cat shop.dump)" yesterday
}

@test "xargs goes no further once a call is rejected" {
	recipe 'xargs -n'
	cbrun trip -q --for 1h send
	expect 124 "" "~.*xargs: cbrun: exited with status 255; aborting.*" private /bin/sh "./$RECIPE"
	assert [ ! -e sent ]
}

@test "parallel goes on with what was rejected when it is asked to" {
	command -v parallel >/dev/null || skip "needs parallel"
	recipe parallel
	sed -i 's/--wait 10m //' "$RECIPE"
	cbrun trip -q --for 1h send
	expect 3 "" "~.*send: open.*" private /bin/sh "./$RECIPE"
	cbrun reset -q send
	expect 0 "" "" private env parallel --retry-failed --joblog sent.log
	assert_equal "$(sort sent)" "one
three
two"
}

@test "an agent is told when to come back" {
	recipe retry_after_seconds
	cbrun trip -q --for 1h search
	expect 0 "~3[56][0-9][0-9](\.[0-9]+)?" "~cbrun: search: open .*" private /bin/sh "./$RECIPE"
}

@test "the makefile of cbrun-examples(7) makes its target, and leaves the old one where the call is rejected" {
	of_manual make
	at_least 1 make-1
	expect 0 "~.*" "" private env make -f make-1
	assert_equal "$(cat prices.csv)" "a page"
	touch -d '1 hour ago' prices.csv
	cbrun trip -q --for 1h prices
	expect 2 "~.*" "~cbrun: prices: open.*" private env make -B -f make-1
	assert_equal "$(cat prices.csv)" "a page"
}

# A docker that knows only this much: a directory is the same one inside.
@test "a container finds the store of the machine in the directory that it is given" {
	of_manual docker
	at_least 1 docker-1
	stub docker '
		[ "$1 $2 $3 $5" = "run --rm -v app" ] || exit 99
		[ "${4%%:*}" = "${4#*:}" ] && [ -d "${4%%:*}" ] || exit 98
		shift 5
		exec "$@"'
	mkdir store
	sed -i "s|/var/lib/cbrun|'$DIR/store'|g" docker-1
	expect 0 "" "" private /bin/sh -e ./docker-1
	assert_field api .totals.successes 1
}

@test "the unit of cbrun-examples(7) has the lines of the one that is installed" {
	of_manual unit
	at_least 1 unit-1
	for line in ExecCondition ExecStart ExecStopPost Type; do
		assert_equal "$(grep "^$line=" unit-1)" "$(grep "^$line=" "$ROOT/contrib/systemd/mirror.service")"
	done
}

@test "the condition that runs a job without its store skips it only where the breaker is open" {
	of_manual condition
	at_least 1 condition-1
	sed 's/^ExecCondition=//; s/\$\$/$/g; s|/usr/local/bin/||' condition-1 >condition
	cbrun -n mirror true
	expect 0 "" "" private /bin/sh condition
	cbrun trip -q --for 1h mirror
	expect 1 "" "~cbrun: mirror: open .*" private /bin/sh condition
	expect 0 "" "~cbrun: .*" private CBRUN_STORE=/dev/null /bin/sh condition
}

@test "the crontab's line for Prometheus writes the file, and the plugin says what is down" {
	of_manual metrics
	at_least 1 metrics-1
	sed -i "s|/var/lib/prometheus/node-exporter|'$DIR'|" metrics-1
	cbrun trip -q --for 1h api
	run_crontab metrics-1
	assert [ "$(grep -c '^cbrun_state{.*name="api"' cbrun.prom)" -ge 1 ]
	of_manual plugin
	sed -i 's/^.*]=//; s|/usr/local/bin/||' plugin-1
	expect 2 "~.*api .*open.*" "" private /bin/sh plugin-1
}

@test "the journal's fields in cbrun-examples(7) are those that are sent" {
	of_manual journal
	at_least 1 journal-1
	for field in CBRUN_NAME CBRUN_FROM CBRUN_TO CBRUN_REASON MESSAGE_ID; do
		grep -q "$field" "$ROOT"/src/*/*.c || fail "nothing sends $field"
		grep -q "$field" "$ROOT/man/cbrun-examples.7" || fail "cbrun-examples(7) does not tell $field"
	done
	for id in $(grep -oE '\b[0-9a-f]{32}\b' "$ROOT/man/cbrun-examples.7"); do
		grep -rqi "$id" "$ROOT/src" || fail "nothing sends $id"
	done
	command -v journalctl >/dev/null || skip "needs journalctl"
	run private /bin/sh -c "$(sed 's/^\$ //' journal-1)"
	assert [ "$status" -le 1 ]
	refute_output --regexp 'invalid|unknown|unrecognized|Failed to parse|Failed to add'
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
