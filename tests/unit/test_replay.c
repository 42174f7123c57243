/* test_replay.c: a breaker driven through time, and what a visitor sees of it. */
#include "replay/replay.h"

#include "policies.h"
#include "suites.h"

#include <stdio.h>

enum { STORY_SIZE = 4096, RANDOM_STEPS = 3000 };

/* What a visitor has seen, a line for each step. */
struct seen {
	char text[STORY_SIZE];
	size_t used;
};

static void describe(const struct replay_step *step, char text[64])
{
	const struct admission *a = step->admission;
	switch (step->kind) {
	case REPLAY_CALL_STARTED:
		snprintf(text, 64, "%s", a->run ? a->trial ? "trial" : "run" : "reject");
		break;
	case REPLAY_CALL_ENDED:
		snprintf(text, 64, "%s", outcome_name(step->outcome));
		break;
	case REPLAY_ACTED:
		snprintf(text, 64, "%s", replay_act_name(step->act));
		break;
	}
}

static void see(void *context, const struct replay_step *step)
{
	struct seen *seen = context;
	char what[64];
	describe(step, what);
	int length = snprintf(seen->text + seen->used, sizeof(seen->text) - seen->used,
	                      "%lld #%lld %s %s %lld\n", (long long)step->at_ms, (long long)step->line, what,
	                      breaker_state_name(step->state), (long long)step->retry_after_ms);
	if (length > 0 && seen->used + (size_t)length < sizeof(seen->text))
		seen->used += (size_t)length;
}

static void check_tally(struct unit *u, const struct replay_tally *got, const struct replay_tally *want)
{
	CHECK_INT(u, got->calls, want->calls);
	CHECK_INT(u, got->run, want->run);
	CHECK_INT(u, got->rejected, want->rejected);
	CHECK_INT(u, got->failures_run, want->failures_run);
	CHECK_INT(u, got->failures_avoided, want->failures_avoided);
	CHECK_INT(u, got->successes_rejected, want->successes_rejected);
	CHECK_INT(u, got->opened, want->opened);
	CHECK_INT(u, got->open_ms, want->open_ms);
}

/* An outage that trial calls see the end of, and an operator's break. */
static void tell(struct unit *u, struct replay *r)
{
	CHECK(u, replay_call(r, 0, 1, OUTCOME_SUCCESS, 0));
	CHECK(u, replay_call(r, 1000, 2, OUTCOME_FAILURE, 5000));
	CHECK(u, replay_call(r, 2000, 3, OUTCOME_FAILURE, 1000));
	replay_act(r, 4000, 4, REPLAY_PEEK);
	CHECK(u, replay_call(r, 7000, 5, OUTCOME_SUCCESS, 0));
	CHECK(u, replay_call(r, 7000, 6, OUTCOME_TIMEOUT, 0));
	CHECK(u, replay_call(r, 16000, 7, OUTCOME_SUCCESS, 2000));
	CHECK(u, replay_call(r, 17000, 8, OUTCOME_FAILURE, 0));
	replay_act(r, 20000, 9, REPLAY_HOLD);
	replay_act(r, 25000, 10, REPLAY_RESET);
	CHECK(u, replay_call(r, 30000, 11, OUTCOME_FAILURE, 3000));
}

static const char story[] = "0 #1 run closed -1\n"
			    "0 #1 success closed -1\n"
			    "1000 #2 run closed -1\n"
			    "2000 #3 run closed -1\n"
			    "3000 #3 failure closed -1\n"
			    "4000 #4 peek closed -1\n"
			    "6000 #2 failure open 10000\n"
			    "7000 #5 reject open 9000\n"
			    "7000 #6 reject open 9000\n"
			    "16000 #7 trial half-open -1\n"
			    "17000 #8 reject half-open -1\n"
			    "18000 #7 success closed -1\n"
			    "20000 #9 hold open -1\n"
			    "25000 #10 reset closed -1\n"
			    "30000 #11 run closed -1\n"
			    "33000 #11 failure closed -1\n";

