/* test_cusum.c: what --failures auto goes by: the statistic, its run length, and what is learned. */
#include "suites.h"

#include "breaker/breaker.h"
#include "rng.h"
#include "story.h"

#include <math.h>

#define DAY_MS INT64_C(86400000)

/* How many calls it takes from 0 to the level, by throwing dice. */
static double thrown(struct rng *rng, double p0, int64_t m, int64_t level, int rounds)
{
	int64_t calls = 0;
	int64_t bar = (int64_t)(p0 * 1e9);
	for (int i = 0; i < rounds; i++)
		for (int64_t b = 0; b < level; calls++) {
			b += rng_below(rng, 1000000000) < bar ? m - 1 : -1;
			b = b < 0 ? 0 : b;
		}
	return (double)calls / rounds;
}

static void the_run_length_is_exact(struct unit *u)
{
	/* with m = 2 a success after a failure is back at 0, so level k is k failures in a row only if k <= 2 */
	CHECK(u, fabs(cusum_solve(0.1, 2, 1) - 10) < 1e-9);
	CHECK(u, fabs(cusum_solve(0.1, 2, 2) - 110) < 1e-6);
	CHECK(u, fabs(cusum_solve(0.01, 6, 5) - 100) < 1e-6);
	CHECK(u, fabs(cusum_solve(0.5, 2, 2) - 6) < 1e-9);
}

static void the_run_length_is_what_simulation_gives(struct unit *u)
{
	static const struct {
		double p0;
		int64_t m;
		int64_t level;
	} cases[] = {{0.01, 7, 12}, {0.02, 6, 9}, {0.05, 5, 8}, {0.05, 5, 11}, {0.1, 4, 9}, {0.2, 3, 8}, {0.3, 2, 9}};
	struct rng rng = {.state = unit_seed(1)};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		double want = thrown(&rng, cases[i].p0, cases[i].m, cases[i].level, 4000);
		double got = cusum_solve(cases[i].p0, cases[i].m, cases[i].level);
		if (fabs(got / want - 1) > 0.08) /* five standard deviations of 4000 exponential draws */
			unit_fail(u, UNIT_HERE, "p0 %g, m %d, level %d: %g calls, simulation says %g", cases[i].p0,
			          (int)cases[i].m, (int)cases[i].level, got, want);
	}
}

static void the_run_length_rises_with_each_level(struct unit *u)
{
	static const double services[] = {0.0001, 0.001, 0.01, 0.05, 0.1, 0.2, 1.0 / 3};
	for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++) {
		double before = 0;
		for (int64_t level = 1; level <= CUSUM_LEVEL_MAX; level++) {
			double length = cusum_solve(services[i], cusum_gain(services[i]), level);
			CHECK(u, isfinite(length) && length >= before);
			before = length;
		}
		CHECK(u, before > 1e12);
	}
}

static void add(struct cusum *c, int calls, bool failed)
{
	for (int i = 0; i < calls; i++)
		cusum_add(c, failed);
}

static void health_is_learned_between_suspicions(struct unit *u)
{
	struct cusum c = {0};
	CHECK_INT(u, cusum_health_ppm(&c), 25000);
	for (int i = 0; i < 50; i++) {
		add(&c, 1, true);
		CHECK_INT(u, c.calls, 1);
		add(&c, 19, false);
		CHECK_INT(u, c.level, 0);
	}
	CHECK_INT(u, c.calls_micro, 1000 * INT64_C(1000000));
	CHECK_INT(u, c.failures_micro, 50 * INT64_C(1000000));
	CHECK_INT(u, cusum_health_ppm(&c), 49510);
}

static void an_outage_is_not_learned(struct unit *u)
{
	struct cusum c = {0};
	add(&c, 500, false);
	struct cusum before = c;
	add(&c, 100, true);
	CHECK_INT(u, cusum_health_ppm(&c), cusum_health_ppm(&before));
	CHECK_INT(u, c.level, CUSUM_LEVEL_MAX);
	cusum_forget(&c);
	CHECK_INT(u, c.calls_micro, before.calls_micro);
	CHECK_INT(u, c.failures_micro, before.failures_micro);
	CHECK_INT(u, c.level + c.calls + c.failures, 0);
}

static void a_false_alarm_is_learned_and_shakes_what_was_known(struct unit *u)
{
	struct cusum c = {0};
	add(&c, 500, false);
	add(&c, 3, true);
	cusum_learn_alarm(&c);
	CHECK_INT(u, c.calls_micro, 253 * INT64_C(1000000));
	CHECK_INT(u, c.failures_micro, 3 * INT64_C(1000000));
	CHECK(u, cusum_is_sound(&c));
}

static void old_calls_fade(struct unit *u)
{
	struct cusum c = {0};
	for (int i = 0; i < 1000; i++) {
		add(&c, 1, true);
		add(&c, 9, false);
	}
	CHECK(u, cusum_health_ppm(&c) > 95000 && cusum_health_ppm(&c) < 105000);
	add(&c, 10 * CUSUM_MEMORY, false);
	CHECK(u, cusum_health_ppm(&c) < 500);
	CHECK(u, c.calls_micro <= CUSUM_MEMORY * INT64_C(1000000));
}

/* A healthy service of that probability, called so often a year: how often it opens, in `years`. */
static int false_trips(struct rng *rng, double p, int64_t calls_a_year, int years)
{
	struct cusum c = {0};
	int alarms = 0;
	for (int64_t i = 0; i < years * calls_a_year; i++) {
		cusum_add(&c, rng_below(rng, 1000000) < (int64_t)(p * 1e6));
		if (c.failures < CUSUM_LEAST_FAILURES || cusum_run_length(&c) < calls_a_year)
			continue;
		alarms++;
		cusum_learn_alarm(&c);
	}
	return alarms;
}

