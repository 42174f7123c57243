/* test_latency.c: the histogram of durations, against the durations themselves. */
#include "breaker/latency.h"

#include "rng.h"
#include "suites.h"

#include <stdlib.h>
#include <string.h>

enum { SAMPLES = 2000, UNIT_US = 100 };

static int64_t exact[SAMPLES];

static int by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a;
	int64_t y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

/* Within a quarter of the truth, or within the finest bucket. */
static bool close_to(int64_t got, int64_t truth)
{
	int64_t allowed = truth / 4 > UNIT_US ? truth / 4 : UNIT_US;
	return got >= truth - allowed && got <= truth + allowed;
}

/* The smallest of the sorted durations that `permille` of them do not exceed. */
static int64_t exact_quantile(int count, int permille)
{
	int rank = (count * permille + 999) / 1000;
	return exact[rank > 0 ? rank - 1 : 0];
}

static void check_quantiles(struct unit *u, const struct latency *latency, int count)
{
	qsort(exact, (size_t)count, sizeof(exact[0]), by_size);
	int64_t last = 0;
	for (int permille = 1; permille <= 1000; permille++) {
		int64_t got = latency_quantile_us(latency, permille);
		int64_t truth = exact_quantile(count, permille);
		if (!close_to(got, truth))
			unit_fail(u, UNIT_HERE, "%d permille of %d calls: expected about %lld, got %lld",
			          permille, count, (long long)truth, (long long)got);
		CHECK(u, got >= last);
		last = got;
	}
	CHECK(u, last <= latency->max_us);
	CHECK_INT(u, latency->max_us, exact[count - 1]);
}

static void without_calls_all_is_zero(struct unit *u)
{
	struct latency latency = {0};
	CHECK_INT(u, latency_mean_us(&latency), 0);
	CHECK_INT(u, latency_quantile_us(&latency, 500), 0);
	CHECK_INT(u, latency_quantile_us(&latency, 1000), 0);
	CHECK_INT(u, latency.max_us, 0);
}

static void one_call_is_every_quantile(struct unit *u)
{
	static const int64_t durations[] = {0, 1, 99, 100, 399, 400, 1000, 123456, 3600000000, 345600000000};
	for (size_t i = 0; i < sizeof(durations) / sizeof(durations[0]); i++) {
		struct latency latency = {0};
		latency_add(&latency, durations[i]);
		CHECK_INT(u, latency_mean_us(&latency), durations[i]);
		CHECK_INT(u, latency.max_us, durations[i]);
		CHECK(u, close_to(latency_quantile_us(&latency, 1), durations[i]));
		CHECK(u, close_to(latency_quantile_us(&latency, 1000), durations[i]));
		CHECK(u, latency_quantile_us(&latency, 1000) <= durations[i]);
	}
}

static void mean_sum_and_count_are_exact(struct unit *u)
{
	struct latency latency = {0};
	for (int64_t i = 1; i <= 1000; i++)
		latency_add(&latency, i * 1000);
	CHECK_INT(u, latency.count, 1000);
	CHECK_INT(u, latency.sum_us, 500500000);
	CHECK_INT(u, latency_mean_us(&latency), 500500);
	CHECK_INT(u, latency.max_us, 1000000);
}

static void bounds_grow_and_are_exclusive(struct unit *u)
{
	CHECK_INT(u, latency_bound_us(0), UNIT_US);
	for (int i = 0; i < LATENCY_BUCKETS - 1; i++) {
		int64_t bound = latency_bound_us(i);
		CHECK(u, latency_bound_us(i + 1) > bound);
		struct latency latency = {0};
		latency_add(&latency, bound - 1);
		CHECK_INT(u, latency.buckets[i], 1);
		latency_add(&latency, bound);
		CHECK_INT(u, latency.buckets[i], 1);
		CHECK_INT(u, latency.buckets[i + 1], 1);
	}
}

static void four_buckets_make_a_doubling(struct unit *u)
{
	for (int i = 3; i + 4 < LATENCY_BUCKETS; i++)
		CHECK_INT(u, latency_bound_us(i + 4), 2 * latency_bound_us(i));
}

