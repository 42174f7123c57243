/* since.c: which release brought what: the HISTORY of cbrun.1, and the list that is checked. */
#include "commands/command.h"
#include "generate/generate.h"
#include "generate/roff.h"
#include "settings/options.h"

#include <stdio.h>
#include <string.h>

enum { COMMANDS_MAX = 64 };

static const char first_release[] = "0.1.0";

/* Those after the first that brought subcommands or options, the latest first. */
static const char *const releases[] = {"0.2.0"};

struct things {
	struct thing {
		const char *kind;
		const char *name;
		const char *since;
	} list[COMMANDS_MAX + OPTIONS_MAX];
	size_t count;
};

static void add(struct things *things, const char *kind, const char *name, const char *since)
{
	things->list[things->count++] = (struct thing){kind, name, since != NULL ? since : first_release};
}

static struct things list_things(void)
{
	struct things things = {.count = 0};
	for (int i = 0; subcommands[i] != NULL; i++)
		add(&things, "command", subcommands[i]->name, subcommands[i]->since);
	for (size_t i = 0; i < option_count; i++)
		add(&things, "option", option_rows[i].name, option_rows[i].since);
	return things;
}

static bool is_of(const struct thing *thing, const char *kind, const char *release)
{
	return strcmp(thing->kind, kind) == 0 && strcmp(thing->since, release) == 0;
}

/* The words of a sentence: "a", "a and b", "a, b and c", a macro line each. */
static void print_series(const struct things *things, const char *kind, const char *release, const char *macro)
{
	size_t left = 0;
	for (size_t i = 0; i < things->count; i++)
		left += is_of(&things->list[i], kind, release);
	for (size_t i = 0; i < things->count; i++) {
		const char *name = things->list[i].name;
		if (!is_of(&things->list[i], kind, release))
			continue;
		left--;
		fputs(macro, stdout);
		roff_print(name, strlen(name));
		puts(left > 1 ? " ," : left == 1 ? "\nand" : "");
	}
}

void generate_history(void)
{
	struct things things = list_things();
	for (size_t i = 0; i < sizeof(releases) / sizeof(releases[0]); i++) {
		puts("The subcommands");
		print_series(&things, "command", releases[i], ".Cm ");
		puts("and the options");
		print_series(&things, "option", releases[i], ".Fl \\-");
		printf("came with\n.Nm\n%s.\n", releases[i]);
	}
}

void generate_since(void)
{
	struct things things = list_things();
	for (size_t i = 0; i < things.count; i++)
		printf("%s %s %s\n", things.list[i].kind, things.list[i].name, things.list[i].since);
}
