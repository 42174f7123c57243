/* options.c: the rows. */
#include "settings/options.h"

#include "base/nearest.h"
#include "settings/preset.h"

#include <string.h>

#define FIELD(member) offsetof(struct settings, member)

/* A guarded run, and configuration: what is said of a call but is not the breaker's policy. */
#define SCOPE_CALL (SCOPE_GUARD | SCOPE_CONFIG)

static const char *const output_words[] = {"always", "failure", "change", NULL};
static const char *const fallback_words[] = {"reject", "failure", "timeout", NULL};
static const char *const sort_words[] = {"trouble", "name", "state", "since", "rate", "calls", "p95", NULL};
static const char *const colour_words[] = {"auto", "always", "never", NULL};
static const char *const on_store_error_words[] = {"run", "reject", NULL};

/* clang-format off: a row reads better in its own lines */
const struct option_row option_rows[] = {
	/* the breaker */
	{.name = "name", .letter = 'n', .kind = OPTION_NAME, .group = GROUP_BREAKER,
	 .scope = SCOPE_GUARD, .field = FIELD(name), .argument = "NAME",
	 .help = "which breaker guards the command",
	 .detail = "{host} in it stands for the host of the command's first word that is a URL, user@host, host:path "
	           "or host::module, in lower case, or none; {command} for the command's base name. "
	           "A word that only looks like host:path counts where no URL and no user@host is. Quote the braces"},
	{.name = "preset", .kind = OPTION_CHOICE, .group = GROUP_BREAKER,
	 .scope = SCOPE_POLICY, .field = FIELD(preset), .fallback = "none", .argument = "NAME",
	 .choices = preset_names,
	 .help = "start from conservative, aggressive, tolerant or cron",
	 .detail = "Every other option counts before the preset, wherever it is set"},
	{.name = "config", .kind = OPTION_TEXT, .group = GROUP_BREAKER,
	 .scope = SCOPE_ALL, .field = FIELD(config), .argument = "FILE",
	 .help = "read this file instead of the usual ones"},

	/* when it opens */
	{.name = "failures", .letter = 'f', .kind = OPTION_FAILURES, .group = GROUP_OPENING,
	 .scope = SCOPE_POLICY, .field = FIELD(policy.failures), .max = POLICY_MAX_COUNT,
	 .fallback = "5", .argument = "N|auto",
	 .help = "open after N failures in a row; 0 = off; auto learns it",
	 .detail = "With auto it learns, while it is closed, how often calls fail in health and how often they come, and opens when so "
	           "many failures so close together would be rarer in health than --false-trips allows. It takes two failures at least, "
	           "and no setting else: --failure-rate is then off unless given, and --within has nothing to count"},
	{.name = "false-trips", .since = "0.2.0", .kind = OPTION_OFTEN, .group = GROUP_OPENING,
	 .scope = SCOPE_POLICY, .field = FIELD(policy.false_trips), .min = 1, .max = POLICY_MAX_COUNT,
	 .fallback = "1/365d", .argument = "N/DUR",
	 .help = "with --failures auto, put up with N openings of a healthy service in DUR",
	 .detail = "Once in ten years, 1/3650d, costs one more failure in most cases"},
	{.name = "within", .kind = OPTION_DURATION, .group = GROUP_OPENING,
	 .scope = SCOPE_POLICY, .field = FIELD(policy.within_ms), .argument = "DUR",
	 .help = "let --failures count the failures of the last DUR instead",
	 .detail = "At most 1000 failures can be counted this way, each with its time"},
	{.name = "failure-rate", .kind = OPTION_PERCENT, .group = GROUP_OPENING,
	 .scope = SCOPE_POLICY, .field = FIELD(policy.failure_rate_ppm),
	 .fallback = "50", .argument = "PCT",
	 .help = "open when this share of the window's calls failed; 0 = off"},
	{.name = "min-calls", .kind = OPTION_COUNT, .group = GROUP_OPENING,
	 .scope = SCOPE_POLICY, .field = FIELD(policy.min_calls), .min = 1, .max = POLICY_MAX_COUNT,
	 .fallback = "10", .argument = "N",
	 .help = "calls the window must hold before a rate counts",
	 .detail = "More than a count window can hold means a full window"},
	{.name = "window", .letter = 'w', .kind = OPTION_WINDOW, .group = GROUP_OPENING,
	 .scope = SCOPE_POLICY, .field = FIELD(policy.window_kind), .min = 1, .max = POLICY_MAX_WINDOW_CALLS,
	 .fallback = "100", .argument = "N|DUR",
	 .help = "rates look at the last N calls or, with a unit, the last DUR",
	 .detail = "N is at most 10000. A time window never counts a call as old as itself, and may forget one up to 1/60 of its length early"},
	{.name = "slow", .kind = OPTION_DURATION, .group = GROUP_OPENING,
	 .scope = SCOPE_POLICY, .field = FIELD(policy.slow_ms), .argument = "DUR",
	 .help = "a call longer than DUR is slow",
	 .detail = "Slow failures are failures. Off unless given"},
	{.name = "slow-rate", .kind = OPTION_PERCENT, .group = GROUP_OPENING,
	 .scope = SCOPE_POLICY, .field = FIELD(policy.slow_rate_ppm),
	 .fallback = "100", .argument = "PCT",
	 .help = "open when this share of the window's calls was slow; 0 = off"},

	/* how it recovers */
	{.name = "open-for", .letter = 'o', .kind = OPTION_DURATION, .group = GROUP_RECOVERY,
	 .scope = SCOPE_POLICY, .field = FIELD(policy.open_for_ms), .min = 1,
	 .fallback = "30s", .argument = "DUR",
	 .help = "reject for DUR before trial calls are let through"},
	{.name = "open-factor", .kind = OPTION_FACTOR, .group = GROUP_RECOVERY,
	 .scope = SCOPE_POLICY, .field = FIELD(policy.open_factor_milli),
	 .min = POLICY_MILLI, .max = 1000 * POLICY_MILLI, .fallback = "1", .argument = "X",
	 .help = "each reopening lasts X times longer"},
	{.name = "open-max", .kind = OPTION_DURATION, .group = GROUP_RECOVERY,
	 .scope = SCOPE_POLICY, .field = FIELD(policy.open_max_ms), .min = 1,
	 .fallback = "10m", .argument = "DUR",
	 .help = "but at most DUR",
	 .detail = "Never less than --open-for"},
	{.name = "jitter", .kind = OPTION_PERCENT, .group = GROUP_RECOVERY,
	 .scope = SCOPE_POLICY, .field = FIELD(policy.jitter_ppm),
	 .fallback = "0", .argument = "PCT",
	 .help = "lengthen an open period by up to PCT at random",
	 .detail = "Drawn once, when the breaker opens, so that many breakers do not try again at the same moment"},
	{.name = "probes", .kind = OPTION_COUNT, .group = GROUP_RECOVERY,
	 .scope = SCOPE_POLICY, .field = FIELD(policy.probes), .min = 1, .max = POLICY_MAX_COUNT,
	 .fallback = "3", .argument = "N",
	 .help = "trial calls that may run at once while half-open",
	 .detail = "They are counted over the whole machine"},
	{.name = "successes", .kind = OPTION_COUNT, .group = GROUP_RECOVERY,
	 .scope = SCOPE_POLICY, .field = FIELD(policy.successes), .min = 1, .max = POLICY_MAX_COUNT,
	 .fallback = "3", .argument = "N",
	 .help = "successful trial calls that close the breaker"},
	{.name = "probe-failures", .kind = OPTION_COUNT, .group = GROUP_RECOVERY,
	 .scope = SCOPE_POLICY, .field = FIELD(policy.probe_failures), .min = 1, .max = POLICY_MAX_COUNT,
	 .fallback = "1", .argument = "N",
	 .help = "failed trial calls that open it again"},
	{.name = "probe-timeout", .kind = OPTION_DURATION, .group = GROUP_RECOVERY,
	 .scope = SCOPE_CALL, .field = FIELD(probe_timeout_ms), .argument = "DUR",
	 .help = "a shorter time limit for trial calls",
	 .detail = "The shorter one of --timeout and this counts"},

	/* running the command */
	{.name = "timeout", .letter = 't', .kind = OPTION_DURATION, .group = GROUP_COMMAND,
	 .scope = SCOPE_CALL, .field = FIELD(timeout_ms), .fallback = "0", .argument = "DUR",
	 .help = "time limit of the command; 0 = none"},
	{.name = "kill-after", .letter = 'k', .kind = OPTION_DURATION, .group = GROUP_COMMAND,
	 .scope = SCOPE_CALL, .field = FIELD(kill_after_ms), .fallback = "10s", .argument = "DUR",
	 .help = "send KILL this long after the time limit; 0 = never",
	 .detail = "If it is given, it also counts from a HUP, INT, QUIT or TERM that cbrun passes on. Else a "
	           "signal that is passed on is followed by nothing"},
	{.name = "signal", .letter = 's', .kind = OPTION_SIGNAL, .group = GROUP_COMMAND,
	 .scope = SCOPE_CALL, .field = FIELD(signal), .fallback = "TERM", .argument = "SIG",
	 .help = "what is sent at the time limit"},
	{.name = "foreground", .kind = OPTION_FLAG, .group = GROUP_COMMAND,
	 .scope = SCOPE_CALL, .field = FIELD(foreground),
	 .help = "stay in the process group of the caller",
	 .detail = "Without a time limit it does so anyway: with --timeout, --probe-timeout, --deadline or "
	           "--kill-tree it makes a group of its own, of which all members are signalled. In the "
	           "caller's the command can read from the terminal and gets its signals, in a script too; only the "
	           "command itself is signalled, not what it has started"},
	{.name = "preserve-status", .kind = OPTION_FLAG, .group = GROUP_COMMAND,
	 .scope = SCOPE_CALL, .field = FIELD(preserve_status),
	 .help = "at the time limit, exit with the command's own status",
	 .detail = "Even if the command was stopped by a signal"},

	{.name = "kill-tree", .kind = OPTION_FLAG, .group = GROUP_COMMAND,
	 .scope = SCOPE_CALL, .field = FIELD(kill_tree),
	 .help = "signal descendants too that left the process group",
	 .detail = "Those that outlive the command get KILL after --kill-after"},
	{.name = "output", .kind = OPTION_CHOICE, .group = GROUP_COMMAND,
	 .scope = SCOPE_CALL, .field = FIELD(output), .fallback = "always", .argument = "WHEN",
	 .choices = output_words,
	 .help = "print output always, on failure, or on change",
	 .detail = "With failure, output is held back and printed only if the call failed. With change, "
	           "only if the call opened or closed the breaker: then cbrun says what broke, or that it works "
	           "again, and shows the first failure's output, too; its line about a rejected call is not printed. "
	           "An ignored call with an exit status other than 0 is "
	           "printed in any case. Standard output is held back only where it is the same file as "
	           "standard error; elsewhere it passes through at once. What is held back is read until all "
	           "that write it have ended, or for a second after the command. If the command dies of a "
	           "signal, cbrun exits with 128+n and does not die of it"},
	{.name = "remind", .since = "0.2.0", .kind = OPTION_DURATION, .group = GROUP_COMMAND,
	 .scope = SCOPE_CALL, .field = FIELD(remind_ms), .argument = "DUR",
	 .help = "with --output change, say after each DUR that it is still broken",
	 .detail = "Or held, or that nothing is started because of --max-concurrent. Only a call can say so. "
	           "Off unless given"},

	/* outcomes */
	{.name = "outcomes", .since = "0.2.0", .kind = OPTION_PROGRAM, .group = GROUP_OUTCOME,
	 .scope = SCOPE_CALL | SCOPE_RECORD, .field = FIELD(outcomes), .fallback = "none", .argument = "PROGRAM",
	 .help = "judge exit statuses by what 'cbrun help outcomes' prints of PROGRAM, or auto",
	 .detail = "What is the caller's own fault, such as a mistyped URL, is then neither success nor failure. "
	           "With auto, the program is the one that the command's base name says. The lists below stand over "
	           "what is known of it"},
	{.name = "hints", .since = "0.2.0", .kind = OPTION_FLAG, .group = GROUP_OUTCOME,
	 .scope = SCOPE_CALL, .field = FIELD(hints),
	 .help = "let the command tell its outcome through $BREAKER_HINT_FD",
	 .detail = "A descriptor, to which it may write lines: 'outcome success', 'outcome failure' or 'outcome "
	           "ignored'; 'reason TEXT'; or 'retry-after SECONDS', with which a failure opens the breaker at once "
	           "for that long, at most --open-max; instead of SECONDS, a time as HTTP writes it will do"},
	{.name = "success-on", .kind = OPTION_LIST, .group = GROUP_OUTCOME,
	 .scope = SCOPE_CALL | SCOPE_RECORD, .field = FIELD(rules.success),
	 .fallback = "0", .argument = "LIST",
	 .help = "outcomes that are successes",
	 .detail = "A call that was cancelled by a signal to cbrun, whose command could not be started or died of "
	           "SIGPIPE, or whose time was used up before its command started, is neither success nor failure, "
	           "whatever the lists say. A signal cancels the call if the command dies of it, exits with 128+n, "
	           "or has failed within a second of a HUP, INT, QUIT or TERM; one that it survives cancels "
	           "nothing, but after such a request to end there is no further attempt, and no fallback"},
	{.name = "ignore-on", .kind = OPTION_LIST, .group = GROUP_OUTCOME,
	 .scope = SCOPE_CALL | SCOPE_RECORD, .field = FIELD(rules.ignore), .argument = "LIST",
	 .help = "outcomes that count as neither",
	 .detail = "Goes before the other two lists"},
	{.name = "failure-on", .kind = OPTION_LIST, .group = GROUP_OUTCOME,
	 .scope = SCOPE_CALL | SCOPE_RECORD, .field = FIELD(rules.failure), .argument = "LIST",
	 .help = "only these are failures, the rest succeed",
	 .detail = "The time limit is among the failures only if the list says so"},

	/* which calls run */
	{.name = "max-concurrent", .letter = 'c', .kind = OPTION_COUNT, .group = GROUP_CALLS,
	 .scope = SCOPE_POLICY, .field = FIELD(policy.max_concurrent), .max = POLICY_MAX_COUNT,
	 .fallback = "0", .argument = "N",
	 .help = "commands of this breaker running at once; 0 = no limit",
	 .detail = "They are counted over the whole machine"},
	{.name = "needs", .since = "0.2.0", .kind = OPTION_NAMES, .group = GROUP_CALLS,
	 .scope = SCOPE_CALL | SCOPE_CHECK | SCOPE_RECORD, .field = FIELD(needs), .argument = "NAME,...",
	 .help = "reject calls while one of these breakers is open",
	 .detail = "Or held. A call that fails meanwhile is ignored. Only these breakers are looked at, not what they "
	           "need in turn; one that does not exist, or is in shadow mode, is not open. A breaker does not need itself, "
	           "so this may stand in [default]"},
	{.name = "reject-exit", .kind = OPTION_COUNT, .group = GROUP_CALLS,
	 .scope = SCOPE_CALL, .field = FIELD(reject_exit), .max = 255,
	 .fallback = "75", .argument = "N",
	 .help = "exit status of a rejected call"},
	{.name = "shadow", .kind = OPTION_FLAG, .group = GROUP_CALLS,
	 .scope = SCOPE_POLICY, .field = FIELD(policy.shadow),
	 .help = "evaluate everything, reject nothing",
	 .detail = "Breakers and their history show what would have happened"},

	/* several attempts */
	{.name = "retries", .letter = 'r', .kind = OPTION_COUNT, .group = GROUP_ATTEMPTS,
	 .scope = SCOPE_CALL, .field = FIELD(retries), .max = POLICY_MAX_COUNT,
	 .fallback = "0", .argument = "N",
	 .help = "further attempts after a failed one",
	 .detail = "The breaker sees one call, which ends as its last attempt did. Each attempt gets the "
	           "whole standard input, unless that is a terminal, and so it is read to its end: within a "
	           "'while read' loop, write </dev/null behind the command. No further attempt is made "
	           "once the breaker has opened"},
	{.name = "retry-delay", .kind = OPTION_DURATION, .group = GROUP_ATTEMPTS,
	 .scope = SCOPE_CALL, .field = FIELD(retry_delay_ms), .fallback = "1s", .argument = "DUR",
	 .help = "wait a random time up to DUR, doubled each time",
	 .detail = "Exponential backoff with full jitter"},
	{.name = "retry-max", .kind = OPTION_DURATION, .group = GROUP_ATTEMPTS,
	 .scope = SCOPE_CALL, .field = FIELD(retry_max_ms), .fallback = "30s", .argument = "DUR",
	 .help = "but never longer than DUR"},
	{.name = "retry-on", .kind = OPTION_LIST, .group = GROUP_ATTEMPTS,
	 .scope = SCOPE_CALL, .field = FIELD(retry_on), .argument = "LIST",
	 .help = "which failures are tried again (default: all)"},
	{.name = "deadline", .kind = OPTION_DURATION, .group = GROUP_ATTEMPTS,
	 .scope = SCOPE_CALL, .field = FIELD(deadline_ms), .argument = "DUR",
	 .help = "bound on the whole call: attempts, delays and waiting",
	 .detail = "If it is over before the command could start, the call is ignored, with exit status 124"},

	/* instead of a rejected call */
	{.name = "wait", .kind = OPTION_DURATION, .group = GROUP_INSTEAD,
	 .scope = SCOPE_CALL, .field = FIELD(wait_ms), .fallback = "0", .argument = "DUR",
	 .help = "wait up to DUR to be let in",
	 .detail = "Calls that wait are let in one after the other, as they came, each as soon as one "
	           "that runs has ended or the open period is over. A call that comes at that very moment "
	           "may be faster. An operator's act is noticed within half a second"},
	{.name = "stale-ok", .kind = OPTION_DURATION, .group = GROUP_INSTEAD,
	 .scope = SCOPE_CALL, .field = FIELD(stale_ok_ms), .argument = "DUR",
	 .help = "print the last good output if it is no older than DUR",
	 .detail = "The standard output of each successful call is kept beside the store, up to 16 MiB. "
	           "A rejected call prints it, tells its age on standard error, and exits with 0. Output that "
	           "something still writes a second after the command has ended is not kept. Together with "
	           "--output, standard output and error are read apart, so their order may not be kept"},
	{.name = "fallback", .kind = OPTION_TEXT, .group = GROUP_INSTEAD,
	 .scope = SCOPE_CALL, .field = FIELD(fallback), .argument = "CMD",
	 .help = "run sh -c CMD instead; its exit status is the result",
	 .detail = "If there is stale output to print, that goes before"},
	{.name = "fallback-on", .kind = OPTION_WORDS, .group = GROUP_INSTEAD,
	 .scope = SCOPE_CALL, .field = FIELD(fallback_on), .fallback = "reject", .argument = "LIST",
	 .choices = fallback_words,
	 .help = "also after a call that ended as failure or timeout",
	 .detail = "A list of the words reject, failure and timeout. After a rejected call the fallback runs "
	           "in any case, and failure includes timeout"},
	{.name = "health-check", .kind = OPTION_TEXT, .group = GROUP_INSTEAD,
	 .scope = SCOPE_CALL | SCOPE_PROBE, .field = FIELD(health_check), .argument = "CMD",
	 .help = "before a trial call, run sh -c CMD, which must succeed",
	 .detail = "If it fails, the command does not run and the trial call has failed. One that cannot be "
	           "run, or exits with 126 or 127, tells nothing: the command does not run, and the call is ignored. "
	           "It has the time limit of a trial call, or 10 seconds. With --shadow there is none"},

	/* after a transition */
	{.name = "on-change", .kind = OPTION_TEXT, .group = GROUP_HOOKS,
	 .scope = SCOPE_CALL, .field = FIELD(on_change), .argument = "CMD",
	 .help = "run sh -c CMD after each transition",
	 .detail = "Once for each transition, for at most 10 seconds; its exit status does not matter. See "
	           "ENVIRONMENT for what it is told"},
	{.name = "on-open", .kind = OPTION_TEXT, .group = GROUP_HOOKS,
	 .scope = SCOPE_CALL, .field = FIELD(on_open), .argument = "CMD",
	 .help = "run sh -c CMD after the breaker has opened"},
	{.name = "on-close", .kind = OPTION_TEXT, .group = GROUP_HOOKS,
	 .scope = SCOPE_CALL, .field = FIELD(on_close), .argument = "CMD",
	 .help = "run sh -c CMD after it has closed"},
	{.name = "log", .kind = OPTION_TEXT, .group = GROUP_HOOKS,
	 .scope = SCOPE_CALL, .field = FIELD(log), .argument = "WHERE",
	 .help = "log transitions to syslog, journal or a file",
	 .detail = "Open is a warning, closed a notice, half-open informational; a store that cannot be used "
	           "is an error. The journal can be searched by CBRUN_NAME, CBRUN_FROM, CBRUN_TO and CBRUN_REASON"},

	/* the store */
	{.name = "store", .kind = OPTION_TEXT, .group = GROUP_STORE,
	 .scope = SCOPE_ALL | SCOPE_CONFIG, .field = FIELD(store), .argument = "PATH",
	 .help = "where state lives: a file, or a Redis server for several hosts",
	 .detail = "A server is redis://[user@]host[:port][/db] or redis+unix:///path[?db=N]; see cbrun-redis(7)"},
	{.name = "on-store-error", .kind = OPTION_CHOICE, .group = GROUP_STORE,
	 .scope = SCOPE_CALL, .field = FIELD(on_store_error), .fallback = "run",
	 .argument = "WORD", .choices = on_store_error_words,
	 .help = "what happens when the store cannot be used: run or reject",
	 .detail = "With run, one line says what is wrong, the command runs unguarded, and its exit status is passed on. With reject, the exit status is 125. Of a store that hosts share, run lets this host's own store guard, as long as that can be used"},
	{.name = "lock-timeout", .kind = OPTION_DURATION, .group = GROUP_STORE,
	 .scope = SCOPE_ALL | SCOPE_CONFIG, .field = FIELD(lock_timeout_ms), .fallback = "2s", .argument = "DUR",
	 .help = "longest wait for another process's transaction"},
	{.name = "store-timeout", .since = "0.2.0", .kind = OPTION_DURATION, .group = GROUP_STORE,
	 .scope = SCOPE_ALL | SCOPE_CONFIG, .field = FIELD(store_timeout_ms), .min = 1, .fallback = "250ms", .argument = "DUR",
	 .help = "longest wait for a store that hosts share",
	 .detail = "Then this host's own store guards instead, and one line says so"},
	{.name = "redis-password-file", .since = "0.2.0", .kind = OPTION_TEXT, .group = GROUP_STORE,
	 .scope = SCOPE_ALL | SCOPE_CONFIG, .field = FIELD(redis_password_file), .argument = "FILE",
	 .help = "the server's password is this file's first line",
	 .detail = "Else it is the variable CBRUN_REDIS_PASSWORD of the environment"},
	{.name = "redis-prefix", .since = "0.2.0", .kind = OPTION_TEXT, .group = GROUP_STORE,
	 .scope = SCOPE_ALL | SCOPE_CONFIG, .field = FIELD(redis_prefix), .fallback = "cbrun:", .argument = "TEXT",
	 .help = "what the names of the server's keys begin with"},

	/* output */
	{.name = "quiet", .letter = 'q', .kind = OPTION_FLAG, .group = GROUP_OUTPUT,
	 .scope = SCOPE_ALL | SCOPE_CONFIG, .field = FIELD(quiet),
	 .help = "print no messages",
	 .detail = "The command's own output is not touched"},
	{.name = "verbose", .letter = 'v', .kind = OPTION_FLAG, .group = GROUP_OUTPUT,
	 .scope = SCOPE_ALL | SCOPE_CONFIG, .field = FIELD(verbose),
	 .help = "say what is decided and which signals are sent"},
	{.name = "json", .kind = OPTION_FLAG, .group = GROUP_OUTPUT,
	 .scope = SCOPE_STATUS | SCOPE_WHY | SCOPE_HISTORY | SCOPE_OVERDUE | SCOPE_SHOW_CONFIG |
	          SCOPE_SIMULATE | SCOPE_TUNE,
	 .field = FIELD(json),
	 .help = "print JSON"},
	{.name = "open", .since = "0.2.0", .kind = OPTION_FLAG, .group = GROUP_OUTPUT,
	 .scope = SCOPE_STATUS, .field = FIELD(open),
	 .help = "only breakers that are not closed, or disabled"},
	{.name = "sort", .since = "0.2.0", .kind = OPTION_CHOICE, .group = GROUP_OUTPUT,
	 .scope = SCOPE_STATUS, .field = FIELD(sort), .fallback = "trouble", .argument = "KEY",
	 .choices = sort_words,
	 .help = "order by trouble, name, state, since, rate, calls or p95"},
	{.name = "exit-code", .since = "0.2.0", .kind = OPTION_FLAG, .group = GROUP_OUTPUT,
	 .scope = SCOPE_STATUS, .field = FIELD(exit_code),
	 .help = "exit with 2 if a breaker is open, else 1 if one is half-open"},
	{.name = "long", .letter = 'l', .since = "0.2.0", .kind = OPTION_FLAG, .group = GROUP_OUTPUT,
	 .scope = SCOPE_STATUS, .field = FIELD(in_full),
	 .help = "show each breaker in full"},
	{.name = "watch", .since = "0.2.0", .kind = OPTION_DURATION, .group = GROUP_OUTPUT,
	 .scope = SCOPE_STATUS, .field = FIELD(watch_ms), .min = 1, .argument = "DUR", .alone = "2s",
	 .help = "look again every DUR (2s if not given), until Ctrl-C"},
	{.name = "color", .since = "0.2.0", .kind = OPTION_CHOICE, .group = GROUP_OUTPUT,
	 .scope = SCOPE_STATUS, .field = FIELD(colour), .fallback = "auto", .argument = "WHEN", .alone = "always",
	 .choices = colour_words,
	 .help = "auto, always or never"},
	{.name = "limit", .kind = OPTION_COUNT, .group = GROUP_OUTPUT,
	 .scope = SCOPE_HISTORY, .field = FIELD(limit), .max = POLICY_MAX_COUNT, .argument = "N",
	 .help = "only the last N events; 0 = all"},
	{.name = "since", .since = "0.2.0", .kind = OPTION_TIME, .group = GROUP_OUTPUT,
	 .scope = SCOPE_HISTORY | SCOPE_REPORT, .field = FIELD(since_ms), .argument = "TIME",
	 .help = "only what happened at TIME or later; without it a report is of the last 7d"},
	{.name = "until", .since = "0.2.0", .kind = OPTION_TIME, .group = GROUP_OUTPUT,
	 .scope = SCOPE_HISTORY, .field = FIELD(until_ms), .argument = "TIME",
	 .help = "only what happened up to TIME"},
	{.name = "transitions", .since = "0.2.0", .kind = OPTION_FLAG, .group = GROUP_OUTPUT,
	 .scope = SCOPE_HISTORY, .field = FIELD(transitions),
	 .help = "only transitions, no calls"},
	{.name = "follow", .since = "0.2.0", .kind = OPTION_FLAG, .group = GROUP_OUTPUT,
	 .scope = SCOPE_HISTORY, .field = FIELD(follow),
	 .help = "then go on, and print events as they come"},
	{.name = "at", .since = "0.2.0", .kind = OPTION_TIME, .group = GROUP_OUTPUT,
	 .scope = SCOPE_WHY, .field = FIELD(at_ms), .argument = "TIME",
	 .help = "explain the incident at TIME, or the last one before it"},
	{.name = "openmetrics", .since = "0.2.0", .kind = OPTION_FLAG, .group = GROUP_OUTPUT,
	 .scope = SCOPE_METRICS, .field = FIELD(openmetrics),
	 .help = "print OpenMetrics instead of Prometheus' text format"},
	{.name = "textfile", .since = "0.2.0", .kind = OPTION_TEXT, .group = GROUP_OUTPUT,
	 .scope = SCOPE_METRICS, .field = FIELD(textfile), .argument = "FILE",
	 .help = "replace FILE, for node_exporter, instead of printing"},
	{.name = "help", .letter = 'h', .kind = OPTION_FLAG, .group = GROUP_OUTPUT,
	 .scope = SCOPE_ALL | SCOPE_HELP, .field = FIELD(help),
	 .help = "print this help"},
	{.name = "version", .letter = 'V', .kind = OPTION_FLAG, .group = GROUP_OUTPUT,
	 .scope = SCOPE_GUARD, .field = FIELD(version),
	 .help = "print the version"},

	/* what the subcommands act with */
	{.name = "for", .kind = OPTION_DURATION, .group = GROUP_BREAKER,
	 .scope = SCOPE_TRIP | SCOPE_DISABLE, .field = FIELD(for_ms), .min = 1, .argument = "DUR",
	 .help = "how long: of trip the breaker's --open-for by default, of disable until enable"},
	{.name = "all", .since = "0.2.0", .kind = OPTION_FLAG, .group = GROUP_BREAKER,
	 .scope = SCOPE_SELECT, .field = FIELD(all),
	 .help = "all breakers, instead of names"},
	{.name = "check", .since = "0.2.0", .kind = OPTION_FLAG, .group = GROUP_BREAKER,
	 .scope = SCOPE_SHOW_CONFIG, .field = FIELD(check),
	 .help = "tell every mistake in the files, or in FILE",
	 .detail = "The exit status is 1 if there is one"},
	{.name = "hold", .kind = OPTION_FLAG, .group = GROUP_BREAKER,
	 .scope = SCOPE_TRIP, .field = FIELD(hold),
	 .help = "stay open until reset"},
	{.name = "unused", .since = "0.2.0", .kind = OPTION_DURATION, .group = GROUP_BREAKER,
	 .scope = SCOPE_REMOVE, .field = FIELD(unused_ms), .min = 1, .argument = "DUR",
	 .help = "only those that were not called for DUR"},
	{.name = "reason", .kind = OPTION_TEXT, .group = GROUP_BREAKER,
	 .scope = SCOPE_ACTS, .field = FIELD(reason), .argument = "TEXT",
	 .help = "why, for status and history"},
	{.name = "expect", .since = "0.2.0", .kind = OPTION_DURATION, .group = GROUP_BREAKER,
	 .scope = SCOPE_OVERDUE | SCOPE_CONFIG, .field = FIELD(expect_ms), .argument = "DUR",
	 .help = "within how long a call, and a success, is expected; 0 = learn it",
	 .detail = "For cbrun overdue, which otherwise goes by how often the calls have come. A breaker whose own section "
	           "has it is also overdue if it was never called at all"},
	{.name = "systemd", .since = "0.2.0", .kind = OPTION_FLAG, .group = GROUP_BREAKER,
	 .scope = SCOPE_RECORD, .field = FIELD(systemd),
	 .help = "take the outcome that systemd tells ExecStopPost="},
	{.name = "duration", .kind = OPTION_DURATION, .group = GROUP_BREAKER,
	 .scope = SCOPE_RECORD, .field = FIELD(duration_ms), .argument = "DUR",
	 .help = "how long the call took"},
	{.name = "from", .kind = OPTION_NAME, .group = GROUP_BREAKER,
	 .scope = SCOPE_SIMULATE, .field = FIELD(from), .argument = "NAME",
	 .help = "replay this breaker's recorded history"},
	{.name = "chart", .since = "0.2.0", .kind = OPTION_FLAG, .group = GROUP_BREAKER,
	 .scope = SCOPE_SIMULATE, .field = FIELD(chart),
	 .help = "sum up for people, with a picture of states, failed and rejected calls"},
	{.name = "versus", .since = "0.2.0", .kind = OPTION_TEXT, .group = GROUP_BREAKER,
	 .scope = SCOPE_SIMULATE, .field = FIELD(versus), .argument = "OPTIONS",
	 .help = "also try the policy with these options over it, beside it"},
	{.name = "seed", .kind = OPTION_COUNT, .group = GROUP_BREAKER,
	 .scope = SCOPE_SIMULATE | SCOPE_TUNE, .field = FIELD(seed), .max = POLICY_MAX_MS, .fallback = "1", .argument = "N",
	 .help = "seed of the random numbers for --jitter"},
};
/* clang-format on */

