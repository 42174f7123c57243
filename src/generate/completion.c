/* completion.c: forms, values and operands. */
#include "generate/completion.h"

#include "base/signal_name.h"

#include <ctype.h>
#include <string.h>

enum { LAST_SIGNAL = 31 };

const struct command *form_at(int i)
{
	return i == 0 ? &guard_command : subcommands[i - 1];
}

const char *form_name(const struct command *form)
{
	return form->name != NULL ? form->name : "guard";
}

void completion_print_forms(const struct option_row *row, const char *separator)
{
	const char *before = "";
	for (int i = 0; form_at(i) != NULL; i++) {
		if ((form_at(i)->scope & row->scope) == 0)
			continue;
		printf("%s%s", before, form_name(form_at(i)));
		before = separator;
	}
}

/* Appends a word to the words with spaces between. */
static void add_word(struct slot *slot, const char *word, size_t length)
{
	size_t used = strlen(slot->words);
	snprintf(slot->words + used, sizeof(slot->words) - used, "%s%.*s", used > 0 ? " " : "", (int)length,
	         word);
}

static void add_signals(struct slot *slot)
{
	for (int signal = 1; signal <= LAST_SIGNAL; signal++) {
		const char *name = signal_name(signal);
		add_word(slot, name, strlen(name));
	}
	add_word(slot, "RTMIN RTMAX", sizeof("RTMIN RTMAX") - 1);
}

static void add_programs(struct slot *slot)
{
	add_word(slot, "none auto", sizeof("none auto") - 1);
	for (size_t i = 0; i < program_count; i++)
		add_word(slot, programs[i].name, strlen(programs[i].name));
}

/* By what the help calls it: "FILE"; of "success|failure|STATUS" the words in small letters are a choice. */
static void fill_by_name(struct slot *slot)
{
	static const struct {
		const char *name;
		enum slot_source source;
	} sources[] = {
		{"NAME", SLOT_BREAKERS},
		{"OLD", SLOT_BREAKERS},
		{"FILE", SLOT_FILES},
		{"PATH", SLOT_FILES},
		{"CMD", SLOT_COMMANDS},
		{"SUBCOMMAND", SLOT_SUBCOMMANDS},
	};
	slot->source = SLOT_FREE;
	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++)
		if (strcmp(sources[i].name, slot->name) == 0)
			slot->source = sources[i].source;
	for (const char *word = slot->name; *word != '\0'; word += strspn(word, "|")) {
		size_t length = strcspn(word, "|");
		if (islower((unsigned char)*word))
			add_word(slot, word, length);
		word += length;
	}
	if (slot->words[0] != '\0')
		slot->source = SLOT_WORDS;
}

/* One of some words, or a list of them. */
static void fill_by_kind(struct slot *slot, const struct option_row *row)
{
	bool outcomes = row->kind == OPTION_LIST;
	bool signals = outcomes || row->kind == OPTION_SIGNAL;
	bool one = row->kind == OPTION_CHOICE || row->kind == OPTION_SIGNAL || row->kind == OPTION_PROGRAM;
	if (row->kind == OPTION_PROGRAM)
		add_programs(slot);
	for (int i = 0; row->choices != NULL && row->choices[i] != NULL; i++)
		add_word(slot, row->choices[i], strlen(row->choices[i]));
	if (outcomes)
		add_word(slot, "any signal timeout", sizeof("any signal timeout") - 1);
	if (signals)
		add_signals(slot);
	slot->source = one ? SLOT_WORDS : SLOT_LIST;
}

struct slot slot_of_option(const struct option_row *row)
{
	struct slot slot = {.source = SLOT_NONE};
	if (row->kind == OPTION_FLAG && (row->scope & SCOPE_CONFIG) == 0)
		return slot;
	if (row->kind == OPTION_FLAG) {
		slot = (struct slot){.source = SLOT_SWITCH, .name = "yes or no", .words = "yes no"};
		return slot;
	}
	snprintf(slot.name, sizeof(slot.name), "%s", row->argument);
	if (row->choices != NULL || row->kind == OPTION_SIGNAL || row->kind == OPTION_LIST ||
	    row->kind == OPTION_PROGRAM)
		fill_by_kind(&slot, row);
	else
		fill_by_name(&slot);
	if (row->alone != NULL)
		slot.source = SLOT_SWITCH;
	return slot;
}

int slots_of_operands(const struct command *command, struct slot slots[OPERANDS_MAX])
{
	const char *text = command->arguments;
	int count = 0;
	while (*text != '\0' && count < OPERANDS_MAX) {
		struct slot *slot = &slots[count++];
		size_t length = strcspn(text, " ");
		size_t start = strspn(text, "[");
		size_t end = strcspn(text, "]. ");
		*slot = (struct slot){.repeated = memmem(text, length, "...", 3) != NULL};
		snprintf(slot->name, sizeof(slot->name), "%.*s", (int)(end - start), text + start);
		fill_by_name(slot);
		text += length;
		text += *text == ' ';
	}
	return count;
}
