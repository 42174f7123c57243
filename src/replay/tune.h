/*
 * tune.h: replays a recording under many policies, on all cores, to find
 * what would have cost least.
 *
 * The cost of a policy is stated, not learned: 1 for each run that failed, 2 for
 * each run that was rejected and would have succeeded, 1 for each time that it
 * opened, since somebody is told. Time open costs nothing by itself, and decides between equals.
 */
#ifndef CBRUN_REPLAY_TUNE_H
#define CBRUN_REPLAY_TUNE_H

#include "replay/recording.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TUNE_COST_FAILURE = 1, TUNE_COST_REJECTED = 2, TUNE_COST_OPENING = 1 };

/* A policy, and how the recording goes under it. */
struct tune_try {
	struct policy policy;
	struct replay_tally tally; /* set by tune_play(), as is the rest */
	int64_t cost;
	size_t number; /* in the order of tune_list(): the simpler ones first */
};

/* Told how many of them are done, now and then, from the calling thread. */
typedef void tune_progress(void *context, size_t done, size_t all);

/*
 * Adds the policies worth trying to `tries`, an empty array of struct tune_try: the present one first, then others
 * with different rules, sizes, open periods that suit a breaker called every gap_ms, factors and successes. In
 * everything else they are as the present one. False if out of memory.
 */
bool tune_list(struct array *tries, const struct policy *present, int64_t gap_ms);

/*
 * Plays the recording, which is sorted, under each of them, and sorts them: the cheapest first; among equals, the one
 * that was open for less time, then the simpler one. The same for the same seed, however many cores there are. False
 * if out of memory. `tell` may be NULL.
 */
bool tune_play(struct array *tries, const struct recording *recording, uint64_t seed, tune_progress *tell,
               void *context);

/* Whether two of them have the same result, so that showing one is enough. */
bool tune_same(const struct tune_try *a, const struct tune_try *b);

#endif
