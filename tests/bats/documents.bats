# documents.bats: no document disagrees with the program: each option of the table is in the help, the manual pages,
# the completions and `config`; what is generated is fresh; what is installed is uninstalled.
load helper

ROOT=$(realpath "$BATS_TEST_DIRNAME/../..")
GENERATE=$BUILT/generate

# rows: the table: an option a line, its letter, the forms that take it, "key" if it is one.
rows() {
	"$GENERATE" table
}

# names WORD: the long names of the options that a form takes, or of keys.
names() {
	rows | awk -v word="$1" '{ for (i = 3; i <= NF; i++) if ($i == word) print $1 }' | LC_ALL=C sort
}

forms() {
	rows | awk '{ for (i = 3; i <= NF; i++) if ($i != "key") print $i }' | LC_ALL=C sort -u
}

# answers SHELL: the options that it offers behind "cbrun" and each subcommand, "FORM OPTION" a line.
answers() {
	local completion=$ROOT/completions/cbrun.$1 lines=('cbrun -') form
	[ "$1" != zsh ] || completion=$ROOT/completions/_cbrun
	for form in $(forms); do
		[ "$form" = guard ] || lines+=("cbrun $form -")
	done
	mkdir -p bin
	ln -sf "$CBRUN" bin/cbrun # fish asks for completions of commands alone
	private env TERM=dumb PATH="$DIR/bin:/usr/bin:/bin" "$ROOT/tests/tools/complete-$1" "$completion" "${lines[@]}" |
		awk '
			/^cbrun/ { form = NF == 3 ? $2 : "guard" }
			/^  -/ { sub(/^  /, ""); sub(/=?(\t.*)?$/, ""); print form, $0 }' | LC_ALL=C sort -u
}

# The same as the table has it.
table() {
	rows | awk '{
		for (i = 3; i <= NF; i++) {
			if ($i != "key") print $i, "--" $1
			if ($i != "key" && $2 != "-") print $i, "-" $2
		}}' | LC_ALL=C sort -u
}

@test "the table is there" {
	assert [ "$(rows | wc -l)" -gt 40 ]
	assert [ "$(forms | wc -l)" -ge 12 ]
	assert [ "$(names key | wc -l)" -gt 30 ]
}

@test "help lists each option of each form, with its letter, and no other" {
	for form in $(forms); do
		words=("$form")
		[ "$form" != guard ] || words=()
		assert_equal "$form
$(cbrun "${words[@]}" --help | sed -nE 's/^  (-(.), |    )--([a-z-]+).*/\3 \2/p' | sort)" "$form
$(rows | awk -v form="$form" '{ for (i = 3; i <= NF; i++) if ($i == form) print $1, $2 == "-" ? "" : $2 }' | sort)"
	done
}

@test "help fits 80 columns" {
	for form in $(forms); do
		words=("$form")
		[ "$form" != guard ] || words=()
		assert_equal "$form $(cbrun "${words[@]}" --help | awk 'length > 80')" "$form "
	done
	assert_equal "$(cbrun help | awk 'length > 80')" ""
}

@test "cbrun.1 has each option of a guarded run under OPTIONS, with its letter" {
	assert_equal "$(sed -nE 's/^\.It (Fl (.) , )?Fl \\-([a-z\\-]+).*/\3 \2/p' "$ROOT/man/cbrun.1" | sed 's/\\//g' | LC_ALL=C sort)" \
		"$(rows | awk '/ guard/ { print $1, $2 == "-" ? "" : $2 }' | LC_ALL=C sort)"
}

@test "cbrun.1 names each option of each subcommand, and each subcommand" {
	for name in $(rows | cut -d ' ' -f 1); do
		grep -qE -- "Fl \\\\-${name//-/\\\\-}( |\$)" "$ROOT/man/cbrun.1" || fail "cbrun.1 does not name --$name"
	done
	for command in $(cbrun help | sed -n 's/^  \([a-z]\+\) .*/\1/p'); do
		grep -q -- "^\.It Cm $command\b" "$ROOT/man/cbrun.1" || fail "cbrun.1 does not name $command"
	done
}

@test "cbrun.conf.5 has each key, and no other" {
	assert_equal "$(sed -n 's/^\.It Cm \([a-z\\-]*\) = .*/\1/p' "$ROOT/man/cbrun.conf.5" | sed 's/\\//g' | LC_ALL=C sort)" "$(names key)"
}

@test "cbrun.conf.5 has each preset" {
	for preset in conservative aggressive tolerant cron; do
		grep -q "^\.It Cm $preset\$" "$ROOT/man/cbrun.conf.5" || fail "cbrun.conf.5 does not have $preset"
	done
}

