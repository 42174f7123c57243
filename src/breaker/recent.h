/*
 * recent.h: how the last calls ended, the newest first, packed into one number.
 * All calls count, including trial calls and ignored ones, whatever the state did.
 */
#ifndef CBRUN_BREAKER_RECENT_H
#define CBRUN_BREAKER_RECENT_H

#include "breaker/outcome.h"

enum recent_mark {
	RECENT_NONE, /* so many calls there were not */
	RECENT_SUCCESS,
	RECENT_SLOW, /* a success */
	RECENT_FAILURE,
	RECENT_TIMEOUT,
	RECENT_IGNORED,
};

enum { RECENT_CALLS = 20 };
#define RECENT_MAX ((INT64_C(1) << 3 * RECENT_CALLS) - 1)

/* Adds a call. Zero is what to begin with. */
void recent_add(int64_t *recent, enum outcome outcome, bool slow);

/* How the call `back` calls before the last one ended, 0 being the last. */
enum recent_mark recent_at(int64_t recent, int back);

#endif
