/* command_line.c: getopt_long(3), with its tables made from the rows. */
#include "settings/command_line.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONG_BASE = 256 }; /* getopt's value of row i is LONG_BASE + i */

/* What a row takes after its name, as getopt calls it. */
static int has_argument(const struct option_row *row)
{
	if (row->kind != OPTION_FLAG)
		return row->alone != NULL ? optional_argument : required_argument;
	/* --shadow=no takes back what a file says */
	return (row->scope & SCOPE_CONFIG) != 0 ? optional_argument : no_argument;
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
			if (has_argument(row) == required_argument)
				*shorts++ = ':';
		}
	}
	*longs = (struct option){0};
	*shorts = '\0';
}

/* Of a beginning that several names have: names them. False if not several have it. */
static bool explain_ambiguity(const char *name, unsigned scope, struct error *error)
{
	char names[ERROR_TEXT_SIZE / 2] = "";
	size_t used = 0;
	int count = 0;
	for (size_t i = 0; i < option_count && used < sizeof(names); i++) {
		const struct option_row *row = &option_rows[i];
		if ((row->scope & scope) != 0 && strncmp(row->name, name, strlen(name)) == 0)
			used += (size_t)snprintf(names + used, sizeof(names) - used, "%s--%s",
			                         count++ > 0 ? ", " : "", row->name);
	}
	if (count > 1)
		error_set(error, ERROR_USAGE, "--%s is ambiguous: %s", name, names);
	return count > 1;
}

static bool explain_mistake(int code, const char *word, unsigned scope, struct error *error)
{
	char name[64];
	/* not by the word: behind a letter of several in one word, getopt still stands on that word */
	bool is_long = optopt == 0 || optopt >= LONG_BASE;
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
	if (name[0] != '\0' && explain_ambiguity(name, scope, error))
		return false;
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

/* There may be more options than words: -qv. */
static bool add(struct command_line *line, const struct option_row *row, const char *text)
{
	enum { AT_ONCE = 32 };
	size_t count = (size_t)line->assignment_count;
	if (count % AT_ONCE == 0) {
		struct assignment *more = realloc(line->assignments, (count + AT_ONCE) * sizeof(*more));
		if (more == NULL)
			return false;
		line->assignments = more;
	}
	line->assignments[line->assignment_count++] = (struct assignment){row, text};
	return true;
}

bool command_line_parse(struct command_line *line, int argc, char **argv, unsigned scope, bool permute,
                        struct error *error)
{
	struct option longs[LONG_BASE];
	char shorts[3 * LONG_BASE];
	int code;
	bool ok = true;
	*line = (struct command_line){0};
	getopt_tables(scope, permute, longs, shorts);
	opterr = 0;
	optind = 0; /* a fresh start for glibc */
	while ((code = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		bool mistake = code == '?' || code == ':';
		if (mistake && ok) /* the first is told; what stands behind it may be --quiet */
			ok = explain_mistake(code, argv[optind - 1], scope, error);
		if (!mistake && !add(line, row_of(code), optarg))
			return error_set(error, ERROR_SYSTEM, "out of memory");
	}
	line->operands = argv + optind;
	line->operand_count = argc - optind;
	line->dashes = optind > 1 && strcmp(argv[optind - 1], "--") == 0;
	return ok;
}

void command_line_free(struct command_line *line)
{
	free(line->assignments);
	*line = (struct command_line){0};
}

const char *command_line_text(const struct command_line *line, const char *name)
{
	for (int i = line->assignment_count - 1; i >= 0; i--)
		if (strcmp(line->assignments[i].row->name, name) == 0)
			return line->assignments[i].text;
	return NULL;
}

bool command_line_has(const struct command_line *line, const char *name)
{
	for (int i = 0; i < line->assignment_count; i++)
		if (strcmp(line->assignments[i].row->name, name) == 0)
			return true;
	return false;
}