static const struct replay_tally story_tally = {
	.calls = 8,
	.run = 5,
	.rejected = 3,
	.failures_run = 3,
	.failures_avoided = 2,
	.successes_rejected = 1,
	.opened = 2,
	.open_ms = 15000,
};

static void a_visitor_sees_each_step_and_the_tally_sums_them_up(struct unit *u)
{
	struct policy policy = policy_of(u, "failures=2 open-for=10s probes=1 successes=1");
	struct replay r = {0};
	struct seen seen = {0};
	replay_begin(&r, &policy, 0, see, &seen);
	tell(u, &r);
	check_tally(u, replay_end(&r), &story_tally);
	CHECK_STR(u, seen.text, story);
	replay_free(&r);
}

static void it_begins_again_in_the_same_memory(struct unit *u)
{
	struct policy policy = policy_of(u, "failures=2 open-for=10s probes=1 successes=1");
	struct policy other = policy_of(u, "failures=1 open-for=1s max-concurrent=2");
	struct replay r = {0};
	struct seen seen = {0};
	replay_begin(&r, &other, 7, NULL, NULL);
	tell(u, &r);
	CHECK(u, replay_call(&r, 40000, 12, OUTCOME_SUCCESS, 1000000)); /* is running still */
	const void *memory = r.running.calls.items;
	replay_begin(&r, &policy, 0, see, &seen);
	tell(u, &r);
	check_tally(u, replay_end(&r), &story_tally);
	CHECK_STR(u, seen.text, story);
	CHECK(u, r.running.calls.items == memory);
	replay_free(&r);
	replay_begin(&r, &policy, 0, NULL, NULL);
	tell(u, &r);
	check_tally(u, replay_end(&r), &story_tally);
	replay_free(&r);
}

static void calls_that_end_together_end_in_the_order_of_their_starts(struct unit *u)
{
	struct policy policy = policy_of(u, "failures=9");
	struct replay r = {0};
	struct seen seen = {0};
	replay_begin(&r, &policy, 0, see, &seen);
	for (int i = 0; i < 4; i++)
		CHECK(u, replay_call(&r, i, i + 1, OUTCOME_SUCCESS, 10 - i));
	replay_act(&r, 10, 5, REPLAY_PEEK); /* an earlier call's end goes before */
	CHECK_STR(u, seen.text,
	          "0 #1 run closed -1\n1 #2 run closed -1\n2 #3 run closed -1\n3 #4 run closed -1\n"
	          "10 #1 success closed -1\n10 #2 success closed -1\n10 #3 success closed -1\n"
	          "10 #4 success closed -1\n10 #5 peek closed -1\n");
	replay_end(&r);
	replay_free(&r);
}

static void acts_are_those_of_an_operator(struct unit *u)
{
	struct policy policy = policy_of(u, "open-for=5s");
	struct replay r = {0};
	struct seen seen = {0};
	replay_begin(&r, &policy, 0, see, &seen);
	replay_act(&r, 0, 1, REPLAY_TRIP);
	replay_act(&r, 6000, 2, REPLAY_PEEK);
	replay_act(&r, 7000, 3, REPLAY_DISABLE);
	replay_act(&r, 8000, 4, REPLAY_TRIP); /* its mode forbids it */
	replay_act(&r, 9000, 5, REPLAY_ENABLE);
	replay_act(&r, 10000, 6, REPLAY_TRIP);
	replay_act(&r, 11000, 7, REPLAY_HOLD);
	replay_act(&r, 99000, 8, REPLAY_PEEK);
	check_tally(u, replay_end(&r), &(struct replay_tally){.opened = 2, .open_ms = 5000 + 89000});
	CHECK_STR(u, seen.text,
	          "0 #1 trip open 5000\n6000 #2 peek half-open -1\n7000 #3 disable closed -1\n"
	          "8000 #4 trip closed -1\n9000 #5 enable closed -1\n10000 #6 trip open 5000\n"
	          "11000 #7 hold open -1\n99000 #8 peek open -1\n");
	replay_free(&r);
}

