# fish completion for cbrun(1)

# Reads the words in front of the cursor. Prints the form, which is a subcommand, "guard", or, behind the
# options of a guarded run, "command"; then the words that are no options, a line each.
function __cbrun_read
    set -l words (commandline -opc)
    set -e words[1]
    set -l form guard
    set -l operands
    set -l ended
    if contains -- "$words[1]" (__cbrun_subcommands | string replace -r '\t.*' '')
        set form $words[1]
        set -e words[1]
    end
    while set -q words[1]
        set -l word $words[1]
        set -e words[1]
        if set -q ended[1]; or not string match -q -- '-?*' $word
            set -a operands $word
            if test $form = guard
                set form command
                set -a operands $words
                break
            end
        else if test $word = --
            set ended yes
        else if __cbrun_takes_next $word
            set -e words[1]
        end
    end
    if test $form = guard; and set -q ended[1]
        set form command
    end
    printf '%s\n' $form $operands
end

# Whether an option, or the last of some letters, has its value in the next word.
function __cbrun_takes_next
    if string match -q -- '--*' $argv[1]
        __cbrun_takes_value $argv[1]
        return
    end
    set -l letters (string split '' -- (string sub -s 2 -- $argv[1]))
    while set -q letters[1]
        if __cbrun_takes_value -$letters[1]
            not set -q letters[2]
            return
        end
        set -e letters[1]
    end
    return 1
end

function __cbrun_first
    test (count (commandline -opc)) -eq 1
end

# Whether options of one of these forms can stand at the cursor.
function __cbrun_in
    set -l read (__cbrun_read)
    contains -- $read[1] $argv
end

# __cbrun_operand FORM [NUMBER]: whether an operand can, and the one of that number.
function __cbrun_operand
    set -l read (__cbrun_read)
    test $read[1] = $argv[1]
    and begin
        test -z "$argv[2]"
        or test (count $read) -eq $argv[2]
    end
end

# The names of breakers, each with its state; the status is asked for them, which changes nothing.
function __cbrun_breakers
    set -l words (commandline -opc | string replace -r '^~/' $HOME/)
    set -l program $words[1]
    set -l given
    while set -q words[1]
        switch $words[1]
            case '--store=*' '--config=*'
                set -a given $words[1]
            case --store --config
                set -a given $words[1..2]
        end
        set -e words[1]
    end
    # only what is a name
    $program status $given 2>/dev/null | tail -n +2 |
        string replace -rf '^([A-Za-z0-9._:/@+][A-Za-z0-9._:/@+-]*) +([a-z-]+(, [a-z]+)?) .*' '$1\t$2'
end

# Words behind the last comma.
function __cbrun_list
    set -l before (commandline -ct | string replace -r -- '^--[^=]*=' '' | string match -r -- '.*,')
    printf "$before%s\n" $argv
end

# Command lines for the shell, as far as their first word.
function __cbrun_commands
    set -l token (commandline -ct | string replace -r -- '^--[^=]*=' '')
    complete --do-complete="$token"
end

# The wrapped command, and its own completion.
function __cbrun_command
    set -l read (__cbrun_read)
    set -l line (string join ' ' -- (string escape -- $read[2..-1]) (commandline -ct))
    complete --do-complete="$line"
end

complete -c cbrun -f
complete -c cbrun -n __cbrun_first -a '(__cbrun_subcommands)'
complete -c cbrun -n '__cbrun_in command' -a '(__cbrun_command)'
complete -c cbrun -n '__cbrun_in guard; and not __cbrun_first' -a '(__cbrun_command)'

# generated: fish
# Whether the value of an option is the next word.
function __cbrun_takes_value
    contains -- $argv[1] \
        --name -n \
        --preset \
        --config \
        --failures -f \
        --false-trips \
        --within \
        --failure-rate \
        --min-calls \
        --window -w \
        --slow \
        --slow-rate \
        --open-for -o \
        --open-factor \
        --open-max \
        --jitter \
        --probes \
        --successes \
        --probe-failures \
        --probe-timeout \
        --timeout -t \
        --kill-after -k \
        --signal -s \
        --output \
        --remind \
        --outcomes \
        --success-on \
        --ignore-on \
        --failure-on \
        --max-concurrent -c \
        --needs \
        --reject-exit \
        --retries -r \
        --retry-delay \
        --retry-max \
        --retry-on \
        --deadline \
        --wait \
        --stale-ok \
        --fallback \
        --fallback-on \
        --health-check \
        --on-change \
        --on-open \
        --on-close \
        --log \
        --store \
        --on-store-error \
        --lock-timeout \
        --store-timeout \
        --redis-password-file \
        --redis-prefix \
        --sort \
        --limit \
        --since \
        --until \
        --at \
        --textfile \
        --for \
        --unused \
        --reason \
        --expect \
        --duration \
        --from \
        --versus \
        --seed
