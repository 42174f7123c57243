/* settings.c: the command line, the defaults, and what makes no sense together. */
#include "settings/settings.h"

#include "settings/values.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONG_BASE = 256 }; /* getopt's value of row i is LONG_BASE + i */

static void *field_of(struct settings *settings, const struct option_row *row)
{
	return (char *)settings + row->field;
}

static bool refuse(const struct option_row *row, const char *text, struct error *error, const char *expected)
{
	return error_set(error, ERROR_USAGE, "invalid --%s '%s': expected %s", row->name, text, expected);
}

static bool apply_count(const struct option_row *row, const char *text, int64_t *field, struct error *error)
{
	int64_t value;
	char expected[96];
	if (value_count(text, &value) && value >= row->min && value <= row->max) {
		*field = value;
		return true;
	}
	snprintf(expected, sizeof(expected), "a whole number from %lld to %lld", (long long)row->min,
	         (long long)row->max);
	return refuse(row, text, error, expected);
}

static bool apply_duration(const struct option_row *row, const char *text, int64_t *field, struct error *error)
{
	int64_t value;
	if (!value_duration_ms(text, &value))
		return refuse(row, text, error, "a duration such as 30s, 1.5m, 200ms or 1m30s");
	if (value < row->min)
		return refuse(row, text, error, "a duration longer than zero");
	*field = value;
	return true;
}

static bool apply_factor(const struct option_row *row, const char *text, int64_t *field, struct error *error)
{
	int64_t value;
	if (!value_factor_milli(text, &value) || value < row->min || value > row->max)
		return refuse(row, text, error, "a number from 1 to 1000 with at most three decimals");
	*field = value;
	return true;
}

/* Kind and size are neighbours in struct policy. */
static bool apply_window(const struct option_row *row, const char *text, int64_t *field, struct error *error)
{
	int64_t kind;
	int64_t size;
	char expected[112];
	bool ok = value_window(text, &kind, &size) && size >= row->min;
	if (ok && (kind == WINDOW_TIME || size <= row->max)) {
		field[0] = kind;
		field[1] = size;
		return true;
	}
	snprintf(expected, sizeof(expected), "1 to %lld calls, or a duration with its unit such as 5m",
	         (long long)row->max);
	return refuse(row, text, error, expected);
}

static bool apply_choice(const struct option_row *row, const char *text, int64_t *field, struct error *error)
{
	char expected[128] = "";
	for (int i = 0; row->choices[i] != NULL; i++) {
		if (strcmp(row->choices[i], text) == 0) {
			*field = i;
			return true;
		}
		size_t used = strlen(expected);
		snprintf(expected + used, sizeof(expected) - used, "%s%s", i > 0 ? " or " : "", row->choices[i]);
	}
	return refuse(row, text, error, expected);
}

/* Sets the fields of one option from its text; text is NULL for a flag. */
static bool apply(struct settings *settings, const struct option_row *row, const char *text,
                  struct error *error)
{
	void *field = field_of(settings, row);
	switch (row->kind) {
	case OPTION_FLAG:
		*(int64_t *)field = 1;
		return true;
	case OPTION_COUNT:
		return apply_count(row, text, field, error);
	case OPTION_DURATION:
		return apply_duration(row, text, field, error);
	case OPTION_PERCENT:
		return value_percent_ppm(text, field) ||
		       refuse(row, text, error, "a percentage from 0 to 100 with at most four decimals");
	case OPTION_FACTOR:
		return apply_factor(row, text, field, error);
	case OPTION_WINDOW:
		return apply_window(row, text, field, error);
	case OPTION_SIGNAL:
		return value_signal(text, field) ||
		       refuse(row, text, error, "a signal such as TERM, SIGINT or 9");
	case OPTION_LIST:
		return value_list(text, field) ||
		       refuse(row, text, error,
		              "exit statuses, ranges, signals, 'signal', 'timeout' or 'any', with commas between");
	case OPTION_CHOICE:
		return apply_choice(row, text, field, error);
	case OPTION_NAME:
		*(const char **)field = text;
		return value_is_name(text) ||
		       refuse(row, text, error,
		              "1 to 128 of the characters A-Za-z0-9._:/@+- and no '-' in front");
	case OPTION_TEXT:
		*(const char **)field = text;
		return *text != '\0' || refuse(row, text, error, "something that is not empty");
	}
	return false;
}

/* What a row takes after its name, as getopt calls it. */
static int has_argument(const struct option_row *row)
{
	return row->kind == OPTION_FLAG ? no_argument : required_argument;
}

/* Builds getopt's two tables from the rows of the scope. */
static void getopt_tables(unsigned scope, bool permute, struct option *longs, char *shorts)
{
	*shorts++ = permute ? ':' : '+';
	if (!permute)
		*shorts++ = ':';
	for (size_t i = 0; i < option_count; i++) {
		const struct option_row *row = &option_rows[i];
		if ((row->scope & scope) == 0)
			continue;
		*longs++ = (struct option){row->name, has_argument(row), NULL, LONG_BASE + (int)i};
		if (row->letter != '\0') {
			*shorts++ = row->letter;
			if (has_argument(row))
				*shorts++ = ':';
		}
	}
	*longs = (struct option){0};
	*shorts = '\0';
}

