/* fuzz_command_line.c: the words of a command line, one a line of the input. */
#include "fuzz/fuzz.h"

#include "settings/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_WORDS = 64 };

/* Splits the text into words; returns how many. */
static int split(char *text, char *words[MOST_WORDS + 1])
{
	static char program[] = "cbrun";
	int count = 0;
	words[count++] = program;
	while (text != NULL && count < MOST_WORDS)
		words[count++] = strsep(&text, "\n");
	words[count] = NULL;
	return count;
}

/* An option that is called unknown is not one of the form's. */
static void check_mistake(const struct error *error, unsigned scope)
{
	char name[160] = "";
	char letter = '\0';
	fuzz_check_error(error);
	if (sscanf(error->text, "unknown option --%159[^\n]", name) == 1) {
		char *end = strrchr(name, ';');
		HOLDS(end != NULL);
		*end = '\0';
		const struct option_row *row = option_find(name);
		HOLDS(row == NULL || (row->scope & scope) == 0);
	} else if (sscanf(error->text, "unknown option -%c", &letter) == 1) {
		for (size_t i = 0; i < option_count; i++)
			HOLDS(option_rows[i].letter != letter || (option_rows[i].scope & scope) == 0);
	}
}

static void check_form(int count, char *const words[], unsigned scope, bool permute)
{
	char *argv[MOST_WORDS + 1];
	struct command_line line;
	struct config_files config = {0};
	struct settings settings;
	struct error error = {0};
	memcpy(argv, words, sizeof(argv));
	if (!command_line_parse(&line, count, argv, scope, permute, &error)) {
		check_mistake(&error, scope);
		command_line_free(&line);
		return;
	}
	HOLDS(line.operand_count < count);
	HOLDS(line.operands[line.operand_count] == NULL);
	for (int i = 0; i < line.assignment_count; i++)
		HOLDS((line.assignments[i].row->scope & scope) != 0);
	if (settings_resolve(&settings, &line, &config, NULL, &error))
		fuzz_check_settings(&settings);
	else
		fuzz_check_error(&error);
	command_line_free(&line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char *none[] = {NULL};
	char *words[MOST_WORDS + 1] = {0};
	char *text = fuzz_text(data, size);
	int count = split(text, words);
	environ = none;
	check_form(count, words, SCOPE_GUARD, false);
	check_form(count, words, SCOPE_TRIP, true);
	free(text);
	return 0;
}
