/*
 * recording.h: the recorded calls of a breaker, to be replayed.
 *
 * The history lists a call when it has ended; a replay needs it when it starts.
 * So: add the history's events, sort, and then play as often as you like.
 */
#ifndef CBRUN_REPLAY_RECORDING_H
#define CBRUN_REPLAY_RECORDING_H

#include "base/array.h"
#include "breaker/journal.h"
#include "replay/replay.h"

#include <stdbool.h>

/* Zeroed, it is empty. */
struct recording {
	struct array calls; /* its own kind of them; the count may be of interest */
};

/* Adds an event, if it is a call. False if out of memory: then the recording is as it was. */
bool recording_add(struct recording *recording, const struct event *event);

/* Adds a call that nobody has made, at that time since 1970, of no duration. False as recording_add(). */
bool recording_suppose(struct recording *recording, int64_t at_ms, enum outcome outcome);

/* Puts the calls in the order of their starts, as recording_play() needs them. */
void recording_sort(struct recording *recording);

/*
 * Plays the calls on the replay, the first at time 0; their lines are their
 * numbers in the history. False if out of memory, see replay_call().
 */
bool recording_play(const struct recording *recording, struct replay *r);

/* Frees the calls. It is empty then. */
void recording_free(struct recording *recording);

#endif
