/* test_recording.c: a breaker's history, played again. */
#include "replay/recording.h"

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

const struct unit_test recording_tests[] = {
	{"recording: calls are played in the order of their starts",
         calls_are_played_in_the_order_of_their_starts},
	{"recording: an empty one plays nothing", an_empty_one_plays_nothing},
	{NULL, NULL},
};
