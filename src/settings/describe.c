/* describe.c: values as text. */
#include "settings/describe.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>

void describe_value(const struct option_row *row, const struct settings *settings, char text[DESCRIBE_VALUE_SIZE])
{
	const int64_t *field = (const int64_t *)(const void *)((const char *)settings + row->field);
	char duration[TEXT_VALUE_SIZE];
	switch (row->kind) {
	case OPTION_FLAG:
		snprintf(text, DESCRIBE_VALUE_SIZE, "%s", *field != 0 ? "true" : "false");
		return;
	case OPTION_DURATION:
		text_duration(*field, text);
		return;
	case OPTION_PERCENT:
		text_decimal(*field, POLICY_PPM / 100, text);
		return;
	case OPTION_FACTOR:
		text_decimal(*field, POLICY_MILLI, text);
		return;
	case OPTION_WINDOW:
		if (field[0] == WINDOW_TIME)
			text_duration(field[1], text);
		else
			snprintf(text, DESCRIBE_VALUE_SIZE, "%lld", (long long)field[1]);
		return;
	case OPTION_OFTEN:
		text_duration(field[1], duration);
		snprintf(text, DESCRIBE_VALUE_SIZE, "%d/%.36s", (int)field[0], duration);
		return;
	case OPTION_FAILURES:
		if (*field != POLICY_AUTO)
			break;
		snprintf(text, DESCRIBE_VALUE_SIZE, "auto");
		return;
	case OPTION_COUNT:
	case OPTION_SIGNAL:
	case OPTION_LIST:
	case OPTION_TIME:
	case OPTION_CHOICE:
	case OPTION_PROGRAM:
	case OPTION_WORDS:
	case OPTION_NAME:
	case OPTION_NAMES:
	case OPTION_TEXT:
		break;
	}
	snprintf(text, DESCRIBE_VALUE_SIZE, "%lld", (long long)*field);
}

void describe_difference(const struct policy *policy, const char *word, const struct policy *other,
                         char text[DESCRIBE_SIZE])
{
	struct settings ours = {.policy = *policy};
	struct settings theirs = {.policy = *other};
	size_t used = 0;
	text[0] = '\0';
	for (size_t i = 0; i < option_count && used < DESCRIBE_SIZE; i++) {
		char our_text[DESCRIBE_VALUE_SIZE];
		char their_text[DESCRIBE_VALUE_SIZE];
		if (!option_is_policy(&option_rows[i]))
			continue;
		describe_value(&option_rows[i], &ours, our_text);
		describe_value(&option_rows[i], &theirs, their_text);
		if (strcmp(our_text, their_text) != 0)
			used += (size_t)snprintf(text + used, DESCRIBE_SIZE - used, "%s%s %s (%s: %s)",
			                         used > 0 ? ", " : "", option_rows[i].name, our_text, word,
			                         their_text);
	}
}

void describe_origin(const struct origin *origin, char *text, size_t size)
{
	switch (origin->kind) {
	case ORIGIN_DEFAULT:
		snprintf(text, size, "default");
		return;
	case ORIGIN_PRESET:
		snprintf(text, size, "preset %s", origin->name);
		return;
	case ORIGIN_FILE:
		snprintf(text, size, "%s:%d", origin->name, origin->line);
		return;
	case ORIGIN_ENVIRONMENT:
		snprintf(text, size, "environment");
		return;
	case ORIGIN_COMMAND_LINE:
		snprintf(text, size, "command line");
		return;
	}
}
