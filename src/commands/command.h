/*
 * command.h: the forms of the command line. Each has a file of its own, which
 * exports its struct command; command.c lists them and does what all share.
 */
#ifndef CBRUN_COMMANDS_COMMAND_H
#define CBRUN_COMMANDS_COMMAND_H

#include "base/error.h"
#include "settings/name_fields.h"
#include "settings/settings.h"
#include "store/store.h"

#include <signal.h>
#include <stdio.h>

enum {
	EXIT_NO_BREAKER = 1,
	EXIT_OVERDUE = 1,
	EXIT_UNHEALTHY = 1,
	EXIT_ONE_HALF_OPEN = 1, /* these three with --exit-code */
	EXIT_ONE_OPEN = 2,
	EXIT_ONE_UNKNOWN = 3,
	EXIT_REJECTED = 75,
	EXIT_OWN_FAILURE = 125,
};

/* A parsed command line with its values. */
struct invocation {
	struct command_line line;
	struct config_files config;
	struct settings settings;
	char name[NAME_FIELDS_SIZE]; /* --name with its fields filled, if it has any */
	enum message_level level;
	bool goes_on; /* where a store that hosts share cannot be used, with this host's own */
	struct sigaction file_limit; /* what SIGXFSZ did before us; the command gets it back */
};

struct command {
	const char *name;      /* NULL: the guarded run */
	const char *since;     /* the release that brought it; NULL = the first, 0.1.0 */
	const char *arguments; /* what follows the options */
	const char *summary;   /* one line, starts with a capital, no full stop */
	unsigned scope;        /* of enum option_scope: the options it takes */
	/* Returns the exit status; or -1, with the error set, for command_run() to print. */
	int (*run)(struct invocation *in, struct error *error);
};

extern const struct command guard_command;
extern const struct command status_command;
extern const struct command why_command;
extern const struct command check_command;
extern const struct command record_command;
extern const struct command trip_command;
extern const struct command reset_command;
extern const struct command disable_command;
extern const struct command enable_command;
extern const struct command history_command;
extern const struct command overdue_command;
extern const struct command metrics_command;
extern const struct command report_command;
extern const struct command output_command;
extern const struct command probe_command;
extern const struct command config_command;
extern const struct command doctor_command;
extern const struct command simulate_command;
extern const struct command tune_command;
extern const struct command rename_command;
extern const struct command remove_command;
extern const struct command help_command;

/* The subcommands in the order of the help; NULL-terminated. */
extern const struct command *const subcommands[];

/* The subcommand of that name, or NULL. */
const struct command *command_find(const char *name);

/* Parses argv by the command's options, runs it, prints its error. Returns the exit status. */
int command_run(const struct command *command, int argc, char **argv);

/* What an error means to whoever called cbrun. */
int command_exit_status(enum error_kind kind);

/* Resolves the settings again, for this breaker, and prints what is wrong with the configuration. */
bool command_resolve_for(struct invocation *in, const char *name, struct error *error);

/*
 * Within how long the configuration expects that breaker's next call; 0 = it does not say. How loud all is stays as
 * it was, the other settings are the breaker's.
 */
bool command_expected(struct invocation *in, const char *name, int64_t *expect_ms, struct error *error);

/* The one operand of a command that acts on one breaker. False if it is missing, not alone, or no name. */
bool command_name(const struct invocation *in, const char **name, struct error *error);

/* Whether it is a breaker's name. */
bool command_check_name(const char *name, struct error *error);

/* Opens the store that the settings name. As store_open(). */
bool command_open_store(const struct invocation *in, enum store_access access, struct store **store,
                        struct error *error);

/* Tells the user what the store did by itself; whether there was anything. NULL is fine. */
bool command_tell_remarks(const struct invocation *in, struct store *store);

/* Ends what command_open_store() began: prints the store's remarks, and closes it. NULL is fine. */
void command_close_store(const struct invocation *in, struct store *store);

/* Sets the error "no breaker named ...", and returns false. */
bool command_no_breaker(const char *name, struct error *error);

#endif
