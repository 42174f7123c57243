/*
 * sketch.h: small pictures in a line of text.
 */
#ifndef CBRUN_REPORT_SKETCH_H
#define CBRUN_REPORT_SKETCH_H

#include "breaker/breaker.h"
#include "report/style.h"

#include <stdio.h>

/* The sign of a breaker with that standing (standing_of()), one column wide. */
const char *sketch_sign(int rank, const struct style *style);

/*
 * The last `most` calls at most, the newest at the right: success, slow, failure, time limit, ignored.
 * Returns how many columns they take; with out NULL it only counts.
 */
size_t sketch_recent(FILE *out, int64_t recent, size_t most, const struct style *style);

enum { SKETCH_SIZE = 4 * 128 };

/* What a latency sketch shows. */
struct sketch_latency {
	char bars[SKETCH_SIZE];
	int64_t from_us; /* where the first bar begins */
	int64_t to_us;   /* and the last one ends; at most the longest duration */
};

/* The histogram in at most `bars` bars (up to 64), from the shortest duration to the longest. False without
 * calls. */
bool sketch_latency(const struct latency *latency, int bars, const struct style *style,
                    struct sketch_latency *sketch);

/* A bar for each count, in proportion to the highest; any count above 0 is visible. */
void sketch_bars(FILE *out, const int64_t counts[], size_t n, int64_t highest, const struct style *style);

/* A change of state. */
struct sketch_change {
	int64_t wall_ms;
	enum breaker_state from;
	enum breaker_state to;
};

/* A while of which the states are to be shown. */
struct sketch_span {
	int64_t from_ms; /* wall time */
	int64_t to_ms;
	int64_t known_ms;         /* before that nothing is known */
	enum breaker_state state; /* the only one, if it never changed */
};

/*
 * Draws the states in `cells` columns: the worst of each part of the span. The changes are in order of time;
 * those outside the span matter only if they say what was inside.
 */
void sketch_states(FILE *out, const struct sketch_span *span, const struct sketch_change *changes,
                   size_t count, int cells, const struct style *style);

#endif
