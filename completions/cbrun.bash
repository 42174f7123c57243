# bash completion for cbrun(1); needs bash-completion 2.

# generated: bash
# subcommands: all of them.
_cbrun_subcommands()
{
	subcommands=(status why check history output overdue metrics report trip reset disable enable
			record probe config doctor simulate tune rename remove help)
}

# options: those of a form.
_cbrun_options()
{
	case $1 in
	guard)
		options=(--name -n --preset --config --failures -f --false-trips --within --failure-rate
			--min-calls --window -w --slow --slow-rate --open-for -o --open-factor --open-max
			--jitter --probes --successes --probe-failures --probe-timeout --timeout -t
			--kill-after -k --signal -s --foreground --preserve-status --kill-tree --output
			--remind --outcomes --hints --success-on --ignore-on --failure-on --max-concurrent -c
			--needs --reject-exit --shadow --retries -r --retry-delay --retry-max --retry-on
			--deadline --wait --stale-ok --fallback --fallback-on --health-check --on-change
			--on-open --on-close --log --store --on-store-error --lock-timeout --store-timeout
			--redis-password-file --redis-prefix --quiet -q --verbose -v --help -h --version -V)
		;;
	status)
		options=(--config --store --lock-timeout --store-timeout --redis-password-file --redis-prefix
			--quiet -q --verbose -v --json --open --sort --exit-code --long -l --watch --color
			--help -h --all)
		;;
	why)
		options=(--config --store --lock-timeout --store-timeout --redis-password-file --redis-prefix
			--quiet -q --verbose -v --json --at --help -h)
		;;
	check)
		options=(--preset --config --failures -f --false-trips --within --failure-rate --min-calls
			--window -w --slow --slow-rate --open-for -o --open-factor --open-max --jitter
			--probes --successes --probe-failures --max-concurrent -c --needs --shadow --store
			--lock-timeout --store-timeout --redis-password-file --redis-prefix --quiet -q
			--verbose -v --help -h)
		;;
	history)
		options=(--config --store --lock-timeout --store-timeout --redis-password-file --redis-prefix
			--quiet -q --verbose -v --json --limit --since --until --transitions --follow --help
			-h --all)
		;;
	output)
		options=(--config --store --lock-timeout --store-timeout --redis-password-file --redis-prefix
			--quiet -q --verbose -v --help -h)
		;;
	overdue)
		options=(--config --store --lock-timeout --store-timeout --redis-password-file --redis-prefix
			--quiet -q --verbose -v --json --help -h --all --expect)
		;;
	metrics)
		options=(--config --store --lock-timeout --store-timeout --redis-password-file --redis-prefix
			--quiet -q --verbose -v --openmetrics --textfile --help -h --all)
		;;
	report)
		options=(--config --store --lock-timeout --store-timeout --redis-password-file --redis-prefix
			--quiet -q --verbose -v --since --help -h --all)
		;;
	trip)
		options=(--config --store --lock-timeout --store-timeout --redis-password-file --redis-prefix
			--quiet -q --verbose -v --help -h --for --all --hold --reason)
		;;
	reset)
		options=(--config --store --lock-timeout --store-timeout --redis-password-file --redis-prefix
			--quiet -q --verbose -v --help -h --all --reason)
		;;
	disable)
		options=(--config --store --lock-timeout --store-timeout --redis-password-file --redis-prefix
			--quiet -q --verbose -v --help -h --for --all --reason)
		;;
	enable)
		options=(--config --store --lock-timeout --store-timeout --redis-password-file --redis-prefix
			--quiet -q --verbose -v --help -h --all --reason)
		;;
	record)
		options=(--preset --config --failures -f --false-trips --within --failure-rate --min-calls
			--window -w --slow --slow-rate --open-for -o --open-factor --open-max --jitter
			--probes --successes --probe-failures --outcomes --success-on --ignore-on --failure-on
			--max-concurrent -c --needs --shadow --store --lock-timeout --store-timeout
			--redis-password-file --redis-prefix --quiet -q --verbose -v --help -h --systemd
			--duration)
		;;
	probe)
		options=(--config --health-check --store --lock-timeout --store-timeout --redis-password-file
			--redis-prefix --quiet -q --verbose -v --help -h --all)
		;;
	config)
		options=(--config --store --lock-timeout --store-timeout --redis-password-file --redis-prefix
			--quiet -q --verbose -v --json --help -h --check)
		;;
	doctor)
		options=(--config --store --lock-timeout --store-timeout --redis-password-file --redis-prefix
			--quiet -q --verbose -v --help -h)
		;;
	simulate)
		options=(--preset --config --failures -f --false-trips --within --failure-rate --min-calls
			--window -w --slow --slow-rate --open-for -o --open-factor --open-max --jitter
			--probes --successes --probe-failures --max-concurrent -c --shadow --store
			--lock-timeout --store-timeout --redis-password-file --redis-prefix --quiet -q
			--verbose -v --json --help -h --from --chart --versus --seed)
		;;
	tune)
		options=(--config --store --lock-timeout --store-timeout --redis-password-file --redis-prefix
			--quiet -q --verbose -v --json --help -h --all --seed)
		;;
	rename)
		options=(--config --store --lock-timeout --store-timeout --redis-password-file --redis-prefix
			--quiet -q --verbose -v --help -h)
		;;
	remove)
		options=(--config --store --lock-timeout --store-timeout --redis-password-file --redis-prefix
			--quiet -q --verbose -v --help -h --all --unused)
		;;
	help)
		options=(--help -h)
		;;
	*) options=() ;;
	esac
}

