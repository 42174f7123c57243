/*
 * completion.h: what the three completions share: the forms of the command
 * line, and what can be an option's value or an operand.
 */
#ifndef CBRUN_GENERATE_COMPLETION_H
#define CBRUN_GENERATE_COMPLETION_H

#include "commands/command.h"
#include "settings/options.h"

/* Form number i: the guarded run, then the subcommands; NULL after the last. */
const struct command *form_at(int i);

/* What completions call the form: "guard", "status", ... */
const char *form_name(const struct command *form);

/* Prints the names of the forms that take the option, with the separator between. */
void completion_print_forms(const struct option_row *row, const char *separator);

/* Where the words for a place come from. */
enum slot_source {
	SLOT_NONE,        /* nothing: a flag that takes no value */
	SLOT_SWITCH,      /* it may be left out; otherwise one of `words`, if any, follows a "=" */
	SLOT_WORDS,       /* one of `words` */
	SLOT_LIST,        /* any of `words`, with commas between */
	SLOT_BREAKERS,    /* a breaker's name */
	SLOT_FILES,       /* a file's name */
	SLOT_COMMANDS,    /* a command line for the shell */
	SLOT_SUBCOMMANDS, /* a subcommand */
	SLOT_FREE,        /* nothing that could be guessed: a number, a duration, a text */
	SLOT_SOURCES,     /* how many there are */
};

enum { SLOT_NAME_SIZE = 128, SLOT_WORDS_SIZE = 512, OPERANDS_MAX = 4 };

/* A place of the command line: an option's value, or an operand. */
struct slot {
	enum slot_source source;
	char name[SLOT_NAME_SIZE];   /* what the help calls it: NAME, DUR */
	char words[SLOT_WORDS_SIZE]; /* with spaces between */
	bool repeated;               /* an operand that may be given more than once */
};

struct slot slot_of_option(const struct option_row *row);

/* The operands of a subcommand. Returns how many there are. */
int slots_of_operands(const struct command *command, struct slot slots[OPERANDS_MAX]);

#endif
