/* How long admission and record take in memory: prints nanoseconds for the two together. */
#include "breaker/breaker.h"

#include <stdio.h>
#include <time.h>

enum { CALLS = 5000000, ROUNDS = 5 };

static double nanoseconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static const struct policy policy = {
	.failures = 5,
	.failure_rate_ppm = POLICY_PPM / 2,
	.min_calls = 10,
	.window_kind = WINDOW_CALLS,
	.window_size = 100,
	.slow_rate_ppm = POLICY_PPM,
	.open_for_ms = 30000,
	.open_factor_milli = POLICY_MILLI,
	.open_max_ms = 600000,
	.probes = 3,
	.successes = 3,
	.probe_failures = 1,
};

/* Every tenth call fails, so that the window and the rules have something to do. */
static double measure(struct breaker *b)
{
	struct load load = {0};
	struct moment moment = {0};
	double start = nanoseconds();
	for (int64_t i = 0; i < CALLS; i++) {
		struct journal journal;
		journal.count = 0;
		moment.at.boot_ms = i / 1000;
		struct admission a = breaker_admit(b, &policy, &moment, &load, &journal);
		struct call call = {
			.generation = a.generation,
			.outcome = i % 10 == 0 ? OUTCOME_FAILURE : OUTCOME_SUCCESS,
			.duration_us = 1500,
		};
		breaker_record(b, &policy, &moment, &call, &journal);
	}
	return (nanoseconds() - start) / (double)CALLS;
}

int main(void)
{
	static struct breaker b;
	struct instant start = {0};
	double best = 0;
	for (int round = 0; round < ROUNDS; round++) {
		breaker_init(&b, &policy, &start);
		double took = measure(&b);
		best = round == 0 || took < best ? took : best;
	}
	printf("%.0f\n", best);
	return b.totals.successes + b.totals.failures == CALLS ? 0 : 1;
}