end

function __cbrun_subcommands
    printf '%s\t%s\n' status 'Show breakers: state, counts, and why'
    printf '%s\t%s\n' why 'Explain why a breaker is open, or was, and what would have helped'
    printf '%s\t%s\n' check 'Tell by the exit status whether a call would be let in'
    printf '%s\t%s\n' history 'Show breakers\' calls and transitions, oldest first'
    printf '%s\t%s\n' output 'Print what the first and the last failed call wrote'
    printf '%s\t%s\n' overdue 'Tell which breakers were not called, or did not succeed, in time'
    printf '%s\t%s\n' metrics 'Print metrics for Prometheus'
    printf '%s\t%s\n' report 'Print what breakers went through lately, as a page of HTML'
    printf '%s\t%s\n' trip 'Open breakers by hand'
    printf '%s\t%s\n' reset 'Close breakers and clear what they remember'
    printf '%s\t%s\n' disable 'Let every call run, whatever happens, until \'enable\''
    printf '%s\t%s\n' enable 'Put disabled breakers back to work, afresh'
    printf '%s\t%s\n' record 'Count a call that ran elsewhere'
    printf '%s\t%s\n' probe 'Run the health checks of breakers that are due'
    printf '%s\t%s\n' config 'Show each setting\'s value and where it comes from; check the files'
    printf '%s\t%s\n' doctor 'Look the store over, and say what is wrong and what to do'
    printf '%s\t%s\n' simulate 'Try a policy on a trace, without a store and without waiting'
    printf '%s\t%s\n' tune 'Find the policy that would have served the recorded runs best'
    printf '%s\t%s\n' rename 'Give a breaker another name; it keeps all that it knows'
    printf '%s\t%s\n' remove 'Forget breakers and their history'
    printf '%s\t%s\n' help 'Show how cbrun or a subcommand is used'
end

