/*
 * help.h: what `--help` prints, from the tables.
 */
#ifndef CBRUN_COMMANDS_HELP_H
#define CBRUN_COMMANDS_HELP_H

#include "commands/command.h"

/* Prints how the command is used: its synopsis and the options of its scope, by groups. */
void help_print_command(FILE *out, const struct command *command);

/* Prints what is known of programs' exit statuses. */
void help_print_outcomes(FILE *out);

/* Prints the overview: the forms and the subcommands. */
void help_print_overview(FILE *out);

#endif