# value: what an option takes; a switch takes it behind a "=" alone.
_cbrun_value()
{
	case $1 in
	--name | -n) value=(breakers) ;;
	--preset) value=(words none conservative aggressive tolerant cron) ;;
	--config) value=(files) ;;
	--failures | -f) value=(words auto) ;;
	--false-trips) value=(free) ;;
	--within) value=(free) ;;
	--failure-rate) value=(free) ;;
	--min-calls) value=(free) ;;
	--window | -w) value=(free) ;;
	--slow) value=(free) ;;
	--slow-rate) value=(free) ;;
	--open-for | -o) value=(free) ;;
	--open-factor) value=(free) ;;
	--open-max) value=(free) ;;
	--jitter) value=(free) ;;
	--probes) value=(free) ;;
	--successes) value=(free) ;;
	--probe-failures) value=(free) ;;
	--probe-timeout) value=(free) ;;
	--timeout | -t) value=(free) ;;
	--kill-after | -k) value=(free) ;;
	--signal | -s) value=(words HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH POLL PWR SYS RTMIN RTMAX) ;;
	--foreground) value=(switch yes no) ;;
	--preserve-status) value=(switch yes no) ;;
	--kill-tree) value=(switch yes no) ;;
	--output) value=(words always failure change) ;;
	--remind) value=(free) ;;
	--outcomes) value=(words none auto curl wget ssh scp sftp rsync git psql pg_dump pg_isready mysql redis-cli restic borg rclone apt-get dig ping monitoring-plugin) ;;
	--hints) value=(switch yes no) ;;
	--success-on) value=(list any signal timeout HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH POLL PWR SYS RTMIN RTMAX) ;;
	--ignore-on) value=(list any signal timeout HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH POLL PWR SYS RTMIN RTMAX) ;;
	--failure-on) value=(list any signal timeout HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH POLL PWR SYS RTMIN RTMAX) ;;
	--max-concurrent | -c) value=(free) ;;
	--needs) value=(free) ;;
	--reject-exit) value=(free) ;;
	--shadow) value=(switch yes no) ;;
	--retries | -r) value=(free) ;;
	--retry-delay) value=(free) ;;
	--retry-max) value=(free) ;;
	--retry-on) value=(list any signal timeout HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH POLL PWR SYS RTMIN RTMAX) ;;
	--deadline) value=(free) ;;
	--wait) value=(free) ;;
	--stale-ok) value=(free) ;;
	--fallback) value=(commands) ;;
	--fallback-on) value=(list reject failure timeout) ;;
	--health-check) value=(commands) ;;
	--on-change) value=(commands) ;;
	--on-open) value=(commands) ;;
	--on-close) value=(commands) ;;
	--log) value=(free) ;;
	--store) value=(files) ;;
	--on-store-error) value=(words run reject) ;;
	--lock-timeout) value=(free) ;;
	--store-timeout) value=(free) ;;
	--redis-password-file) value=(files) ;;
	--redis-prefix) value=(free) ;;
	--quiet | -q) value=(switch yes no) ;;
	--verbose | -v) value=(switch yes no) ;;
	--sort) value=(words trouble name state since rate calls p95) ;;
	--watch) value=(switch ) ;;
	--color) value=(switch auto always never) ;;
	--limit) value=(free) ;;
	--since) value=(free) ;;
	--until) value=(free) ;;
	--at) value=(free) ;;
	--textfile) value=(files) ;;
	--for) value=(free) ;;
	--unused) value=(free) ;;
	--reason) value=(free) ;;
	--expect) value=(free) ;;
	--duration) value=(free) ;;
	--from) value=(breakers) ;;
	--versus) value=(free) ;;
	--seed) value=(free) ;;
	*) value=() ;;
	esac
}

