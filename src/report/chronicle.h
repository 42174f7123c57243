/*
 * chronicle.h: the events of several breakers in order of time, limited to those
 * that were asked for.
 */
#ifndef CBRUN_REPORT_CHRONICLE_H
#define CBRUN_REPORT_CHRONICLE_H

#include "base/array.h"
#include "breaker/journal.h"

#include <stdbool.h>

/* Zeroed, it is empty and takes every event. The owner sets what is asked for. */
struct chronicle {
	int64_t since_ms; /* milliseconds since 1970, both included; 0 = no bound */
	int64_t until_ms;
	bool transitions; /* no calls */
	int64_t limit;    /* only so many, the newest; 0 = all */
	bool many;        /* of more than one breaker: by time, instead of the order in which they come */
	struct array entries; /* its own kind of them; the capacity may be of interest */
	struct array runs;    /* its own, too */
};

/* Takes a copy of the event, if it is asked for. The owner counts the breakers. False if out of memory. */
bool chronicle_add(struct chronicle *c, size_t breaker, const struct event *event);

/* Drops what is beyond the limit; then the rest can be had, or more be added. False if out of memory. */
bool chronicle_settle(struct chronicle *c);

/*
 * Gives the next event after chronicle_settle(), except for its number and what it says about its incident; false
 * after the last.
 */
bool chronicle_next(struct chronicle *c, size_t *breaker, struct event *event);

/* Forgets the entries, but not what is asked for. */
void chronicle_free(struct chronicle *c);

#endif
