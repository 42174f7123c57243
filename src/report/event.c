/* event.c: the two forms of an event. */
#include "report/event.h"

#include "base/clock.h"
#include "base/text.h"
#include "base/units.h"
#include "report/json_value.h"
#include "report/reason.h"

#include <string.h>

enum { ESCAPED_SIZE = 4 * REASON_LINE_SIZE };

/* Where it happened, if hosts share the store. */
static void print_host(FILE *out, const struct event *e)
{
	char escaped[4 * EVENT_HOST_SIZE];
	if (e->host[0] != '\0')
		fprintf(out, " on %s", text_escape(e->host, escaped, sizeof(escaped)));
}

static void print_call(FILE *out, const struct event *e)
{
	char duration[TEXT_VALUE_SIZE];
	char said[ESCAPED_SIZE];
	const char *cause = reason_cause_name(e->cause);
	text_decimal((e->duration_us + 500) / 1000, 1000, duration);
	fprintf(out, "call        %-8s exit %lld after %ss", outcome_name(e->outcome), (long long)e->exit, duration);
	print_host(out, e);
	if (cause != NULL)
		fprintf(out, " (%s)", cause);
	if (e->reason.text[0] != '\0')
		fprintf(out, ": %s", text_escape(e->reason.text, said, sizeof(said)));
	fputc('\n', out);
}

static void print_transition(FILE *out, const struct event *e)
{
	char text[REASON_LINE_SIZE];
	char escaped[ESCAPED_SIZE];
	reason_format(&e->reason, text);
	fprintf(out, "transition  %s -> %s (%s)", breaker_state_name(e->from), breaker_state_name(e->to),
	        text_escape(text, escaped, sizeof(escaped)));
	print_host(out, e);
	fputc('\n', out);
}

void event_print_text(FILE *out, const char *name, const struct event *event)
{
	char at[CLOCK_TEXT_SIZE];
	char escaped[ESCAPED_SIZE];
	clock_format_local(event->wall_ms, at);
	fprintf(out, "%s  ", at);
	if (name != NULL)
		fprintf(out, "%s  ", text_escape(name, escaped, sizeof(escaped)));
	if (event->kind == EVENT_CALL)
		print_call(out, event);
	else
		print_transition(out, event);
}

static json_t *call_object(const struct event *e)
{
	const char *cause = reason_cause_name(e->cause);
	return json_pack("{s:o, s:s, s:s, s:I, s:o, s:I, s:o, s:o}", "at", json_value_time(e->wall_ms), "kind", "call",
	                 "outcome", outcome_name(e->outcome), "exit", (json_int_t)e->exit, "duration_seconds",
	                 json_value_seconds(e->duration_us, US_PER_S), "generation", (json_int_t)e->generation,
	                 "ignored", cause != NULL ? json_string(cause) : json_null(), "said",
	                 e->reason.text[0] != '\0' ? json_value_text(e->reason.text) : json_null());
}

static json_t *transition_object(const struct event *e)
{
	return json_pack("{s:o, s:s, s:s, s:s, s:o, s:o}", "at", json_value_time(e->wall_ms), "kind", "transition",
	                 "from", breaker_state_name(e->from), "to", breaker_state_name(e->to), "reason",
	                 json_value_reason(&e->reason), "by", json_value_by(&e->reason));
}

/* The object, with the name in front. */
static json_t *with_name(const char *name, json_t *object)
{
	json_t *named = object != NULL ? json_pack("{s:o}", "name", json_value_text(name)) : NULL;
	if (named != NULL && json_object_update(named, object) != 0) {
		json_decref(named);
		named = NULL;
	}
	json_decref(object);
	return named;
}

bool event_print_json(FILE *out, const char *name, const struct event *event)
{
	json_t *object = event->kind == EVENT_CALL ? call_object(event) : transition_object(event);
	if (object != NULL && event->host[0] != '\0')
		json_object_set_new(object, "host", json_value_text(event->host));
	if (name != NULL)
		object = with_name(name, object);
	return json_value_print(out, object) && fputc('\n', out) != EOF;
}
