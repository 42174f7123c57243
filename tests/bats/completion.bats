# completion.bats: what bash, zsh and fish offer at the end of a command line. The shells are real: bash with
# bash-completion, an interactive zsh on a terminal of its own, fish.
load helper

ROOT=$(realpath "$BATS_TEST_DIRNAME/../..")
SHELLS=(bash zsh fish)
[ -z "${BRIEF:-}" ] || [ "$EUID" -eq 0 ] || SHELLS=(bash) # after root's run

setup() {
	make_private
	for shell in "${SHELLS[@]}"; do
		command -v "$shell" >/dev/null || skip "needs $shell"
	done
	mkdir bin home
	ln -s "$CBRUN" bin/cbrun
	printf '#!/bin/sh\n' >bin/tool
	chmod +x bin/tool
	ENVIRONMENT+=(PATH="$DIR/bin:/usr/bin:/bin" HOME="$DIR/home" TERM=dumb COMPLETE_CACHE="$BATS_FILE_TMPDIR")
}

# some_breakers: a store with names that are awkward for a shell.
some_breakers() {
	local name
	for name in api a:1 a:22 db/main m@x a+b; do
		cbrun -n "$name" true
	done
}

# ask SHELL LINE...: what the shell answers to each line.
ask() {
	local shell=$1 completion=cbrun.$1
	shift
	[ "$shell" != zsh ] || completion=_cbrun
	private "$ROOT/tests/tools/complete-$shell" "$ROOT/completions/$completion" "$@"
}

# words LINE: of an answer on standard input, the words offered for the line, sorted, on one line.
words() {
	awk -v line="$1" '
		!/^  / { here = $0 == line; next }
		here { sub(/^  /, ""); sub(/=?(\t.*)?$/, ""); print }' | LC_ALL=C sort -u | paste -sd ' '
}

# offered [SHELL...]: on standard input "LINE|WORD WORD ...": to each line the shells, else all of them, offer exactly
# these words. A line of the input without "|" is refused.
offered() {
	local -a shells=("${@:-${SHELLS[@]}}") wanted=()
	local shell line
	mapfile -t wanted
	for line in "${wanted[@]}"; do
		[[ $line == *'|'* ]] || fail "no |: $line"
	done
	for shell in ${shells[*]}; do
		printf '%s\n' "${wanted[@]}" >wanted
		ask "$shell" "${wanted[@]%%|*}" >answer
		assert_equal "$shell: $(otherwise wanted answer)" "$shell: "
	done
}

# otherwise WANTED ANSWER: the lines to which the answer offers other words than those that are wanted, in any order.
otherwise() {
	awk '
		FNR == NR { at = index($0, "|"); lines[FNR] = $0; wanted[substr($0, 1, at - 1)] = substr($0, at + 1); next }
		!/^  / { here = $0; heard[here]; next }
		{ sub(/^  /, ""); sub(/=?(\t.*)?$/, ""); if (!seen[here, $0]++) { offers[here] = offers[here] " " $0; count[here]++ } }
		END {
			for (line in wanted) {
				same = line in heard && split(wanted[line], words, " ") == count[line] + 0
				for (i in words)
					same = same && seen[line, words[i]]
				if (!same)
					print line "|" wanted[line], "offers:" offers[line]
			}
		}' "$1" "$2"
}

@test "options are offered where options can stand" {
	offered <<-'END'
		cbrun --fa|--failures --false-trips --failure-rate --failure-on --fallback --fallback-on
		cbrun -n api --fore|--foreground
		cbrun -n api -t 5s --succ|--successes --success-on
		cbrun -qn api --kill-a|--kill-after
		cbrun --name=api --pre|--preset --preserve-status
		cbrun status --js|--json
		cbrun status api --js|--json
		cbrun status --o|--open
		cbrun status --so|--sort
		cbrun status --sort s|state since
		cbrun status --fail|
		cbrun trip api --ho|--hold
		cbrun history --li|--limit
		cbrun why --a|--at
		cbrun simulate --see|--seed
		cbrun record api --dur|--duration
		cbrun -n api -- --fail|
		cbrun -n api tool --fail|
		cbrun status -- --js|
		cbrun help --h|--help
	END
}

