/* suggest.c: words that were meant otherwise. */
#include "commands/suggest.h"

#include "base/nearest.h"
#include "base/text.h"
#include "settings/values.h"

#include <string.h>

/* What other programs call it. */
static const struct {
	const char *word;
	const char *meant;
} synonyms[] = {
	{"list", "status"},   {"ls", "status"},       {"show", "status"},  {"version", "--version"},
	{"open", "trip"},     {"hold", "trip --hold"}, {"close", "reset"},  {"log", "history"},
	{"delete", "remove"}, {"rm", "remove"},       {"mv", "rename"},
};

bool suggest_is_run(const char *word)
{
	return strcmp(word, "run") == 0 || strcmp(word, "exec") == 0;
}

/* The one subcommand that begins so; NULL if there is none, or more than one, or less than three letters are typed. */
static const char *completion_of(const char *word)
{
	const char *found = NULL;
	for (int i = 0; subcommands[i] != NULL; i++) {
		if (strncmp(subcommands[i]->name, word, strlen(word)) != 0)
			continue;
		if (found != NULL)
			return NULL;
		found = subcommands[i]->name;
	}
	return strlen(word) > 2 ? found : NULL;
}

/* What the word stands for, or is mistyped for: one mistake is put up with, in a longer word two. NULL for none. */
static const char *meaning_of(const char *word)
{
	struct nearest nearest;
	const char *completed = completion_of(word);
	if (completed != NULL)
		return completed;
	for (size_t i = 0; i < sizeof(synonyms) / sizeof(synonyms[0]); i++)
		if (strcmp(synonyms[i].word, word) == 0)
			return synonyms[i].meant;
	nearest_begin(&nearest, word, 1 + strlen(word) / 6);
	for (int i = 0; subcommands[i] != NULL; i++)
		nearest_try(&nearest, subcommands[i]->name);
	return nearest.word;
}

bool suggest_subcommand(const char *word, struct error *error)
{
	const char *meant = meaning_of(word);
	if (meant != NULL)
		return error_set(error, ERROR_USAGE, "'%s' is not a subcommand; did you mean '%s'?", TEXT_BRIEF(word), meant);
	return error_set(error, ERROR_USAGE, "no subcommand named '%s'; try 'cbrun help'", TEXT_BRIEF(word));
}

/* How the command is guarded that these words are; "..." stands for all but the first. */
static bool suggest_guard(const char *word, const char *name, char *const *command, struct error *error)
{
	return error_set(error, ERROR_USAGE, "'%s' is not a subcommand; to guard a command: cbrun -n %s -- %s%s",
	                 TEXT_BRIEF(word), name, TEXT_BRIEF(command[0]), command[1] != NULL ? " ..." : "");
}

bool suggest_form(char *const *words, struct error *error)
{
	const char *word = words[0];
	char *const *rest = words + 1;
	if (suggest_is_run(word))
		return error_set(error, ERROR_USAGE,
		                 "'%s' is not a subcommand, and none is needed: cbrun --name NAME -- COMMAND", word);
	if (meaning_of(word) != NULL)
		return suggest_subcommand(word, error);
	if (rest[0] != NULL && strcmp(rest[0], "--") == 0)
		rest++;
	/* `cbrun api curl ...`; in `cbrun curl -f ...` the word is the command */
	if (rest[0] != NULL && rest[0][0] != '-' && value_is_name(word))
		return suggest_guard(word, word, rest, error);
	return suggest_guard(word, "NAME", words, error);
}
