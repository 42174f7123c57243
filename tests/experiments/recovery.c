/*
 * recovery.c: what the open period costs: recovery COUNT [PART PARTS]: prints
 * CSV, a line for each generated job, rule, way to recover, and kind of outage.
 *
 * Each outage is the same for all of them: of lognormal length, of a service that is gone or that fails half its
 * calls. It is measured how many trial calls fail, how often the breaker closes before the outage is over, how long
 * after its end it closes, and how many good calls that costs.
 *
 * Where all calls fail, that is held against the law. With a first period p, a factor f and a cap M, the k-th trial
 * comes no earlier than S(k) = p + pf + ... after the opening, each period at most M. So of an outage that goes on for L
 *
 *   trials fail    as many times as S(k) < L: at most log_f(1 + L(f-1)/p); L/p if f is 1; and L/M more or less beyond the cap
 *   it is late     by at most the last period, min(M, p + (f-1)L), and until the next call comes
 *
 * and if a period is not over when a call comes, it is rounded up to the next call: a period shorter than
 * the time between two calls is as good as none.
 *
 * The bounds are checked in every outage. About so many trials, and half as late, are compared in the mean, where two
 * calls or more are in the first period.
 */
#include "generated.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { WARM_CALLS = 1000, OUTAGES = 10 };

static const struct rule {
	const char *name;
	int64_t failures;
} rules[] = {{"three", 3}, {"auto", POLICY_AUTO}};

static const struct way {
	int64_t open_s;
	int64_t factor_milli;
	int64_t max_s;
	int64_t successes;
} ways[] = {
	{10, 1000, 10, 1},     {30, 1000, 30, 1},     {30, 1000, 30, 3},     {60, 1000, 60, 1},      {60, 1000, 60, 2},
	{120, 1000, 120, 1},   {300, 1000, 300, 1},   {900, 1000, 900, 1},   {1800, 1000, 1800, 1},  {3600, 1000, 3600, 1},
	{10800, 1000, 10800, 1}, {30, 1200, 86400, 1}, {30, 1500, 600, 1},   {30, 1500, 3600, 1},    {30, 1500, 86400, 1},
	{30, 2000, 600, 1},    {30, 2000, 600, 3},    {30, 2000, 3600, 1},   {30, 2000, 86400, 1},   {30, 3000, 86400, 1},
	{300, 1200, 86400, 1}, {300, 1500, 3600, 1},  {300, 1500, 86400, 1}, {300, 2000, 3600, 1},   {300, 2000, 86400, 1},
	{900, 1500, 3600, 1},  {900, 1500, 86400, 1}, {900, 2000, 3600, 1},  {900, 2000, 3600, 2},   {900, 2000, 3600, 3},
	{900, 2000, 14400, 1}, {900, 2000, 86400, 1}, {3600, 2000, 86400, 1},
};
enum { RULES = sizeof(rules) / sizeof(rules[0]), WAYS = sizeof(ways) / sizeof(ways[0]) };

static struct policy make_policy(const struct rule *rule, const struct way *way)
{
	return (struct policy){.failures = rule->failures, .false_trips = 1, .false_trips_ms = YEAR_MS, .window_kind = WINDOW_CALLS,
	                       .window_size = 100, .slow_rate_ppm = POLICY_PPM, .open_for_ms = way->open_s * S,
	                       .open_factor_milli = way->factor_milli, .open_max_ms = way->max_s * S, .probes = 1,
	                       .successes = way->successes, .probe_failures = 1};
}

/* What the law says of an outage. */
struct law {
	double trials;      /* that fail, about */
	double trials_most; /* and at most */
	double late_ms;     /* about */
	double late_most_ms;
};

/* How many periods pass in so long, as a formula; all of them longer by `wait`, the time until a call comes. */
static double count_periods(const struct way *way, double length, double wait)
{
	double f = (double)way->factor_milli / 1000;
	double p = (double)way->open_s * S + wait;
	double cap = fmax((double)way->max_s * S, (double)way->open_s * S) + wait;
	if (f <= 1)
		return length / p;
	double growing = log(cap / p) / log(f);
	double grown = p * (pow(f, growing) - 1) / (f - 1);
	return length < grown ? log(1 + length * (f - 1) / p) / log(f) : growing + (length - grown) / cap;
}

/* How many of them at most: as many as S(k) <= length. */
static double count_at_most(const struct way *way, double length)
{
	double period = (double)way->open_s * S;
	double cap = fmax((double)way->max_s * S, period);
	double sum = period;
	double count = 0;
	for (; sum <= length; sum += period, count++)
		period = fmin(cap, period * (double)way->factor_milli / 1000);
	return count;
}

/* `length_ms` from the opening to the end of the outage. */
static struct law apply(const struct way *way, double length_ms, const struct job *job)
{
	double f = (double)way->factor_milli / 1000;
	double p = (double)way->open_s * S;
	double cap = fmax((double)way->max_s * S, p);
	double gap = (double)job->gap_ms;
	double closing = (double)(way->successes - 1) * gap;
	double last = fmin(cap, p + (f - 1) * length_ms);
	struct law law = {.trials_most = count_at_most(way, length_ms), .late_most_ms = last + 1.05 * (gap + closing)};
	law.trials = fmax(0, count_periods(way, length_ms, gap / 2) - 0.5);
	law.late_ms = (last + gap / 2) / 2 + closing;
	return law;
}