# value: what the operand of that number of a form is.
_cbrun_operand()
{
	case "$1 $2" in
	status\ *) value=(breakers) ;;
	why\ 1) value=(breakers) ;;
	check\ 1) value=(breakers) ;;
	history\ *) value=(breakers) ;;
	output\ 1) value=(breakers) ;;
	overdue\ *) value=(breakers) ;;
	metrics\ *) value=(breakers) ;;
	report\ *) value=(breakers) ;;
	trip\ *) value=(breakers) ;;
	reset\ *) value=(breakers) ;;
	disable\ *) value=(breakers) ;;
	enable\ *) value=(breakers) ;;
	record\ 1) value=(breakers) ;;
	record\ 2) value=(words success failure timeout ignored) ;;
	probe\ *) value=(breakers) ;;
	config\ 1) value=(breakers) ;;
	config\ 2) value=(free) ;;
	config\ 3) value=(files) ;;
	simulate\ 1) value=(files) ;;
	tune\ *) value=(breakers) ;;
	rename\ 1) value=(breakers) ;;
	rename\ 2) value=(free) ;;
	remove\ *) value=(breakers) ;;
	help\ 1) value=(subcommands) ;;
	*) value=() ;;
	esac
}
# end of generated

# Reads the words in front of the cursor. Sets its caller's
#   form      the subcommand, or "guard"
#   command   where the wrapped command begins; 0: the cursor is in front of it
#   operand   the number of the operand at the cursor, if there stands one
#   ended     whether "--" was there
#   option    the option whose value is at the cursor
#   given     --store and --config, as words
_cbrun_read()
{
	local i word subcommands value
	form=guard command=0 operand=1 ended='' option='' given=()
	_cbrun_subcommands
	if ((cword > 1)) && [[ " ${subcommands[*]} " == *" ${words[1]} "* ]]; then
		form=${words[1]}
	fi
	[[ $form == guard ]] && i=1 || i=2
	for (( ; i < cword && command == 0; i++)); do
		word=${words[i]}
		option=''
		case $ended$word in
		--)
			ended=yes
			;;
		--*=*)
			_cbrun_note "${word%%=*}" "${word#*=}"
			;;
		--*)
			option=$word
			;;
		-?*)
			_cbrun_letters "$word"
			;;
		*)
			[[ $form != guard ]] || command=$i
			((operand++))
			;;
		esac
		_cbrun_value "$option"
		if [[ -z $value || $value == switch ]]; then
			option=''
		elif ((i + 1 < cword)); then
			_cbrun_note "$option" "${words[++i]}"
			option=''
		fi
	done
	if [[ $form == guard && $ended && $command -eq 0 ]]; then
		command=$cword
	fi
}