/* Steps counted by a visitor; what must hold of each is checked here. */
struct count {
	struct unit *u;
	int64_t last_ms;
	int64_t running;
	struct replay_tally tally;
};

static void count_step(void *context, const struct replay_step *step)
{
	struct count *c = context;
	CHECK(c->u, step->at_ms >= c->last_ms);
	CHECK(c->u, (step->admission != NULL) == (step->kind == REPLAY_CALL_STARTED));
	CHECK(c->u, step->retry_after_ms < 0 || step->state == BREAKER_OPEN);
	c->last_ms = step->at_ms;
	if (step->kind == REPLAY_CALL_STARTED) {
		CHECK_INT(c->u, step->admission->state, step->state);
		CHECK_INT(c->u, step->admission->retry_after_ms, step->retry_after_ms);
		c->tally.calls++;
		c->tally.run += step->admission->run;
		c->running += step->admission->run;
	}
	if (step->kind == REPLAY_CALL_ENDED) {
		c->tally.failures_run += step->outcome == OUTCOME_FAILURE || step->outcome == OUTCOME_TIMEOUT;
		c->running--;
	}
}

/* Many overlapping calls, some acts: the same for the same seed. */
static void play_random(struct unit *u, struct replay *r, uint64_t seed)
{
	struct rng rng = {.state = seed};
	int64_t at_ms = 0;
	for (int i = 1; i <= RANDOM_STEPS; i++) {
		at_ms += rng_permille(&rng, 700) ? rng_below(&rng, 500) : 0;
		if (rng_permille(&rng, 20)) {
			replay_act(r, at_ms, i,
			           (enum replay_act)rng_between(&rng, REPLAY_PEEK, REPLAY_ENABLE));
			continue;
		}
		enum outcome outcome = (enum outcome)rng_between(&rng, OUTCOME_SUCCESS, OUTCOME_IGNORED);
		CHECK(u, replay_call(r, at_ms, i, outcome, rng_below(&rng, 20000)));
	}
}

static void a_visitor_changes_nothing(struct unit *u)
{
	struct rng rng = {.state = unit_seed(6)};
	struct replay seen = {0};
	struct replay unseen = {0};
	for (int i = 0; i < 30; i++) {
		struct policy policy = policy_random(&rng);
		uint64_t seed = rng_next(&rng);
		struct count count = {.u = u};
		replay_begin(&seen, &policy, seed >> 1, count_step, &count);
		replay_begin(&unseen, &policy, seed >> 1, NULL, NULL);
		play_random(u, &seen, seed);
		play_random(u, &unseen, seed);
		const struct replay_tally *tally = replay_end(&seen);
		check_tally(u, replay_end(&unseen), tally);
		CHECK_INT(u, unseen.breaker.generation, seen.breaker.generation);
		CHECK_INT(u, unseen.breaker.last_seq, seen.breaker.last_seq);
		CHECK_INT(u, unseen.breaker.open_until_ms, seen.breaker.open_until_ms);
		CHECK_INT(u, count.running, 0);
		CHECK_INT(u, count.tally.calls, tally->calls);
		CHECK_INT(u, count.tally.run, tally->run);
		CHECK_INT(u, count.tally.failures_run, tally->failures_run);
		CHECK_INT(u, tally->run + tally->rejected, tally->calls);
		CHECK(u, tally->open_ms >= 0 && tally->open_ms <= count.last_ms);
	}
	replay_free(&seen);
	replay_free(&unseen);
}

const struct unit_test replay_tests[] = {
	{"replay: a visitor sees each step, and the tally sums them up",
         a_visitor_sees_each_step_and_the_tally_sums_them_up},
	{"replay: it begins again in the same memory", it_begins_again_in_the_same_memory},
	{"replay: calls that end together end in the order of their starts",
         calls_that_end_together_end_in_the_order_of_their_starts},
	{"replay: acts are those of an operator", acts_are_those_of_an_operator},
	{"replay: a visitor changes nothing", a_visitor_changes_nothing},
	{NULL, NULL},
};
