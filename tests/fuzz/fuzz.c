/* fuzz.c: checks that several targets share. */
#include "fuzz/fuzz.h"

#include "base/text.h"
#include "settings/apply.h"
#include "settings/describe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Noreturn void fuzz_fail(const char *file, int line, const char *what)
{
	fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
	abort();
}

char *fuzz_text(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	HOLDS(text != NULL);
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	return text;
}

/* The code point of the valid UTF-8 character at `text`. */
static uint32_t code_point(const unsigned char *text, size_t length)
{
	uint32_t code = length == 1 ? text[0] : text[0] & (0xFFU >> (length + 1));
	for (size_t i = 1; i < length; i++)
		code = code << 6 | (text[i] & 0x3FU);
	return code;
}

void fuzz_check_shown(const char *text)
{
	while (*text != '\0') {
		size_t length = text_utf8_length(text);
		HOLDS(length > 0);
		uint32_t code = code_point((const unsigned char *)text, length);
		HOLDS(code >= 0x20 && !(code >= 0x7F && code < 0xA0));
		/* what turns the text around it, and separators of lines */
		HOLDS(!(code >= 0x2028 && code <= 0x202E) && !(code >= 0x2066 && code <= 0x2069));
		text += length;
	}
}

void fuzz_check_error(const struct error *error)
{
	char shown[4 * ERROR_TEXT_SIZE];
	HOLDS(error->text[0] != '\0');
	fuzz_check_shown(text_escape(error->text, shown, sizeof(shown)));
}

static void check_number(const struct option_row *row, const int64_t *field)
{
	switch (row->kind) {
	case OPTION_FLAG:
		HOLDS(*field == 0 || *field == 1);
		return;
	case OPTION_COUNT:
	case OPTION_FACTOR:
		HOLDS(row->fallback == NULL || (*field >= row->min && *field <= row->max));
		return;
	case OPTION_FAILURES:
		HOLDS(*field >= POLICY_AUTO && *field <= row->max);
		return;
	case OPTION_OFTEN:
		HOLDS(field[0] >= row->min && field[0] <= row->max && field[1] >= field[0] && field[1] <= POLICY_MAX_MS);
		return;
	case OPTION_DURATION:
		HOLDS(*field >= 0 && *field <= POLICY_MAX_MS);
		HOLDS(row->fallback == NULL || *field >= row->min);
		return;
	case OPTION_PERCENT:
		HOLDS(*field >= 0 && *field <= POLICY_PPM);
		return;
	case OPTION_WINDOW:
		HOLDS(field[0] == WINDOW_TIME || (field[0] == WINDOW_CALLS && field[1] <= row->max));
		HOLDS(field[1] >= row->min && field[1] <= POLICY_MAX_MS);
		return;
	case OPTION_SIGNAL:
		HOLDS(*field >= 1 && *field <= 64);
		return;
	case OPTION_CHOICE:
		for (int64_t i = 0; i <= *field; i++)
			HOLDS(row->choices[i] != NULL);
		return;
	case OPTION_PROGRAM:
		HOLDS(*field >= PROGRAM_NONE && *field < PROGRAM_FIRST + (int64_t)program_count);
		return;
	case OPTION_TIME:
	case OPTION_WORDS:
	case OPTION_LIST:
	case OPTION_NAME:
	case OPTION_NAMES:
	case OPTION_TEXT:
		return;
	}
}

/* The value as text is a value again, and the same. */
static void check_round_trip(const struct option_row *row, const struct settings *settings)
{
	char text[DESCRIBE_VALUE_SIZE];
	struct settings again = *settings;
	struct error error;
	describe_value(row, settings, text);
	struct value v = {.row = row, .text = text};
	HOLDS(apply_value(&again, &v, &error));
	HOLDS(policy_equal(&again.policy, &settings->policy));
}

void fuzz_check_settings(const struct settings *settings)
{
	for (size_t i = 0; i < option_count; i++) {
		const struct option_row *row = &option_rows[i];
		const void *field = (const char *)settings + row->field;
		check_number(row, field);
		if (option_is_policy(row))
			check_round_trip(row, settings);
	}
	HOLDS(policy_can_open(&settings->policy));
	HOLDS(settings->policy.within_ms == 0 || settings->policy.failures <= POLICY_MAX_WITHIN_FAILURES);
}
