/*
 * policy.h: the numbers by which a breaker decides: when to open, for how
 * long, how to try again. Set by the caller; the breaker keeps the last one
 * for display and for callers that bring none.
 */
#ifndef CBRUN_BREAKER_POLICY_H
#define CBRUN_BREAKER_POLICY_H

#include <stdbool.h>
#include <stdint.h>

enum {
	POLICY_MAX_WINDOW_CALLS = 10000,   /* a longer memory is a time window's job */
	POLICY_MAX_WITHIN_FAILURES = 1000, /* --failures, when --within has each one's time kept */
	POLICY_MAX_COUNT = 1000000,        /* every other count */
	POLICY_PPM = 1000000,              /* parts per million: 100 % */
	POLICY_MILLI = 1000,               /* thousandths: a factor of 1 */
	POLICY_AUTO = -1,                  /* --failures auto */
};
#define POLICY_MAX_MS (INT64_C(10) * 366 * 24 * 3600 * 1000) /* ten years */
#define POLICY_YEAR_MS (INT64_C(365) * 24 * 3600 * 1000)

enum window_kind { WINDOW_CALLS, WINDOW_TIME };

struct policy {
	int64_t failures;         /* opens after so many in a row; 0 = off; POLICY_AUTO = the CUSUM decides */
	int64_t false_trips;      /* POLICY_AUTO: openings of a healthy service that are accepted ... */
	int64_t false_trips_ms;   /* ... in this time */
	int64_t within_ms;        /* then: so many in the last within_ms; 0 = off */
	int64_t failure_rate_ppm; /* opens at this share of failures; 0 = off */
	int64_t min_calls;        /* calls the window must hold before a rate counts */
	int64_t window_kind;      /* enum window_kind */
	int64_t window_size;      /* calls, or milliseconds */
	int64_t slow_ms;          /* a longer call is slow; 0 = off */
	int64_t slow_rate_ppm;    /* opens at this share of slow calls; 0 = off */
	int64_t open_for_ms;
	int64_t open_factor_milli; /* growth of the open period, thousandths */
	int64_t open_max_ms;
	int64_t jitter_ppm;
	int64_t probes; /* trial calls at once */
	int64_t successes;
	int64_t probe_failures;
	int64_t max_concurrent; /* 0 = no limit */
	int64_t shadow;         /* bool: evaluate everything, reject nothing */
};

/* Whether two policies say the same. */
bool policy_equal(const struct policy *a, const struct policy *b);

/* min_calls, clamped to what a count window can hold. */
int64_t policy_min_calls(const struct policy *policy);

/* Whether any rule can ever open a breaker of this policy. */
bool policy_can_open(const struct policy *policy);

/*
 * How long the `reopenings`-th reopening lasts (0: the first opening), in
 * milliseconds. `chance`, uniform over its whole range, draws the jitter.
 */
int64_t policy_open_period_ms(const struct policy *policy, int64_t reopenings, uint32_t chance);

#endif
