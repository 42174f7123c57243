/*
 * supposed.h: the calls that were rejected, in a recording, as the trial calls say that they might have ended.
 *
 * A history has no outcome for what did not run. Without those calls it is the present policy that decides what an
 * outage looked like, and any that opens less seems as good. So while it was open by itself, the
 * calls that were rejected are spread evenly, and are supposed to have failed where the trial call after them
 * failed; where it succeeded, the service came back meanwhile, and the first half of them failed.
 */
#ifndef CBRUN_REPLAY_SUPPOSED_H
#define CBRUN_REPLAY_SUPPOSED_H

#include "replay/recording.h"

#include <stdbool.h>
#include <stdint.h>

/* More are left out, so that a breaker that was called each second and down for a day can still be played. */
enum { SUPPOSED_MAX = 50000 };

/* Zeroed, it has seen nothing. */
struct supposed {
	int64_t count; /* of calls that were added to the recording */
	/* the open period under way, or over but without a trial call yet */
	bool by_rule;
	int64_t from_ms; /* since 1970 */
	int64_t until_ms;
	int64_t rejected;      /* in it */
	int64_t rejected_before; /* of the incident, before it */
	int64_t generation; /* of the trial call that tells how it ended */
};

/* Takes the next event of the history, and adds to the recording what can be supposed then. False if out of memory. */
bool supposed_add(struct supposed *s, struct recording *recording, const struct event *event);

#endif
