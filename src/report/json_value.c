/* json_value.c: values as JSON, and printing. */
#include "report/json_value.h"

#include "base/clock.h"
#include "base/text.h"
#include "report/reason.h"

enum { DIGITS = 12 };

json_t *json_value_text(const char *text)
{
	char escaped[4 * REASON_LINE_SIZE];
	return json_string(text_fits_json(text) ? text : text_escape(text, escaped, sizeof(escaped)));
}

json_t *json_value_reason(const struct reason *reason)
{
	char text[REASON_LINE_SIZE];
	reason_format(reason, text);
	return text[0] != '\0' ? json_value_text(text) : json_null();
}

json_t *json_value_by(const struct reason *reason)
{
	return json_value_text(reason->by[0] != '\0' ? reason->by : "cbrun");
}

json_t *json_value_time(int64_t wall_ms)
{
	char text[CLOCK_TEXT_SIZE];
	if (wall_ms == 0)
		return json_null();
	clock_format_utc(wall_ms, text);
	return json_string(text);
}

json_t *json_value_seconds(int64_t value, int64_t unit)
{
	return value < 0 ? json_null() : json_real((double)value / (double)unit);
}

bool json_value_print(FILE *out, json_t *object)
{
	size_t flags = JSON_COMPACT | JSON_REAL_PRECISION((size_t)DIGITS);
	bool ok = object != NULL && json_dumpf(object, out, flags) == 0;
	json_decref(object);
	return ok;
}