@test "options are offered with their descriptions in zsh and fish" {
	for shell in zsh fish; do
		run ask "$shell" 'cbrun --failures' 'cbrun status --js' 'cbrun trip --ho'
		assert_line $'  --failures\topen after N failures in a row; 0 = off; auto learns it'
		assert_line $'  --json\tprint JSON'
		assert_line $'  --hold\tstay open until reset'
	done
}

@test "the first word is a subcommand or an option" {
	all=$(cbrun help | sed -n 's/^  \([a-z]\+\) .*/\1/p' | paste -sd ' ')
	assert [ "$(wc -w <<<"$all")" -ge 12 ]
	offered <<-END
		cbrun |$all
		cbrun st|status
		cbrun xyz|
		cbrun help |$all
		cbrun help hi|history
	END
	for shell in zsh fish; do
		run ask "$shell" 'cbrun hel'
		assert_line $'  help\tShow how cbrun or a subcommand is used'
	done
}

@test "values that are words are offered" {
	offered <<-'END'
		cbrun --preset |none conservative aggressive tolerant cron
		cbrun --preset c|conservative cron
		cbrun --preset=c|--preset=conservative --preset=cron
		cbrun -n api --on-store-error |run reject
		cbrun --output=|--output=always --output=failure --output=change
		cbrun check api --preset=a|--preset=aggressive
		cbrun --shadow=|--shadow=yes --shadow=no
		cbrun --quiet=n|--quiet=no
		cbrun record api |success failure timeout ignored
		cbrun record api f|failure
		cbrun record --duration 5s api f|failure
	END
}

@test "signals are offered by their names" {
	all=$(ask bash 'cbrun -s ' | words 'cbrun -s ')
	offered <<-END
		cbrun -s |$all
		cbrun -s TE|TERM
		cbrun --signal=US|--signal=USR1 --signal=USR2
		cbrun --signal RTM|RTMIN RTMAX
	END
	for signal in $all; do
		expect 0 "" "" cbrun -n api --signal "$signal" true
	done
}

@test "items of a list are offered behind each comma" {
	offered <<-'END'
		cbrun --ignore-on SE|SEGV
		cbrun --ignore-on 1,5-7,SE|1,5-7,SEGV
		cbrun --failure-on=t|--failure-on=timeout
		cbrun -f |auto
		cbrun --failure-on=any,sig|--failure-on=any,signal
		cbrun --fallback-on f|failure
		cbrun --fallback-on reject,f|reject,failure
	END
	assert_equal "$(cbrun -n api --ignore-on 1,5-7,SEGV --failure-on timeout --fallback-on reject,failure echo ok)" ok
}

@test "nothing is offered for numbers, durations and texts" {
	touch 5-files-here
	offered <<-'END'
		cbrun --retries |
		cbrun --open-for |
		cbrun --open-for=|
		cbrun -n api -w |
		cbrun trip --reason |
		cbrun trip --for |
	END
}

@test "files are offered for --store, --config and the trace of simulate" {
	mkdir deep
	touch deep/trace-1 deep/trace-2
	for shell in bash fish; do
		offered "$shell" <<-'END'
			cbrun --store deep/tr|deep/trace-1 deep/trace-2
			cbrun status --config deep/trace-1|deep/trace-1
			cbrun simulate deep/trace-2|deep/trace-2
			cbrun simulate -f 3 deep/trace-2|deep/trace-2
			cbrun simulate deep/trace-1 deep/tr|
		END
	done
	# zsh offers what stands behind the directory
	for line in 'cbrun --store deep/tr' 'cbrun status --config deep/tr' 'cbrun simulate -f 3 deep/tr'; do
		run ask zsh "$line"
		assert_line --regexp '^  .*trace-1$'
		assert_line --regexp '^  .*trace-2$'
	done
}