/* Sums over the outages of a job. */
struct sums {
	int outages; /* in which it opened */
	double length_s;
	double trials;
	double failures_run;
	double premature; /* closings before the end */
	double late_s;
	double share; /* of the outage's length */
	double lost;  /* good calls rejected after the end */
	int checked;  /* outages of which the law's bounds are to hold */
	int broken;   /* and do not */
	int lawful;   /* those of them that the formulas are for: two calls or more in the first period */
	double lawful_trials;
	double law_trials;
	double lawful_late_s;
	double law_late_s;
};

/* How an outage went. */
struct course {
	double length_ms;
	double open_ms; /* of it, from the first opening on */
	double trials;
	double late_ms;
};

static void compare(struct sums *s, const struct course *c, const struct way *way, const struct job *job)
{
	struct law law = apply(way, c->open_ms, job);
	s->checked++;
	s->broken += c->trials > law.trials_most || c->late_ms > law.late_most_ms;
	if (2 * job->gap_ms > way->open_s * S)
		return;
	s->lawful++;
	s->law_trials += law.trials;
	s->law_late_s += law.late_ms / S;
	s->lawful_trials += c->trials;
	s->lawful_late_s += c->late_ms / S;
}

/* What it was before the call under way: so at last, before the one that comes first after the end. */
struct before {
	struct counts counts;
	bool closed;
};

static void add_course(struct sums *s, const struct course *c, const struct counts *warm, const struct before *before)
{
	s->outages++;
	s->length_s += c->length_ms / S;
	s->trials += c->trials;
	s->failures_run += (double)(before->counts.failures_run - warm->failures_run);
	s->premature += (double)(before->counts.closings - warm->closings);
	s->late_s += c->late_ms / S;
	s->share += c->late_ms / c->length_ms;
}

static void suffer(struct sums *s, const struct run *warm, const struct way *way, double failing, double length_ms)
{
	static struct run r; /* large */
	struct before before = {0};
	int64_t opened_ms = 0;
	memcpy(&r, warm, sizeof(r));
	int64_t end_ms = r.failing_until_ms = r.now_ms + (int64_t)length_ms;
	for (r.failing = failing; r.now_ms < end_ms;) {
		before = (struct before){r.counts, r.b.state == BREAKER_CLOSED};
		if (generated_call(&r) && opened_ms == 0)
			opened_ms = r.now_ms;
	}
	if (opened_ms == 0 || opened_ms >= end_ms)
		return;
	while (r.b.state != BREAKER_CLOSED)
		generated_call(&r);
	struct course c = {.length_ms = length_ms,
	                   .open_ms = (double)(end_ms - opened_ms),
	                   .trials = (double)(before.counts.trials_failed - warm->counts.trials_failed),
	                   .late_ms = before.closed ? 0 : (double)(r.now_ms - end_ms)};
	add_course(s, &c, &warm->counts, &before);
	s->lost += (double)(r.counts.good_rejected - before.counts.good_rejected);
	if (failing >= 1 && r.counts.trials_failed == before.counts.trials_failed && !r.job->nights)
		compare(s, &c, way, r.job);
}

static void print(const struct job *job, const struct rule *rule, const struct way *way, const char *kind, const struct sums *s)
{
	double n = s->outages;
	double l = s->lawful > 0 ? s->lawful : 1;
	if (s->outages == 0)
		return;
	printf("%d,%lld,%g,%d,%d,%s,%lld,%g,%lld,%lld,%s,", job->number, (long long)job->gap_ms / S, job->baseline, job->bursts,
	       job->nights, rule->name, (long long)way->open_s, (double)way->factor_milli / 1000, (long long)way->max_s,
	       (long long)way->successes, kind);
	printf("%d,%.0f,%.3f,%.3f,%.3f,%.1f,%.4f,%.2f,", s->outages, s->length_s / n, s->trials / n, s->failures_run / n,
	       s->premature / n, s->late_s / n, s->share / n, s->lost / n);
	printf("%d,%d,%d,%.3f,%.3f,%.1f,%.1f\n", s->checked, s->broken, s->lawful, s->lawful_trials / l, s->law_trials / l,
	       s->lawful_late_s / l, s->law_late_s / l);
}

static void try_way(const struct job *job, const struct rule *rule, const struct way *way)
{
	static struct run warm;
	struct policy policy = make_policy(rule, way);
	struct sums total = {0};
	struct sums half = {0};
	struct rng lengths = {.state = (uint64_t)job->number * 104729 + 3};
	generated_begin(&warm, job, &policy);
	for (int i = 0; i < WARM_CALLS || warm.b.state != BREAKER_CLOSED; i++)
		generated_call(&warm);
	for (int i = 0; i < OUTAGES; i++) {
		double length_ms = generated_outage_ms(job, &lengths);
		warm.rng.state += 1000003;
		suffer(&total, &warm, way, 1, length_ms);
		suffer(&half, &warm, way, 0.5, length_ms);
	}
	print(job, rule, way, "total", &total);
	print(job, rule, way, "half", &half);
}

static void try_job(const struct job *job)
{
	for (int i = 0; i < RULES; i++)
		for (int n = 0; n < WAYS; n++)
			try_way(job, &rules[i], &ways[n]);
}

int main(int argc, char **argv)
{
	return generated_try(argc, argv,
	                     "job,schedule_s,baseline,bursts,nights,rule,open_for_s,factor,max_s,successes,outage,outages,"
	                     "length_s,trials_failed,failures_run,premature,late_s,late_share,good_rejected_late,checked,"
	                     "bounds_broken,lawful,lawful_trials,law_trials,lawful_late_s,law_late_s",
	                     try_job);
}
