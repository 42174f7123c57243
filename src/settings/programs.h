/*
 * programs.h: what the exit statuses of well-known programs mean: whether the
 * service is to blame, or the caller. One table; the judge, `cbrun help
 * outcomes`, the manual and the completions walk its rows.
 */
#ifndef CBRUN_SETTINGS_PROGRAMS_H
#define CBRUN_SETTINGS_PROGRAMS_H

#include "breaker/outcome.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * A program. Lists are those of --ignore-on and the like, of exit statuses
 * alone. 0 is a success; any other status that no list names is a failure.
 */
struct program {
	const char *name;    /* what --outcomes takes, and the base name of the command */
	const char *also;    /* other base names, blanks between; one that ends in "*" is a beginning; or NULL */
	const char *failure; /* what is known to be the service's fault; NULL = nothing in particular */
	const char *ignore;  /* the caller's own fault; NULL = no status says so */
	const char *success; /* besides 0; NULL = none */
	/*
	 * Letters of options with which the program contacts no service but answers by
	 * itself, and letters of options whose argument may follow as the next word.
	 */
	const char *idle;
	const char *valued;
	const char *note;   /* what it cannot tell, and how to do better; without the last full stop */
	const char *source; /* the manual and the version that this was taken from */
};

extern const struct program programs[];
extern const size_t program_count;

/* --outcomes as a number: these two, and above them a program's row. */
enum { PROGRAM_NONE, PROGRAM_AUTO, PROGRAM_FIRST };

/* That number for a word; -1 if there is no such program. */
int program_number(const char *word);

/* The name of the program that is nearest to a mistyped one; NULL if none is near. */
const char *program_nearest(const char *word);

/*
 * The row for a command: the one of that number, or under PROGRAM_AUTO the one of the
 * command's base name. NULL if there is none.
 */
const struct program *program_of(int number, const char *command);

/* Sets what is known of the program's exit statuses; NULL: nothing is. */
void program_rules(const struct program *program, struct outcome_rules *rules);

/*
 * Whether this run of the program contacts no service, so that it says nothing
 * about one. NULL: nothing is known of the program.
 */
bool program_is_idle(const struct program *program, char *const *argv);

#endif