@test "commands are offered for what the shell shall run" {
	offered <<-'END'
		cbrun --fallback too|tool
		cbrun --on-open too|tool
	END
}

# --- the names of breakers ---

@test "names of breakers are offered where one belongs" {
	some_breakers
	offered <<-'END'
		cbrun -n |a+b a:1 a:22 api db/main m@x
		cbrun -n a|a+b a:1 a:22 api
		cbrun --name ap|api
		cbrun --name=ap|--name=api
		cbrun -f 3 -n ap|api
		cbrun -qn ap|api
		cbrun status |a+b a:1 a:22 api db/main m@x
		cbrun status api d|db/main
		cbrun status --json d|db/main
		cbrun check d|db/main
		cbrun check api d|
		cbrun history d|db/main
		cbrun trip --for 5s api d|db/main
		cbrun reset d|db/main
		cbrun disable d|db/main
		cbrun enable d|db/main
		cbrun remove d|db/main
		cbrun config d|db/main
		cbrun record d|db/main
		cbrun simulate --from d|db/main
		cbrun status -- d|db/main
	END
}

@test "names with characters that are special to a shell are offered whole" {
	some_breakers
	offered <<-'END'
		cbrun -n a:|a:1 a:22
		cbrun -n a:2|a:22
		cbrun --name=a:|--name=a:1 --name=a:22
		cbrun --name=a:2|--name=a:22
		cbrun status a:1 a:2|a:22
		cbrun -n db/|db/main
		cbrun --name=db/m|--name=db/main
		cbrun -n m@|m@x
		cbrun -n a+|a+b
	END
}

@test "names come with their states in zsh and fish" {
	opened api
	cbrun -n held true
	cbrun trip held --hold
	run ask fish 'cbrun status '
	assert_line $'  api\topen'
	assert_line $'  held\topen, held'
	run ask zsh 'cbrun status ap' 'cbrun status he'
	assert_line $'  api\topen'
	assert_line $'  held\topen, held'
}

