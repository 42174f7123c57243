/*
 * command_line.h: reads a command line by the table of options.
 */
#ifndef CBRUN_SETTINGS_COMMAND_LINE_H
#define CBRUN_SETTINGS_COMMAND_LINE_H

#include "base/error.h"
#include "settings/options.h"

/* One option as it was given. */
struct assignment {
	const struct option_row *row;
	const char *text; /* NULL for a flag, and for an option whose value was left out */
};

/* A parsed command line. Owned by whoever called command_line_parse(), who frees it. */
struct command_line {
	struct assignment *assignments; /* in the order of the command line; NULL if there are none */
	int assignment_count;
	char **operands; /* the words that are no options, NULL-terminated; they point into argv */
	int operand_count;
	bool dashes; /* they follow a -- */
};

/*
 * Reads the options of `scope` in argv, from argv[1] on. With `permute` they
 * may also follow operands; otherwise they end at the first word that is not an
 * option. On false the error is the first mistake, and *line has the options that
 * are right. The caller frees it in any case.
 */
bool command_line_parse(struct command_line *line, int argc, char **argv, unsigned scope, bool permute,
                        struct error *error);

void command_line_free(struct command_line *line);

/* The text of the last option of that long name; NULL if it was not given. */
const char *command_line_text(const struct command_line *line, const char *name);

/* Whether the option of that long name was given. */
bool command_line_has(const struct command_line *line, const char *name);

#endif
