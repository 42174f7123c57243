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
	 .detail = "{host} stands for the host, in lower case, of the command's first word that is a URL, user@host, "
	           "host:path or host::module, or for none if there is no such word; {command} stands for the command's base "
	           "name. A word that only looks like host:path counts only if there is no URL and no user@host. Quote the "
	           "braces"},
	{.name = "preset", .kind = OPTION_CHOICE, .group = GROUP_BREAKER,
	 .scope = SCOPE_POLICY, .field = FIELD(preset), .fallback = "none", .argument = "NAME",
	 .choices = preset_names,
	 .help = "start from conservative, aggressive, tolerant or cron",
	 .detail = "Every other option overrides the preset, wherever it is set"},
	{.name = "config", .kind = OPTION_TEXT, .group = GROUP_BREAKER,
	 .scope = SCOPE_ALL, .field = FIELD(config), .argument = "FILE",
	 .help = "read this file instead of the usual ones"},

	/* when it opens */
	{.name = "failures", .letter = 'f', .kind = OPTION_FAILURES, .group = GROUP_OPENING,
	 .scope = SCOPE_POLICY, .field = FIELD(policy.failures), .max = POLICY_MAX_COUNT,
	 .fallback = "5", .argument = "N|auto",
	 .help = "open after N failures in a row; 0 = off; auto learns it",
	 .detail = "With auto, the breaker learns while it is closed how often calls come, and how often they fail while the "
	           "service is healthy; it opens when so many failures so close together would be rarer in a healthy service "
	           "than --false-trips allows. It takes at least two failures, and needs no other setting: --failure-rate is "
	           "then off unless given, and --within is not allowed"},
	{.name = "false-trips", .since = "0.2.0", .kind = OPTION_OFTEN, .group = GROUP_OPENING,
	 .scope = SCOPE_POLICY, .field = FIELD(policy.false_trips), .min = 1, .max = POLICY_MAX_COUNT,
	 .fallback = "1/365d", .argument = "N/DUR",
	 .help = "with --failures auto, accept N openings in DUR while the service is healthy",
	 .detail = "Once in ten years, 1/3650d, takes one more failure in most cases"},
	{.name = "within", .kind = OPTION_DURATION, .group = GROUP_OPENING,
	 .scope = SCOPE_POLICY, .field = FIELD(policy.within_ms), .argument = "DUR",
	 .help = "let --failures count the failures of the last DUR instead",
	 .detail = "At most 1000 failures can be counted this way, since the time of each is kept"},
	{.name = "failure-rate", .kind = OPTION_PERCENT, .group = GROUP_OPENING,
	 .scope = SCOPE_POLICY, .field = FIELD(policy.failure_rate_ppm),
	 .fallback = "50", .argument = "PCT",
	 .help = "open when this share of the window's calls failed; 0 = off"},
	{.name = "min-calls", .kind = OPTION_COUNT, .group = GROUP_OPENING,
	 .scope = SCOPE_POLICY, .field = FIELD(policy.min_calls), .min = 1, .max = POLICY_MAX_COUNT,
	 .fallback = "10", .argument = "N",
	 .help = "calls the window must hold before a rate counts",
	 .detail = "If a count window cannot hold that many, a full window is enough"},
	{.name = "window", .letter = 'w', .kind = OPTION_WINDOW, .group = GROUP_OPENING,
	 .scope = SCOPE_POLICY, .field = FIELD(policy.window_kind), .min = 1, .max = POLICY_MAX_WINDOW_CALLS,
	 .fallback = "100", .argument = "N|DUR",
	 .help = "rates look at the last N calls or, with a unit, the last DUR",
	 .detail = "N is at most 10000. A time window never counts a call as old as the window, and may forget one up to "
	           "1/60 of its length early"},
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
	 .help = "no reopening lasts longer than DUR",
	 .detail = "This limit is never less than --open-for"},
	{.name = "jitter", .kind = OPTION_PERCENT, .group = GROUP_RECOVERY,
	 .scope = SCOPE_POLICY, .field = FIELD(policy.jitter_ppm),
	 .fallback = "0", .argument = "PCT",
	 .help = "lengthen an open period by up to PCT at random",
	 .detail = "The length is drawn once, when the breaker opens, so that many breakers do not try again at the same "
	           "moment"},
	{.name = "probes", .kind = OPTION_COUNT, .group = GROUP_RECOVERY,
	 .scope = SCOPE_POLICY, .field = FIELD(policy.probes), .min = 1, .max = POLICY_MAX_COUNT,
	 .fallback = "3", .argument = "N",
	 .help = "trial calls that may run at once while half-open",
	 .detail = "They are counted across the whole machine"},
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
	 .detail = "The shorter of this and --timeout applies"},

	/* running the command */
	{.name = "timeout", .letter = 't', .kind = OPTION_DURATION, .group = GROUP_COMMAND,
	 .scope = SCOPE_CALL, .field = FIELD(timeout_ms), .fallback = "0", .argument = "DUR",
	 .help = "time limit of the command; 0 = none"},
	{.name = "kill-after", .letter = 'k', .kind = OPTION_DURATION, .group = GROUP_COMMAND,
	 .scope = SCOPE_CALL, .field = FIELD(kill_after_ms), .fallback = "10s", .argument = "DUR",
	 .help = "send KILL this long after the time limit; 0 = never",
	 .detail = "If given, it also counts from a HUP, INT, QUIT or TERM that cbrun passes on; otherwise nothing follows "
	           "such a signal"},
	{.name = "signal", .letter = 's', .kind = OPTION_SIGNAL, .group = GROUP_COMMAND,
	 .scope = SCOPE_CALL, .field = FIELD(signal), .fallback = "TERM", .argument = "SIG",
	 .help = "signal to send at the time limit"},
	{.name = "foreground", .kind = OPTION_FLAG, .group = GROUP_COMMAND,
	 .scope = SCOPE_CALL, .field = FIELD(foreground),
	 .help = "stay in the process group of the caller",
	 .detail = "Without a time limit the command stays there anyway; with --timeout, --probe-timeout, --deadline or "
	           "--kill-tree it gets a group of its own, all of whose members are signalled. In the caller's group the "
	           "command can read from the terminal and gets the terminal's signals, even in a script; but cbrun signals "
	           "only the command itself, not what it has started"},
	{.name = "preserve-status", .kind = OPTION_FLAG, .group = GROUP_COMMAND,
	 .scope = SCOPE_CALL, .field = FIELD(preserve_status),
	 .help = "at the time limit, exit with the command's own status",
	 .detail = "This holds even if a signal killed the command"},

	{.name = "kill-tree", .kind = OPTION_FLAG, .group = GROUP_COMMAND,
	 .scope = SCOPE_CALL, .field = FIELD(kill_tree),
	 .help = "also signal descendants that left the process group",
	 .detail = "Those that outlive the command get KILL after --kill-after"},
	{.name = "output", .kind = OPTION_CHOICE, .group = GROUP_COMMAND,
	 .scope = SCOPE_CALL, .field = FIELD(output), .fallback = "always", .argument = "WHEN",
	 .choices = output_words,
	 .help = "print output always, on failure, or on change",
	 .detail = "With failure, output is held back and printed only if the call failed. With change, it is printed only "
	           "if the call opened or closed the breaker: cbrun then says what broke, or that it works again, and also "
	           "shows the first failure's output; it prints no line about a rejected call. The output of an ignored call "
	           "with an exit status other than 0 is always printed. Standard output is held back only if it is the same "
	           "file as standard error; otherwise it passes through at once. Held output is read until all its writers have "
	           "ended, or for a second after the command. If the command dies of a signal, cbrun exits with 128+n "
	           "instead of dying of it too"},
	{.name = "remind", .since = "0.2.0", .kind = OPTION_DURATION, .group = GROUP_COMMAND,
	 .scope = SCOPE_CALL, .field = FIELD(remind_ms), .argument = "DUR",
	 .help = "with --output change, say every DUR that it is still broken",
	 .detail = "This goes for a breaker that is held, too, and for one whose --max-concurrent lets nothing start. "
	           "Only a call can say so. Off unless given"},

	/* outcomes */
	{.name = "outcomes", .since = "0.2.0", .kind = OPTION_PROGRAM, .group = GROUP_OUTCOME,
	 .scope = SCOPE_CALL | SCOPE_RECORD, .field = FIELD(outcomes), .fallback = "none", .argument = "PROGRAM",
	 .help = "judge exit statuses by what 'cbrun help outcomes' says of PROGRAM, or auto",
	 .detail = "Outcomes that are the caller's own fault, such as a mistyped URL, are then neither success nor failure. "
	           "With auto, the command's base name says which program it is. The lists below override what is known of "
	           "it"},
	{.name = "hints", .since = "0.2.0", .kind = OPTION_FLAG, .group = GROUP_OUTCOME,
	 .scope = SCOPE_CALL, .field = FIELD(hints),
	 .help = "let the command report its outcome through $BREAKER_HINT_FD",
	 .detail = "The variable names a descriptor, to which the command may write lines: 'outcome success', 'outcome "
	           "failure' or 'outcome ignored'; 'reason TEXT'; or 'retry-after SECONDS', with which a failure opens the "
	           "breaker at once for that long, but at most --open-max. SECONDS may also be a time as HTTP writes it"},
	{.name = "success-on", .kind = OPTION_LIST, .group = GROUP_OUTCOME,
	 .scope = SCOPE_CALL | SCOPE_RECORD, .field = FIELD(rules.success),
	 .fallback = "0", .argument = "LIST",
	 .help = "outcomes that are successes",
	 .detail = "Whatever the lists say, a call is neither success nor failure if a signal to cbrun cancelled it, if its "
	           "command could not be started or died of SIGPIPE, or if its time was used up before the command started. "
	           "A signal cancels the call if the command dies of it, exits with 128+n, or fails within a second of a "
	           "HUP, INT, QUIT or TERM. A signal that the command survives cancels nothing, but after one of these four "
	           "there is no further attempt and no fallback"},
	{.name = "ignore-on", .kind = OPTION_LIST, .group = GROUP_OUTCOME,
	 .scope = SCOPE_CALL | SCOPE_RECORD, .field = FIELD(rules.ignore), .argument = "LIST",
	 .help = "outcomes that count as neither",
	 .detail = "This list takes precedence over the other two"},
	{.name = "failure-on", .kind = OPTION_LIST, .group = GROUP_OUTCOME,
	 .scope = SCOPE_CALL | SCOPE_RECORD, .field = FIELD(rules.failure), .argument = "LIST",
	 .help = "only these are failures; the rest are successes",
	 .detail = "The time limit is a failure only if the list says so"},

	/* which calls run */
	{.name = "max-concurrent", .letter = 'c', .kind = OPTION_COUNT, .group = GROUP_CALLS,
	 .scope = SCOPE_POLICY, .field = FIELD(policy.max_concurrent), .max = POLICY_MAX_COUNT,
	 .fallback = "0", .argument = "N",
	 .help = "commands of this breaker that may run at once; 0 = no limit",
	 .detail = "They are counted across the whole machine"},
	{.name = "needs", .since = "0.2.0", .kind = OPTION_NAMES, .group = GROUP_CALLS,
	 .scope = SCOPE_CALL | SCOPE_CHECK | SCOPE_RECORD, .field = FIELD(needs), .argument = "NAME,...",
	 .help = "reject calls while one of these breakers is open or held",
	 .detail = "A call that fails meanwhile is ignored. Only these breakers count, not those that they need in turn; one "
	           "that does not exist, or is in shadow mode, counts as not open. If one cannot be read, --on-store-error "
	           "decides. A breaker never needs itself, so this may stand in [default]"},
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
	 .detail = "The breaker sees one call, which ends as its last attempt did. Each attempt gets the whole standard "
	           "input, unless that is a terminal, so cbrun reads it to its end: in a 'while read' loop, add </dev/null "
	           "to the command. No further attempt is made once the breaker has opened"},
	{.name = "retry-delay", .kind = OPTION_DURATION, .group = GROUP_ATTEMPTS,
	 .scope = SCOPE_CALL, .field = FIELD(retry_delay_ms), .fallback = "1s", .argument = "DUR",
	 .help = "wait a random time up to DUR, doubled each time",
	 .detail = "This is exponential backoff with full jitter"},
	{.name = "retry-max", .kind = OPTION_DURATION, .group = GROUP_ATTEMPTS,
	 .scope = SCOPE_CALL, .field = FIELD(retry_max_ms), .fallback = "30s", .argument = "DUR",
	 .help = "never wait longer than DUR between attempts"},
	{.name = "retry-on", .kind = OPTION_LIST, .group = GROUP_ATTEMPTS,
	 .scope = SCOPE_CALL, .field = FIELD(retry_on), .argument = "LIST",
	 .help = "retry only after these failures",
	 .detail = "The default is all failures"},
	{.name = "deadline", .kind = OPTION_DURATION, .group = GROUP_ATTEMPTS,
	 .scope = SCOPE_CALL, .field = FIELD(deadline_ms), .argument = "DUR",
	 .help = "time limit of the whole call: attempts, delays and waiting",
	 .detail = "If it expires before the command can start, the call is ignored, with exit status 124. If the "
	           "store's file system or a name server hangs then, the call ends so a second later, and nothing is recorded"},

	/* instead of a rejected call */
	{.name = "wait", .kind = OPTION_DURATION, .group = GROUP_INSTEAD,
	 .scope = SCOPE_CALL, .field = FIELD(wait_ms), .fallback = "0", .argument = "DUR",
	 .help = "wait up to DUR to be let in",
	 .detail = "Waiting calls are let in one by one, in the order they came, each as soon as a running call has ended or "
	           "the open period is over. A call that arrives at that very moment may get in first. An operator's act is "
	           "noticed within half a second"},
	{.name = "stale-ok", .kind = OPTION_DURATION, .group = GROUP_INSTEAD,
	 .scope = SCOPE_CALL, .field = FIELD(stale_ok_ms), .argument = "DUR",
	 .help = "print the last good output if it is no older than DUR",
	 .detail = "The standard output of each successful call is kept beside the store, up to 16 MiB. A rejected call "
	           "prints it, reports its age on standard error, and exits with 0. Output that something is still writing a "
	           "second after the command has ended is not kept. With --output, standard output and standard error are "
	           "read separately, so their order may be lost"},
	{.name = "fallback", .kind = OPTION_TEXT, .group = GROUP_INSTEAD,
	 .scope = SCOPE_CALL, .field = FIELD(fallback), .argument = "CMD",
	 .help = "run sh -c CMD instead; its exit status is the result",
	 .detail = "If there is stale output to print, it is printed instead"},
	{.name = "fallback-on", .kind = OPTION_WORDS, .group = GROUP_INSTEAD,
	 .scope = SCOPE_CALL, .field = FIELD(fallback_on), .fallback = "reject", .argument = "LIST",
	 .choices = fallback_words,
	 .help = "also run it after a call that ended as failure or timeout",
	 .detail = "A list of the words reject, failure and timeout. The fallback always runs after a rejected call, and "
	           "failure includes timeout"},
	{.name = "health-check", .kind = OPTION_TEXT, .group = GROUP_INSTEAD,
	 .scope = SCOPE_CALL | SCOPE_PROBE, .field = FIELD(health_check), .argument = "CMD",
	 .help = "before a trial call, run sh -c CMD, which must succeed",
	 .detail = "If it fails, the command does not run and the trial call counts as failed. A check that cannot be run, "
	           "or that exits with 126 or 127, says nothing: the command does not run, and the call is ignored. It has "
	           "the time limit of a trial call, or 10 seconds. With --shadow there is no check"},

	/* after a transition */
	{.name = "on-change", .kind = OPTION_TEXT, .group = GROUP_HOOKS,
	 .scope = SCOPE_CALL, .field = FIELD(on_change), .argument = "CMD",
	 .help = "run sh -c CMD after each transition",
	 .detail = "It runs once for each transition, for at most 10 seconds; its exit status does not matter. See "
	           "ENVIRONMENT for the variables it gets"},
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
	 .help = "what to do when the store cannot be used: run or reject",
	 .detail = "With run, one line says what is wrong, the command runs unguarded, and its exit status is passed on. "
	           "With reject, the exit status is 125. If hosts share the store, run uses this host's own store instead, "
	           "as long as that works"},
	{.name = "lock-timeout", .kind = OPTION_DURATION, .group = GROUP_STORE,
	 .scope = SCOPE_ALL | SCOPE_CONFIG, .field = FIELD(lock_timeout_ms), .fallback = "2s", .argument = "DUR",
	 .help = "longest wait for another process's transaction"},
	{.name = "store-timeout", .since = "0.2.0", .kind = OPTION_DURATION, .group = GROUP_STORE,
	 .scope = SCOPE_ALL | SCOPE_CONFIG, .field = FIELD(store_timeout_ms), .min = 1, .fallback = "250ms", .argument = "DUR",
	 .help = "longest wait for a store that hosts share",
	 .detail = "After that this host's own store guards the call, and one line says so"},
	{.name = "redis-password-file", .since = "0.2.0", .kind = OPTION_TEXT, .group = GROUP_STORE,
	 .scope = SCOPE_ALL | SCOPE_CONFIG, .field = FIELD(redis_password_file), .argument = "FILE",
	 .help = "read the server's password from this file's first line",
	 .detail = "Otherwise it is taken from the environment variable CBRUN_REDIS_PASSWORD"},
	{.name = "redis-prefix", .since = "0.2.0", .kind = OPTION_TEXT, .group = GROUP_STORE,
	 .scope = SCOPE_ALL | SCOPE_CONFIG, .field = FIELD(redis_prefix), .fallback = "cbrun:", .argument = "TEXT",
	 .help = "prefix of the server's keys"},

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
	 .help = "show only breakers that are open, half-open or disabled"},
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
	 .help = "only what happened at TIME or later; by default, a report covers the last 7d"},
	{.name = "until", .since = "0.2.0", .kind = OPTION_TIME, .group = GROUP_OUTPUT,
	 .scope = SCOPE_HISTORY, .field = FIELD(until_ms), .argument = "TIME",
	 .help = "only what happened up to TIME"},
	{.name = "transitions", .since = "0.2.0", .kind = OPTION_FLAG, .group = GROUP_OUTPUT,
	 .scope = SCOPE_HISTORY, .field = FIELD(transitions),
	 .help = "only transitions, no calls"},
	{.name = "follow", .since = "0.2.0", .kind = OPTION_FLAG, .group = GROUP_OUTPUT,
	 .scope = SCOPE_HISTORY, .field = FIELD(follow),
	 .help = "then print events as they come"},
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
	 .help = "print a usage summary"},
	{.name = "version", .letter = 'V', .kind = OPTION_FLAG, .group = GROUP_OUTPUT,
	 .scope = SCOPE_GUARD, .field = FIELD(version),
	 .help = "print the version"},

	/* what the subcommands act with */
	{.name = "for", .kind = OPTION_DURATION, .group = GROUP_BREAKER,
	 .scope = SCOPE_TRIP | SCOPE_DISABLE, .field = FIELD(for_ms), .min = 1, .argument = "DUR",
	 .help = "how long; by default, trip uses --open-for, and disable lasts until enable"},
	{.name = "all", .since = "0.2.0", .kind = OPTION_FLAG, .group = GROUP_BREAKER,
	 .scope = SCOPE_SELECT, .field = FIELD(all),
	 .help = "all breakers, instead of names"},
	{.name = "check", .since = "0.2.0", .kind = OPTION_FLAG, .group = GROUP_BREAKER,
	 .scope = SCOPE_SHOW_CONFIG, .field = FIELD(check),
	 .help = "report every mistake in the files, or in FILE",
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
	 .help = "longest expected time between calls, and between successes; 0 = learn it",
	 .detail = "For cbrun overdue, which otherwise goes by how often calls have come. A breaker with this in its own "
	           "section is also overdue if it was never called at all"},
	{.name = "systemd", .since = "0.2.0", .kind = OPTION_FLAG, .group = GROUP_BREAKER,
	 .scope = SCOPE_RECORD, .field = FIELD(systemd),
	 .help = "take the outcome that systemd gives ExecStopPost="},
	{.name = "duration", .kind = OPTION_DURATION, .group = GROUP_BREAKER,
	 .scope = SCOPE_RECORD, .field = FIELD(duration_ms), .argument = "DUR",
	 .help = "how long the call took"},
	{.name = "from", .kind = OPTION_NAME, .group = GROUP_BREAKER,
	 .scope = SCOPE_SIMULATE, .field = FIELD(from), .argument = "NAME",
	 .help = "replay this breaker's recorded history"},
	{.name = "chart", .since = "0.2.0", .kind = OPTION_FLAG, .group = GROUP_BREAKER,
	 .scope = SCOPE_SIMULATE, .field = FIELD(chart),
	 .help = "sum up for people, with a chart of states, failed and rejected calls"},
	{.name = "versus", .since = "0.2.0", .kind = OPTION_TEXT, .group = GROUP_BREAKER,
	 .scope = SCOPE_SIMULATE, .field = FIELD(versus), .argument = "OPTIONS",
	 .help = "also try the policy with these options over it, and compare"},
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