complete -c cbrun -n '__cbrun_in guard' -s n -l name -x -a '(__cbrun_breakers)' -d 'which breaker guards the command'
complete -c cbrun -n '__cbrun_in guard check record simulate' -l preset -x -a 'none conservative aggressive tolerant cron' -d 'start from conservative, aggressive, tolerant or cron'
complete -c cbrun -n '__cbrun_in guard status why check history output overdue metrics report trip reset disable enable record probe config doctor simulate tune rename remove' -l config -r -F -d 'read this file instead of the usual ones'
complete -c cbrun -n '__cbrun_in guard check record simulate' -s f -l failures -x -a 'auto' -d 'open after N failures in a row; 0 = off; auto learns it'
complete -c cbrun -n '__cbrun_in guard check record simulate' -l false-trips -x -d 'with --failures auto, accept N openings in DUR while the service is healthy'
complete -c cbrun -n '__cbrun_in guard check record simulate' -l within -x -d 'let --failures count the failures of the last DUR instead'
complete -c cbrun -n '__cbrun_in guard check record simulate' -l failure-rate -x -d 'open when this share of the window\'s calls failed; 0 = off'
complete -c cbrun -n '__cbrun_in guard check record simulate' -l min-calls -x -d 'calls the window must hold before a rate counts'
complete -c cbrun -n '__cbrun_in guard check record simulate' -s w -l window -x -d 'rates look at the last N calls or, with a unit, the last DUR'
complete -c cbrun -n '__cbrun_in guard check record simulate' -l slow -x -d 'a call longer than DUR is slow'
complete -c cbrun -n '__cbrun_in guard check record simulate' -l slow-rate -x -d 'open when this share of the window\'s calls was slow; 0 = off'
complete -c cbrun -n '__cbrun_in guard check record simulate' -s o -l open-for -x -d 'reject for DUR before trial calls are let through'
complete -c cbrun -n '__cbrun_in guard check record simulate' -l open-factor -x -d 'each reopening lasts X times longer'
complete -c cbrun -n '__cbrun_in guard check record simulate' -l open-max -x -d 'no reopening lasts longer than DUR'
complete -c cbrun -n '__cbrun_in guard check record simulate' -l jitter -x -d 'lengthen an open period by up to PCT at random'
complete -c cbrun -n '__cbrun_in guard check record simulate' -l probes -x -d 'trial calls that may run at once while half-open'
complete -c cbrun -n '__cbrun_in guard check record simulate' -l successes -x -d 'successful trial calls that close the breaker'
complete -c cbrun -n '__cbrun_in guard check record simulate' -l probe-failures -x -d 'failed trial calls that open it again'
complete -c cbrun -n '__cbrun_in guard' -l probe-timeout -x -d 'a shorter time limit for trial calls'
complete -c cbrun -n '__cbrun_in guard' -s t -l timeout -x -d 'time limit of the command; 0 = none'
complete -c cbrun -n '__cbrun_in guard' -s k -l kill-after -x -d 'send KILL this long after the time limit; 0 = never'
complete -c cbrun -n '__cbrun_in guard' -s s -l signal -x -a 'HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH POLL PWR SYS RTMIN RTMAX' -d 'signal to send at the time limit'
complete -c cbrun -n '__cbrun_in guard' -l foreground -a 'yes no' -d 'stay in the process group of the caller'
complete -c cbrun -n '__cbrun_in guard' -l preserve-status -a 'yes no' -d 'at the time limit, exit with the command\'s own status'
complete -c cbrun -n '__cbrun_in guard' -l kill-tree -a 'yes no' -d 'also signal descendants that left the process group'
complete -c cbrun -n '__cbrun_in guard' -l output -x -a 'always failure change' -d 'print output always, on failure, or on change'
complete -c cbrun -n '__cbrun_in guard' -l remind -x -d 'with --output change, say every DUR that it is still broken'
complete -c cbrun -n '__cbrun_in guard record' -l outcomes -x -a 'none auto curl wget ssh scp sftp rsync git psql pg_dump pg_isready mysql redis-cli restic borg rclone apt-get dig ping monitoring-plugin' -d 'judge exit statuses by what \'cbrun help outcomes\' says of PROGRAM, or auto'
complete -c cbrun -n '__cbrun_in guard' -l hints -a 'yes no' -d 'let the command report its outcome through $BREAKER_HINT_FD'
complete -c cbrun -n '__cbrun_in guard record' -l success-on -x -a '(__cbrun_list any signal timeout HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH POLL PWR SYS RTMIN RTMAX)' -d 'outcomes that are successes'
complete -c cbrun -n '__cbrun_in guard record' -l ignore-on -x -a '(__cbrun_list any signal timeout HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH POLL PWR SYS RTMIN RTMAX)' -d 'outcomes that count as neither'
complete -c cbrun -n '__cbrun_in guard record' -l failure-on -x -a '(__cbrun_list any signal timeout HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH POLL PWR SYS RTMIN RTMAX)' -d 'only these are failures; the rest are successes'
complete -c cbrun -n '__cbrun_in guard check record simulate' -s c -l max-concurrent -x -d 'commands of this breaker that may run at once; 0 = no limit'
complete -c cbrun -n '__cbrun_in guard check record' -l needs -x -d 'reject calls while one of these breakers is open or held'
complete -c cbrun -n '__cbrun_in guard' -l reject-exit -x -d 'exit status of a rejected call'
complete -c cbrun -n '__cbrun_in guard check record simulate' -l shadow -a 'yes no' -d 'evaluate everything, reject nothing'
complete -c cbrun -n '__cbrun_in guard' -s r -l retries -x -d 'further attempts after a failed one'
complete -c cbrun -n '__cbrun_in guard' -l retry-delay -x -d 'wait a random time up to DUR, doubled each time'
complete -c cbrun -n '__cbrun_in guard' -l retry-max -x -d 'never wait longer than DUR between attempts'
complete -c cbrun -n '__cbrun_in guard' -l retry-on -x -a '(__cbrun_list any signal timeout HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH POLL PWR SYS RTMIN RTMAX)' -d 'retry only after these failures'
complete -c cbrun -n '__cbrun_in guard' -l deadline -x -d 'time limit of the whole call: attempts, delays and waiting'
complete -c cbrun -n '__cbrun_in guard' -l wait -x -d 'wait up to DUR to be let in'
complete -c cbrun -n '__cbrun_in guard' -l stale-ok -x -d 'print the last good output if it is no older than DUR'
complete -c cbrun -n '__cbrun_in guard' -l fallback -x -a '(__cbrun_commands)' -d 'run sh -c CMD instead; its exit status is the result'
complete -c cbrun -n '__cbrun_in guard' -l fallback-on -x -a '(__cbrun_list reject failure timeout)' -d 'also run it after a call that ended as failure or timeout'
complete -c cbrun -n '__cbrun_in guard probe' -l health-check -x -a '(__cbrun_commands)' -d 'before a trial call, run sh -c CMD, which must succeed'
complete -c cbrun -n '__cbrun_in guard' -l on-change -x -a '(__cbrun_commands)' -d 'run sh -c CMD after each transition'
complete -c cbrun -n '__cbrun_in guard' -l on-open -x -a '(__cbrun_commands)' -d 'run sh -c CMD after the breaker has opened'
complete -c cbrun -n '__cbrun_in guard' -l on-close -x -a '(__cbrun_commands)' -d 'run sh -c CMD after it has closed'
complete -c cbrun -n '__cbrun_in guard' -l log -x -d 'log transitions to syslog, journal or a file'
complete -c cbrun -n '__cbrun_in guard status why check history output overdue metrics report trip reset disable enable record probe config doctor simulate tune rename remove' -l store -r -F -d 'where state lives: a file, or a Redis server for several hosts'
complete -c cbrun -n '__cbrun_in guard' -l on-store-error -x -a 'run reject' -d 'what to do when the store cannot be used: run or reject'
complete -c cbrun -n '__cbrun_in guard status why check history output overdue metrics report trip reset disable enable record probe config doctor simulate tune rename remove' -l lock-timeout -x -d 'longest wait for another process\'s transaction'
complete -c cbrun -n '__cbrun_in guard status why check history output overdue metrics report trip reset disable enable record probe config doctor simulate tune rename remove' -l store-timeout -x -d 'longest wait for a store that hosts share'
complete -c cbrun -n '__cbrun_in guard status why check history output overdue metrics report trip reset disable enable record probe config doctor simulate tune rename remove' -l redis-password-file -r -F -d 'read the server\'s password from this file\'s first line'
complete -c cbrun -n '__cbrun_in guard status why check history output overdue metrics report trip reset disable enable record probe config doctor simulate tune rename remove' -l redis-prefix -x -d 'prefix of the server\'s keys'
complete -c cbrun -n '__cbrun_in guard status why check history output overdue metrics report trip reset disable enable record probe config doctor simulate tune rename remove' -s q -d 'print no messages'
complete -c cbrun -n '__cbrun_in guard status why check history output overdue metrics report trip reset disable enable record probe config doctor simulate tune rename remove' -l quiet -a 'yes no' -d 'print no messages'
complete -c cbrun -n '__cbrun_in guard status why check history output overdue metrics report trip reset disable enable record probe config doctor simulate tune rename remove' -s v -d 'say what is decided and which signals are sent'
complete -c cbrun -n '__cbrun_in guard status why check history output overdue metrics report trip reset disable enable record probe config doctor simulate tune rename remove' -l verbose -a 'yes no' -d 'say what is decided and which signals are sent'
complete -c cbrun -n '__cbrun_in status why history overdue config simulate tune' -l json -d 'print JSON'
complete -c cbrun -n '__cbrun_in status' -l open -d 'show only breakers that are open, half-open or disabled'
complete -c cbrun -n '__cbrun_in status' -l sort -x -a 'trouble name state since rate calls p95' -d 'order by trouble, name, state, since, rate, calls or p95'
complete -c cbrun -n '__cbrun_in status' -l exit-code -d 'exit with 2 if a breaker is open, else 1 if one is half-open'
complete -c cbrun -n '__cbrun_in status' -s l -l long -d 'show each breaker in full'
complete -c cbrun -n '__cbrun_in status' -l watch -a '' -d 'look again every DUR (2s if not given), until Ctrl-C'
complete -c cbrun -n '__cbrun_in status' -l color -a 'auto always never' -d 'auto, always or never'
complete -c cbrun -n '__cbrun_in history' -l limit -x -d 'only the last N events; 0 = all'
complete -c cbrun -n '__cbrun_in history report' -l since -x -d 'only what happened at TIME or later; by default, a report covers the last 7d'
complete -c cbrun -n '__cbrun_in history' -l until -x -d 'only what happened up to TIME'
complete -c cbrun -n '__cbrun_in history' -l transitions -d 'only transitions, no calls'
complete -c cbrun -n '__cbrun_in history' -l follow -d 'then print events as they come'
complete -c cbrun -n '__cbrun_in why' -l at -x -d 'explain the incident at TIME, or the last one before it'
complete -c cbrun -n '__cbrun_in metrics' -l openmetrics -d 'print OpenMetrics instead of Prometheus\' text format'
complete -c cbrun -n '__cbrun_in metrics' -l textfile -r -F -d 'replace FILE, for node_exporter, instead of printing'
complete -c cbrun -n '__cbrun_in guard status why check history output overdue metrics report trip reset disable enable record probe config doctor simulate tune rename remove help' -s h -l help -d 'print a usage summary'
complete -c cbrun -n '__cbrun_in guard' -s V -l version -d 'print the version'
complete -c cbrun -n '__cbrun_in trip disable' -l for -x -d 'how long; by default, trip uses --open-for, and disable lasts until enable'
complete -c cbrun -n '__cbrun_in status history overdue metrics report trip reset disable enable probe tune remove' -l all -d 'all breakers, instead of names'
complete -c cbrun -n '__cbrun_in config' -l check -d 'report every mistake in the files, or in FILE'
complete -c cbrun -n '__cbrun_in trip' -l hold -d 'stay open until reset'
complete -c cbrun -n '__cbrun_in remove' -l unused -x -d 'only those that were not called for DUR'
complete -c cbrun -n '__cbrun_in trip reset disable enable' -l reason -x -d 'why, for status and history'
complete -c cbrun -n '__cbrun_in overdue' -l expect -x -d 'longest expected time between calls, and between successes; 0 = learn it'
complete -c cbrun -n '__cbrun_in record' -l systemd -d 'take the outcome that systemd gives ExecStopPost='
complete -c cbrun -n '__cbrun_in record' -l duration -x -d 'how long the call took'
complete -c cbrun -n '__cbrun_in simulate' -l from -x -a '(__cbrun_breakers)' -d 'replay this breaker\'s recorded history'
complete -c cbrun -n '__cbrun_in simulate' -l chart -d 'sum up for people, with a chart of states, failed and rejected calls'
complete -c cbrun -n '__cbrun_in simulate' -l versus -x -d 'also try the policy with these options over it, and compare'
complete -c cbrun -n '__cbrun_in simulate tune' -l seed -x -d 'seed of the random numbers for --jitter'
complete -c cbrun -n '__cbrun_operand status' -x -a '(__cbrun_breakers)'
complete -c cbrun -n '__cbrun_operand why 1' -x -a '(__cbrun_breakers)'
complete -c cbrun -n '__cbrun_operand check 1' -x -a '(__cbrun_breakers)'
complete -c cbrun -n '__cbrun_operand history' -x -a '(__cbrun_breakers)'
complete -c cbrun -n '__cbrun_operand output 1' -x -a '(__cbrun_breakers)'
complete -c cbrun -n '__cbrun_operand overdue' -x -a '(__cbrun_breakers)'
complete -c cbrun -n '__cbrun_operand metrics' -x -a '(__cbrun_breakers)'
complete -c cbrun -n '__cbrun_operand report' -x -a '(__cbrun_breakers)'
complete -c cbrun -n '__cbrun_operand trip' -x -a '(__cbrun_breakers)'
complete -c cbrun -n '__cbrun_operand reset' -x -a '(__cbrun_breakers)'
complete -c cbrun -n '__cbrun_operand disable' -x -a '(__cbrun_breakers)'
complete -c cbrun -n '__cbrun_operand enable' -x -a '(__cbrun_breakers)'
complete -c cbrun -n '__cbrun_operand record 1' -x -a '(__cbrun_breakers)'
complete -c cbrun -n '__cbrun_operand record 2' -x -a 'success failure timeout ignored'
complete -c cbrun -n '__cbrun_operand probe' -x -a '(__cbrun_breakers)'
complete -c cbrun -n '__cbrun_operand config 1' -x -a '(__cbrun_breakers)'
complete -c cbrun -n '__cbrun_operand config 2' -x
complete -c cbrun -n '__cbrun_operand config 3' -r -F
complete -c cbrun -n '__cbrun_operand simulate 1' -r -F
complete -c cbrun -n '__cbrun_operand tune' -x -a '(__cbrun_breakers)'
complete -c cbrun -n '__cbrun_operand rename 1' -x -a '(__cbrun_breakers)'
complete -c cbrun -n '__cbrun_operand rename 2' -x
complete -c cbrun -n '__cbrun_operand remove' -x -a '(__cbrun_breakers)'
complete -c cbrun -n '__cbrun_operand help 1' -x -a '(__cbrun_subcommands)'
# end of generated
