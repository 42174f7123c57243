/*
 * delivery.h: what becomes of output that was held back or kept.
 */
#ifndef CBRUN_GUARD_DELIVERY_H
#define CBRUN_GUARD_DELIVERY_H

#include "guard/call.h"

/* Gives the output of a successful call to the store, if --stale-ok wants it kept. */
void delivery_keep(struct guarded_call *g);

/* Gives the output of a call that failed to the store, if it was held back: the first since a success, or the last. */
void delivery_keep_failure(struct guarded_call *g);

/*
 * Prints what was held back, if --output says so for such a call. If the call has
 * opened the breaker, the first failure's output comes first.
 */
void delivery_release(struct guarded_call *g, enum outcome outcome);

#endif
