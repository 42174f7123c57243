/* test_policy.c: what follows from the numbers of a policy alone. */
#include "policies.h"
#include "suites.h"

static void min_calls_is_clamped(struct unit *u)
{
	struct policy p = policy_of(u, "min-calls=10 window=100");
	CHECK_INT(u, policy_min_calls(&p), 10);
	p = policy_of(u, "min-calls=10 window=10");
	CHECK_INT(u, policy_min_calls(&p), 10);
	p = policy_of(u, "min-calls=10 window=9");
	CHECK_INT(u, policy_min_calls(&p), 9);
	p = policy_of(u, "min-calls=10 window=9ms");
	CHECK_INT(u, policy_min_calls(&p), 10);
}

static void some_policies_can_never_open(struct unit *u)
{
	struct policy p = policy_of(u, "failures=0 failure-rate=0%");
	CHECK(u, !policy_can_open(&p));
	p = policy_of(u, "failures=0 failure-rate=0% slow=1s slow-rate=0%");
	CHECK(u, !policy_can_open(&p));
	p = policy_of(u, "failures=0 failure-rate=0% slow=0 slow-rate=50%");
	CHECK(u, !policy_can_open(&p));
	p = policy_of(u, "failures=0 failure-rate=0% within=10s");
	CHECK(u, !policy_can_open(&p));
}

static void one_rule_is_enough_to_open(struct unit *u)
{
	struct policy p = policy_of(u, "failures=1 failure-rate=0%");
	CHECK(u, policy_can_open(&p));
	p = policy_of(u, "failures=0 failure-rate=1%");
	CHECK(u, policy_can_open(&p));
	p = policy_of(u, "failures=0 failure-rate=0% slow=1ms slow-rate=1%");
	CHECK(u, policy_can_open(&p));
	p = policy_of(u, "");
	CHECK(u, policy_can_open(&p));
}

static void policies_are_equal_if_every_number_is(struct unit *u)
{
	static const char *const changes[] = {
		"failures=6",       "within=1ms", "failure-rate=1%", "min-calls=1",  "window=101",
		"window=100ms",     "slow=1ms",   "slow-rate=1%",    "open-for=1ms", "open-factor=2x",
		"open-max=1ms",     "jitter=1%",  "probes=1",        "successes=1",  "probe-failures=2",
		"max-concurrent=1", "shadow=1",
	};
	struct policy p = policy_of(u, "");
	struct policy q = policy_of(u, "");
	CHECK(u, policy_equal(&p, &q));
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		q = policy_of(u, changes[i]);
		CHECK(u, !policy_equal(&p, &q));
	}
}

static void the_kth_period_is_the_kth_power(struct unit *u)
{
	struct policy p = policy_of(u, "open-for=1s open-factor=1.5x");
	static const int64_t want[] = {1000, 1500, 2250, 3375, 5063, 7594, 11391};
	for (int64_t k = 0; k < 7; k++)
		CHECK_INT(u, policy_open_period_ms(&p, k, 0), want[k]);
}

static void growth_is_capped(struct unit *u)
{
	struct policy p = policy_of(u, "open-for=1s open-factor=2x open-max=7s");
	CHECK_INT(u, policy_open_period_ms(&p, 2, 0), 4000);
	CHECK_INT(u, policy_open_period_ms(&p, 3, 0), 7000);
	CHECK_INT(u, policy_open_period_ms(&p, POLICY_MAX_COUNT, 0), 7000);
	CHECK_INT(u, policy_open_period_ms(&p, INT64_MAX, 0), 7000);
	p = policy_of(u, "open-for=1s open-factor=2x open-max=4s");
	CHECK_INT(u, policy_open_period_ms(&p, 2, 0), 4000);
	p = policy_of(u, "open-for=9s open-factor=2x open-max=4s");
	CHECK_INT(u, policy_open_period_ms(&p, 0, 0), 9000);
	CHECK_INT(u, policy_open_period_ms(&p, 5, 0), 9000);
}

static void factor_one_does_not_grow(struct unit *u)
{
	struct policy p = policy_of(u, "open-for=1234ms open-factor=1x");
	CHECK_INT(u, policy_open_period_ms(&p, 0, 0), 1234);
	CHECK_INT(u, policy_open_period_ms(&p, INT64_MAX, 0), 1234);
}

static void jitter_stays_within_its_bounds(struct unit *u)
{
	struct policy p = policy_of(u, "open-for=1s jitter=30%");
	CHECK_INT(u, policy_open_period_ms(&p, 0, 0), 1000);
	CHECK_INT(u, policy_open_period_ms(&p, 0, UINT32_MAX), 1300);
	struct rng rng = {.state = unit_seed(1)};
	int64_t least = INT64_MAX;
	int64_t most = 0;
	for (int i = 0; i < 10000; i++) {
		int64_t period = policy_open_period_ms(&p, 0, (uint32_t)rng_next(&rng));
		least = period < least ? period : least;
		most = period > most ? period : most;
	}
	CHECK(u, least >= 1000 && least <= 1003);
	CHECK(u, most <= 1300 && most >= 1297);
}

static void jitter_lengthens_grown_periods_too(struct unit *u)
{
	struct policy p = policy_of(u, "open-for=1s open-factor=4x jitter=50%");
	CHECK_INT(u, policy_open_period_ms(&p, 1, UINT32_MAX), 6000);
	CHECK_INT(u, policy_open_period_ms(&p, 1, 0), 4000);
}

static void no_jitter_means_no_chance(struct unit *u)
{
	struct policy p = policy_of(u, "open-for=1s open-factor=4x");
	CHECK_INT(u, policy_open_period_ms(&p, 1, 0), 4000);
	CHECK_INT(u, policy_open_period_ms(&p, 1, 12345678), 4000);
	CHECK_INT(u, policy_open_period_ms(&p, 1, UINT32_MAX), 4000);
}

const struct unit_test policy_tests[] = {
	{"policy: --min-calls is clamped to what a count window can hold", min_calls_is_clamped},
	{"policy: without a rule it can never open", some_policies_can_never_open},
	{"policy: one rule is enough to open", one_rule_is_enough_to_open},
	{"policy: two are equal if every number is", policies_are_equal_if_every_number_is},
	{"policy: the kth reopening lasts open-for times factor to the k", the_kth_period_is_the_kth_power},
	{"policy: growth is capped, but not below --open-for", growth_is_capped},
	{"policy: a factor of 1 does not grow, however often", factor_one_does_not_grow},
	{"policy: jitter lengthens by nothing to its percentage", jitter_stays_within_its_bounds},
	{"policy: jitter lengthens grown periods too", jitter_lengthens_grown_periods_too},
	{"policy: without jitter chance does not matter", no_jitter_means_no_chance},
	{NULL, NULL},
};
