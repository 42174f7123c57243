/*
 * queue.h: calls that wait for a permit, one behind the other.
 *
 * Each has a place: a byte of the permits file, after the last one taken, on
 * which it holds a lock. It blocks in the kernel until the place before its own
 * is given back, for whatever reason. Only the first looks at the breaker, and
 * blocks until somebody gives a permit back; when it is let in, or gives up, the
 * next one is first. So however many wait, a permit that becomes free wakes only
 * one of them.
 *
 * Calls in one queue wait for the same thing: the offset of a place is
 *
 *   PERMITS_END | hash of the breaker's name and the limits << 32 | number
 *
 * so nobody stands behind a call that needs more to happen than itself.
 *
 * A place is a courtesy, not a right: whether a call is let in is decided in a
 * step as always. A call that has just arrived may be faster, and one that stands
 * behind a stopped process looks for itself now and then.
 */
#ifndef CBRUN_STORE_LOCAL_QUEUE_H
#define CBRUN_STORE_LOCAL_QUEUE_H

#include "store/local/connection.h"

struct queue {
	int64_t place; /* the offset of our byte; -1 if we have none */
};

/* As the member `wait` of struct store_engine. */
void queue_wait(struct queue *queue, const struct connection *c, const struct store_request *request,
                const struct admission *admission, int64_t timeout_us);

/* Gives the place back, if we have one. */
void queue_leave(struct queue *queue, const struct permits *permits);

#endif