static bool explain_mistake(int code, const char *word, unsigned scope, struct error *error)
{
	char name[64];
	bool is_long = strncmp(word, "--", 2) == 0;
	const char *hint = "try 'cbrun --help'";
	if (code == ':' && is_long)
		return error_set(error, ERROR_USAGE, "option %s needs a value", word);
	if (code == ':')
		return error_set(error, ERROR_USAGE, "option -%c needs a value", optopt);
	if (!is_long)
		return error_set(error, ERROR_USAGE, "unknown option -%c; %s", optopt, hint);
	if (optopt >= LONG_BASE)
		return error_set(error, ERROR_USAGE, "option --%s takes no value", option_rows[optopt - LONG_BASE].name);
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(word + 2, "="), word + 2);
	const struct option_row *nearest = option_nearest(name, scope);
	if (nearest == NULL)
		return error_set(error, ERROR_USAGE, "unknown option --%s; %s", name, hint);
	return error_set(error, ERROR_USAGE, "unknown option --%s; did you mean --%s?", name, nearest->name);
}

static const struct option_row *row_of(int code)
{
	if (code >= LONG_BASE)
		return &option_rows[code - LONG_BASE];
	for (size_t i = 0; i < option_count; i++)
		if (option_rows[i].letter == code)
			return &option_rows[i];
	return NULL;
}

bool command_line_parse(struct command_line *line, int argc, char **argv, unsigned scope, bool permute,
                        struct error *error)
{
	struct option longs[LONG_BASE];
	char shorts[3 * LONG_BASE];
	int code;
	*line = (struct command_line){.assignments = calloc((size_t)argc + 1, sizeof(struct assignment))};
	if (line->assignments == NULL)
		return error_set(error, ERROR_SYSTEM, "out of memory");
	getopt_tables(scope, permute, longs, shorts);
	opterr = 0;
	optind = 0; /* a fresh start for glibc */
	while ((code = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		if (code == '?' || code == ':') {
			command_line_free(line);
			return explain_mistake(code, argv[optind - 1], scope, error);
		}
		line->assignments[line->assignment_count++] = (struct assignment){row_of(code), optarg};
	}
	line->operands = argv + optind;
	line->operand_count = argc - optind;
	return true;
}

void command_line_free(struct command_line *line)
{
	free(line->assignments);
	*line = (struct command_line){0};
}

bool command_line_has(const struct command_line *line, const char *name)
{
	for (int i = 0; i < line->assignment_count; i++)
		if (strcmp(line->assignments[i].row->name, name) == 0)
			return true;
	return false;
}

static bool apply_defaults(struct settings *settings, struct error *error)
{
	for (size_t i = 0; i < option_count; i++)
		if (option_rows[i].fallback != NULL &&
		    !apply(settings, &option_rows[i], option_rows[i].fallback, error))
			return false;
	return true;
}

static bool apply_line(struct settings *settings, const struct command_line *line, struct error *error)
{
	for (int i = 0; i < line->assignment_count; i++)
		if (!apply(settings, line->assignments[i].row, line->assignments[i].text, error))
			return false;
	return true;
}

static bool check_policy(const struct policy *p, struct error *error)
{
	if (!policy_can_open(p))
		return error_set(error, ERROR_USAGE,
		                 "with --failures 0 and no rate the breaker can never open; set --failures, "
		                 "--failure-rate, or --slow with --slow-rate");
	if (p->within_ms > 0 && p->failures > POLICY_MAX_WITHIN_FAILURES)
		return error_set(error, ERROR_USAGE,
		                 "--failures %lld is too much for --within, which takes at most %d; use "
		                 "--failure-rate with a time --window",
		                 (long long)p->failures, POLICY_MAX_WITHIN_FAILURES);
	return true;
}

static bool check_rules(const struct outcome_rules *rules, bool success_given, struct error *error)
{
	const char *what = NULL;
	if (outcome_lists_overlap(&rules->ignore, &rules->failure))
		what = "--ignore-on and --failure-on";
	else if (success_given && outcome_lists_overlap(&rules->success, &rules->failure))
		what = "--success-on and --failure-on";
	else if (success_given && outcome_lists_overlap(&rules->success, &rules->ignore))
		what = "--success-on and --ignore-on";
	if (what == NULL)
		return true;
	return error_set(error, ERROR_USAGE, "%s name the same outcome; name it once", what);
}

static bool check(struct settings *settings, const struct command_line *line, struct error *error)
{
	settings->rules.failure_given = command_line_has(line, "failure-on");
	if (!check_policy(&settings->policy, error))
		return false;
	if (settings->quiet && settings->verbose)
		return error_set(error, ERROR_USAGE, "--quiet and --verbose exclude each other");
	if (settings->hold && settings->trip_for_ms > 0)
		return error_set(error, ERROR_USAGE, "--hold and --for exclude each other");
	return check_rules(&settings->rules, command_line_has(line, "success-on"), error);
}

bool settings_resolve(struct settings *settings, const struct command_line *line, struct error *error)
{
	memset(settings, 0, sizeof(*settings));
	return apply_defaults(settings, error) && apply_line(settings, line, error) &&
	       check(settings, line, error);
}

bool settings_resolve_over(struct settings *settings, const struct policy *base,
                           const struct command_line *line, struct error *error)
{
	settings->policy = *base;
	return apply_line(settings, line, error) && check(settings, line, error);
}

enum message_level settings_level(const struct settings *settings)
{
	if (settings->quiet)
		return MESSAGE_QUIET;
	return settings->verbose ? MESSAGE_VERBOSE : MESSAGE_NORMAL;
}
