/*
 * options.h: the one table of options. A row says everything about an option:
 * the parser, the configuration, `--help`, the man page and the completions
 * walk the same rows, so a new option is one row and its behaviour.
 */
#ifndef CBRUN_SETTINGS_OPTIONS_H
#define CBRUN_SETTINGS_OPTIONS_H

#include "breaker/outcome.h"
#include "breaker/policy.h"
#include "settings/programs.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the text of a value means, and which fields it sets. */
enum option_kind {
	OPTION_FLAG,     /* no argument; int64_t 1 */
	OPTION_COUNT,    /* int64_t */
	OPTION_DURATION, /* int64_t, milliseconds */
	OPTION_PERCENT,  /* int64_t, parts per million */
	OPTION_FACTOR,   /* int64_t, thousandths */
	OPTION_WINDOW,   /* two int64_t: enum window_kind, size */
	OPTION_FAILURES, /* int64_t: a count, or POLICY_AUTO */
	OPTION_OFTEN,    /* two int64_t: how many times, in so many milliseconds */
	OPTION_SIGNAL,   /* int64_t */
	OPTION_LIST,     /* struct outcome_list */
	OPTION_CHOICE,   /* int64_t: the index in `choices` */
	OPTION_WORDS,    /* int64_t: bit n for each word n of `choices` in the list */
	OPTION_TIME,     /* int64_t, milliseconds since 1970 */
	OPTION_PROGRAM,  /* int64_t: program_number() */
	OPTION_NAME,     /* const char *: a breaker's name */
	OPTION_NAMES,    /* const char *: several, with commas between */
	OPTION_TEXT,     /* const char * */
};

enum option_group {
	GROUP_BREAKER,
	GROUP_OPENING,
	GROUP_RECOVERY,
	GROUP_COMMAND,
	GROUP_OUTCOME,
	GROUP_CALLS,
	GROUP_ATTEMPTS,
	GROUP_INSTEAD,
	GROUP_HOOKS,
	GROUP_STORE,
	GROUP_OUTPUT,
	GROUPS, /* how many there are */
};

/* Which forms of the command line take the option. */
enum option_scope {
	SCOPE_GUARD = 1 << 0, /* a guarded run */
	SCOPE_STATUS = 1 << 1,
	SCOPE_CHECK = 1 << 2,
	SCOPE_RECORD = 1 << 3,
	SCOPE_TRIP = 1 << 4,
	SCOPE_ACT = 1 << 5, /* reset, enable */
	SCOPE_DISABLE = 1 << 6,
	SCOPE_RENAME = 1 << 7,
	SCOPE_REMOVE = 1 << 8,
	SCOPE_HISTORY = 1 << 9,
	SCOPE_OUTPUT = 1 << 10, /* `cbrun output` */
	SCOPE_OVERDUE = 1 << 11,
	SCOPE_SIMULATE = 1 << 12,
	SCOPE_SHOW_CONFIG = 1 << 13, /* `cbrun config` */
	SCOPE_PROBE = 1 << 14,
	SCOPE_DOCTOR = 1 << 15,
	SCOPE_METRICS = 1 << 16,
	SCOPE_WHY = 1 << 17,
	SCOPE_REPORT = 1 << 18,
	SCOPE_TUNE = 1 << 19,
	SCOPE_HELP = 1 << 20,   /* which takes no other option */
	SCOPE_CONFIG = 1 << 21, /* not a form: a key of configuration files and a variable of the environment */
	SCOPE_POLICY = SCOPE_GUARD | SCOPE_CHECK | SCOPE_RECORD | SCOPE_SIMULATE | SCOPE_CONFIG,
	SCOPE_ACTS = SCOPE_TRIP | SCOPE_ACT | SCOPE_DISABLE,
	/* forms that take globs and --all */
	SCOPE_SELECT = SCOPE_STATUS | SCOPE_ACTS | SCOPE_REMOVE | SCOPE_HISTORY | SCOPE_PROBE | SCOPE_OVERDUE | SCOPE_METRICS |
	               SCOPE_REPORT | SCOPE_TUNE,
	SCOPE_ALL = SCOPE_HELP - 1,
};

enum output_mode { OUTPUT_ALWAYS, OUTPUT_FAILURE, OUTPUT_CHANGE };

enum fallback_on { FALLBACK_ON_REJECT = 1 << 0, FALLBACK_ON_FAILURE = 1 << 1, FALLBACK_ON_TIMEOUT = 1 << 2 };

enum colour_when { COLOUR_AUTO, COLOUR_ALWAYS, COLOUR_NEVER };

enum on_store_error { ON_STORE_ERROR_RUN, ON_STORE_ERROR_REJECT };

enum { OPTIONS_MAX = 96 };

