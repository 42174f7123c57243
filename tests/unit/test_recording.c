/* test_recording.c: a breaker's history, played again. */
#include "replay/supposed.h"

#include "policies.h"
#include "suites.h"

#include <stdio.h>

/* The calls as they started: "TIME #NUMBER", a line each. */
struct starts {
	char text[256];
	size_t used;
};

static void note_start(void *context, const struct replay_step *step)
{
	struct starts *starts = context;
	if (step->kind != REPLAY_CALL_STARTED)
		return;
	int length = snprintf(starts->text + starts->used, sizeof(starts->text) - starts->used,
	                      "%lld #%lld\n", (long long)step->at_ms, (long long)step->line);
	if (length > 0 && starts->used + (size_t)length < sizeof(starts->text))
		starts->used += (size_t)length;
}

static void add_call(struct unit *u, struct recording *recording, int64_t seq, int64_t end_ms,
                     int64_t duration_us)
{
	struct event event = {
		.kind = EVENT_CALL,
		.seq = seq,
		.wall_ms = INT64_C(1577836800000) + end_ms,
		.outcome = seq % 2 == 0 ? OUTCOME_FAILURE : OUTCOME_SUCCESS,
		.duration_us = duration_us,
	};
	CHECK(u, recording_add(recording, &event));
}

static void calls_are_played_in_the_order_of_their_starts(struct unit *u)
{
	struct policy policy = policy_of(u, "failures=9");
	struct event transition = {.kind = EVENT_TRANSITION, .seq = 2, .wall_ms = 1};
	struct recording recording = {0};
	struct replay r = {0};
	add_call(u, &recording, 1, 5000, 1000999); /* started at 4000: the rest of a millisecond is cut off */
	CHECK(u, recording_add(&recording, &transition));
	add_call(u, &recording, 3, 6000, 3000000);
	add_call(u, &recording, 4, 7000, 500);
	add_call(u, &recording, 5, 9000, 5000000);
	CHECK_INT(u, recording.calls.count, 4);
	recording_sort(&recording);
	for (int i = 0; i < 2; i++) {
		struct starts starts = {0};
		replay_begin(&r, &policy, 0, note_start, &starts);
		CHECK(u, recording_play(&recording, &r));
		const struct replay_tally *tally = replay_end(&r);
		CHECK_INT(u, tally->calls, 4);
		CHECK_INT(u, tally->failures_run, 1);
		CHECK_INT(u, r.now_ms, 6000);
		CHECK_STR(u, starts.text, "0 #3\n1000 #1\n1000 #5\n4000 #4\n");
	}
	recording_free(&recording);
	replay_free(&r);
}

static void an_empty_one_plays_nothing(struct unit *u)
{
	struct policy policy = policy_of(u, "failures=9");
	struct recording recording = {0};
	struct replay r = {0};
	recording_sort(&recording);
	replay_begin(&r, &policy, 0, NULL, NULL);
	CHECK(u, recording_play(&recording, &r));
	CHECK_INT(u, replay_end(&r)->calls, 0);
	recording_free(&recording);
	replay_free(&r);
}

/* Opens at 1 s, is asked so many times, and lets a trial call in at 11 s, which ends so. */
static void suppose(struct unit *u, struct supposed *s, struct recording *recording, enum reason_kind reason, int64_t rejected,
                    enum outcome trial)
{
	const struct event events[] = {
		{.kind = EVENT_TRANSITION, .wall_ms = 1000, .generation = 2, .to = BREAKER_OPEN, .reason.kind = reason},
		{.kind = EVENT_TRANSITION, .wall_ms = 11000, .generation = 3, .from = BREAKER_OPEN, .to = BREAKER_HALF_OPEN,
	         .reason.kind = REASON_DEADLINE, .incident_rejected = rejected},
		{.kind = EVENT_CALL, .wall_ms = 11100, .generation = 1, .outcome = OUTCOME_SUCCESS}, /* from before */
		{.kind = EVENT_CALL, .wall_ms = 11200, .generation = 3, .outcome = OUTCOME_IGNORED},
		{.kind = EVENT_CALL, .wall_ms = 12000, .generation = 3, .outcome = trial},
		{.kind = EVENT_CALL, .wall_ms = 12001, .generation = 3, .outcome = trial},
	};
	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		CHECK(u, supposed_add(s, recording, &events[i]));
	recording_sort(recording);
}

/* How many of the recorded calls fail where none is rejected. */
static int64_t failing(struct unit *u, const struct recording *recording)
{
	struct policy policy = policy_of(u, "failures=1000000 failure-rate=0");
	struct replay r = {0};
	replay_begin(&r, &policy, 0, NULL, NULL);
	CHECK(u, recording_play(recording, &r));
	int64_t count = replay_end(&r)->failures_run;
	replay_free(&r);
	return count;
}

static void rejected_calls_are_supposed_to_end_as_the_trial_call(struct unit *u)
{
	static const struct {
		enum reason_kind reason;
		enum outcome trial;
		int64_t calls;
		int64_t failures;
	} cases[] = {
		{REASON_CONSECUTIVE, OUTCOME_FAILURE, 9, 9}, {REASON_CUSUM, OUTCOME_TIMEOUT, 9, 9},
		{REASON_TRIALS_FAILED, OUTCOME_SUCCESS, 9, 5}, {REASON_TRIPPED, OUTCOME_FAILURE, 0, 0},
		{REASON_CONSECUTIVE, OUTCOME_IGNORED, 0, 0},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct recording recording = {0};
		struct supposed s = {0};
		suppose(u, &s, &recording, cases[i].reason, 9, cases[i].trial);
		CHECK_INT(u, recording.calls.count, cases[i].calls);
		CHECK_INT(u, s.count, cases[i].calls);
		CHECK_INT(u, failing(u, &recording), cases[i].failures);
		recording_free(&recording);
	}
}

static void supposed_calls_are_spread_over_the_open_period_and_have_a_limit(struct unit *u)
{
	struct policy policy = policy_of(u, "failures=1000000 failure-rate=0");
	struct recording recording = {0};
	struct supposed s = {0};
	struct starts starts = {0};
	struct replay r = {0};
	suppose(u, &s, &recording, REASON_CONSECUTIVE, 3, OUTCOME_FAILURE);
	replay_begin(&r, &policy, 0, note_start, &starts);
	CHECK(u, recording_play(&recording, &r));
	replay_end(&r);
	CHECK_STR(u, starts.text, "0 #0\n2500 #0\n5000 #0\n");
	suppose(u, &s, &recording, REASON_CONSECUTIVE, 2 * SUPPOSED_MAX, OUTCOME_FAILURE);
	CHECK_INT(u, s.count, SUPPOSED_MAX);
	replay_free(&r);
	recording_free(&recording);
}

const struct unit_test recording_tests[] = {
	{"recording: calls are played in the order of their starts",
         calls_are_played_in_the_order_of_their_starts},
	{"recording: an empty one plays nothing", an_empty_one_plays_nothing},
	{"rejected calls are supposed to end as the trial call after them", rejected_calls_are_supposed_to_end_as_the_trial_call},
	{"supposed calls are spread over the open period, and have a limit", supposed_calls_are_spread_over_the_open_period_and_have_a_limit},
	{NULL, NULL},
};
