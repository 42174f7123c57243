/* test_metrics.c: the formats of metrics: buckets against the durations themselves, labels, what is missing. */
#include "report/metrics.h"

#include "rng.h"
#include "suites.h"

#include <stdlib.h>
#include <string.h>

enum { SAMPLES = 2000 };

static const struct instant now = {.boot_ms = 5000, .wall_ms = 1700000000500, .boot_id = 1};

static struct breaker new_breaker(void)
{
	static const struct policy policy = {.failures = 5, .window_size = 100, .open_for_ms = 1000, .probes = 1,
	                                     .successes = 1, .probe_failures = 1};
	struct breaker b;
	breaker_init(&b, &policy, &now);
	return b;
}

/* The text of one breaker, or of none; the caller frees it. */
static char *text_of(struct unit *u, const char *name, const struct breaker *b, enum metrics_format format)
{
	struct metrics m = {.engine = "sqlite"};
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	if (b != NULL)
		CHECK(u, metrics_add(&m, name, b, &now, 0, 0));
	metrics_print(out, &m, format);
	fclose(out);
	metrics_free(&m);
	return text;
}

/* The next bucket's bound in microseconds, and its count. False behind the last that has a bound. */
static bool next_bucket(const char **text, int64_t *bound_us, int64_t *count)
{
	const char *start = strstr(*text, "le=\"");
	char *end;
	if (start == NULL || start[4] == '+')
		return false;
	*bound_us = (int64_t)(strtod(start + 4, &end) * 1e6 + 0.5);
	*count = strtoll(strchr(end, ' '), &end, 10);
	*text = end;
	return true;
}

static bool is_bound(int64_t us)
{
	for (int i = 0; i < LATENCY_BUCKETS; i++)
		if (latency_bound_us(i) == us)
			return true;
	return false;
}

static void buckets_count_exactly(struct unit *u)
{
	static int64_t durations_us[SAMPLES];
	struct rng rng = {.state = unit_seed(13)};
	struct breaker b = new_breaker();
	int64_t bound_us = 0;
	int64_t count;
	int buckets = 0;
	for (int i = 0; i < SAMPLES; i++) {
		int64_t shift = 28 + rng_below(&rng, 30);
		durations_us[i] = (int64_t)(rng_next(&rng) >> shift);
		latency_add(&b.latency, durations_us[i]);
	}
	char *text = text_of(u, "api", &b, METRICS_TEXT);
	const char *rest = text;
	for (; next_bucket(&rest, &bound_us, &count); buckets++) {
		int64_t want = 0;
		for (int i = 0; i < SAMPLES; i++)
			want += durations_us[i] < bound_us;
		CHECK(u, is_bound(bound_us));
		CHECK(u, buckets > 0 || (bound_us > 9000 && bound_us < 11000));
		CHECK_INT(u, count, want);
	}
	CHECK_INT(u, buckets, 17);
	CHECK(u, bound_us > INT64_C(3300000000) && bound_us < INT64_C(3900000000));
	CHECK(u, strstr(text, "_bucket{name=\"api\",le=\"+Inf\"} 2000\n") != NULL);
	CHECK(u, strstr(text, "_count{name=\"api\"} 2000\n") != NULL);
	free(text);
}

static void labels_are_escaped(struct unit *u)
{
	struct breaker b = new_breaker();
	char *text = text_of(u, "a\"b\\c\nd\x1b\xff", &b, METRICS_TEXT);
	CHECK(u, strstr(text, "\ncbrun_in_flight{name=\"a\\\"b\\\\\\\\c\\\\nd\\\\e\\\\xff\"} 0\n") != NULL);
	free(text);
}

static void what_is_not_there_is_missing(struct unit *u)
{
	static const char *const missing[] = {"failure_ratio", "down_since", "open_until", "last_", "expected"};
	struct breaker b = new_breaker();
	char *text = text_of(u, "api", &b, METRICS_TEXT);
	for (size_t i = 0; i < sizeof(missing) / sizeof(missing[0]); i++)
		CHECK(u, strstr(text, missing[i]) == NULL);
	free(text);
}

static void without_breakers_there_is_the_engine(struct unit *u)
{
	char *text = text_of(u, NULL, NULL, METRICS_TEXT);
	CHECK_STR(u, text, "# HELP cbrun_store_info Which engine keeps the breakers.\n# TYPE cbrun_store_info gauge\n"
	                   "cbrun_store_info{engine=\"sqlite\"} 1\n");
	free(text);
	text = text_of(u, NULL, NULL, METRICS_OPENMETRICS);
	CHECK_STR(u, text, "# HELP cbrun_store Which engine keeps the breakers.\n# TYPE cbrun_store info\n"
	                   "cbrun_store_info{engine=\"sqlite\"} 1\n# EOF\n");
	free(text);
}

const struct unit_test metrics_tests[] = {
	{"metrics: each bucket counts exactly, at a bound of the breaker's own", buckets_count_exactly},
	{"metrics: labels are escaped, as for people and as the format wants it", labels_are_escaped},
	{"metrics: what is not there is missing, and so is its family", what_is_not_there_is_missing},
	{"metrics: without breakers there is the engine", without_breakers_there_is_the_engine},
	{NULL, NULL},
};