@test "names come from the store that the line names" {
	cbrun -n here true
	cbrun --store "$DIR/other/cbrun.db" -n there true
	printf '[default]\nstore = %s\n' "$DIR/other/cbrun.db" >other.conf
	here=/proc/self/cwd # $DIR, but without a blank in it
	offered <<-END
		cbrun -n |here
		cbrun --store $here/other/cbrun.db -n |there
		cbrun --store=$here/other/cbrun.db -n |there
		cbrun --store other/cbrun.db --name=|--name=there
		cbrun status --store $here/other/cbrun.db |there
		cbrun --store $here/none/cbrun.db -n |
	END
	ENVIRONMENT+=(CBRUN_STORE=)
	offered <<-END
		cbrun --config $here/other.conf -n |there
		cbrun status --config=other.conf |there
	END
	mkdir home/state
	cp other/* home/state/
	offered <<-END
		cbrun --store ~/state/cbrun.db -n |there
	END
}

@test "names come from the cbrun that is typed" {
	cbrun -n api true
	ln -s "$CBRUN" home/cbrun
	ln -sf /bin/false bin/cbrun
	offered <<-'END'
		home/cbrun -n |api
		home/cbrun status |api
	END
	# fish completes no command that begins with a tilde
	offered bash zsh <<-'END'
		~/cbrun -n |api
	END
}

@test "looking for names changes no store" {
	some_breakers
	half_opened late
	before=$(fingerprint "$DIR/store")
	offered <<-'END'
		cbrun -n l|late
		cbrun status l|late
	END
	assert_equal "$(fingerprint "$DIR/store")" "$before"
}

@test "looking for names makes no store" {
	offered <<-'END'
		cbrun -n |
		cbrun status |
		cbrun trip --store made/cbrun.db |
	END
	assert [ ! -e store ]
	assert [ ! -e made ]
}

@test "nothing is shown or offered if the store cannot be read" {
	cbrun -n api true
	rm -f "$STORE"-*
	head -c 8192 /dev/urandom >"$STORE"
	for shell in "${SHELLS[@]}"; do
		run --separate-stderr ask "$shell" 'cbrun -n '
		assert_output 'cbrun -n '
		assert_equal "$stderr" ""
	done
}

@test "a name that no cbrun has made is neither offered nor run" {
	cbrun -n api true
	cbrun -n other true
	sqlite3 "$STORE" "UPDATE breaker SET name = '\$(touch\${IFS}ran)' WHERE name = 'other'"
	offered <<-'END'
		cbrun -n |api
	END
	assert [ ! -e ran ]
}

# --- the wrapped command ---

@test "the wrapped command is offered as a command" {
	offered <<-'END'
		cbrun -n api too|tool
		cbrun -n api -- too|tool
		cbrun --name=api -q -t 5s too|tool
		cbrun -n a:1 --shadow=no too|tool
		cbrun -n api -- --x|
	END
}

@test "the wrapped command completes its own words" {
	offered <<-'END'
		cbrun -n api tool al|alpha
		cbrun -n api -- tool al|alpha
		cbrun -n api -- tool x y b|beta
		cbrun -n a:1 --ignore-on=1,2 -qv -w 5m tool --g|--gamma
		cbrun -n api tool --preset x al|alpha
		cbrun -n api tool status al|alpha
		cbrun -n api -- tool -- al|alpha
	END
}

@test "the wrapped command sees its own words alone" {
	offered <<-'END'
		cbrun -n api tool t|tool.1
		cbrun -n a:1 -- tool t|tool.1
		cbrun --name=a:1 --window=5m -- tool x y t|tool.3
		cbrun -qn x -f3 tool x t|tool.2
	END
}

# --- a person types ---

# terminal WORD...: a command of tmux to the server that $TERMINAL names.
terminal() {
	tmux -S "$DIR/$TERMINAL.tmux" -f /dev/null "$@"
}

# on_screen TEXT: the terminal shows it.
on_screen() {
	terminal capture-pane -p | grep -qF -- "$1"
}

# typed SHELL [OPTION...]: an interactive shell, and somebody who types the beginning of a name, Tab, that of the
# command, Tab, that of its word, Tab.
typed() {
	TERMINAL=$1
	terminal new-session -d -x 120 -y 20 env -i "${ENVIRONMENT[@]}" TERM=screen "$@"
	eventually on_screen ready:
	terminal send-keys 'cbrun -n a:2' Tab
	eventually on_screen 'cbrun -n a:22'
	terminal send-keys 'too' Tab
	eventually on_screen 'cbrun -n a:22 tool'
	terminal send-keys 'al' Tab
	eventually on_screen 'cbrun -n a:22 tool alpha'
	terminal kill-server
}

teardown() {
	for TERMINAL in "${SHELLS[@]}"; do
		terminal kill-server 2>/dev/null || :
	done
	stop_all
}

@test "on a terminal, Tab completes a name, the command and its word" {
	command -v tmux >/dev/null || skip "needs tmux"
	some_breakers
	cat >rc.bash <<-END
		. /usr/share/bash-completion/bash_completion
		. "$ROOT/completions/cbrun.bash"
		complete -W 'alpha beta' tool
		PS1=ready:
	END
	typed bash --noprofile --rcfile rc.bash -i
	cat >home/.zshrc <<-END
		fpath=("$ROOT/completions" \$fpath)
		autoload -Uz compinit
		compinit -u -C -d "$BATS_FILE_TMPDIR/zcompdump"
		_tool() { compadd alpha beta }
		compdef _tool tool
		PS1=ready:
	END
	typed zsh -i
	mkdir -p home/.config/fish
	cat >home/.config/fish/config.fish <<-END
		set -p fish_complete_path "$ROOT/completions"
		complete -c tool -f -a 'alpha beta'
		function fish_prompt; echo -n ready:; end
		set -g fish_greeting
	END
	typed fish -i
}
