/*
 * jobs.c: generated jobs under each policy, with the breaker itself:
 * jobs COUNT [PART PARTS]: prints CSV, a line for each job and policy. All by
 * chance, but the same each time; of PARTS processes each takes its share.
 *
 * Three things are measured of a job (see generated.h):
 *
 *   false openings   in health alone, of so many years at most YEARS, and HEALTHY calls
 *   calls to open    from the first call of an outage to the opening, for a service that is gone and for one
 *                    of which half the calls fail, BRANCHES times each from the same state
 *   an outage's cost of lognormal length: failures that were run, good calls that were rejected, and how late it closed
 */
#include "generated.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEALTHY = 100000, YEARS = 100, BRANCHES = 15, OUTAGES = 10, CALLS_MAX = 2000 };

/* Health until it is closed. */
static void recover(struct run *r)
{
	for (r->failing = 0; r->b.state != BREAKER_CLOSED;)
		generated_call(r);
}

/* Calls of an outage until it opens; CALLS_MAX if it does not. */
static int calls_to_open(struct run *r, double failing)
{
	r->failing = failing;
	for (int calls = 1; calls < CALLS_MAX; calls++)
		if (generated_call(r))
			return calls;
	return CALLS_MAX;
}

static int compare(const void *left, const void *right)
{
	double a = *(const double *)left;
	double b = *(const double *)right;
	return (a > b) - (a < b);
}

static double median(double *values, int count)
{
	qsort(values, (size_t)count, sizeof(*values), compare);
	return count % 2 == 1 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

static double median_to_open(const struct run *warm, double failing)
{
	double values[BRANCHES];
	for (int i = 0; i < BRANCHES; i++) {
		struct run r = *warm;
		r.rng.state += (uint64_t)i * 1000003;
		values[i] = calls_to_open(&r, failing);
	}
	return median(values, BRANCHES);
}

/* What outages cost, on average. */
struct cost {
	double failures_run;
	double good_rejected;
	double late_s;
};

static struct cost outages(const struct run *warm)
{
	struct cost sum = {0};
	struct run r = *warm;
	for (int i = 0; i < OUTAGES; i++) {
		for (int n = 0; n < 200; n++)
			generated_call(&r);
		recover(&r);
		double length_ms = fmin(generated_outage_ms(r.job, &r.rng), (double)CALLS_MAX * (double)r.job->gap_ms);
		int64_t end_ms = r.now_ms + (int64_t)length_ms;
		int64_t failed = r.counts.failures_run;
		int64_t rejected = r.counts.good_rejected;
		for (r.failing = i % 2 == 0 ? 1 : 0.5; r.now_ms < end_ms;)
			generated_call(&r);
		recover(&r);
		sum.failures_run += (double)(r.counts.failures_run - failed) / OUTAGES;
		sum.good_rejected += (double)(r.counts.good_rejected - rejected) / OUTAGES;
		sum.late_s += (double)(r.now_ms - end_ms) / S / OUTAGES;
	}
	return sum;
}

/* The policies: the presets as they are in settings/preset.c, and others beside them. */
static const struct named {
	const char *name;
	int64_t failures;
	int64_t rate_ppm;
	int64_t open_s;
	int64_t factor_milli;
	int64_t max_s;
	int64_t probes;
	int64_t successes;
} named[] = {
	{"default", 5, 500000, 30, 1000, 600, 3, 3},
	{"conservative", 5, 500000, 60, 1000, 600, 3, 2},
	{"aggressive", 3, 500000, 30, 1000, 600, 1, 3},
	{"tolerant", 10, 500000, 120, 1000, 600, 5, 1},
	{"cron", 3, 500000, 900, 2000, 3600, 1, 1},
	{"two", 2, 0, 30, 1000, 600, 3, 3},
	{"three", 3, 0, 30, 1000, 600, 3, 3},
	{"rate", 0, 500000, 30, 1000, 600, 3, 3},
	{"auto", POLICY_AUTO, 0, 30, 1000, 600, 3, 3},
	{"cron+auto", POLICY_AUTO, 0, 900, 2000, 3600, 1, 1},
};
enum { POLICIES = sizeof(named) / sizeof(named[0]) };

static struct policy make_policy(const struct named *n)
{
	return (struct policy){.failures = n->failures, .false_trips = 1, .false_trips_ms = YEAR_MS, .failure_rate_ppm = n->rate_ppm,
	                       .min_calls = 10, .window_kind = WINDOW_CALLS, .window_size = 100, .slow_rate_ppm = POLICY_PPM,
	                       .open_for_ms = n->open_s * S, .open_factor_milli = n->factor_milli, .open_max_ms = n->max_s * S,
	                       .probes = n->probes, .successes = n->successes, .probe_failures = 1};
}

static void run_job(const struct job *job, const struct named *n)
{
	static struct run r; /* large */
	struct policy policy = make_policy(n);
	generated_begin(&r, job, &policy);
	for (int i = 0; i < HEALTHY && r.now_ms < (YEARS + 1) * YEAR_MS; i++)
		generated_call(&r);
	double years = (double)(r.now_ms - YEAR_MS) / (double)YEAR_MS;
	int64_t false_openings = r.counts.incidents;
	recover(&r);
	static struct run warm;
	memcpy(&warm, &r, sizeof(warm));
	double total = median_to_open(&warm, 1);
	double half = median_to_open(&warm, 0.5);
	struct cost cost = outages(&warm);
	printf("%d,%lld,%g,%d,%d,%s,%.4f,%lld,%g,%g,%.2f,%.2f,%.1f\n", job->number, (long long)job->gap_ms / S, job->baseline,
	       job->bursts, job->nights, n->name, years, (long long)false_openings, total, half, cost.failures_run,
	       cost.good_rejected, cost.late_s);
}

static void try_job(const struct job *job)
{
	for (int i = 0; i < POLICIES; i++)
		run_job(job, &named[i]);
}

int main(int argc, char **argv)
{
	return generated_try(argc, argv,
	                     "job,schedule_s,baseline,bursts,nights,policy,years,false_openings,calls_to_open_total,"
	                     "calls_to_open_half,failures_run,good_rejected,late_s",
	                     try_job);
}