# Letters: the first that takes a value has it behind it, or, if it is the last, as the next word.
_cbrun_letters()
{
	local i value
	for ((i = 1; i < ${#1}; i++)); do
		_cbrun_value "-${1:i:1}"
		if [[ $value && $value != switch ]]; then
			((i + 1 < ${#1})) || option=-${1:i:1}
			return
		fi
	done
}

# Keeps what says where breakers are, for _cbrun_breakers.
_cbrun_note()
{
	local text=$2
	case $1 in
	--store | --config)
		# as the shell would read it, as far as that is safe to say
		text=${text//[\'\"\\]/}
		[[ $text != '~/'* ]] || text=$HOME/${text#'~/'}
		given+=("$1" "$text")
		;;
	esac
}

# The names of breakers; the status is asked for them, which changes nothing.
_cbrun_breakers()
{
	local name rest
	while read -r name rest; do
		# only what is a name: nothing of it is ever expanded
		if [[ $name == "$cur"* && $name =~ ^[A-Za-z0-9._:/@+][A-Za-z0-9._:/@+-]*$ ]]; then
			COMPREPLY+=("$name")
		fi
	done < <("${program/#'~/'/$HOME/}" status "${given[@]}" 2>/dev/null | tail -n +2)
}

# An item behind the last comma.
_cbrun_list()
{
	local before=
	[[ $cur != *,* ]] || before=${cur%,*},
	COMPREPLY=($(compgen -P "$before" -W "$*" -- "${cur##*,}"))
	compopt -o nospace
}

# What stands at the cursor, by _cbrun_value and _cbrun_operand.
_cbrun_words()
{
	local source=$1 subcommands
	shift
	case $source in
	words | switch) COMPREPLY=($(compgen -W "$*" -- "$cur")) ;;
	list) _cbrun_list "$@" ;;
	breakers) _cbrun_breakers ;;
	files) _filedir ;;
	commands) COMPREPLY=($(compgen -c -- "$cur")) ;;
	subcommands)
		_cbrun_subcommands
		COMPREPLY=($(compgen -W "${subcommands[*]}" -- "$cur"))
		;;
	esac
}

# Readline replaces what stands behind the last of its break characters; it must not get what stands before.
_cbrun_trim()
{
	local breaks=${COMP_WORDBREAKS//[^:@,]/} before i
	[[ $breaks && $cur == *[$breaks]* ]] || return
	before=${cur%"${cur##*[$breaks]}"}
	for i in "${!COMPREPLY[@]}"; do
		COMPREPLY[i]=${COMPREPLY[i]#"$before"}
	done
}

# The wrapped command, with its own completion, which wants to see readline's own words.
_cbrun_command()
{
	local i raw=0 joined
	for ((i = 0; i < command; i++)); do
		joined=
		while [[ $joined != "${words[i]}" ]] && ((raw < COMP_CWORD)); do
			joined+=${COMP_WORDS[raw++]}
		done
	done
	_command_offset "$raw"
}

_cbrun()
{
	local cur prev words cword program=$1
	local form command operand ended option given value=() options=()
	_init_completion -n :=@ || return
	_get_comp_words_by_ref -n :=@ -w words -i cword
	_cbrun_read
	if ((command > 0)); then
		_cbrun_command
		return
	fi
	if [[ -z $option && -z $ended && $cur == --*=* ]]; then
		option=${cur%%=*}
		cur=${cur#*=}
	fi
	if [[ $option ]]; then
		_cbrun_value "$option"
	elif [[ -z $ended && $cur == -* ]]; then
		_cbrun_options "$form"
		value=(words "${options[@]}")
	elif ((cword == 1)); then
		value=(subcommands)
	elif [[ $form == guard ]]; then
		command=$cword
		_cbrun_command
		return
	else
		_cbrun_operand "$form" "$operand"
	fi
	_cbrun_words "${value[@]}"
	_cbrun_trim
} &&
	complete -F _cbrun cbrun
