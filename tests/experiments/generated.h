/*
 * generated.h: jobs by chance, but the same each time, and their way through time under a policy; what the experiments share.
 *
 * A job has a schedule, a probability of failing in health (its baseline), and perhaps bursts
 * of failures that are health, too, or a pause each night.
 */
#ifndef CBRUN_EXPERIMENTS_GENERATED_H
#define CBRUN_EXPERIMENTS_GENERATED_H

#include "breaker/breaker.h"
#include "../unit/rng.h"

#include <stdbool.h>
#include <stdint.h>

enum { S = 1000 };
#define DAY_MS  (INT64_C(86400) * S)
#define YEAR_MS (365 * DAY_MS)

struct job {
	int number;
	int64_t gap_ms;
	double baseline;
	bool bursts; /* one call in 500 begins one, which goes on with a probability of a half */
	bool nights; /* called from 8 to 20 o'clock only */
};

/* What happened so far. */
struct counts {
	int64_t incidents;
	int64_t closings;
	int64_t failures_run;
	int64_t trials_failed; /* of them, those that were trial calls */
	int64_t good_rejected;
};

/* A job under a policy. */
struct run {
	const struct job *job;
	const struct policy *policy;
	struct breaker b;
	struct journal journal;
	struct rng rng;
	int64_t now_ms;
	bool in_burst;
	double failing; /* in an outage: the probability that a call fails; else 0 */
	int64_t failing_until_ms; /* the outage is over then; 0: when `failing` is set again */
	struct counts counts;
};

struct job generated_job(int number);

/* The job at its beginning, a year after 1970, under that policy. Both must outlive it. */
void generated_begin(struct run *r, const struct job *job, const struct policy *policy);

/* Waits for the next call, which is a few percent early or late, and not at night. It takes no time. Whether it opened the breaker. */
bool generated_call(struct run *r);

/* How long an outage of that job is, by chance: lognormal, of 2 hours or 5 calls in the median. */
double generated_outage_ms(const struct job *job, struct rng *rng);

/*
 * What an experiment's main() does: COUNT [PART PARTS] in argv are how many jobs there are, and of which the share is this
 * process's. Prints the heading, if it is the first part, and tries each job of the share. Returns the exit status.
 */
int generated_try(int argc, char **argv, const char *heading, void (*try_job)(const struct job *job));

/* From 0 to 1. */
double generated_draw(struct rng *rng);

#endif
