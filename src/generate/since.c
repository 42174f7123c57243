/* since.c: which release brought what: the HISTORY of cbrun.1, and the list that is checked. */
#include "commands/command.h"
#include "generate/generate.h"
#include "settings/options.h"

#include <stdio.h>
#include <string.h>

static const char first_release[] = "0.1.0";

/* Those after the first that brought subcommands or options, the latest first. */
static const char *const releases[] = {"0.2.0"};

static const char *since(const char *release)
{
	return release != NULL ? release : first_release;
}

/* The words of a sentence: "a", "a and b", "a, b and c", a macro line each. */
struct series {
	const char *macro;
	size_t left;
};

static void print_item(struct series *series, const char *dashes, const char *name)
{
	printf(".%s %s", series->macro, dashes);
	for (const char *c = name; *c != '\0'; c++)
		printf(*c == '-' ? "\\-" : "%c", *c);
	series->left--;
	puts(series->left > 1 ? " ," : "");
	if (series->left == 1)
		puts("and");
}

static size_t count_commands(const char *release)
{
	size_t count = 0;
	for (int i = 0; subcommands[i] != NULL; i++)
		count += strcmp(since(subcommands[i]->since), release) == 0;
	return count;
}

static size_t count_options(const char *release)
{
	size_t count = 0;
	for (size_t i = 0; i < option_count; i++)
		count += strcmp(since(option_rows[i].since), release) == 0;
	return count;
}

static void print_release(const char *release)
{
	struct series commands = {.macro = "Cm", .left = count_commands(release)};
	struct series options = {.macro = "Fl", .left = count_options(release)};
	printf("The subcommands\n");
	for (int i = 0; subcommands[i] != NULL; i++)
		if (strcmp(since(subcommands[i]->since), release) == 0)
			print_item(&commands, "", subcommands[i]->name);
	printf("and the options\n");
	for (size_t i = 0; i < option_count; i++)
		if (strcmp(since(option_rows[i].since), release) == 0)
			print_item(&options, "\\-", option_rows[i].name);
	printf("came with\n.Nm\n%s.\n", release);
}

void generate_history(void)
{
	for (size_t i = 0; i < sizeof(releases) / sizeof(releases[0]); i++)
		print_release(releases[i]);
}

void generate_since(void)
{
	for (int i = 0; subcommands[i] != NULL; i++)
		printf("command %s %s\n", subcommands[i]->name, since(subcommands[i]->since));
	for (size_t i = 0; i < option_count; i++)
		printf("option %s %s\n", option_rows[i].name, since(option_rows[i].since));
}
