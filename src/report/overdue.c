/* overdue.c: ages against what is expected. */
#include "report/overdue.h"

#include "base/clock.h"
#include "base/text.h"
#include "base/units.h"
#include "report/json_value.h"
#include "report/reason.h"

enum { MODE_SIZE = 4 * (REASON_BY_SIZE + REASON_TEXT_SIZE) + 64, BEHIND_SIZE = MODE_SIZE + 16 };
enum { HOUR_MS = 3600000, DAY_MS = 24 * HOUR_MS };

static int64_t larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* How long ago a wall time was; -1 if there is none. The time since its last step is the breaker's own
 * clock's. */
static int64_t age_ms(const struct breaker *b, int64_t wall_ms, int64_t now_ms)
{
	const struct timeline *t = &b->timeline;
	return wall_ms == 0 ? -1 : larger(t->anchor.wall_ms - wall_ms, 0) + now_ms - t->clock_ms;
}

/* How long the breaker has been there, at least: no field tells it, but several are that old. */
static int64_t known_for_ms(const struct breaker *b, int64_t now_ms)
{
	const struct cadence *c = &b->cadence;
	int64_t known_ms = age_ms(b, b->since_wall_ms, now_ms);
	known_ms = larger(known_ms, age_ms(b, b->incident.since_wall_ms, now_ms));
	known_ms = larger(known_ms, age_ms(b, b->incident.failing_since_wall_ms, now_ms));
	known_ms = larger(known_ms, age_ms(b, b->streak_since_wall_ms, now_ms));
	known_ms = larger(known_ms, age_ms(b, b->last_failure_wall_ms, now_ms));
	return c->calls > 0 ? larger(known_ms, now_ms - c->span_ms) : known_ms;
}

void overdue_look(struct overdue *o, const char *name, const struct breaker *b, const struct instant *at,
                  int64_t running)
{
	int64_t now_ms = breaker_now_ms(b, at);
	overdue_missing(o, name);
	o->now_wall_ms = at->wall_ms;
	o->success_wall_ms = b->last_success_wall_ms;
	o->success_ms = age_ms(b, b->last_success_wall_ms, now_ms);
	/* an earlier version has noted no calls, but how they ended */
	o->called_ms = b->cadence.calls > 0 ? now_ms - b->cadence.last_ms : o->success_ms;
	if (b->cadence.calls == 0 && b->last_failure_wall_ms > b->last_success_wall_ms)
		o->called_ms = age_ms(b, b->last_failure_wall_ms, now_ms);
	o->known_ms = known_for_ms(b, now_ms);
	o->mode_ms = age_ms(b, b->since_wall_ms, now_ms);
	o->calls = b->cadence.calls;
	o->mean_ms = b->cadence.mean_ms;
	o->learned_ms = cadence_expected_ms(&b->cadence);
	o->running = running;
	o->mode = breaker_mode_at(b, now_ms);
	o->reason = b->reason;
	o->last_outcome = b->last_outcome;
	o->last_exit = b->last_exit;
}

void overdue_missing(struct overdue *o, const char *name)
{
	*o = (struct overdue){.called_ms = -1, .success_ms = -1, .known_ms = -1, .last_exit = -1};
	snprintf(o->name, sizeof(o->name), "%s", name);
}

void overdue_judge(struct overdue *o, int64_t expect_ms)
{
	o->configured = expect_ms > 0;
	o->limit_ms = o->configured ? expect_ms : o->learned_ms;
	o->why = OVERDUE_NOT;
	if (o->limit_ms == 0 || o->mode == MODE_DISABLED)
		return;
	/* of one that was never called it counts how long it has been there; -1: nobody has made it */
	int64_t called_ms = o->called_ms >= 0 ? o->called_ms : o->known_ms;
	int64_t success_ms = o->success_ms >= 0 ? o->success_ms : o->known_ms;
	if (called_ms < 0 || called_ms > o->limit_ms)
		o->why = OVERDUE_NOT_CALLED;
	else if (success_ms > o->limit_ms && o->called_ms >= 0)
		o->why = OVERDUE_NOT_SUCCEEDED;
}

/* A duration as exact as says enough: 1m30s, 1h59m, 41h, 3d. */
static const char *about(int64_t ms, char text[TEXT_VALUE_SIZE])
{
	static const struct {
		int64_t ms;
		int64_t below_ms;
	} units[] = {{1000, 120000}, {60000, 7200000}, {HOUR_MS, 3 * DAY_MS}, {DAY_MS, INT64_MAX}};
	size_t i = 0;
	while (ms >= units[i].below_ms)
		i++;
	int64_t count = (ms + units[i].ms / 2) / units[i].ms;
	text_duration(count * units[i].ms, text);
	if (units[i].ms == HOUR_MS) /* 41h, not 1d17h */
		snprintf(text, TEXT_VALUE_SIZE, "%lldh", (long long)count);
	return text;
}

/* "held by root for 3d: maintenance" */
static void format_mode(const struct overdue *o, char text[MODE_SIZE])
{
	char for_ms[TEXT_VALUE_SIZE];
	const struct reason *r = &o->reason;
	char by[4 * REASON_BY_SIZE];
	char why[4 * REASON_TEXT_SIZE];
	snprintf(text, MODE_SIZE, "%s%s%s for %s%s%s", o->mode == MODE_HELD ? "held" : "disabled",
	         r->by[0] != '\0' ? " by " : "", text_escape(r->by, by, sizeof(by)),
	         about(o->mode_ms, for_ms), r->text[0] != '\0' ? ": " : "",
	         text_escape(r->text, why, sizeof(why)));
}

