/* latency.c: the histogram of call durations. */
#include "breaker/latency.h"

enum { UNIT_US = 100, STEPS = 4 };

/*
 * In units of 100 microseconds, the values 0 to 3 have a bucket each; from 4
 * on, each doubling [4, 8), [8, 16), ... is cut into four equal steps.
 */
static int bucket_of(int64_t duration_us)
{
	uint64_t units = duration_us > 0 ? (uint64_t)duration_us / UNIT_US : 0;
	if (units < STEPS)
		return (int)units;
	int exponent = 63 - __builtin_clzll(units); /* at least 2 */
	int bucket = (exponent - 1) * STEPS + (int)((units >> (exponent - 2)) & (STEPS - 1));
	return bucket < LATENCY_BUCKETS ? bucket : LATENCY_BUCKETS - 1;
}

int64_t latency_bound_us(int bucket)
{
	int next = bucket + 1;
	if (next <= STEPS)
		return (int64_t)next * UNIT_US;
	int exponent = next / STEPS + 1;
	int64_t units = (INT64_C(1) << exponent) + (int64_t)(next % STEPS) * (INT64_C(1) << (exponent - 2));
	return units * UNIT_US;
}

void latency_add(struct latency *latency, int64_t duration_us)
{
	latency->count++;
	latency->sum_us += duration_us;
	if (duration_us > latency->max_us)
		latency->max_us = duration_us;
	latency->buckets[bucket_of(duration_us)]++;
}

int64_t latency_mean_us(const struct latency *latency)
{
	return latency->count > 0 ? latency->sum_us / latency->count : 0;
}

int64_t latency_quantile_us(const struct latency *latency, int permille)
{
	int64_t rank = (latency->count * permille + 999) / 1000;
	int64_t seen = 0;
	for (int i = 0; i < LATENCY_BUCKETS && rank > 0; i++) {
		int64_t here = latency->buckets[i];
		if (seen + here < rank) {
			seen += here;
			continue;
		}
		int64_t low = i > 0 ? latency_bound_us(i - 1) : 0;
		/* no product of integers: that of a wide bucket and a large count is beyond them */
		double part = (double)(rank - seen) / (double)here;
		int64_t value = low + (int64_t)((double)(latency_bound_us(i) - low) * part);
		return value < latency->max_us ? value : latency->max_us;
	}
	return latency->max_us;
}
