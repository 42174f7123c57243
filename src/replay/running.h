/*
 * running.h: the calls of a replay that are running, kept so that the next one
 * to end is at hand: a heap.
 */
#ifndef CBRUN_REPLAY_RUNNING_H
#define CBRUN_REPLAY_RUNNING_H

#include "base/array.h"
#include "breaker/outcome.h"

#include <stdbool.h>
#include <stdint.h>

struct running_call {
	int64_t end_ms;
	int64_t line;       /* see replay_call() */
	int64_t generation; /* the admission's */
	int64_t duration_ms;
	enum outcome outcome;
	bool trial;
	int64_t order; /* set by running_add(): of calls that end together, the first to start ends first */
};

/* Zeroed, it is empty. */
struct running {
	struct array calls; /* struct running_call, a binary heap */
	int64_t added;
};

/* Adds a copy of the call. False if out of memory: then nothing was added. */
bool running_add(struct running *running, const struct running_call *call);

/* The next call to end, until the calls change; NULL if none is running. */
const struct running_call *running_next(const struct running *running);

/* Takes out the next call to end. There must be one. */
struct running_call running_take(struct running *running);

/* Forgets all calls, but keeps the memory for others. */
void running_clear(struct running *running);

/* Frees the memory. It is empty then. */
void running_free(struct running *running);

#endif
