/* fish.c: the tables of completions/cbrun.fish. */
#include "generate/completion.h"
#include "generate/generate.h"

#include <string.h>

/* Prints text as a word of fish. */
static void print_quoted(const char *text)
{
	putchar('\'');
	for (; *text != '\0'; text++) {
		if (*text == '\'' || *text == '\\')
			putchar('\\');
		putchar(*text);
	}
	putchar('\'');
}

/* What complete(1) is told of a value: -x, it is needed and no file's name; -r -F, it is needed and one. */
static void print_slot(const struct slot *slot)
{
	static const char *const arguments[SLOT_SOURCES] = {
		[SLOT_NONE] = "",
		[SLOT_SWITCH] = " -a '",
		[SLOT_WORDS] = " -x -a '",
		[SLOT_LIST] = " -x -a '(__cbrun_list ",
		[SLOT_BREAKERS] = " -x -a '(__cbrun_breakers)'",
		[SLOT_FILES] = " -r -F",
		[SLOT_COMMANDS] = " -x -a '(__cbrun_commands)'",
		[SLOT_SUBCOMMANDS] = " -x -a '(__cbrun_subcommands)'",
		[SLOT_FREE] = " -x",
	};
	static const char *const ends[SLOT_SOURCES] = {[SLOT_SWITCH] = "'", [SLOT_WORDS] = "'", [SLOT_LIST] = ")'"};
	const char *end = ends[slot->source] != NULL ? ends[slot->source] : "";
	printf("%s%s%s", arguments[slot->source], slot->words, end);
}

static void print_description(const char *text)
{
	fputs(" -d ", stdout);
	print_quoted(text);
	putchar('\n');
}

static void print_start(const struct option_row *row)
{
	fputs("complete -c cbrun -n '__cbrun_in ", stdout);
	completion_print_forms(row, " ");
	putchar('\'');
	if (row->letter != '\0')
		printf(" -s %c", row->letter);
}

static void print_option(const struct option_row *row)
{
	struct slot slot = slot_of_option(row);
	print_start(row);
	if (row->letter != '\0' && slot.source == SLOT_SWITCH) {
		/* behind its letter a switch takes no value */
		struct option_row nameless = *row;
		nameless.letter = '\0';
		print_description(row->help);
		print_start(&nameless);
	}
	printf(" -l %s", row->name);
	print_slot(&slot);
	print_description(row->help);
}

/* __cbrun_operand FORM NUMBER; without a number, each one. */
static void print_operands_of(const struct command *command)
{
	struct slot slots[OPERANDS_MAX];
	int count = slots_of_operands(command, slots);
	for (int i = 0; i < count; i++) {
		printf("complete -c cbrun -n '__cbrun_operand %s", command->name);
		if (!slots[i].repeated)
			printf(" %d", i + 1);
		putchar('\'');
		print_slot(&slots[i]);
		putchar('\n');
	}
}

static void print_takers(void)
{
	fputs("# Whether the value of an option is the next word.\n"
	      "function __cbrun_takes_value\n    contains -- $argv[1]",
	      stdout);
	for (size_t i = 0; i < option_count; i++) {
		if (option_rows[i].kind == OPTION_FLAG || option_rows[i].alone != NULL)
			continue;
		printf(" \\\n        --%s", option_rows[i].name);
		if (option_rows[i].letter != '\0')
			printf(" -%c", option_rows[i].letter);
	}
	puts("\nend\n");
}

static void print_subcommands(void)
{
	puts("function __cbrun_subcommands");
	for (int i = 0; subcommands[i] != NULL; i++) {
		printf("    printf '%%s\\t%%s\\n' %s ", subcommands[i]->name);
		print_quoted(subcommands[i]->summary);
		putchar('\n');
	}
	puts("end\n");
}

void generate_fish(void)
{
	print_takers();
	print_subcommands();
	for (size_t i = 0; i < option_count; i++)
		print_option(&option_rows[i]);
	for (int i = 0; subcommands[i] != NULL; i++)
		print_operands_of(subcommands[i]);
}
