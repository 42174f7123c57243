/*
 * simulation.c: the breaker's steps in time order.
 *
 * The lines are printed without a JSON library: a million of them in a second,
 * and nothing in them needs escaping (numbers, and words of our own).
 */
#include "commands/simulation.h"

#include "base/text.h"
#include "report/reason.h"

#include <stdlib.h>
#include <string.h>

enum { MS_PER_S = 1000, US_PER_MS = 1000 };

static struct moment moment_at(struct simulation *s, int64_t at_ms)
{
	/* xorshift64*: small, and good enough to spread deadlines */
	s->random ^= s->random >> 12;
	s->random ^= s->random << 25;
	s->random ^= s->random >> 27;
	return (struct moment){
		.at = {.boot_ms = at_ms, .wall_ms = at_ms},
		.chance = (uint32_t)((s->random * UINT64_C(2685821657736338717)) >> 32),
	};
}

static bool ends_before(const struct running *a, const struct running *b)
{
	return a->end_ms != b->end_ms ? a->end_ms < b->end_ms : a->order < b->order;
}

static bool heap_push(struct simulation *s, const struct running *call)
{
	if (s->heap_count == s->heap_capacity) {
		size_t capacity = s->heap_capacity > 0 ? 2 * s->heap_capacity : 64;
		struct running *heap = realloc(s->heap, capacity * sizeof(*heap));
		if (heap == NULL)
			return false;
		s->heap = heap;
		s->heap_capacity = capacity;
	}
	size_t i = s->heap_count++;
	for (; i > 0 && ends_before(call, &s->heap[(i - 1) / 2]); i = (i - 1) / 2)
		s->heap[i] = s->heap[(i - 1) / 2];
	s->heap[i] = *call;
	return true;
}

static struct running heap_pop(struct simulation *s)
{
	struct running top = s->heap[0];
	struct running last = s->heap[--s->heap_count];
	size_t i = 0;
	for (;;) {
		size_t child = 2 * i + 1;
		if (child >= s->heap_count)
			break;
		if (child + 1 < s->heap_count && ends_before(&s->heap[child + 1], &s->heap[child]))
			child++;
		if (!ends_before(&s->heap[child], &last))
			break;
		s->heap[i] = s->heap[child];
		i = child;
	}
	s->heap[i] = last;
	return top;
}

static const char *state_name(const struct simulation *s, int64_t at_ms)
{
	return breaker_state_name(breaker_state_at(&s->breaker, at_ms));
}

static void print_head(const struct simulation *s, int64_t at_ms, int64_t line, const char *event)
{
	char t[TEXT_VALUE_SIZE];
	text_decimal(at_ms, MS_PER_S, t);
	fprintf(s->out, "{\"t\":%s,\"line\":%lld,\"event\":\"%s\"", t, (long long)line, event);
}

/* Time spent open, up to at_ms or the deadline. */
static void leave_open(struct simulation *s, int64_t at_ms)
{
	int64_t until_ms = at_ms < s->open_until_ms ? at_ms : s->open_until_ms;
	s->tally.open_ms += until_ms - s->open_from_ms;
}

static void follow(struct simulation *s, int64_t at_ms, const struct journal *journal)
{
	for (int i = 0; i < journal->count; i++) {
		const struct event *event = &journal->events[i];
		if (event->kind != EVENT_TRANSITION)
			continue;
		if (event->from == BREAKER_OPEN)
			leave_open(s, at_ms);
		if (event->to != BREAKER_OPEN)
			continue;
		s->tally.opened += event->from != BREAKER_OPEN;
		s->open_from_ms = at_ms;
		s->open_until_ms = s->breaker.mode == MODE_HELD ? INT64_MAX : s->breaker.open_until_ms;
	}
}

static void end_call(struct simulation *s)
{
	struct running call = heap_pop(s);
	struct moment moment = moment_at(s, call.end_ms);
	struct journal journal = {0};
	struct call ended = {
		.generation = call.generation,
		.outcome = call.outcome,
		.duration_us = call.duration_ms * US_PER_MS,
	};
	s->now_ms = call.end_ms;
	s->load.running--;
	s->load.trials -= call.trial;
	breaker_record(&s->breaker, &s->policy, &moment, &ended, &journal);
	follow(s, call.end_ms, &journal);
	print_head(s, call.end_ms, call.line, "end");
	fprintf(s->out, ",\"outcome\":\"%s\",\"state\":\"%s\"}\n", outcome_name(call.outcome),
	        state_name(s, call.end_ms));
}

static void end_calls_until(struct simulation *s, int64_t at_ms)
{
	while (s->heap_count > 0 && s->heap[0].end_ms <= at_ms)
		end_call(s);
	s->now_ms = at_ms;
}

static void count_start(struct simulation *s, bool run, enum outcome outcome)
{
	bool failure = outcome == OUTCOME_FAILURE || outcome == OUTCOME_TIMEOUT;
	s->tally.calls++;
	s->tally.run += run;
	s->tally.rejected += !run;
	s->tally.failures_run += run && failure;
	s->tally.failures_avoided += !run && failure;
	s->tally.successes_rejected += !run && outcome == OUTCOME_SUCCESS;
}

