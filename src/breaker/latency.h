/*
 * latency.h: how long calls take: a histogram of fixed size, four buckets to
 * each doubling, from 100 microseconds to about four days.
 */
#ifndef CBRUN_BREAKER_LATENCY_H
#define CBRUN_BREAKER_LATENCY_H

#include <stdint.h>

enum { LATENCY_BUCKETS = 128 };

struct latency {
	int64_t count;
	int64_t sum_us;
	int64_t max_us;
	int64_t buckets[LATENCY_BUCKETS];
};

/* Adds one call of duration_us microseconds. */
void latency_add(struct latency *latency, int64_t duration_us);

/* The mean in microseconds; 0 without calls. */
int64_t latency_mean_us(const struct latency *latency);

/*
 * The duration that `permille` thousandths of the calls do not exceed, in
 * microseconds, within a quarter of the true value or 100 microseconds; 0
 * without calls.
 */
int64_t latency_quantile_us(const struct latency *latency, int permille);

/* The upper bound (exclusive) of a bucket, in microseconds; the last has none. */
int64_t latency_bound_us(int bucket);

#endif
