/* apply.c: one parser for each kind of option. */
#include "settings/apply.h"

#include "base/clock.h"
#include "base/text.h"
#include "settings/programs.h"
#include "settings/times.h"
#include "settings/values.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static void *field_of(struct settings *settings, const struct option_row *row)
{
	return (char *)settings + row->field;
}

void apply_variable_name(const struct option_row *row, char name[APPLY_VARIABLE_SIZE])
{
	int length = snprintf(name, APPLY_VARIABLE_SIZE, "CBRUN_%s", row->name);
	for (int i = 0; i < length; i++)
		name[i] = name[i] == '-' ? '_' : (char)toupper((unsigned char)name[i]);
}

/* Says what is wrong with a value, and where it stands. */
static bool refuse(const struct value *v, struct error *error, const char *expected)
{
	char variable[APPLY_VARIABLE_SIZE];
	const char *text = TEXT_BRIEF(v->text);
	switch (v->origin.kind) {
	case ORIGIN_FILE:
		return error_set(error, ERROR_USAGE, "%s:%d: invalid %s '%s': expected %s", v->origin.name,
		                 v->origin.line, v->row->name, text, expected);
	case ORIGIN_ENVIRONMENT:
		apply_variable_name(v->row, variable);
		return error_set(error, ERROR_USAGE, "invalid %s '%s' in the environment: expected %s",
		                 variable, text, expected);
	case ORIGIN_DEFAULT:
	case ORIGIN_PRESET:
	case ORIGIN_COMMAND_LINE:
		break;
	}
	return error_set(error, ERROR_USAGE, "invalid --%s '%s': expected %s", v->row->name, text, expected);
}

static bool apply_count(const struct value *v, int64_t *field, struct error *error)
{
	int64_t value;
	char expected[96];
	if (value_count(v->text, &value) && value >= v->row->min && value <= v->row->max) {
		*field = value;
		return true;
	}
	snprintf(expected, sizeof(expected), "a whole number from %lld to %lld", (long long)v->row->min,
	         (long long)v->row->max);
	return refuse(v, error, expected);
}

/* How many failures open it, or that this is learned. */
static bool apply_failures(const struct value *v, int64_t *field, struct error *error)
{
	int64_t value;
	char expected[96];
	bool automatic = strcmp(v->text, "auto") == 0;
	if (automatic || (value_count(v->text, &value) && value >= v->row->min && value <= v->row->max)) {
		*field = automatic ? POLICY_AUTO : value;
		return true;
	}
	snprintf(expected, sizeof(expected), "a whole number from %lld to %lld, or auto", (long long)v->row->min,
	         (long long)v->row->max);
	return refuse(v, error, expected);
}

/* Number and time are neighbours in struct policy. */
static bool apply_often(const struct value *v, int64_t *field, struct error *error)
{
	int64_t times;
	int64_t ms;
	if (!value_often(v->text, &times, &ms) || times > v->row->max || ms < times)
		return refuse(v, error, "how often, such as 1/365d or 2/30d");
	field[0] = times;
	field[1] = ms;
	return true;
}

static bool apply_duration(const struct value *v, int64_t *field, struct error *error)
{
	int64_t value;
	if (!value_duration_ms(v->text, &value))
		return refuse(v, error, "a duration such as 30s, 1.5m, 200ms or 1m30s");
	if (value < v->row->min)
		return refuse(v, error, "a duration longer than zero");
	*field = value;
	return true;
}

static bool apply_factor(const struct value *v, int64_t *field, struct error *error)
{
	int64_t value;
	if (!value_factor_milli(v->text, &value) || value < v->row->min || value > v->row->max)
		return refuse(v, error, "a number from 1 to 1000 with at most three decimals");
	*field = value;
	return true;
}

/* Kind and size are neighbours in struct policy. */
static bool apply_window(const struct value *v, int64_t *field, struct error *error)
{
	int64_t kind;
	int64_t size;
	char expected[112];
	bool ok = value_window(v->text, &kind, &size) && size >= v->row->min;
	if (ok && (kind == WINDOW_TIME || size <= v->row->max)) {
		field[0] = kind;
		field[1] = size;
		return true;
	}
	snprintf(expected, sizeof(expected), "1 to %lld calls, or a duration with its unit such as 5m",
	         (long long)v->row->max);
	return refuse(v, error, expected);
}

static bool apply_choice(const struct value *v, int64_t *field, struct error *error)
{
	char expected[128] = "";
	for (int i = 0; v->row->choices[i] != NULL; i++) {
		if (strcmp(v->row->choices[i], v->text) == 0) {
			*field = i;
			return true;
		}
		size_t used = strlen(expected);
		snprintf(expected + used, sizeof(expected) - used, "%s%s", i > 0 ? " or " : "",
		         v->row->choices[i]);
	}
	return refuse(v, error, expected);
}

