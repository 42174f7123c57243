/*
 * cadence.h: how often a breaker is called, learned from its calls, including
 * rejected ones, in a fixed amount of memory.
 *
 * Jobs have gaps: a check every five minutes in office hours has one each
 * night, and a longer one each weekend. So the longest gap is kept as well as the
 * mean, over the last eight to sixteen days.
 */
#ifndef CBRUN_BREAKER_CADENCE_H
#define CBRUN_BREAKER_CADENCE_H

#include <stdint.h>

/* Zeroed, it knows nothing. Times are in milliseconds on the breaker's clock. */
struct cadence {
	int64_t gaps;       /* how many were seen, from one call to the next */
	int64_t last_ms;    /* when it was called last; meaningless before the first call */
	int64_t mean_ms;    /* of the gaps: of all at first, then of the newer ones */
	int64_t longest_ms; /* of the span that began at span_ms */
	int64_t longest_before_ms; /* of the span before that */
	int64_t span_ms;
	int64_t calls; /* 0: it was never called */
	int64_t long_mean_us; /* microseconds: as mean_ms, but of many more of the newer ones */
};

/* Notes a call at that time of the breaker's clock. */
void cadence_note(struct cadence *c, int64_t now_ms);

/*
 * The gap to expect between two calls: the smaller of the two means, in microseconds, at least a
 * thousand. A faster schedule is soon believed, a slower one only after some hundred calls. 0: none was seen.
 */
int64_t cadence_gap_us(const struct cadence *c);

/* The gaps that must have been seen before an expectation is one. */
enum { CADENCE_ENOUGH = 5 };

/*
 * Within how long the next call is to be expected, margin included: the longest
 * gap, a quarter more, and a minute. 0: too few calls are known.
 */
int64_t cadence_expected_ms(const struct cadence *c);

#endif
