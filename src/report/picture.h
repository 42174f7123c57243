/*
 * picture.h: a simulation as a picture of a few lines: the states over time, and
 * below them how many calls failed, and how many were rejected.
 *
 * How long the simulation goes on is not known before its end, so calls are counted
 * in bins that double their length when the simulation outgrows them.
 */
#ifndef CBRUN_REPORT_PICTURE_H
#define CBRUN_REPORT_PICTURE_H

#include "base/array.h"
#include "breaker/journal.h"
#include "report/style.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum { PICTURE_BINS = 8192 };

/* Zeroed, nothing has happened yet. Times are milliseconds since the start, not decreasing. */
struct picture {
	struct array changes; /* struct sketch_change */
	int64_t bin_ms;       /* 0: none was needed yet */
	uint32_t failed[PICTURE_BINS];
	uint32_t rejected[PICTURE_BINS];
	int64_t end_ms;
};

/* Adds the transitions of a step. False if out of memory. */
bool picture_note(struct picture *picture, int64_t at_ms, const struct journal *journal);

/* Adds a call that failed, or was rejected. */
void picture_count(struct picture *picture, int64_t at_ms, bool rejected);

/* Prints it as wide as the style says. With another, both are to the same scale. */
void picture_print(FILE *out, const struct picture *picture, const struct picture *other, const struct style *style);

void picture_free(struct picture *picture);

#endif