/* " (held by root for 3d)", " (exit 1)": what may be behind it; or nothing. */
static void format_behind(const struct overdue *o, char text[BEHIND_SIZE])
{
	char mode[MODE_SIZE];
	text[0] = '\0';
	if (o->mode == MODE_HELD) {
		format_mode(o, mode);
		snprintf(text, BEHIND_SIZE, " (%s)", mode);
	} else if (o->last_exit >= 0 && o->last_outcome == OUTCOME_TIMEOUT) {
		snprintf(text, BEHIND_SIZE, " (timeout)");
	} else if (o->last_exit >= 0 && o->why == OVERDUE_NOT_SUCCEEDED) {
		snprintf(text, BEHIND_SIZE, " (%sexit %lld)",
		         o->last_outcome == OUTCOME_IGNORED ? "ignored, " : "", (long long)o->last_exit);
	}
}

static void format_expected(const struct overdue *o, char text[3 * TEXT_VALUE_SIZE])
{
	char limit[TEXT_VALUE_SIZE];
	char mean[TEXT_VALUE_SIZE];
	if (o->configured)
		snprintf(text, 3 * TEXT_VALUE_SIZE, "expected within %s", about(o->limit_ms, limit));
	else
		snprintf(text, 3 * TEXT_VALUE_SIZE, "expected every %s (within %s)", about(o->mean_ms, mean),
		         about(o->limit_ms, limit));
}

static void format_not_called(const struct overdue *o, char line[OVERDUE_LINE_SIZE])
{
	char at[CLOCK_TEXT_SIZE];
	char ago[TEXT_VALUE_SIZE];
	char expected[3 * TEXT_VALUE_SIZE];
	char behind[BEHIND_SIZE] = "";
	char running[TEXT_VALUE_SIZE] = "";
	format_expected(o, expected);
	if (o->mode == MODE_HELD)
		format_behind(o, behind);
	if (o->running > 0)
		snprintf(running, sizeof(running), "; %lld running", (long long)o->running);
	if (o->called_ms < 0) {
		snprintf(line, OVERDUE_LINE_SIZE, "%s: never called; %s%s%s", o->name, expected, running,
		         behind);
		return;
	}
	clock_format_minute(o->now_wall_ms - o->called_ms, at);
	snprintf(line, OVERDUE_LINE_SIZE, "%s: last called %s, %s ago; %s%s%s", o->name, at,
	         about(o->called_ms, ago), expected, running, behind);
}

static void format_not_succeeded(const struct overdue *o, char line[OVERDUE_LINE_SIZE])
{
	char called[TEXT_VALUE_SIZE];
	char since[TEXT_VALUE_SIZE];
	char behind[BEHIND_SIZE];
	bool never = o->success_ms < 0;
	format_behind(o, behind);
	snprintf(line, OVERDUE_LINE_SIZE, "%s: called %s ago, but has %s %s%s", o->name,
	         about(o->called_ms, called), never ? "never succeeded in" : "not succeeded for",
	         about(never ? o->known_ms : o->success_ms, since), behind);
}

void overdue_format(const struct overdue *o, char line[OVERDUE_LINE_SIZE])
{
	char mode[MODE_SIZE];
	line[0] = '\0';
	switch (o->why) {
	case OVERDUE_NOT_CALLED:
		format_not_called(o, line);
		return;
	case OVERDUE_NOT_SUCCEEDED:
		format_not_succeeded(o, line);
		return;
	case OVERDUE_NOT:
		break;
	}
	if (o->mode == MODE_DISABLED) {
		format_mode(o, mode);
		snprintf(line, OVERDUE_LINE_SIZE, "%s: %s, so nothing is expected", o->name, mode);
	} else if (o->limit_ms == 0) {
		snprintf(line, OVERDUE_LINE_SIZE, "%s: %lld call%s known, too few to tell", o->name,
		         (long long)o->calls, text_plural(o->calls));
	}
}

static json_t *word(const char *text)
{
	return text != NULL ? json_string(text) : json_null();
}

bool overdue_print_json(FILE *out, const struct overdue *o)
{
	static const char *const whys[] = {[OVERDUE_NOT] = NULL,
	                                   [OVERDUE_NOT_CALLED] = "not called",
	                                   [OVERDUE_NOT_SUCCEEDED] = "not succeeded"};
	static const char *const modes[] = {
		[MODE_NORMAL] = "normal", [MODE_HELD] = "held", [MODE_DISABLED] = "disabled"};
	int64_t called_wall_ms = o->called_ms < 0 ? 0 : o->now_wall_ms - o->called_ms;
	bool enough = o->limit_ms > 0;
	json_t *object = json_pack("{s:s, s:b, s:o, s:s, s:o, s:o, s:o, s:o, s:b, s:I}", "name", o->name,
	                           "overdue", (int)(o->why != OVERDUE_NOT), "why", word(whys[o->why]), "mode",
	                           modes[o->mode], "last_called_at", json_value_time(called_wall_ms),
	                           "last_success_at", json_value_time(o->success_wall_ms), "expected_seconds",
	                           json_value_seconds(enough ? o->limit_ms : -1, MS_PER_S), "expected_by",
	                           word(!enough         ? NULL
	                                : o->configured ? "config"
	                                                : "learned"),
	                           "enough", (int)enough, "in_flight", (json_int_t)o->running);
	return json_value_print(out, object);
}