static void the_last_bucket_takes_what_is_longer(struct unit *u)
{
	struct latency latency = {0};
	latency_add(&latency, INT64_C(4000000000000));
	CHECK_INT(u, latency.buckets[LATENCY_BUCKETS - 1], 1);
	CHECK_INT(u, latency.max_us, INT64_C(4000000000000));
	CHECK(u, latency_quantile_us(&latency, 500) <= latency.max_us);
	CHECK(u, latency_bound_us(LATENCY_BUCKETS - 2) >= INT64_C(4) * 24 * 3600 * 1000000);
}

static void whatever_is_longer_than_the_last_bound_is_in_the_last(struct unit *u)
{
	struct latency latency = {0};
	int64_t bound_us = latency_bound_us(LATENCY_BUCKETS - 1);
	latency_add(&latency, bound_us - 1);
	latency_add(&latency, bound_us);
	latency_add(&latency, bound_us + bound_us / 4);
	latency_add(&latency, 1000 * bound_us);
	CHECK_INT(u, latency.buckets[LATENCY_BUCKETS - 1], 4);
	CHECK_INT(u, latency.count, 4);
}

static void a_negative_duration_is_none(struct unit *u)
{
	struct latency latency = {0};
	latency_add(&latency, -5);
	CHECK_INT(u, latency.buckets[0], 1);
	CHECK_INT(u, latency.count, 1);
}

static void quantiles_are_near_the_exact_ones(struct unit *u)
{
	struct rng rng = {.state = unit_seed(2)};
	for (int round = 0; round < 40; round++) {
		struct latency latency = {0};
		int count = (int)rng_between(&rng, 1, SAMPLES);
		int64_t span = INT64_C(1) << rng_between(&rng, 4, 38);
		for (int i = 0; i < count; i++) {
			exact[i] = rng_below(&rng, span);
			latency_add(&latency, exact[i]);
		}
		check_quantiles(u, &latency, count);
	}
}

/* A single one may be off by its bucket; taken together they must not lean to one side. */
static void quantiles_do_not_lean(struct unit *u)
{
	struct rng rng = {.state = unit_seed(12)};
	struct latency latency = {0};
	for (int i = 0; i < SAMPLES; i++) {
		exact[i] = rng_below(&rng, 1000000);
		latency_add(&latency, exact[i]);
	}
	qsort(exact, SAMPLES, sizeof(exact[0]), by_size);
	int64_t sum_us = 0;
	int64_t error_us = 0;
	for (int permille = 100; permille <= 1000; permille++) {
		sum_us += exact_quantile(SAMPLES, permille);
		error_us += latency_quantile_us(&latency, permille) - exact_quantile(SAMPLES, permille);
	}
	CHECK(u, error_us < sum_us / 20 && error_us > -sum_us / 20);
}

static void quantiles_of_two_kinds_of_calls(struct unit *u)
{
	struct latency latency = {0};
	for (int i = 0; i < 1000; i++) {
		exact[i] = i % 20 == 0 ? 10000000 : 5000;
		latency_add(&latency, exact[i]);
	}
	check_quantiles(u, &latency, 1000);
	CHECK(u, latency_quantile_us(&latency, 500) < 7000);
	CHECK(u, latency_quantile_us(&latency, 950) < 7000);
	CHECK(u, latency_quantile_us(&latency, 951) > 7000000);
	CHECK(u, latency_quantile_us(&latency, 990) > 7000000);
}

const struct unit_test latency_tests[] = {
	{"latency: without calls all is zero", without_calls_all_is_zero},
	{"latency: one call is every quantile", one_call_is_every_quantile},
	{"latency: mean, sum, count and maximum are exact", mean_sum_and_count_are_exact},
	{"latency: bounds grow and are exclusive", bounds_grow_and_are_exclusive},
	{"latency: four buckets make a doubling", four_buckets_make_a_doubling},
	{"latency: the last bucket takes whatever is longer", the_last_bucket_takes_what_is_longer},
	{"latency: at and beyond its bound it takes them too",
         whatever_is_longer_than_the_last_bound_is_in_the_last},
	{"latency: a negative duration is none", a_negative_duration_is_none},
	{"latency: quantiles are near the exact ones, and grow", quantiles_are_near_the_exact_ones},
	{"latency: quantiles lean to neither side", quantiles_do_not_lean},
	{"latency: quantiles tell two kinds of calls apart", quantiles_of_two_kinds_of_calls},
	{NULL, NULL},
};