/* Where a value comes from, the weakest first. */
enum origin_kind { ORIGIN_DEFAULT, ORIGIN_PRESET, ORIGIN_FILE, ORIGIN_ENVIRONMENT, ORIGIN_COMMAND_LINE };

struct origin {
	enum origin_kind kind;
	const char *name; /* the preset, or the file */
	int line;         /* of the file */
};

/* Every option's value. Texts point into argv, the environment, the configuration or the table. */
struct settings {
	const char *name;
	struct policy policy;
	/* running the command */
	int64_t timeout_ms; /* 0 = none */
	int64_t probe_timeout_ms;
	int64_t kill_after_ms; /* 0 = never */
	bool kill_after_given;
	int64_t signal;
	int64_t foreground;
	int64_t preserve_status;
	int64_t kill_tree;
	int64_t output; /* enum output_mode */
	int64_t remind_ms; /* 0 = never */
	/* several attempts */
	int64_t retries;
	int64_t retry_delay_ms;
	int64_t retry_max_ms;
	struct outcome_list retry_on;
	bool retry_on_given;
	int64_t deadline_ms; /* 0 = none */
	/* what happens instead of a rejected call */
	int64_t wait_ms;
	const char *fallback;
	int64_t fallback_on; /* of enum fallback_on */
	int64_t stale_ok_ms; /* 0 = off */
	const char *health_check;
	const char *needs; /* names with commas between; NULL = none */
	/* what happens after a transition */
	const char *on_change;
	const char *on_open;
	const char *on_close;
	const char *log;
	int64_t outcomes; /* program_number() */
	const struct program *program; /* which that is; NULL = none. See settings_meet_command() */
	int64_t hints;
	struct outcome_rules rules;
	int64_t reject_exit;
	/* the store */
	const char *store; /* NULL = as the environment says */
	int64_t on_store_error;
	int64_t lock_timeout_ms;
	int64_t store_timeout_ms;
	const char *redis_password_file; /* NULL = none */
	const char *redis_prefix;
	/* messages */
	int64_t quiet;
	int64_t verbose;
	int64_t help;
	int64_t version;
	const char *config;
	int64_t preset;
	/* subcommands */
	int64_t json;
	int64_t open;
	int64_t sort; /* enum standing_key, see report/standing.h */
	int64_t exit_code;
	int64_t colour; /* enum colour_when */
	int64_t in_full;
	int64_t watch_ms; /* 0 = look once */
	int64_t for_ms; /* of trip and disable; 0 = --open-for of the breaker, or until it is enabled */
	int64_t all;
	int64_t check;
	int64_t unused_ms; /* of remove; 0 = whether it is called or not */
	int64_t hold;
	int64_t expect_ms; /* 0 = as learned */
	int64_t systemd;
	const char *reason;
	int64_t limit; /* 0 = all */
	int64_t openmetrics;
	const char *textfile; /* NULL = standard output */
	int64_t since_ms; /* milliseconds since 1970, as the two below; 0 = not given */
	int64_t until_ms;
	int64_t at_ms;
	int64_t transitions;
	int64_t follow;
	int64_t duration_ms;
	const char *from;
	int64_t chart;
	const char *versus; /* NULL = none */
	int64_t seed;
	struct origin origins[OPTIONS_MAX]; /* of each row's value, by its index */
	const char *texts[OPTIONS_MAX];     /* as it was given; NULL = the field is zero */
};

struct option_row {
	const char *name;
	char letter; /* '\0' = long name only */
	const char *since; /* the release that brought it; NULL = the first, 0.1.0 */
	enum option_kind kind;
	enum option_group group;
	unsigned scope; /* of enum option_scope */
	size_t field;   /* its place in struct settings */
	int64_t min;    /* COUNT: bounds. DURATION: min 1 refuses zero. FACTOR: thousandths */
	int64_t max;
	const char *fallback;       /* the default as text; NULL = leave the field zero */
	const char *argument;       /* what --help calls the argument */
	const char *alone;          /* the value of the option without an argument, which can then only follow a "="; or NULL */
	const char *const *choices; /* CHOICE: the words, NULL-terminated */
	const char *help;           /* one line, starts small, no full stop */
	const char *detail;         /* what the manual says beyond that, without the last full stop; or NULL */
};

extern const struct option_row option_rows[];
extern const size_t option_count;

/* The heading of a group of options. */
const char *option_group_title(enum option_group group);

/* The row's place in the table. */
size_t option_index(const struct option_row *row);

/* Whether the row is a number of the breaker's policy. */
bool option_is_policy(const struct option_row *row);

/* The row of that long name, or NULL. */
const struct option_row *option_find(const char *name);

/* The row in `scope` whose long name is nearest to a mistyped one, or NULL if none is near. */
const struct option_row *option_nearest(const char *name, unsigned scope);

#endif
