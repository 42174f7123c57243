/* test_tune.c: many policies, tried on a recording. */
#include "replay/tune.h"

#include "policies.h"
#include "suites.h"

#include <string.h>

/* A call a minute for some hours; of each two hours the last twenty minutes fail. */
static void fill(struct unit *u, struct recording *recording, int calls)
{
	for (int64_t i = 0; i < calls; i++) {
		struct event event = {
			.kind = EVENT_CALL,
			.seq = i + 1,
			.wall_ms = 1000000 + i * 60000,
			.outcome = i % 120 >= 100 ? OUTCOME_FAILURE : OUTCOME_SUCCESS,
		};
		CHECK(u, recording_add(recording, &event));
	}
	recording_sort(recording);
}

static void the_policies_make_sense_and_differ(struct unit *u)
{
	static const char *const policies[] = {"", "failures=auto", "failures=3 within=60s", "failure-rate=0 open-for=1ms", "shadow=1"};
	static const int64_t gaps_ms[] = {0, 1, 60000, 86400000, POLICY_MAX_MS};
	for (size_t n = 0; n < sizeof(policies) / sizeof(policies[0]); n++) {
		struct policy policy = policy_of(u, policies[n]);
		struct array list = {0};
		CHECK(u, tune_list(&list, &policy, gaps_ms[n]));
		const struct tune_try *tries = list.items;
		CHECK(u, list.count > 700 && list.count < 1200);
		CHECK(u, policy_equal(&tries[0].policy, &policy));
		for (size_t i = 1; i < list.count; i++) {
			const struct policy *p = &tries[i].policy;
			CHECK(u, policy_can_open(p) && !policy_equal(p, &policy) && tries[i].number == i && !p->shadow);
			CHECK(u, p->open_for_ms >= 1 && p->open_for_ms <= POLICY_MAX_MS && p->open_max_ms <= POLICY_MAX_MS);
			CHECK(u, p->within_ms == 0 || (p->within_ms <= POLICY_MAX_MS && p->failures > 0));
		}
		array_free(&list);
	}
}

static void the_cheapest_comes_first_and_costs_what_is_stated(struct unit *u)
{
	struct recording recording = {0};
	struct array list = {0};
	struct policy policy = policy_of(u, "failures=1000000 failure-rate=0");
	fill(u, &recording, 600);
	CHECK(u, tune_list(&list, &policy, 60000));
	CHECK(u, tune_play(&list, &recording, 1, NULL, NULL));
	const struct tune_try *tries = list.items;
	for (size_t i = 0; i < list.count; i++) {
		const struct replay_tally *t = &tries[i].tally;
		CHECK_INT(u, tries[i].cost, t->failures_run + 2 * t->successes_rejected + t->incidents);
		CHECK(u, i == 0 || tries[i - 1].cost <= tries[i].cost);
		if (tries[i].number == 0)
			CHECK_INT(u, tries[i].cost, 100);
	}
	CHECK(u, tries[0].cost < 30);
	CHECK_INT(u, tries[0].tally.incidents, 5);
	array_free(&list);
	recording_free(&recording);
}

static void told(void *context, size_t done, size_t all)
{
	size_t *most = context;
	*most = done > *most ? done : *most;
	if (done > all)
		*most = SIZE_MAX;
}

static void the_same_seed_gives_the_same(struct unit *u)
{
	struct recording recording = {0};
	struct array lists[3] = {{0}};
	struct policy policy = policy_of(u, "jitter=50%");
	size_t most = 0;
	fill(u, &recording, 360);
	for (int n = 0; n < 3; n++) {
		CHECK(u, tune_list(&lists[n], &policy, 60000));
		CHECK(u, tune_play(&lists[n], &recording, n < 2 ? 7 : 8, told, &most));
	}
	CHECK(u, most > 0 && most <= lists[0].count);
	size_t size = lists[0].count * sizeof(struct tune_try);
	CHECK(u, memcmp(lists[0].items, lists[1].items, size) == 0);
	CHECK(u, memcmp(lists[0].items, lists[2].items, size) != 0);
	for (int n = 0; n < 3; n++)
		array_free(&lists[n]);
	recording_free(&recording);
}

const struct unit_test tune_tests[] = {
	{"tune: the policies make sense, and none is the present one again", the_policies_make_sense_and_differ},
	{"tune: the cheapest comes first, and costs what is stated", the_cheapest_comes_first_and_costs_what_is_stated},
	{"tune: the same seed gives the same, however many threads there are", the_same_seed_gives_the_same},
	{NULL, NULL},
};
