/* settings.c: the two forms of `cbrun config`. */
#include "report/settings.h"

#include "base/text.h"

#include <jansson.h>

enum { SHOWN_SIZE = 512 };

void settings_print_text(FILE *out, const struct settings_report *report)
{
	fprintf(out, "%-16s %-16s %s\n", "OPTION", "VALUE", "FROM");
	for (size_t i = 0; i < report->count; i++) {
		const struct setting_line *line = &report->lines[i];
		char value[SHOWN_SIZE];
		char origin[SHOWN_SIZE];
		text_escape(line->value != NULL ? line->value : "-", value, sizeof(value));
		text_escape(line->origin, origin, sizeof(origin));
		fprintf(out, "%-16s %-16s %s\n", line->option, value, origin);
	}
}

/* A JSON string of any bytes. */
static json_t *foreign(const char *text)
{
	char escaped[SHOWN_SIZE];
	return json_string(text_fits_json(text) ? text : text_escape(text, escaped, sizeof(escaped)));
}

static json_t *lines_object(const struct settings_report *report)
{
	json_t *object = json_object();
	for (size_t i = 0; i < report->count; i++) {
		const struct setting_line *line = &report->lines[i];
		json_t *value = line->value != NULL ? foreign(line->value) : json_null();
		json_object_set_new(object, line->option,
		                    json_pack("{s:o, s:o}", "value", value, "from", foreign(line->origin)));
	}
	return object;
}

static json_t *warnings_array(const struct settings_report *report)
{
	json_t *array = json_array();
	for (size_t i = 0; i < report->warning_count; i++)
		json_array_append_new(array, foreign(report->warnings[i]));
	return array;
}

bool settings_print_json(FILE *out, const struct settings_report *report)
{
	json_t *name = report->name != NULL ? json_string(report->name) : json_null();
	json_t *document = json_pack("{s:i, s:o, s:o, s:o}", "schema", 1, "name", name, "settings",
	                             lines_object(report), "warnings", warnings_array(report));
	bool ok = document != NULL && json_dumpf(document, out, JSON_COMPACT) == 0;
	json_decref(document);
	return ok && fputc('\n', out) != EOF;
}
