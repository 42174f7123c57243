/*
 * steps.c: a simulation as lines of JSON, without a library for that: a million
 * of them in a second, and nothing in them needs escaping (numbers, and words of
 * our own; what --versus was given is all that does, and goes through one).
 */
#include "commands/steps.h"

#include "base/text.h"
#include "base/units.h"
#include "report/json_value.h"
#include "report/reason.h"

static void print_head(FILE *out, const struct replay_step *step, const char *event)
{
	char t[TEXT_VALUE_SIZE];
	text_decimal(step->at_ms, MS_PER_S, t);
	fprintf(out, "{\"t\":%s,\"line\":%lld,\"event\":\"%s\"", t, (long long)step->line, event);
}

static void print_start(FILE *out, const struct replay_step *step)
{
	char reason[REASON_LINE_SIZE];
	const struct admission *a = step->admission;
	const char *quote = a->reason.kind != REASON_NONE ? "\"" : "";
	reason_format(&a->reason, reason);
	print_head(out, step, "start");
	fprintf(out, ",\"decision\":\"%s\",\"state\":\"%s\",\"reason\":%s%s%s}\n", a->run ? "run" : "reject",
	        breaker_state_name(step->state), quote, a->reason.kind != REASON_NONE ? reason : "null",
	        quote);
}

static void print_end(FILE *out, const struct replay_step *step)
{
	print_head(out, step, "end");
	fprintf(out, ",\"outcome\":\"%s\",\"state\":\"%s\"}\n", outcome_name(step->outcome),
	        breaker_state_name(step->state));
}

static void print_act(FILE *out, const struct replay_step *step)
{
	char retry[TEXT_VALUE_SIZE] = "null";
	if (step->retry_after_ms >= 0)
		text_decimal(step->retry_after_ms, MS_PER_S, retry);
	print_head(out, step, replay_act_name(step->act));
	fprintf(out, ",\"state\":\"%s\",\"retry_after_seconds\":%s}\n", breaker_state_name(step->state),
	        retry);
}

void steps_print(void *context, const struct replay_step *step)
{
	FILE *out = context;
	switch (step->kind) {
	case REPLAY_CALL_STARTED:
		print_start(out, step);
		break;
	case REPLAY_CALL_ENDED:
		print_end(out, step);
		break;
	case REPLAY_ACTED:
		print_act(out, step);
		break;
	}
}

void steps_print_summary(FILE *out, const struct replay_tally *t, const char *versus)
{
	char open_seconds[TEXT_VALUE_SIZE];
	text_decimal(t->open_ms, MS_PER_S, open_seconds);
	fputs("{\"event\":\"summary\"", out);
	if (versus != NULL) {
		json_t *text = json_value_text(versus);
		fputs(",\"versus\":", out);
		json_dumpf(text, out, JSON_ENCODE_ANY);
		json_decref(text);
	}
	fprintf(out,
	        ",\"calls\":%lld,\"run\":%lld,\"rejected\":%lld,\"failures_run\":%lld,"
	        "\"failures_avoided\":%lld,\"successes_rejected\":%lld,\"opened\":%lld,\"open_seconds\":%s}\n",
	        (long long)t->calls, (long long)t->run, (long long)t->rejected, (long long)t->failures_run,
	        (long long)t->failures_avoided, (long long)t->successes_rejected, (long long)t->opened,
	        open_seconds);
}

