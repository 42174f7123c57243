/*
 * generate: writes what the table of options says into documents: generate
 * options prints the OPTIONS of cbrun.1. The outputs are checked in;
 * `make check-generated` proves that they are fresh.
 */
#include "settings/options.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* Prints text with the characters escaped that roff takes for its own. */
static void print_roff(const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '-')
			fputs("\\-", stdout);
		else if (*text == '\\')
			fputs("\\e", stdout);
		else
			putchar(*text);
	}
}

/* A sentence a line, as mdoc wants it, with a capital in front. */
static void print_sentences(const char *text)
{
	putchar(toupper((unsigned char)*text++));
	while (*text != '\0') {
		const char *end = strstr(text, ". ");
		if (end == NULL) {
			print_roff(text);
			break;
		}
		printf("%.*s.\n", (int)(end - text), text);
		text = end + 2;
	}
	puts(".");
}

static void print_default(const struct option_row *row)
{
	if (row->fallback == NULL || strcmp(row->fallback, "0") == 0)
		return;
	fputs("The default is ", stdout);
	print_roff(row->fallback);
	puts(".");
}

static void print_option(const struct option_row *row)
{
	fputs(".It ", stdout);
	if (row->letter != '\0')
		printf("Fl %c , ", row->letter);
	fputs("Fl \\-", stdout);
	print_roff(row->name);
	if (row->argument != NULL) {
		fputs(" Ar ", stdout);
		print_roff(row->argument);
	}
	putchar('\n');
	print_sentences(row->help);
	print_default(row);
	if (row->detail != NULL)
		print_sentences(row->detail);
}

static void print_options(unsigned scope)
{
	for (int group = 0; group < GROUPS; group++) {
		printf(".Ss %s\n.Bl -tag -width Ds\n", option_group_title((enum option_group)group));
		for (size_t i = 0; i < option_count; i++)
			if (option_rows[i].group == (enum option_group)group && (option_rows[i].scope & scope) != 0)
				print_option(&option_rows[i]);
		puts(".El");
	}
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "options") == 0) {
		print_options(SCOPE_GUARD);
		return 0;
	}
	fputs("usage: generate options\n", stderr);
	return 2;
}