static bool apply_program(const struct value *v, int64_t *field, struct error *error)
{
	char expected[128];
	int number = program_number(v->text);
	if (number >= 0) {
		*field = number;
		return true;
	}
	const char *nearest = program_nearest(v->text);
	snprintf(expected, sizeof(expected), "auto, none or a program that 'cbrun help outcomes' lists%s%s",
	         nearest != NULL ? "; the nearest is " : "", nearest != NULL ? nearest : "");
	return refuse(v, error, expected);
}

/* Words of the choices, with commas between. */
static bool apply_words(const struct value *v, int64_t *field, struct error *error)
{
	int64_t words = 0;
	const char *text = v->text;
	for (;;) {
		size_t length = strcspn(text, ",");
		int i = 0;
		while (v->row->choices[i] != NULL && (strlen(v->row->choices[i]) != length ||
		                                      strncmp(v->row->choices[i], text, length) != 0))
			i++;
		if (v->row->choices[i] == NULL)
			return refuse(v, error, "a list of the words reject, failure and timeout");
		words |= INT64_C(1) << i;
		text += length;
		if (*text++ == '\0')
			break;
	}
	*field = words;
	return true;
}

static bool apply_flag(const struct value *v, int64_t *field, struct error *error)
{
	static const char *const words[2][4] = {{"no", "false", "off", "0"}, {"yes", "true", "on", "1"}};
	for (int state = 0; state < 2 && v->text != NULL; state++)
		for (int i = 0; i < 4; i++)
			if (strcasecmp(words[state][i], v->text) == 0) {
				*field = state;
				return true;
			}
	*field = 1;
	return v->text == NULL || refuse(v, error, "yes or no");
}

static bool apply_text(const struct value *v, const char **field, struct error *error)
{
	*field = v->text;
	if (v->row->kind == OPTION_NAMES)
		return value_is_names(v->text) || refuse(v, error, "breakers' names, separated by commas");
	if (v->row->kind == OPTION_NAME)
		return value_is_name(v->text) ||
		       refuse(v, error, "1 to 128 of the characters A-Za-z0-9._:/@+-, not starting with '-'");
	return *v->text != '\0' || refuse(v, error, "something that is not empty");
}

/* Parses a value into its field. */
static bool apply_field(struct settings *settings, const struct value *v, struct error *error)
{
	void *field = field_of(settings, v->row);
	switch (v->row->kind) {
	case OPTION_FLAG:
		return apply_flag(v, field, error);
	case OPTION_COUNT:
		return apply_count(v, field, error);
	case OPTION_FAILURES:
		return apply_failures(v, field, error);
	case OPTION_OFTEN:
		return apply_often(v, field, error);
	case OPTION_DURATION:
		return apply_duration(v, field, error);
	case OPTION_PERCENT:
		return value_percent_ppm(v->text, field) ||
		       refuse(v, error, "a percentage from 0 to 100 with at most four decimals");
	case OPTION_FACTOR:
		return apply_factor(v, field, error);
	case OPTION_WINDOW:
		return apply_window(v, field, error);
	case OPTION_SIGNAL:
		return value_signal(v->text, field) || refuse(v, error, "a signal such as TERM, SIGINT or 9");
	case OPTION_LIST:
		return value_list(v->text, field) || refuse(v, error,
		                                            "exit statuses, ranges, signals, 'signal', "
		                                            "'timeout' or 'any', separated by commas");
	case OPTION_TIME:
		return times_parse(v->text, clock_wall_ms(), field) ||
		       refuse(v, error, "a time such as 2h (ago), 14:00, yesterday or '2026-11-28 14:00'");
	case OPTION_CHOICE:
		return apply_choice(v, field, error);
	case OPTION_PROGRAM:
		return apply_program(v, field, error);
	case OPTION_WORDS:
		return apply_words(v, field, error);
	case OPTION_NAME:
	case OPTION_NAMES:
	case OPTION_TEXT:
		return apply_text(v, field, error);
	}
	return false;
}

bool apply_value(struct settings *settings, const struct value *v, struct error *error)
{
	size_t index = option_index(v->row);
	struct value value = *v;
	if (value.text == NULL)
		value.text = v->row->alone; /* of a flag NULL, too */
	settings->origins[index] = v->origin;
	settings->texts[index] = value.text != NULL ? value.text : "yes";
	return apply_field(settings, &value, error);
}
