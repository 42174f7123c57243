/* bash.c: the tables of completions/cbrun.bash, as functions that set their caller's arrays. */
#include "generate/completion.h"
#include "generate/generate.h"

#include <string.h>

enum { LINE_WIDTH = 110, INDENT = 24 };

/* Prints a word of a list, on a new line if it does not fit. Returns the column behind it. */
static int put(const char *word, int column)
{
	int length = (int)strlen(word);
	if (column + length >= LINE_WIDTH) {
		printf("\n\t\t\t%s", word);
		return INDENT + length;
	}
	bool first = column == INDENT;
	printf("%s%s", first ? "" : " ", word);
	return column + !first + length;
}

static void print_subcommands(void)
{
	int column = INDENT;
	fputs("# subcommands: all of them.\n_cbrun_subcommands()\n{\n\tsubcommands=(", stdout);
	for (int i = 0; subcommands[i] != NULL; i++)
		column = put(subcommands[i]->name, column);
	puts(")\n}\n");
}

static void print_options_of(const struct command *form)
{
	int column = INDENT;
	if (form->scope == 0)
		return;
	printf("\t%s)\n\t\toptions=(", form_name(form));
	for (size_t i = 0; i < option_count; i++) {
		const struct option_row *row = &option_rows[i];
		char word[64];
		if ((row->scope & form->scope) == 0)
			continue;
		snprintf(word, sizeof(word), "--%s", row->name);
		column = put(word, column);
		snprintf(word, sizeof(word), "-%c", row->letter);
		column = row->letter != '\0' ? put(word, column) : column;
	}
	puts(")\n\t\t;;");
}

/* ) value=(SOURCE WORD...) ;; */
static void print_slot(const struct slot *slot)
{
	static const char *const sources[SLOT_SOURCES] = {
		[SLOT_NONE] = "",
		[SLOT_SWITCH] = "switch ",
		[SLOT_WORDS] = "words ",
		[SLOT_LIST] = "list ",
		[SLOT_BREAKERS] = "breakers",
		[SLOT_FILES] = "files",
		[SLOT_COMMANDS] = "commands",
		[SLOT_SUBCOMMANDS] = "subcommands",
		[SLOT_FREE] = "free",
	};
	printf(") value=(%s%s) ;;\n", sources[slot->source], slot->words);
}

static void print_value_of(const struct option_row *row)
{
	struct slot slot = slot_of_option(row);
	if (slot.source == SLOT_NONE)
		return;
	printf("\t--%s", row->name);
	if (row->letter != '\0')
		printf(" | -%c", row->letter);
	print_slot(&slot);
}

/* A case for each operand, by the form and the operand's number; one that is repeated has any number. */
static void print_operands_of(const struct command *command)
{
	struct slot slots[OPERANDS_MAX];
	int count = slots_of_operands(command, slots);
	for (int i = 0; i < count; i++) {
		if (slots[i].repeated)
			printf("\t%s\\ *", command->name);
		else
			printf("\t%s\\ %d", command->name, i + 1);
		print_slot(&slots[i]);
	}
}

void generate_bash(void)
{
	print_subcommands();
	puts("# options: those of a form.\n_cbrun_options()\n{\n\tcase $1 in");
	for (int i = 0; form_at(i) != NULL; i++)
		print_options_of(form_at(i));
	puts("\t*) options=() ;;\n\tesac\n}\n\n"
	     "# value: what an option takes; a switch takes it behind a \"=\" alone.\n"
	     "_cbrun_value()\n{\n\tcase $1 in");
	for (size_t i = 0; i < option_count; i++)
		print_value_of(&option_rows[i]);
	puts("\t*) value=() ;;\n\tesac\n}\n\n"
	     "# value: what the operand of that number of a form is.\n"
	     "_cbrun_operand()\n{\n\tcase \"$1 $2\" in");
	for (int i = 0; subcommands[i] != NULL; i++)
		print_operands_of(subcommands[i]);
	puts("\t*) value=() ;;\n\tesac\n}");
}
