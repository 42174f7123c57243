/* snapshot_text.c: a row of `cbrun status`. */
#include "base/text.h"
#include "report/reason.h"
#include "report/snapshot.h"

#include <stdio.h>
#include <string.h>

enum { CELL_SIZE = 4 * REASON_LINE_SIZE };

static const char *colour_of(enum breaker_state state)
{
	switch (state) {
	case BREAKER_CLOSED:
		return "\033[32m";
	case BREAKER_OPEN:
		return "\033[31m";
	case BREAKER_HALF_OPEN:
		return "\033[33m";
	}
	return "";
}

/* The state, and behind it the mode if that is not the normal one. */
static void format_state(const struct breaker *b, int64_t now_ms, char *cell)
{
	const char *mode = reason_mode_name(b, now_ms);
	bool plain = strcmp(mode, "normal") == 0;
	snprintf(cell, CELL_SIZE, "%s%s%s", breaker_state_name(breaker_state_at(b, now_ms)), plain ? "" : ", ", plain ? "" : mode);
}

/* Why it is in its state, when it will be tried again, and what runs. */
static void format_why(const struct snapshot *s, int64_t now_ms, char cell[CELL_SIZE])
{
	char text[REASON_LINE_SIZE];
	char wait[TEXT_VALUE_SIZE];
	const struct breaker *b = &s->breaker;
	int64_t retry_ms = breaker_retry_after_ms(b, now_ms);
	struct reason reason = breaker_reason_at(b, now_ms);
	if (breaker_mode_at(b, now_ms) == MODE_DISABLED)
		reason_format_disabled(b, now_ms, text);
	else
		reason_format(&reason, text);
	text_escape(text, cell, CELL_SIZE - 384);
	size_t used = strlen(cell);
	if (retry_ms >= 0) {
		text_wait(retry_ms, wait);
		used += (size_t)snprintf(cell + used, CELL_SIZE - used, ", retry in %s", wait);
	}
	if (s->load.running > 0)
		used += (size_t)snprintf(cell + used, CELL_SIZE - used, "%s%lld running",
		                         used > 0 ? ", " : "", (long long)s->load.running);
	if (s->disagreement[0] != '\0')
		snprintf(cell + used, CELL_SIZE - used, "%scallers disagree: %.200s", used > 0 ? "; " : "",
		         s->disagreement);
}

bool snapshot_add_headings(struct table *table)
{
	static const char *const headings[TABLE_COLUMNS] = {"NAME",   "STATE",    "FOR", "CALLS",
	                                                    "FAILED", "REJECTED", "WHY"};
	return table_add(table, headings, "");
}

bool snapshot_add_row(struct table *table, const struct snapshot *s)
{
	const struct breaker *b = &s->breaker;
	const struct totals *t = &b->totals;
	char name[CELL_SIZE];
	char state_cell[CELL_SIZE];
	char age[TEXT_VALUE_SIZE];
	char numbers[3][TEXT_VALUE_SIZE];
	char why[CELL_SIZE];
	int64_t now_ms = breaker_now_ms(b, &s->at);
	text_escape(s->name, name, sizeof(name));
	format_state(b, now_ms, state_cell);
	text_age(s->at.wall_ms - breaker_since_wall_ms(b, &s->at), age);
	snprintf(numbers[0], sizeof(numbers[0]), "%lld",
	         (long long)(t->successes + t->failures + t->ignored));
	snprintf(numbers[1], sizeof(numbers[1]), "%lld", (long long)t->failures);
	snprintf(numbers[2], sizeof(numbers[2]), "%lld", (long long)t->rejected);
	format_why(s, now_ms, why);
	const char *cells[TABLE_COLUMNS] = {name, state_cell, age, numbers[0], numbers[1], numbers[2], why};
	return table_add(table, cells, colour_of(breaker_state_at(b, now_ms)));
}