@test "config shows each key, and no other" {
	assert_equal "$(cbrun config --json | jq -r '.settings | keys[]' | LC_ALL=C sort)" "$(names key)"
	assert_equal "$(cbrun config | sed '1d; s/ .*//' | LC_ALL=C sort)" "$(names key)"
}

@test "each shell offers each option of each form, and no other" {
	for shell in bash zsh fish; do
		command -v "$shell" >/dev/null || skip "needs $shell"
		assert_equal "$shell
$(answers $shell)" "$shell
$(table)"
	done
}

@test "what is generated is fresh" {
	cd "$ROOT"
	expect 0 "" "" tests/tools/generated "$GENERATE" --check
}

@test "a document that lacks an option, or has it otherwise, is stale" {
	cp -r "$ROOT/man" "$ROOT/completions" .
	expect 0 "" "" "$ROOT/tests/tools/generated" "$GENERATE" --check
	for file in man/cbrun.1 man/cbrun.conf.5 completions/cbrun.bash completions/_cbrun completions/cbrun.fish; do
		cp "$file" kept
		sed -i '/generated: /,/end of generated/s/successes/succeses/' "$file"
		expect 1 "~$file is stale; run 'make generated':.*succeses.*" "" "$ROOT/tests/tools/generated" "$GENERATE" --check
		"$ROOT/tests/tools/generated" "$GENERATE"
		cmp "$file" kept
	done
}

@test "the picture in README is of what the program prints" {
	expect 0 "" "" "$ROOT/tests/tools/picture" "$CBRUN" "$ROOT/man/session.svg" --check
	sed 's/consecutive failures), retry/failures), retry/' "$ROOT/man/session.svg" >old.svg
	expect 1 "" "picture: old.svg is not what the program prints; run 'make picture'" \
		"$ROOT/tests/tools/picture" "$CBRUN" old.svg --check
}

# What a checker needs to see of the tree, here.
copy_documents() {
	mkdir -p tests/tools
	cp "$ROOT"/tests/tools/{since,links} tests/tools
	cp -r "$ROOT"/tests/released tests
	cp -r "$ROOT"/{contrib,man,Makefile} .
}

@test "what is new and does not say since when is told, and what a release had and is gone" {
	copy_documents
	expect 0 "~1..1
ok 1 - [0-9]+ .*" "" tests/tools/since "$GENERATE" "$CBRUN_REAL"
	sed -i '/^option retries$/d; s/^option jitter$/option jiter/' tests/released/0.1.0
	sed -i '/"since": "0.2.0"/d' contrib/schema/tune.schema.json
	expect 1 "~1..1
not ok 1 .*
# option jiter: 0.1.0 has it, and it is gone
# key tune breakers: says that it is there since 0.1.0; it came with $(real --version | cut -d ' ' -f 2)
.*
# option jitter: says .*
# option retries: says that it is there since 0.1.0; .*" "" tests/tools/since "$GENERATE" "$CBRUN_REAL"
}

@test "a release's list of what it has is that of the next check" {
	copy_documents
	tests/tools/since "$GENERATE" "$CBRUN_REAL" --list >list
	mv list "tests/released/$(real --version | cut -d ' ' -f 2)"
	expect 0 "~1..1
ok 1 .*" "" tests/tools/since "$GENERATE" "$CBRUN_REAL"
}

@test "a document that points to what is not there is told" {
	copy_documents
	echo 'See [this](nothing.md), [that](other.md#no-heading), `make nonsense`, `man cbrun-nothing` and `tests/bats/no.bats`.' >one.md
	printf '# A heading\n\n[it](#a-heading)\n' >other.md
	printf '.Xr cbrun-none 7\n/usr/share/doc/cbrun/examples/none\n' >>man/cbrun-redis.7
	expect 1 "~.*not ok [0-9]+ - what one.md points to is there
# nothing.md does not exist
# other.md#no-heading: other.md has no such heading
# there is no manual page cbrun-nothing
# make has no target nonsense
# tests/bats/no.bats does not exist
ok [0-9]+ - what other.md points to is there
.*not ok [0-9]+ - what man/cbrun-redis.7 points to is there
# there is no manual page cbrun-none\(7\)
# examples/none is not installed.*" "" tests/tools/links
}

