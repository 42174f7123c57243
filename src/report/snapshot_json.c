/* snapshot_json.c: a breaker of `cbrun status --json`. */
#include "base/units.h"
#include "report/json_value.h"
#include "report/reason.h"
#include "report/snapshot.h"

#include <string.h>

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
	                 calls ? json_integer(p->window_size) : json_value_seconds(p->window_size, MS_PER_S), "calls",
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
	return json_pack("{s:o, s:o, s:o, s:o, s:o}", "mean", json_value_seconds(latency_mean_us(l), US_PER_S), "p50",
	                 json_value_seconds(latency_quantile_us(l, 500), US_PER_S), "p95",
	                 json_value_seconds(latency_quantile_us(l, 950), US_PER_S), "p99",
	                 json_value_seconds(latency_quantile_us(l, 990), US_PER_S), "max", json_value_seconds(l->max_us, US_PER_S));
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

/* How the last calls ended, the newest last. */
static json_t *recent_array(int64_t recent)
{
	static const char *const words[] = {
		[RECENT_NONE] = NULL,         [RECENT_SUCCESS] = "success", [RECENT_SLOW] = "slow",
		[RECENT_FAILURE] = "failure", [RECENT_TIMEOUT] = "timeout", [RECENT_IGNORED] = "ignored",
	};
	json_t *array = json_array();
	int i = 0;
	while (i < RECENT_CALLS && recent_at(recent, i) != RECENT_NONE)
		i++;
	while (i > 0)
		json_array_append_new(array, json_string(words[recent_at(recent, --i)]));
	return array;
}

static json_t *breaker_object(const struct snapshot *s)
{
	const struct breaker *b = &s->breaker;
	int64_t now_ms = breaker_now_ms(b, &s->at);
	struct reason reason = breaker_reason_at(b, now_ms);
	return json_pack(
		"{s:o, s:s, s:s, s:o, s:o, s:o, s:I, s:I, s:I, s:o, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
		"name", json_value_text(s->name), "state", breaker_state_name(breaker_state_at(b, now_ms)), "mode",
		reason_mode_name(b, now_ms), "since", json_value_time(breaker_since_wall_ms(b, &s->at)), "reason",
		json_value_reason(&reason), "retry_after_seconds",
		json_value_seconds(breaker_retry_after_ms(b, now_ms), MS_PER_S), "consecutive_failures",
		(json_int_t)b->streak, "trial_successes", (json_int_t)b->trial_successes, "reopenings",
		(json_int_t)b->reopenings, "window", window_object(b, now_ms), "in_flight",
		(json_int_t)s->load.running, "totals", totals_object(&b->totals), "latency_seconds",
		latency_object(&b->latency), "last_success_at", json_value_time(b->last_success_wall_ms),
		"last_failure_at", json_value_time(b->last_failure_wall_ms), "last_exit",
		b->last_exit < 0 ? json_null() : json_integer(b->last_exit), "recent", recent_array(b->recent), "policy", policy_object(s),
		"policy_disagreement",
		s->disagreement[0] != '\0' ? json_string(s->disagreement) : json_null());
}

bool snapshot_print_json(FILE *out, const struct snapshot *s)
{
	return json_value_print(out, breaker_object(s));
}

