/* zsh.c: the tables of completions/_cbrun, as specifications for _arguments. */
#include "generate/completion.h"
#include "generate/generate.h"

#include <string.h>

/* Text in a specification in single quotes: brackets and colons would end its part, a quote the word. */
static void print_part(const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '\'')
			fputs("'\\''", stdout);
		else if (strchr("[]:\\", *text) != NULL)
			printf("\\%c", *text);
		else
			putchar(*text);
	}
}

/* What follows the last colon of a specification. */
static void print_action(const struct slot *slot)
{
	static const char *const actions[SLOT_SOURCES] = {
		[SLOT_NONE] = "",
		[SLOT_SWITCH] = "(",
		[SLOT_WORDS] = "(",
		[SLOT_LIST] = "_sequence compadd - ",
		[SLOT_BREAKERS] = "_cbrun_breakers",
		[SLOT_FILES] = "_files",
		[SLOT_COMMANDS] = "_cmdstring",
		[SLOT_SUBCOMMANDS] = "_cbrun_subcommands",
		[SLOT_FREE] = " ",
	};
	bool bracket = slot->source == SLOT_WORDS || slot->source == SLOT_SWITCH;
	if (bracket && slot->words[0] == '\0') {
		putchar(' ');
		return;
	}
	printf("%s%s%s", actions[slot->source], slot->words, bracket ? ")" : "");
}

/* --name=[help]:ARGUMENT:action' */
static void print_long(const struct option_row *row, const struct slot *slot)
{
	static const char *const ends[SLOT_SOURCES] = {[SLOT_NONE] = "", [SLOT_SWITCH] = "=-"};
	printf("--%s%s", row->name, ends[slot->source] != NULL ? ends[slot->source] : "=");
}

static void print_rest(const struct option_row *row, const struct slot *slot)
{
	putchar('[');
	print_part(row->help);
	putchar(']');
	if (slot->source == SLOT_SWITCH)
		printf("::%s", slot->name);
	else if (slot->source != SLOT_NONE)
		printf(":%s", slot->name);
	if (slot->source != SLOT_NONE)
		putchar(':');
	print_action(slot);
	putchar('\'');
}

/* '(-n --name)'{-n+,--name=}'[which breaker]:NAME:_cbrun_breakers' */
static void print_option(const struct option_row *row)
{
	struct slot slot = slot_of_option(row);
	if (row->letter == '\0') {
		putchar('\'');
		print_long(row, &slot);
	} else if (slot.source == SLOT_SWITCH) {
		/* behind its letter a switch takes no value */
		struct slot none = {.source = SLOT_NONE};
		printf("'(-%c --%s)-%c", row->letter, row->name, row->letter);
		print_rest(row, &none);
		printf(" '(-%c --%s)", row->letter, row->name);
		print_long(row, &slot);
	} else {
		printf("'(-%c --%s)'{-%c%s,", row->letter, row->name, row->letter,
		       slot.source == SLOT_NONE ? "" : "+");
		print_long(row, &slot);
		fputs("}'", stdout);
	}
	print_rest(row, &slot);
}

static void print_row(const struct option_row *row)
{
	fputs("\t[[ $form == (", stdout);
	completion_print_forms(row, "|");
	fputs(") ]] && specs+=(", stdout);
	print_option(row);
	puts(")");
}

static void print_operands_of(const struct command *command)
{
	struct slot slots[OPERANDS_MAX];
	int count = slots_of_operands(command, slots);
	for (int i = 0; i < count; i++) {
		printf("\t[[ $form == %s ]] && specs+=('", command->name);
		if (slots[i].repeated)
			putchar('*');
		else
			printf("%d", i + 1);
		printf(":%s:", slots[i].source == SLOT_WORDS ? "word" : slots[i].name);
		print_action(&slots[i]);
		puts("')");
	}
}

void generate_zsh(void)
{
	puts("# Sets its caller's arrays: subcommands, all of them; specs, what belongs to $form.\n"
	     "_cbrun_tables() {\n\tsubcommands=(");
	for (int i = 0; subcommands[i] != NULL; i++) {
		printf("\t\t'%s:", subcommands[i]->name);
		print_part(subcommands[i]->summary);
		puts("'");
	}
	puts("\t)\n\tspecs=()");
	for (size_t i = 0; i < option_count; i++)
		print_row(&option_rows[i]);
	for (int i = 0; subcommands[i] != NULL; i++)
		print_operands_of(subcommands[i]);
	puts("}");
}