static void a_healthy_service_opens_no_more_often_than_agreed(struct unit *u)
{
	static const double services[] = {0.001, 0.01, 0.03, 0.1, 0.2};
	struct rng rng = {.state = unit_seed(1)};
	for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++) {
		int daily = false_trips(&rng, services[i], 365, 400);
		int hourly = false_trips(&rng, services[i], 8760, 40);
		if (daily > 400 || hourly > 40)
			unit_fail(u, UNIT_HERE, "p0 %g: %d openings in 400 years of days, %d in 40 years of hours", services[i],
			          daily, hourly);
	}
}

static void an_outage_of_a_daily_job_is_told_by_its_second_failure(struct unit *u)
{
	struct policy policy = {.failures = POLICY_AUTO, .false_trips = 1, .false_trips_ms = POLICY_YEAR_MS,
	                        .min_calls = 1, .window_size = 1, .open_for_ms = 1000, .open_factor_milli = 1000,
	                        .open_max_ms = 1000, .probes = 1, .successes = 1, .probe_failures = 1};
	struct breaker b;
	struct moment moment = {.at = {.boot_ms = 1, .wall_ms = 1, .boot_id = 1}};
	struct journal journal;
	breaker_init(&b, &policy, &moment.at);
	for (int day = 0; day < 62; day++) {
		struct call call = {.generation = b.generation, .outcome = day < 60 ? OUTCOME_SUCCESS : OUTCOME_FAILURE};
		moment.at.boot_ms += DAY_MS;
		journal.count = 0;
		CHECK_INT(u, b.state, BREAKER_CLOSED);
		breaker_record(&b, &policy, &moment, &call, &journal);
	}
	CHECK_INT(u, b.state, BREAKER_OPEN);
	CHECK_INT(u, b.reason.kind, REASON_CUSUM);
	CHECK_INT(u, b.reason.a, 2);
	CHECK_INT(u, b.reason.b, 2);
	CHECK(u, b.reason.c > 365);
}

static void the_allowance_follows_the_schedule(struct unit *u)
{
	struct policy policy = {.false_trips = 2, .false_trips_ms = 20 * DAY_MS};
	struct breaker b = {0};
	CHECK_INT(u, breaker_calls_per_false_trip(&b, &policy), 0);
	for (int64_t day = 0; day < 300; day++)
		cadence_note(&b.cadence, day * DAY_MS);
	CHECK_INT(u, breaker_calls_per_false_trip(&b, &policy), 11);
	for (int64_t minute = 0; minute < 200; minute++)
		cadence_note(&b.cadence, 300 * DAY_MS + minute * 60000);
	CHECK(u, breaker_calls_per_false_trip(&b, &policy) > 14000); /* soon that of the faster schedule */
	for (int64_t day = 0; day < 2000; day++)
		cadence_note(&b.cadence, (301 + day) * DAY_MS);
	CHECK_INT(u, breaker_calls_per_false_trip(&b, &policy), 11);
}

/* Three failures open it, of which the third is too rare in ten seconds of calls of which each takes one. */
static void a_trial_that_fails_makes_it_an_outage(struct unit *u)
{
	const char *parts[] = {"      0 ok      -> closed\n"
	                       "   1000 ok      -> closed\n"
	                       "   2000 ok      -> closed\n"
	                       "   3000 fail    -> closed\n"
	                       "   4000 fail    -> open reason=cusum\n",
	                       "5000 ok -> closed level=0 healthy-micro=3500000 unhealthy-micro=2000000\n"
	                       "5000 fail -> open level=6; 6000 ok -> closed healthy-micro=3000000 unhealthy-micro=0\n"
	                       "5000 reset -> closed level=0 healthy-micro=3000000 unhealthy-micro=0\n"};
	story_tell_endings(u, UNIT_HERE, "failures=auto false-trips-in=100s open-for=1s successes=1", parts);
}

static void a_clock_that_is_stepped_changes_nothing(struct unit *u)
{
	STORY(u, "failures=auto false-trips-in=100s open-for=1s",
	      "      0 ok      -> closed\n"
	      "   1000 ok      -> closed\n"
	      "   1000 wall -90000000\n"
	      "   2000 ok      -> closed pace=1000\n"
	      "   2000 wall 900000000\n"
	      "   3000 fail    -> closed pace=1000\n"
	      "   4000 fail    -> open reason=cusum\n");
}

const struct unit_test cusum_tests[] = {
	{"the run length of the CUSUM is exact where it can be written down", the_run_length_is_exact},
	{"the run length of the CUSUM is what simulation gives", the_run_length_is_what_simulation_gives},
	{"the run length of the CUSUM rises with each level and stays finite", the_run_length_rises_with_each_level},
	{"health is learned when the CUSUM is back at zero", health_is_learned_between_suspicions},
	{"an outage is not learned as health", an_outage_is_not_learned},
	{"a false alarm is learned, and shakes what was known", a_false_alarm_is_learned_and_shakes_what_was_known},
	{"what was learned long ago fades", old_calls_fade},
	{"a healthy service opens no more often than --false-trips says", a_healthy_service_opens_no_more_often_than_agreed},
	{"an outage of a daily job is told by its second failure", an_outage_of_a_daily_job_is_told_by_its_second_failure},
	{"the allowance of --false-trips follows the schedule", the_allowance_follows_the_schedule},
	{"an incident with a failed trial call is an outage, without one a false alarm", a_trial_that_fails_makes_it_an_outage},
	{"a stepped clock changes neither the pace nor the suspicion", a_clock_that_is_stepped_changes_nothing},
	{NULL, NULL},
};
