/* effective.c: the two forms of `cbrun config`. */
#include "report/effective.h"

#include "base/text.h"
#include "report/json_value.h"


enum { SHOWN_SIZE = 512 };

static const char *shown(const char *value, char text[SHOWN_SIZE])
{
	return text_escape(value != NULL ? value : "-", text, SHOWN_SIZE);
}

/* The width of the values, so that most of them stand in a column. */
static int value_width(const struct effective_settings *report)
{
	enum { LEAST = 8, MOST = 32 };
	char value[SHOWN_SIZE];
	int width = LEAST;
	for (size_t i = 0; i < report->count; i++) {
		int columns = (int)text_columns(shown(report->lines[i].value, value));
		if (columns > width && columns <= MOST)
			width = columns;
	}
	return width;
}

void effective_print_text(FILE *out, const struct effective_settings *report)
{
	int width = value_width(report);
	fprintf(out, "%-16s %-*s %s\n", "OPTION", width, "VALUE", "FROM");
	for (size_t i = 0; i < report->count; i++) {
		const struct effective_line *line = &report->lines[i];
		char value[SHOWN_SIZE];
		char origin[SHOWN_SIZE];
		fprintf(out, "%-16s %-*s %s\n", line->option, width, shown(line->value, value),
		        text_escape(line->origin, origin, sizeof(origin)));
	}
}

static json_t *lines_object(const struct effective_settings *report)
{
	json_t *object = json_object();
	for (size_t i = 0; i < report->count; i++) {
		const struct effective_line *line = &report->lines[i];
		json_t *value = line->value != NULL ? json_value_text(line->value) : json_null();
		json_object_set_new(object, line->option,
		                    json_pack("{s:o, s:o}", "value", value, "from", json_value_text(line->origin)));
	}
	return object;
}

static json_t *warnings_array(const struct effective_settings *report)
{
	json_t *array = json_array();
	for (size_t i = 0; i < report->warning_count; i++)
		json_array_append_new(array, json_value_text(report->warnings[i]));
	return array;
}

bool effective_print_json(FILE *out, const struct effective_settings *report)
{
	json_t *name = report->name != NULL ? json_string(report->name) : json_null();
	json_t *document = json_pack("{s:i, s:o, s:o, s:o}", "schema", 1, "name", name, "settings",
	                             lines_object(report), "warnings", warnings_array(report));
	return json_value_print(out, document) && fputc('\n', out) != EOF;
}