const size_t option_count = sizeof(option_rows) / sizeof(option_rows[0]);

_Static_assert(sizeof(option_rows) / sizeof(option_rows[0]) <= OPTIONS_MAX, "OPTIONS_MAX is too small");

size_t option_index(const struct option_row *row)
{
	return (size_t)(row - option_rows);
}

const char *option_group_title(enum option_group group)
{
	switch (group) {
	case GROUP_BREAKER:
		return "The breaker";
	case GROUP_OPENING:
		return "When it opens";
	case GROUP_RECOVERY:
		return "How it recovers";
	case GROUP_COMMAND:
		return "Running the command";
	case GROUP_OUTCOME:
		return "What counts as a failure";
	case GROUP_CALLS:
		return "Which calls run";
	case GROUP_ATTEMPTS:
		return "Several attempts";
	case GROUP_INSTEAD:
		return "Instead of a rejected call";
	case GROUP_HOOKS:
		return "After a transition";
	case GROUP_STORE:
		return "The store";
	case GROUP_OUTPUT:
		return "Output";
	case GROUPS:
		break;
	}
	return "";
}

const struct option_row *option_find(const char *name)
{
	for (size_t i = 0; i < option_count; i++)
		if (option_rows[i].name[0] == name[0] && strcmp(option_rows[i].name, name) == 0)
			return &option_rows[i];
	return NULL;
}

const struct option_row *option_nearest(const char *name, unsigned scope)
{
	struct nearest nearest;
	nearest_begin(&nearest, name, strlen(name) / 3 + 1);
	for (size_t i = 0; i < option_count; i++)
		if ((option_rows[i].scope & scope) != 0)
			nearest_try(&nearest, option_rows[i].name);
	return nearest.word != NULL ? option_find(nearest.word) : NULL;
}

bool option_is_policy(const struct option_row *row)
{
	size_t start = offsetof(struct settings, policy);
	return row->field >= start && row->field < start + sizeof(struct policy);
}
