/*
 * twins.h: the breaker and the reference breaker side by side. Both take the
 * same steps, and after each of them all that can be seen of the two is compared.
 */
#ifndef CBRUN_UNIT_TWINS_H
#define CBRUN_UNIT_TWINS_H

#include "reference.h"

#include "breaker/breaker.h"

#include <stdbool.h>
#include <stdint.h>

/* What may happen. A whole call begins and ends at once; one that only begins runs until the oldest, or the
 * newest, ends. */
enum twin_event {
	TWIN_CALL_OK,
	TWIN_CALL_FAIL,
	TWIN_CALL_TIMEOUT,
	TWIN_CALL_IGNORED,
	TWIN_CALL_SLOW,
	TWIN_BEGIN,
	TWIN_OLDEST_OK,
	TWIN_OLDEST_FAIL,
	TWIN_OLDEST_IGNORED,
	TWIN_NEWEST_OK,
	TWIN_NEWEST_FAIL,
	TWIN_TRIP,
	TWIN_HOLD,
	TWIN_RESET,
	TWIN_DISABLE,
	TWIN_ENABLE,
	TWIN_EVE,   /* time goes on to a millisecond before the next moment at which it changes anything */
	TWIN_MOMENT /* and to that moment */
};
enum { TWIN_EVENTS = TWIN_MOMENT + 1 };

enum { TWINS_RUNNING = 3, TWINS_SAID = 256 };

struct twins {
	struct breaker b;
	struct ref ref;
	struct policy policy;
	struct moment moment;
	int running;
	struct admission calls[TWINS_RUNNING]; /* in the order in which they began */
	struct totals told;                    /* what was handed in, counted here; but for the transitions */
	char said[TWINS_SAID];                 /* the first difference; "" = there was none */
};

/* "fail", "begin", ... */
const char *twin_event_name(enum twin_event event);

/* Two breakers that have seen nothing. What they come to hold is freed by twins_free(). */
void twins_start(struct twins *t, const struct policy *policy);
void twins_copy(struct twins *copy, const struct twins *t);
void twins_free(struct twins *t);

/* A step. False, with nothing changed, if that cannot happen now; a difference is in t->said. */
bool twins_step(struct twins *t, enum twin_event event);

/*
 * A hash of all that later steps can depend on, of both twins: two that have it
 * in common go on alike. Times count from now, and a generation is the
 * breaker's own or an earlier one.
 */
struct twins_key {
	uint64_t a;
	uint64_t b;
};
struct twins_key twins_key(const struct twins *t);

#endif
