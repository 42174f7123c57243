/*
 * suggest.h: guesses what was meant by a word that is not a subcommand.
 */
#ifndef CBRUN_COMMANDS_SUGGEST_H
#define CBRUN_COMMANDS_SUGGEST_H

#include "commands/command.h"

/* Whether it is what one may call a guarded run, which has no word of its own: "run", "exec". */
bool suggest_is_run(const char *word);

/* Sets the error: there is no such subcommand, and what is nearest. Returns false. */
bool suggest_subcommand(const char *word, struct error *error);

/*
 * For a command line that begins with a word that is no subcommand, and names
 * no breaker: sets the error to the form that was most likely meant. Returns false.
 */
bool suggest_form(char *const *words, struct error *error);

#endif
