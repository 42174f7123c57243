/* cadence.c: gaps between calls. */
#include "breaker/cadence.h"

enum { SLOWEST_WEIGHT = 16, LONG_WEIGHT = 128, MARGIN_MS = 60000, US_PER_MS = 1000 };
#define SPAN_MS (INT64_C(8) * 24 * 3600 * 1000)

static int64_t larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static void note_longest(struct cadence *c, int64_t gap_ms, int64_t now_ms)
{
	if (now_ms - c->span_ms >= SPAN_MS) {
		c->longest_before_ms = c->longest_ms;
		c->longest_ms = 0;
		c->span_ms = now_ms;
	}
	c->longest_ms = larger(c->longest_ms, gap_ms);
}

void cadence_note(struct cadence *c, int64_t now_ms)
{
	int64_t gap_ms = now_ms - c->last_ms;
	c->last_ms = now_ms;
	if (c->calls++ == 0) {
		c->span_ms = now_ms;
		return;
	}
	c->gaps++;
	int64_t weight = c->gaps < SLOWEST_WEIGHT ? c->gaps : SLOWEST_WEIGHT;
	c->mean_ms += (gap_ms - c->mean_ms) / weight;
	int64_t long_weight = c->gaps < LONG_WEIGHT ? c->gaps : LONG_WEIGHT;
	c->long_mean_us += (gap_ms * US_PER_MS - c->long_mean_us) / long_weight;
	note_longest(c, gap_ms, now_ms);
}

int64_t cadence_gap_us(const struct cadence *c)
{
	int64_t short_us = c->mean_ms * US_PER_MS;
	int64_t gap_us = short_us < c->long_mean_us ? short_us : c->long_mean_us;
	return c->gaps == 0 ? 0 : larger(gap_us, US_PER_MS);
}

int64_t cadence_expected_ms(const struct cadence *c)
{
	int64_t longest_ms = larger(c->longest_ms, c->longest_before_ms);
	return c->gaps >= CADENCE_ENOUGH ? longest_ms + longest_ms / 4 + MARGIN_MS : 0;
}
