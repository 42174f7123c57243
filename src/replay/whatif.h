/*
 * whatif.h: how a recording would have gone under a few other policies worth
 * considering, each with one option changed.
 */
#ifndef CBRUN_REPLAY_WHATIF_H
#define CBRUN_REPLAY_WHATIF_H

#include "replay/recording.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct whatif {
	const char *option; /* the long name of the one that is changed; NULL: none is */
	struct policy policy;
	struct replay_tally tally; /* set by whatif_play() */
};

enum { WHATIF_MAX = 16 };

/*
 * Lists policies to try: the given one, which is the first, and such as differ from it
 * in one option and make sense; with --failures auto the rate is then off, too. Returns how many.
 */
size_t whatif_list(const struct policy *policy, struct whatif list[WHATIF_MAX]);

/* Plays the recording, which is sorted, under each. False if out of memory. `seed` as for replay_begin(). */
bool whatif_play(const struct recording *recording, uint64_t seed, struct whatif *list, size_t count);

/*
 * Whether it would have made a difference worth telling: runs that fail a tenth more or
 * less. Openings too, but only if nothing was ever rejected: of what was, nobody
 * knows how it would have ended, so fewer of them may be none.
 */
bool whatif_matters(const struct whatif *as_it_is, const struct whatif *other, bool all_recorded);

#endif
