/*
 * delivery.h: what becomes of output that was held back or kept.
 */
#ifndef CBRUN_GUARD_DELIVERY_H
#define CBRUN_GUARD_DELIVERY_H

#include "guard/call.h"

/* Gives the output of a successful call to the store, if --stale-ok wants it kept. */
void delivery_keep(struct guarded_call *g);

/* Prints what was held back, if --output says that it is due after such a call. */
void delivery_release(struct guarded_call *g, enum outcome outcome);

#endif