@test "the tldr page is of the form that tldr-pages wants, and its commands are what cbrun takes" {
	local page=$ROOT/contrib/tldr/cbrun.md
	assert_equal "$(sed -n 1p "$page")" "# cbrun"
	assert_equal "$(grep -c '^- .*:$' "$page")" "$(grep -c '^`.*`$' "$page")"
	assert [ "$(grep -c '^`.*`$' "$page")" -le 8 ]
	assert_equal "$(grep -vE '^(# |> |- .*:$|`.*`$|$)' "$page")" ""
	sed -nE 's/^`(.*)`$/\1/p' "$page" | grep -v watch |
		sed -E 's/\{\{\[-.\|([a-z-]+)\]\}\}/\1/g; s/\{\{command\}\}/true/; s/\{\{curl .*\}\}/true/; s/[{}]//g' >commands
	assert [ "$(wc -l <commands)" -ge 6 ]
	mkdir bin
	ln -s "$CBRUN" bin/cbrun
	expect 0 "~.*" "~.*" private PATH="$DIR/bin:/usr/bin:/bin" /bin/sh -e ./commands
	refute [ "$(grep -c 'unknown\|invalid' <<<"$stderr")" -gt 0 ]
}

@test "a document that has lost its marks is no fresh one" {
	cp -r "$ROOT/man" "$ROOT/completions" .
	sed -i '/end of generated/d' completions/_cbrun
	expect 1 "completions/_cbrun has no marks for 'zsh'" "" "$ROOT/tests/tools/generated" "$GENERATE" --check
}

# make_in DESTDIR TARGET [VARIABLE=VALUE...]
make_in() {
	env -i PATH=/usr/bin:/bin HOME="$DIR" make --silent --no-print-directory -C "$ROOT" "$2" DESTDIR="$1" "${@:3}"
}

# files DIRECTORY
files() {
	(cd "$1" && find . ! -type d -printf '%P %m\n' | LC_ALL=C sort)
}

@test "make install puts everything where Debian looks for it, and uninstall takes it away again" {
	make_in "$DIR/root" install prefix=/usr
	assert_equal "$(files root)" "usr/bin/cbrun 755
usr/share/bash-completion/completions/cbrun 644
usr/share/doc/cbrun/CHANGELOG.md 644
usr/share/doc/cbrun/README.md 644
usr/share/doc/cbrun/examples/cbrun-alerts.yml 644
usr/share/doc/cbrun/examples/cbrun-dashboard.json 644
usr/share/doc/cbrun/examples/cbrun.conf 644
usr/share/doc/cbrun/examples/hinted-curl 644
usr/share/doc/cbrun/examples/mirror.service 644
usr/share/doc/cbrun/examples/mirror.timer 644
usr/share/doc/cbrun/examples/tldr.md 644
usr/share/doc/cbrun/schema/config.schema.json 644
usr/share/doc/cbrun/schema/history.schema.json 644
usr/share/doc/cbrun/schema/overdue.schema.json 644
usr/share/doc/cbrun/schema/simulate.schema.json 644
usr/share/doc/cbrun/schema/status.schema.json 644
usr/share/doc/cbrun/schema/tune.schema.json 644
usr/share/doc/cbrun/schema/why.schema.json 644
usr/share/fish/vendor_completions.d/cbrun.fish 644
usr/share/man/man1/cbrun.1 644
usr/share/man/man5/cbrun.conf.5 644
usr/share/man/man7/cbrun-compare.7 644
usr/share/man/man7/cbrun-examples.7 644
usr/share/man/man7/cbrun-redis.7 644
usr/share/zsh/vendor-completions/_cbrun 644"
	touch root/usr/share/zsh/vendor-completions/_other
	make_in "$DIR/root" uninstall prefix=/usr
	assert_equal "$(files root)" "usr/share/zsh/vendor-completions/_other 644"
	assert [ ! -e root/usr/share/doc/cbrun ]
}

@test "below /usr/local, zsh's completion is where zsh looks there" {
	make_in "$DIR/root" install
	assert [ -f root/usr/local/share/zsh/site-functions/_cbrun ]
	make_in "$DIR/root" uninstall
	assert_equal "$(files root)" ""
}

@test "the pages that are installed are found and formatted" {
	command -v mandoc >/dev/null || skip "needs mandoc"
	make_in "$DIR/root" install prefix=/usr
	for page in 'man1/cbrun.1 CBRUN(1)' 'man5/cbrun.conf.5 CBRUN.CONF(5)' 'man7/cbrun-examples.7 CBRUN-EXAMPLES(7)' \
		'man7/cbrun-redis.7 CBRUN-REDIS(7)' 'man7/cbrun-compare.7 CBRUN-COMPARE(7)'; do
		expect 0 "" "" mandoc -T lint -W warning "root/usr/share/man/${page% *}"
		expect 0 "${page#* }" "" sh -c 'mandoc -T ascii "$1" | sed "1!d; s/ .*//"' sh "root/usr/share/man/${page% *}"
	done
}
