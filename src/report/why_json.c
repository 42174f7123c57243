/* why_json.c: the same facts for programs. */
#include "base/units.h"
#include "report/json_value.h"
#include "report/reason.h"
#include "report/why.h"

static json_t *run_object(const struct event *run)
{
	const char *said = run->reason.text;
	return json_pack("{s:o, s:s, s:I, s:o, s:o}", "at", json_value_time(run->wall_ms), "outcome",
	                 outcome_name(run->outcome), "exit", (json_int_t)run->exit, "duration_seconds",
	                 json_value_seconds(run->duration_us, US_PER_S), "said",
	                 said[0] != '\0' ? json_value_text(said) : json_null());
}

static json_t *transition_object(const struct event *event)
{
	return json_pack("{s:o, s:s, s:o, s:o}", "at", json_value_time(event->wall_ms), "to",
	                 breaker_state_name(event->to), "reason", json_value_reason(&event->reason), "by",
	                 json_value_by(&event->reason));
}

/* An array of events, each made an object. */
static json_t *array_of(const struct event *events, size_t count, json_t *(*make)(const struct event *event))
{
	json_t *array = json_array();
	for (size_t i = 0; array != NULL && i < count; i++)
		if (json_array_append_new(array, make(&events[i])) != 0) {
			json_decref(array);
			array = NULL;
		}
	return array;
}

static json_t *incident_object(const struct explanation *e)
{
	const struct explanation_incident *i = &e->incident;
	const struct event *last = &i->last_trial_failed;
	if (!i->found)
		return json_null();
	return json_pack(
		"{s:o, s:o, s:b, s:o, s:o, s:I, s:I, s:I, s:o, s:I, s:o, s:o, s:o}", "opened",
		transition_object(&i->opening), "first_failure_at", json_value_time(i->first_wall_ms), "recorded", i->recorded,
		"runs", array_of(i->runs, i->run_count, run_object), "last_exit",
		i->opening.exit >= 0 ? json_integer(i->opening.exit) : json_null(), "rejected", (json_int_t)i->rejected,
		"trials_succeeded", (json_int_t)i->trials_succeeded, "trials_failed", (json_int_t)i->trials_failed,
		"last_trial_failed", i->trials_failed > 0 && last->seq > 0 ? run_object(last) : json_null(), "reopenings",
		(json_int_t)i->reopenings, "by_hand", array_of(i->acts, i->act_count, transition_object), "closed",
		i->over ? transition_object(&i->closing) : json_null(), "seconds",
		json_value_seconds(i->over ? i->closing.incident_ms : e->now.wall_ms - i->opening.wall_ms, MS_PER_S));
}

/* As the summary of `cbrun simulate` has it. */
static json_t *tally_object(const struct explanation_alternative *a)
{
	return json_pack("{s:s, s:b, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o}", "options", a->options, "matters", a->matters,
	                 "calls", (json_int_t)(a->run + a->rejected), "run", (json_int_t)a->run, "rejected",
	                 (json_int_t)a->rejected, "failures_run", (json_int_t)a->failures_run, "failures_avoided",
	                 (json_int_t)a->failures_avoided, "successes_rejected", (json_int_t)a->successes_rejected, "opened",
	                 (json_int_t)a->opened, "open_seconds", json_value_seconds(a->open_ms, MS_PER_S));
}

static json_t *alternatives_array(const struct explanation *e)
{
	json_t *array = json_array();
	for (size_t i = 0; array != NULL && i < e->alternative_count; i++)
		if (json_array_append_new(array, tally_object(&e->alternatives[i])) != 0) {
			json_decref(array);
			array = NULL;
		}
	return array;
}

static json_t *output_object(const struct explanation_output *o)
{
	json_t *lines = json_array();
	if (o->wall_ms == 0) {
		json_decref(lines);
		return json_null();
	}
	for (int row = 0; lines != NULL && row < EXPLANATION_LINES; row++)
		if (o->lines[row][0] != '\0' && json_array_append_new(lines, json_value_text(o->lines[row])) != 0) {
			json_decref(lines);
			lines = NULL;
		}
	return json_pack("{s:o, s:o}", "at", json_value_time(o->wall_ms), "lines", lines);
}

/* What would reject a run that comes now, or would but for --shadow. */
static json_t *rejection_value(const struct explanation *e)
{
	return json_value_reason(&e->admission.reason);
}

bool why_print_json(FILE *out, const struct explanation *e)
{
	const struct breaker *b = e->breaker;
	int64_t now_ms = breaker_now_ms(b, &e->now);
	struct reason reason = breaker_reason_at(b, now_ms);
	json_t *object = json_pack(
		"{s:i, s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:I, s:I, s:I, s:I, s:o, s:o, s:o, s:o, s:o}", "schema", 1,
		"name", e->name, "state", breaker_state_name(e->state), "mode", reason_mode_name(b, now_ms), "since",
		json_value_time(breaker_since_wall_ms(b, &e->now)), "reason", json_value_reason(&reason), "by",
		json_value_by(&reason), "rejection", rejection_value(e), "retry_after_seconds",
		json_value_seconds(e->retry_after_ms, MS_PER_S), "consecutive_failures", (json_int_t)b->streak,
		"trial_successes", (json_int_t)b->trial_successes, "successes_needed", (json_int_t)b->policy.successes,
		"probe_failures_allowed", (json_int_t)(b->policy.probe_failures - 1), "incident", incident_object(e), "output",
		output_object(&e->output), "recorded_since", json_value_time(e->recorded_since_wall_ms), "as_it_is",
		tally_object(&e->as_it_is), "alternatives", alternatives_array(e));
	return json_value_print(out, object) && fputc('\n', out) != EOF;
}
