/*
 * settings.h: from words to values: reads a command line by the table of
 * options, and gives every option the value that counts.
 */
#ifndef CBRUN_SETTINGS_SETTINGS_H
#define CBRUN_SETTINGS_SETTINGS_H

#include "base/error.h"
#include "base/message.h"
#include "settings/options.h"

/* One option as it was given. */
struct assignment {
	const struct option_row *row;
	const char *text; /* NULL for a flag */
};

/* A parsed command line. Owned by whoever called command_line_parse(), who frees it. */
struct command_line {
	struct assignment *assignments; /* in the order of the command line */
	int assignment_count;
	char **operands; /* the words that are no options, NULL-terminated; they point into argv */
	int operand_count;
};

/*
 * Reads the options of `scope` in argv, from argv[1] on. With `permute` they
 * may stand behind operands too; else they end at the first word that is no
 * option. On false *line needs no freeing.
 */
bool command_line_parse(struct command_line *line, int argc, char **argv, unsigned scope, bool permute,
                        struct error *error);

void command_line_free(struct command_line *line);

/* Whether the option of that long name was given. */
bool command_line_has(const struct command_line *line, const char *name);

/*
 * Fills *settings: the defaults of the table, then the command line over them.
 * Checks each value and what they mean together.
 */
bool settings_resolve(struct settings *settings, const struct command_line *line, struct error *error);

/*
 * For commands that bring no policy of their own: sets settings->policy to
 * `base`, with what the command line says over it.
 */
bool settings_resolve_over(struct settings *settings, const struct policy *base,
                           const struct command_line *line, struct error *error);

/* How loud the messages shall be. */
enum message_level settings_level(const struct settings *settings);

#endif
