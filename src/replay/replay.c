/* replay.c: the breaker's steps in the order of time. */
#include "replay/replay.h"

#include "base/units.h"

/* xorshift64*: small, and good enough to spread deadlines. */
static uint32_t draw_chance(struct replay *r)
{
	r->random ^= r->random >> 12;
	r->random ^= r->random << 25;
	r->random ^= r->random >> 27;
	return (uint32_t)((r->random * UINT64_C(2685821657736338717)) >> 32);
}

static struct moment begin_step(struct replay *r, int64_t at_ms)
{
	r->now_ms = at_ms;
	r->journal.count = 0;
	return (struct moment){
		.at = {.boot_ms = at_ms, .wall_ms = at_ms},
		.chance = draw_chance(r),
	};
}

/* Adds the time spent open, up to now or the deadline. */
static void leave_open(struct replay *r)
{
	int64_t until_ms = r->now_ms < r->open_until_ms ? r->now_ms : r->open_until_ms;
	r->tally.open_ms += until_ms - r->open_from_ms;
}

static void count_transition(struct replay *r, const struct event *event)
{
	if (event->from == BREAKER_OPEN)
		leave_open(r);
	if (event->to != BREAKER_OPEN)
		return;
	r->tally.opened += event->from != BREAKER_OPEN;
	r->tally.incidents += event->from == BREAKER_CLOSED;
	r->open_from_ms = r->now_ms;
	r->open_until_ms = r->breaker.mode == MODE_HELD ? INT64_MAX : r->breaker.open_until_ms;
}

/* Counts what the step brought, and shows it. State and time to wait are filled in here. */
static void end_step(struct replay *r, struct replay_step *step)
{
	for (int i = 0; i < r->journal.count; i++)
		if (r->journal.events[i].kind == EVENT_TRANSITION)
			count_transition(r, &r->journal.events[i]);
	if (r->visit == NULL)
		return;
	step->at_ms = r->now_ms;
	step->state = breaker_state_at(&r->breaker, r->now_ms);
	step->retry_after_ms = breaker_retry_after_ms(&r->breaker, r->now_ms);
	step->journal = &r->journal;
	r->visit(r->context, step);
}

static void end_call(struct replay *r)
{
	struct running_call call = running_take(&r->running);
	struct call ended = {
		.generation = call.generation,
		.outcome = call.outcome,
		.duration_us = call.duration_ms * US_PER_MS,
	};
	struct moment moment = begin_step(r, call.end_ms);
	r->load.running--;
	r->load.trials -= call.trial;
	breaker_record(&r->breaker, &r->policy, &moment, &ended, &r->journal);
	end_step(r, &(struct replay_step){
			    .kind = REPLAY_CALL_ENDED,
			    .line = call.line,
			    .outcome = call.outcome,
		    });
}

static void end_calls_until(struct replay *r, int64_t at_ms)
{
	const struct running_call *next;
	while ((next = running_next(&r->running)) != NULL && next->end_ms <= at_ms)
		end_call(r);
}

static void count_start(struct replay_tally *tally, bool run, enum outcome outcome)
{
	bool failure = outcome_is_failure(outcome);
	tally->calls++;
	tally->run += run;
	tally->rejected += !run;
	tally->failures_run += run && failure;
	tally->failures_avoided += !run && failure;
	tally->successes_rejected += !run && outcome == OUTCOME_SUCCESS;
}

void replay_begin(struct replay *r, const struct policy *policy, uint64_t seed, replay_visitor *visit,
                  void *context)
{
	struct instant start = {0};
	running_clear(&r->running);
	breaker_init(&r->breaker, policy, &start);
	r->policy = *policy;
	r->load = (struct load){0};
	r->random = seed + 1; /* must not be 0 */
	r->now_ms = 0;
	r->tally = (struct replay_tally){0};
	r->visit = visit;
	r->context = context;
}

bool replay_call(struct replay *r, int64_t at_ms, int64_t line, enum outcome outcome, int64_t duration_ms)
{
	end_calls_until(r, at_ms);
	struct moment moment = begin_step(r, at_ms);
	struct admission a = breaker_admit(&r->breaker, &r->policy, &moment, &r->load, &r->journal);
	count_start(&r->tally, a.run, outcome);
	end_step(r, &(struct replay_step){.kind = REPLAY_CALL_STARTED, .line = line, .admission = &a});
	if (!a.run)
		return true;
	r->load.running++;
	r->load.trials += a.trial;
	struct running_call call = {
		.end_ms = at_ms + duration_ms,
		.line = line,
		.generation = a.generation,
		.duration_ms = duration_ms,
		.outcome = outcome,
		.trial = a.trial,
	};
	if (!running_add(&r->running, &call))
		return false;
	end_calls_until(r, at_ms);
	return true;
}

static void apply(struct replay *r, enum replay_act act, const struct moment *moment)
{
	struct reason why = {0};
	switch (act) {
	case REPLAY_PEEK:
		break;
	case REPLAY_TRIP:
		breaker_trip(&r->breaker, r->policy.open_for_ms, moment, &why, &r->journal);
		break;
	case REPLAY_HOLD:
		breaker_hold(&r->breaker, moment, &why, &r->journal);
		break;
	case REPLAY_RESET:
		breaker_reset(&r->breaker, moment, &why, &r->journal);
		break;
	case REPLAY_DISABLE:
		breaker_disable(&r->breaker, 0, moment, &why, &r->journal);
		break;
	case REPLAY_ENABLE:
		breaker_enable(&r->breaker, moment, &why, &r->journal);
		break;
	}
}

void replay_act(struct replay *r, int64_t at_ms, int64_t line, enum replay_act act)
{
	end_calls_until(r, at_ms);
	struct moment moment = begin_step(r, at_ms);
	apply(r, act, &moment);
	end_step(r, &(struct replay_step){.kind = REPLAY_ACTED, .line = line, .act = act});
}

const struct replay_tally *replay_end(struct replay *r)
{
	while (running_next(&r->running) != NULL)
		end_call(r);
	if (r->breaker.state == BREAKER_OPEN)
		leave_open(r);
	return &r->tally;
}

void replay_free(struct replay *r)
{
	running_free(&r->running);
}

const char *replay_act_name(enum replay_act act)
{
	switch (act) {
	case REPLAY_PEEK:
		return "peek";
	case REPLAY_TRIP:
		return "trip";
	case REPLAY_HOLD:
		return "hold";
	case REPLAY_RESET:
		return "reset";
	case REPLAY_DISABLE:
		return "disable";
	case REPLAY_ENABLE:
		return "enable";
	}
	return "?";
}
