/* test_whatif.c: other policies, tried on a recording. */
#include "replay/whatif.h"

#include "policies.h"
#include "suites.h"

#include <string.h>

/* Of ten seconds each minute the calls fail, one a second. */
static void fill(struct unit *u, struct recording *recording)
{
	for (int64_t i = 0; i < 600; i++) {
		struct event event = {
			.kind = EVENT_CALL,
			.seq = i + 1,
			.wall_ms = 1000000 + i * 1000,
			.outcome = i % 60 < 10 ? OUTCOME_FAILURE : OUTCOME_SUCCESS,
		};
		CHECK(u, recording_add(recording, &event));
	}
	recording_sort(recording);
}

static void each_changes_one_option_and_makes_sense(struct unit *u)
{
	static const char *const policies[] = {
		"", "failures=1 failure-rate=0", "failures=0", "open-for=1ms open-factor=2x probes=1 successes=1",
		"failures=1000 within=10s", "failures=1000000 successes=1000000 probe-failures=1000000",
	};
	for (size_t n = 0; n < sizeof(policies) / sizeof(policies[0]); n++) {
		struct policy policy = policy_of(u, policies[n]);
		struct whatif list[WHATIF_MAX];
		size_t count = whatif_list(&policy, list);
		CHECK(u, count > 5 && count <= WHATIF_MAX);
		CHECK(u, list[0].option == NULL && policy_equal(&list[0].policy, &policy));
		for (size_t i = 1; i < count; i++) {
			const struct policy *p = &list[i].policy;
			CHECK(u, !policy_equal(p, &policy) && policy_can_open(p));
			CHECK(u, p->open_for_ms >= 1 && p->open_for_ms <= POLICY_MAX_MS);
			CHECK(u, p->failures <= (p->within_ms > 0 ? POLICY_MAX_WITHIN_FAILURES : POLICY_MAX_COUNT));
			CHECK(u, p->successes >= 1 && p->successes <= POLICY_MAX_COUNT);
			CHECK(u, p->probe_failures >= 1 && p->probe_failures <= POLICY_MAX_COUNT);
		}
	}
}

static void each_is_played_as_a_replay_of_its_own(struct unit *u)
{
	struct policy policy = policy_of(u, "failures=3 open-for=2s");
	struct recording recording = {0};
	struct whatif list[WHATIF_MAX];
	fill(u, &recording);
	size_t count = whatif_list(&policy, list);
	CHECK(u, whatif_play(&recording, 1, list, count));
	for (size_t i = 0; i < count; i++) {
		struct replay r = {0};
		replay_begin(&r, &list[i].policy, 1, NULL, NULL);
		CHECK(u, recording_play(&recording, &r));
		const struct replay_tally *tally = replay_end(&r);
		CHECK_INT(u, list[i].tally.failures_run, tally->failures_run);
		CHECK_INT(u, list[i].tally.successes_rejected, tally->successes_rejected);
		CHECK_INT(u, list[i].tally.opened, tally->opened);
		CHECK_INT(u, list[i].tally.open_ms, tally->open_ms);
		replay_free(&r);
	}
	CHECK_INT(u, list[0].tally.calls, 600);
	CHECK_INT(u, list[0].tally.opened, 30 + 10);
	recording_free(&recording);
}

static void a_breaker_in_shadow_is_tried_without_it(struct unit *u)
{
	struct policy policy = policy_of(u, "failures=3");
	struct recording recording = {0};
	struct whatif list[WHATIF_MAX];
	policy.shadow = 1;
	fill(u, &recording);
	CHECK_INT(u, whatif_list(&policy, list), 2);
	CHECK_STR(u, list[1].option, "shadow");
	CHECK(u, whatif_play(&recording, 1, list, 2));
	CHECK_INT(u, list[0].tally.failures_run, 100);
	CHECK(u, list[1].tally.failures_run < 100);
	CHECK(u, whatif_matters(&list[0], &list[1], true));
	recording_free(&recording);
}

static void a_difference_of_a_tenth_matters(struct unit *u)
{
	struct whatif a = {.tally = {.failures_run = 30, .opened = 4}};
	struct whatif b = a;
	CHECK(u, !whatif_matters(&a, &b, true));
	b.tally.failures_run = 28;
	CHECK(u, !whatif_matters(&a, &b, true));
	b.tally.failures_run = 27;
	CHECK(u, whatif_matters(&a, &b, true));
	b.tally.failures_run = 33;
	CHECK(u, whatif_matters(&a, &b, false));
	b = a;
	b.tally.opened = 3;
	CHECK(u, whatif_matters(&a, &b, true));
	CHECK(u, !whatif_matters(&a, &b, false));
	a.tally.failures_run = 0;
	CHECK(u, whatif_matters(&a, &b, false));
}

const struct unit_test whatif_tests[] = {
	{"whatif: each changes one option, and makes sense", each_changes_one_option_and_makes_sense},
	{"whatif: each is played as a replay of its own", each_is_played_as_a_replay_of_its_own},
	{"whatif: a breaker in shadow is tried without it", a_breaker_in_shadow_is_tried_without_it},
	{"whatif: a difference of a tenth matters", a_difference_of_a_tenth_matters},
	{NULL, NULL},
};