static void print_start(const struct simulation *s, int64_t at_ms, int64_t line, const struct admission *a)
{
	char reason[REASON_LINE_SIZE];
	const char *quote = a->reason.kind != REASON_NONE ? "\"" : "";
	reason_format(&a->reason, reason);
	print_head(s, at_ms, line, "start");
	fprintf(s->out, ",\"decision\":\"%s\",\"state\":\"%s\",\"reason\":%s%s%s}\n",
	        a->run ? "run" : "reject", breaker_state_name(a->state), quote,
	        a->reason.kind != REASON_NONE ? reason : "null", quote);
}

void simulation_begin(struct simulation *s, const struct policy *policy, uint64_t seed, FILE *out)
{
	struct instant start = {0};
	memset(s, 0, sizeof(*s));
	s->out = out;
	s->policy = *policy;
	s->random = seed + 1; /* must not be 0 */
	breaker_init(&s->breaker, policy, &start);
}

bool simulation_call(struct simulation *s, int64_t at_ms, int64_t line, enum outcome outcome,
                     int64_t duration_ms)
{
	struct journal journal = {0};
	end_calls_until(s, at_ms);
	struct moment moment = moment_at(s, at_ms);
	struct admission a = breaker_admit(&s->breaker, &s->policy, &moment, &s->load, &journal);
	follow(s, at_ms, &journal);
	count_start(s, a.run, outcome);
	print_start(s, at_ms, line, &a);
	if (!a.run)
		return true;
	s->load.running++;
	s->load.trials += a.trial;
	struct running call = {
		.end_ms = at_ms + duration_ms,
		.order = s->started++,
		.line = line,
		.generation = a.generation,
		.duration_ms = duration_ms,
		.outcome = outcome,
		.trial = a.trial,
	};
	if (!heap_push(s, &call))
		return false;
	end_calls_until(s, at_ms);
	return true;
}

static void act_on(struct simulation *s, enum simulation_act act, const struct moment *moment,
                   struct journal *journal)
{
	struct reason why = {0};
	switch (act) {
	case SIMULATION_PEEK:
		break;
	case SIMULATION_TRIP:
		breaker_trip(&s->breaker, s->policy.open_for_ms, moment, &why, journal);
		break;
	case SIMULATION_HOLD:
		breaker_hold(&s->breaker, moment, &why, journal);
		break;
	case SIMULATION_RESET:
		breaker_reset(&s->breaker, moment, &why, journal);
		break;
	case SIMULATION_DISABLE:
		breaker_disable(&s->breaker, moment, &why, journal);
		break;
	case SIMULATION_ENABLE:
		breaker_enable(&s->breaker, moment, &why, journal);
		break;
	}
}

void simulation_act(struct simulation *s, int64_t at_ms, int64_t line, enum simulation_act act)
{
	char retry[TEXT_VALUE_SIZE] = "null";
	struct journal journal = {0};
	end_calls_until(s, at_ms);
	struct moment moment = moment_at(s, at_ms);
	act_on(s, act, &moment, &journal);
	follow(s, at_ms, &journal);
	int64_t retry_ms = breaker_retry_after_ms(&s->breaker, at_ms);
	if (retry_ms >= 0)
		text_decimal(retry_ms, MS_PER_S, retry);
	print_head(s, at_ms, line, simulation_act_name(act));
	fprintf(s->out, ",\"state\":\"%s\",\"retry_after_seconds\":%s}\n", state_name(s, at_ms), retry);
}

static void print_summary(const struct simulation *s)
{
	const struct tally *t = &s->tally;
	char open_seconds[TEXT_VALUE_SIZE];
	text_decimal(t->open_ms, MS_PER_S, open_seconds);
	fprintf(s->out,
	        "{\"event\":\"summary\",\"calls\":%lld,\"run\":%lld,\"rejected\":%lld,\"failures_run\":%lld,"
	        "\"failures_avoided\":%lld,\"successes_rejected\":%lld,\"opened\":%lld,\"open_seconds\":%s}"
	        "\n",
	        (long long)t->calls, (long long)t->run, (long long)t->rejected, (long long)t->failures_run,
	        (long long)t->failures_avoided, (long long)t->successes_rejected, (long long)t->opened,
	        open_seconds);
}

void simulation_end(struct simulation *s, bool summary)
{
	while (summary && s->heap_count > 0)
		end_call(s);
	if (s->breaker.state == BREAKER_OPEN)
		leave_open(s, s->now_ms);
	if (summary)
		print_summary(s);
	free(s->heap);
	s->heap = NULL;
}

const char *simulation_act_name(enum simulation_act act)
{
	switch (act) {
	case SIMULATION_PEEK:
		return "peek";
	case SIMULATION_TRIP:
		return "trip";
	case SIMULATION_HOLD:
		return "hold";
	case SIMULATION_RESET:
		return "reset";
	case SIMULATION_DISABLE:
		return "disable";
	case SIMULATION_ENABLE:
		return "enable";
	}
	return "?";
}
