/*
 * help.h: what `--help` prints, from the tables.
 */
#ifndef CBRUN_COMMANDS_HELP_H
#define CBRUN_COMMANDS_HELP_H

#include "commands/command.h"

/* Prints how the command is used: its synopsis and the options of its scope, by groups. */
void help_print_command(FILE *out, const struct command *command);

/* Prints the overview: the forms and the subcommands. */
void help_print_overview(FILE *out);

#endif
