/* help.c: `cbrun help`, `cbrun --help` and `cbrun SUBCOMMAND --help`, from the tables. */
#include "commands/help.h"

#include "commands/suggest.h"

#include <string.h>

enum { HELP_COLUMN = 28, LINE_WIDTH = 80 };

void help_print_overview(FILE *out)
{
	fputs("Usage: cbrun [OPTION...] --name NAME [--] COMMAND [ARG...]\n"
	      "       cbrun SUBCOMMAND [OPTION...] [NAME...]\n\n"
	      "Guards a command with a circuit breaker that all processes of the machine share.\n\n"
	      "Subcommands:\n",
	      out);
	for (int i = 0; subcommands[i] != NULL; i++)
		fprintf(out, "  %-10s %s\n", subcommands[i]->name, subcommands[i]->summary);
	fputs("\n'cbrun --help' lists the options of a guarded run, 'cbrun SUBCOMMAND --help'\n"
	      "those of a subcommand; 'man cbrun' explains the rest.\n",
	      out);
}

/* "  -f, --failures N" */
static int print_names(FILE *out, const struct option_row *row)
{
	int width = row->letter != '\0' ? fprintf(out, "  -%c, ", row->letter) : fprintf(out, "      ");
	width += fprintf(out, "--%s", row->name);
	if (row->argument != NULL)
		width += fprintf(out, row->alone != NULL ? "[=%s]" : " %s", row->argument);
	return width;
}

/* Prints words from HELP_COLUMN on, broken into lines. */
static void print_wrapped(FILE *out, const char *text, int column)
{
	if (column + 2 > HELP_COLUMN) {
		fputc('\n', out);
		column = 0;
	}
	fprintf(out, "%*s", HELP_COLUMN - column, "");
	column = HELP_COLUMN;
	while (*text != '\0') {
		int length = (int)strcspn(text, " ");
		if (column + length > LINE_WIDTH) {
			fprintf(out, "\n%*s", HELP_COLUMN, "");
			column = HELP_COLUMN;
		}
		fprintf(out, "%.*s", length, text);
		column += length;
		text += length;
		if (*text == ' ' && column + 1 + (int)strcspn(text + 1, " ") <= LINE_WIDTH) {
			fputc(' ', out);
			column++;
		} else if (*text == ' ') {
			column = LINE_WIDTH;
		}
		text += *text == ' ';
	}
	fputc('\n', out);
}

static void print_row(FILE *out, const struct option_row *row)
{
	char text[256];
	bool shown = row->fallback != NULL && strcmp(row->fallback, "0") != 0;
	snprintf(text, sizeof(text), "%s%s%s%s", row->help, shown ? " (default: " : "",
	         shown ? row->fallback : "", shown ? ")" : "");
	print_wrapped(out, text, print_names(out, row));
}

static void print_group(FILE *out, enum option_group group, unsigned scope)
{
	bool headed = false;
	for (size_t i = 0; i < option_count; i++) {
		if (option_rows[i].group != group || (option_rows[i].scope & scope) == 0)
			continue;
		if (!headed)
			fprintf(out, "\n%s:\n", option_group_title(group));
		headed = true;
		print_row(out, &option_rows[i]);
	}
}

/* Whether the form has an option whose argument the help calls so. */
static bool takes(unsigned scope, const char *argument)
{
	for (size_t i = 0; i < option_count; i++) {
		const struct option_row *row = &option_rows[i];
		if ((row->scope & scope) != 0 && row->argument != NULL && strstr(row->argument, argument) != NULL)
			return true;
	}
	return false;
}

/* What the help calls arguments, as far as the form has them. */
static void print_values(FILE *out, unsigned scope)
{
	if (takes(scope, "DUR"))
		fprintf(out, "\nDUR: 10, 1.5s, 200ms, 1m30s, 2h, 1d; without a unit, seconds.%s\n",
		        takes(scope, "PCT") ? " PCT: 0 to 100." : "");
	if (takes(scope, "TIME"))
		fputs("TIME: 2h (ago), 14:00, yesterday, '2026-11-28 14:00', 2026-11-28T14:00:00Z.\n", out);
	if (takes(scope, "LIST"))
		fputs("LIST: statuses, ranges, signals and words: 1,5-7,SIGSEGV,signal,timeout,any.\n", out);
}

void help_print_command(FILE *out, const struct command *command)
{
	if (command->name == NULL) {
		help_print_overview(out);
	} else {
		fprintf(out, "Usage: cbrun %s [OPTION...] %s\n\n%s.\n", command->name, command->arguments,
		        command->summary);
	}
	for (int group = 0; group < GROUPS; group++)
		print_group(out, (enum option_group)group, command->scope);
	print_values(out, command->scope);
}

static int run(struct invocation *in, struct error *error)
{
	if (in->line.operand_count == 0) {
		help_print_overview(stdout);
		return 0;
	}
	const char *word = in->line.operands[0];
	if (strcmp(word, "outcomes") == 0) {
		help_print_outcomes(stdout);
		return 0;
	}
	const struct command *command = suggest_is_run(word) ? &guard_command : command_find(word);
	if (command != NULL) {
		help_print_command(stdout, command);
		return 0;
	}
	suggest_subcommand(word, error);
	return -1;
}

const struct command help_command = {
	.name = "help",
	.arguments = "[SUBCOMMAND]",
	.summary = "Show how cbrun or a subcommand is used",
	.scope = SCOPE_HELP,
	.run = run,
};
