/*
 * fleet.c: what jitter is good for: breakers of many machines, which see the same outage begin and try again
 * together. Prints CSV: how many trial calls a service that is down gets in the busiest second, and how late the breakers close.
 */
#include "generated.h"

#include <stdio.h>
#include <string.h>

enum { MACHINES = 200, OUTAGE_S = 3600, OUTAGES = 20 };

static const int64_t jitters_percent[] = {0, 10, 25, 50, 100};
static const struct {
	int64_t open_s;
	int64_t factor_milli;
} periods[] = {{30, 1000}, {120, 1000}, {30, 2000}};

struct rush {
	int per_second[OUTAGE_S];
	int64_t trials;
	double late_s;
};

/* One machine, which calls once a second, at a moment of its own. */
static void suffer(struct rush *rush, const struct job *job, const struct policy *policy, uint64_t seed)
{
	static struct run r; /* large */
	generated_begin(&r, job, policy);
	r.rng.state = seed;
	int64_t end_ms = r.now_ms + OUTAGE_S * S;
	r.now_ms += rng_below(&r.rng, S);
	r.failing = 1;
	r.failing_until_ms = end_ms;
	while (r.now_ms < end_ms || r.b.state != BREAKER_CLOSED) {
		int64_t trials = r.counts.trials_failed;
		generated_call(&r);
		int64_t second = (r.now_ms - end_ms) / S + OUTAGE_S;
		if (r.counts.trials_failed > trials && second < OUTAGE_S)
			rush->per_second[second]++;
	}
	rush->trials += r.counts.trials_failed;
	rush->late_s += (double)(r.now_ms - end_ms) / S;
}

/* The most in a second, from one to the other. */
static int busiest(const struct rush *rush, int from_s, int to_s)
{
	int most = 0;
	for (int second = from_s; second < to_s; second++)
		most = rush->per_second[second] > most ? rush->per_second[second] : most;
	return most;
}

static void try_jitter(struct policy *policy, int64_t percent)
{
	const struct job job = {.gap_ms = S};
	double first = 0;
	double later = 0;
	double trials = 0;
	double late_s = 0;
	policy->jitter_ppm = percent * POLICY_PPM / 100;
	for (int outage = 0; outage < OUTAGES; outage++) {
		static struct rush rush;
		memset(&rush, 0, sizeof(rush));
		for (int n = 0; n < MACHINES; n++)
			suffer(&rush, &job, policy, (uint64_t)(outage * MACHINES + n) * 7919 + 5);
		first += (double)busiest(&rush, 0, OUTAGE_S / 6) / OUTAGES;
		later += (double)busiest(&rush, OUTAGE_S / 2, OUTAGE_S) / OUTAGES;
		trials += (double)rush.trials / MACHINES / OUTAGES;
		late_s += rush.late_s / MACHINES / OUTAGES;
	}
	printf("%lld,%g,%lld,%.0f,%.0f,%.1f,%.0f\n", (long long)policy->open_for_ms / S, (double)policy->open_factor_milli / 1000,
	       (long long)percent, first, later, trials, late_s);
}

int main(void)
{
	puts("open_for_s,factor,jitter_percent,busiest_second_at_first,busiest_second_later,trials_failed,late_s");
	for (size_t i = 0; i < sizeof(periods) / sizeof(periods[0]); i++)
		for (size_t n = 0; n < sizeof(jitters_percent) / sizeof(jitters_percent[0]); n++) {
			struct policy policy = {.failures = 5, .window_kind = WINDOW_CALLS, .window_size = 100, .slow_rate_ppm = POLICY_PPM,
			                        .open_for_ms = periods[i].open_s * S, .open_factor_milli = periods[i].factor_milli,
			                        .open_max_ms = 600 * S, .probes = 1, .successes = 1, .probe_failures = 1};
			try_jitter(&policy, jitters_percent[n]);
		}
	return 0;
}
