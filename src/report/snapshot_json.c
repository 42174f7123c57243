/*
 * snapshot_json.c: the machine-readable forms. Their names are a contract: "schema": 1
 * stays what it is; new names may come, none may change its meaning.
 */
#include "base/clock.h"
#include "base/text.h"
#include "report/reason.h"
#include "report/snapshot.h"

#include <jansson.h>
#include <string.h>

enum { MS_PER_S = 1000, US_PER_S = 1000000, DIGITS = 12 };

/*
 * Text of foreign origin as a JSON string. What JSON cannot show, or would not
 * escape, is escaped as for people.
 */
static json_t *foreign(const char *text)
{
	char escaped[4 * REASON_LINE_SIZE];
	return json_string(text_fits_json(text) ? text : text_escape(text, escaped, sizeof(escaped)));
}

static json_t *reason_value(const struct reason *reason)
{
	char text[REASON_LINE_SIZE];
	reason_format(reason, text);
	return text[0] != '\0' ? foreign(text) : json_null();
}

static json_t *time_value(int64_t wall_ms)
{
	char text[CLOCK_TEXT_SIZE];
	if (wall_ms == 0)
		return json_null();
	clock_format_utc(wall_ms, text);
	return json_string(text);
}

static json_t *seconds(int64_t value, int64_t unit)
{
	return value < 0 ? json_null() : json_real((double)value / (double)unit);
}

static json_t *share(int64_t part, int64_t whole)
{
	return whole > 0 ? json_real((double)part / (double)whole) : json_null();
}

static json_t *window_object(const struct breaker *b, int64_t now_ms)
{
	const struct policy *p = &b->policy;
	bool calls = p->window_kind == WINDOW_CALLS;
	struct window_counts w = window_count(&b->window, p, now_ms);
	return json_pack("{s:s, s:o, s:I, s:I, s:I, s:o, s:o, s:b}", "kind", calls ? "calls" : "time", "size",
	                 calls ? json_integer(p->window_size) : seconds(p->window_size, MS_PER_S), "calls",
	                 (json_int_t)w.calls, "failures", (json_int_t)w.failures, "slow", (json_int_t)w.slow,
	                 "failure_rate", share(w.failures, w.calls), "slow_rate", share(w.slow, w.calls),
	                 "enough", w.calls >= policy_min_calls(p));
}

static json_t *totals_object(const struct totals *t)
{
	int64_t transitions = t->transitions_to[0] + t->transitions_to[1] + t->transitions_to[2];
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "calls",
	                 (json_int_t)(t->successes + t->failures + t->ignored), "successes",
	                 (json_int_t)t->successes, "failures", (json_int_t)t->failures, "timeouts",
	                 (json_int_t)t->timeouts, "slow", (json_int_t)t->slow, "ignored",
	                 (json_int_t)t->ignored, "rejected", (json_int_t)t->rejected, "retries",
	                 (json_int_t)t->retries, "fallbacks", (json_int_t)t->fallbacks, "transitions",
	                 (json_int_t)transitions);
}

static json_t *latency_object(const struct latency *l)
{
	if (l->count == 0)
		return json_null();
	return json_pack("{s:o, s:o, s:o, s:o, s:o}", "mean", seconds(latency_mean_us(l), US_PER_S), "p50",
	                 seconds(latency_quantile_us(l, 500), US_PER_S), "p95",
	                 seconds(latency_quantile_us(l, 950), US_PER_S), "p99",
	                 seconds(latency_quantile_us(l, 990), US_PER_S), "max", seconds(l->max_us, US_PER_S));
}

static json_t *policy_value(const struct policy_value *value)
{
	switch (value->kind) {
	case POLICY_VALUE_NUMBER: /* the text of a number is a JSON number */
		return json_loads(value->text, JSON_DECODE_ANY, NULL);
	case POLICY_VALUE_TEXT:
		return json_string(value->text);
	case POLICY_VALUE_BOOL:
		return json_boolean(strcmp(value->text, "true") == 0);
	case POLICY_VALUE_NONE:
		break;
	}
	return json_null();
}

static json_t *policy_object(const struct snapshot *s)
{
	json_t *object = json_object();
	for (int i = 0; i < s->policy_count; i++)
		json_object_set_new(object, s->policy[i].name, policy_value(&s->policy[i]));
	return object;
}

static json_t *breaker_object(const struct snapshot *s)
{
	const struct breaker *b = &s->breaker;
	int64_t now_ms = breaker_now_ms(b, &s->at);
	struct reason reason = breaker_reason_at(b, now_ms);
	return json_pack(
		"{s:o, s:s, s:s, s:o, s:o, s:o, s:I, s:I, s:I, s:o, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
		"name", foreign(s->name), "state", breaker_state_name(breaker_state_at(b, now_ms)), "mode",
		reason_mode_name(b), "since", time_value(breaker_since_wall_ms(b, &s->at)), "reason",
		reason_value(&reason), "retry_after_seconds",
		seconds(breaker_retry_after_ms(b, now_ms), MS_PER_S), "consecutive_failures",
		(json_int_t)b->streak, "trial_successes", (json_int_t)b->trial_successes, "reopenings",
		(json_int_t)b->reopenings, "window", window_object(b, now_ms), "in_flight",
		(json_int_t)s->load.running, "totals", totals_object(&b->totals), "latency_seconds",
		latency_object(&b->latency), "last_success_at", time_value(b->last_success_wall_ms),
		"last_failure_at", time_value(b->last_failure_wall_ms), "last_exit",
		b->last_exit < 0 ? json_null() : json_integer(b->last_exit), "policy", policy_object(s),
		"policy_disagreement",
		s->disagreement[0] != '\0' ? json_string(s->disagreement) : json_null());
}

/* Writes and frees an object. */
static bool print(FILE *out, json_t *object)
{
	size_t flags = JSON_COMPACT | JSON_REAL_PRECISION((size_t)DIGITS);
	bool ok = object != NULL && json_dumpf(object, out, flags) == 0;
	json_decref(object);
	return ok;
}

bool snapshot_print_json(FILE *out, const struct snapshot *s)
{
	return print(out, breaker_object(s));
}

static json_t *call_object(const struct event *e)
{
	return json_pack("{s:o, s:s, s:s, s:I, s:o, s:I}", "at", time_value(e->wall_ms), "kind", "call",
	                 "outcome", outcome_name(e->outcome), "exit", (json_int_t)e->exit, "duration_seconds",
	                 seconds(e->duration_us, US_PER_S), "generation", (json_int_t)e->generation);
}

static json_t *transition_object(const struct event *e)
{
	const char *by = e->reason.by[0] != '\0' ? e->reason.by : "cbrun";
	return json_pack("{s:o, s:s, s:s, s:s, s:o, s:o}", "at", time_value(e->wall_ms), "kind", "transition",
	                 "from", breaker_state_name(e->from), "to", breaker_state_name(e->to), "reason",
	                 reason_value(&e->reason), "by", foreign(by));
}

bool event_print_json(FILE *out, const struct event *event)
{
	json_t *object = event->kind == EVENT_CALL ? call_object(event) : transition_object(event);
	return print(out, object) && fputc('\n', out) != EOF;
}
