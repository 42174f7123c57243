/* snapshot_text.c: a row of `cbrun status`. */
#include "base/text.h"
#include "base/units.h"
#include "report/reason.h"
#include "report/snapshot.h"
#include "report/style.h"

#include <stdio.h>
#include <string.h>

enum { CELL_SIZE = SNAPSHOT_TEXT_SIZE };

_Static_assert(CELL_SIZE == 4 * REASON_LINE_SIZE, "a reason may not fit");

const char *snapshot_colour(const struct standing *standing)
{
	if (standing->state != BREAKER_CLOSED && standing->rank > 2) /* in shadow mode alone */
		return STYLE_YELLOW;
	switch (standing->state) {
	case BREAKER_CLOSED:
		return STYLE_GREEN;
	case BREAKER_OPEN:
		return STYLE_RED;
	case BREAKER_HALF_OPEN:
		return STYLE_YELLOW;
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

/* "3 consecutive failures (exit 7), 2 trial calls failed since": why it opened first, and what came of it. */
static void format_incident(const struct breaker *b, int64_t now_ms, char text[REASON_LINE_SIZE])
{
	const struct incident *incident = &b->incident;
	bool by_hand = b->reason.kind == REASON_TRIPPED || b->reason.kind == REASON_HELD;
	reason_format(by_hand ? &b->reason : &incident->reason, text);
	size_t used = strlen(text);
	if (!by_hand && incident->exit > 0)
		used += (size_t)snprintf(text + used, REASON_LINE_SIZE - used, " (exit %lld)",
		                         (long long)incident->exit);
	if (incident->trial_failures > 0 && used < REASON_LINE_SIZE)
		used += (size_t)snprintf(text + used, REASON_LINE_SIZE - used, ", %lld trial call%s failed since",
		                         (long long)incident->trial_failures, text_plural(incident->trial_failures));
	if (breaker_state_at(b, now_ms) == BREAKER_HALF_OPEN && used < REASON_LINE_SIZE)
		snprintf(text + used, REASON_LINE_SIZE - used, ", a trial call may run");
}

/* A breaker whose calls are all ignored looks as if it were well. */
static void format_ignored(const struct breaker *b, char text[REASON_LINE_SIZE])
{
	const char *cause = reason_cause_name(b->last_cause);
	snprintf(text, REASON_LINE_SIZE, "the last %lld calls were ignored%s%s", (long long)b->ignored_streak,
	         cause != NULL ? ": " : "", cause != NULL ? cause : "");
}

void snapshot_format_why(const struct snapshot *s, bool all, char cell[SNAPSHOT_TEXT_SIZE])
{
	char text[REASON_LINE_SIZE];
	char wait[TEXT_VALUE_SIZE];
	const struct breaker *b = &s->breaker;
	int64_t now_ms = breaker_now_ms(b, &s->at);
	int64_t retry_ms = breaker_retry_after_ms(b, now_ms);
	struct reason reason = breaker_reason_at(b, now_ms);
	if (breaker_mode_at(b, now_ms) == MODE_DISABLED)
		reason_format_disabled(b, now_ms, text);
	else if (b->state != BREAKER_CLOSED)
		format_incident(b, now_ms, text);
	else if (b->ignored_streak >= STANDING_MANY_IGNORED)
		format_ignored(b, text);
	else
		reason_format(&reason, text);
	text_escape(text, cell, CELL_SIZE - 384);
	size_t used = strlen(cell);
	if (all && retry_ms >= 0) {
		text_wait(retry_ms, wait);
		used += (size_t)snprintf(cell + used, CELL_SIZE - used, ", retry in %s", wait);
	}
	if (all && s->load.running > 0)
		used += (size_t)snprintf(cell + used, CELL_SIZE - used, "%s%lld running",
		                         used > 0 ? ", " : "", (long long)s->load.running);
	if (s->disagreement[0] != '\0')
		snprintf(cell + used, CELL_SIZE - used, "%scallers disagree: %.200s", used > 0 ? "; " : "",
		         s->disagreement);
}

void snapshot_format_latency(const struct latency *latency, int permille, char text[TEXT_VALUE_SIZE])
{
	int64_t us = latency_quantile_us(latency, permille);
	if (us < US_PER_MS)
		snprintf(text, TEXT_VALUE_SIZE, "<1ms");
	else
		text_span(us / US_PER_MS, text);
}

bool snapshot_add_headings(struct table *table)
{
	static const char *const headings[TABLE_COLUMNS] = {"NAME",   "STATE",    "FOR", "CALLS",
	                                                    "FAILED", "REJECTED", "WHY"};
	return table_add(table, headings, "", &(struct standing){0});
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
	struct standing standing = standing_of(b, &s->at);
	text_escape(s->name, name, sizeof(name));
	format_state(b, now_ms, state_cell);
	text_span(standing.age_ms / MS_PER_S * MS_PER_S, age);
	snprintf(numbers[0], sizeof(numbers[0]), "%lld",
	         (long long)(t->successes + t->failures + t->ignored));
	snprintf(numbers[1], sizeof(numbers[1]), "%lld", (long long)t->failures);
	snprintf(numbers[2], sizeof(numbers[2]), "%lld", (long long)t->rejected);
	snapshot_format_why(s, true, why);
	const char *cells[TABLE_COLUMNS] = {name, state_cell, age, numbers[0], numbers[1], numbers[2], why};
	return table_add(table, cells, snapshot_colour(&standing), &standing);
}
