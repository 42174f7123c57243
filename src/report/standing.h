/*
 * standing.h: what breakers are sorted by.
 */
#ifndef CBRUN_REPORT_STANDING_H
#define CBRUN_REPORT_STANDING_H

#include "breaker/breaker.h"

/* What to sort by, in the order of the words of --sort. The worst stand first; names as names. */
enum standing_key {
	/* open, half-open, not so in shadow mode alone or with calls that fail or are all ignored, disabled, well */
	STANDING_TROUBLE,
	STANDING_NAME,
	STANDING_STATE, /* open, half-open, closed */
	STANDING_SINCE, /* not closed for the longest time; then closed for the shortest */
	STANDING_RATE,  /* of failures */
	STANDING_CALLS, /* the most */
	STANDING_P95,   /* the longest */
};

struct standing {
	int rank; /* how well it is; 1 = open */
	enum breaker_state state;
	int64_t age_ms;   /* how long it has not been closed or, if it is, has been so */
	int64_t rate_ppm; /* of failures in its window; -1 = that is empty */
	int64_t calls;
	int64_t p95_us;
};

/* So many ignored calls in a row are no accident: it looks well, and is not. */
enum { STANDING_MANY_IGNORED = 3 };

/* A breaker's. */
struct standing standing_of(const struct breaker *b, const struct instant *at);

/* As strcmp(), of two breakers; at a tie by their names, with numbers in them as numbers. */
int standing_compare(enum standing_key key, const struct standing *one, const char *one_name,
                     const struct standing *other, const char *other_name);

#endif
