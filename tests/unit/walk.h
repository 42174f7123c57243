/*
 * walk.h: a breaker that stumbles through random steps, and what must always
 * hold after each of them.
 *
 * The walk draws policies, time, reboots, calls that overlap, and the acts of
 * an operator. The same walk serves the unit tests, which draw from a seed, and
 * the fuzzers, which draw from their input.
 */
#ifndef CBRUN_UNIT_WALK_H
#define CBRUN_UNIT_WALK_H

#include "rng.h"
#include "unit.h"

#include "breaker/breaker.h"

enum { WALK_RUNNING_MAX = 24 };

struct walk {
	struct unit *u;
	struct rng rng;
	uint64_t seed; /* that the walk began with */
	int step;      /* steps so far */
	struct policy policy;
	struct breaker b;
	struct breaker before; /* the step */
	struct moment moment;
	struct journal journal;
	int running;
	struct admission calls[WALK_RUNNING_MAX];
	struct totals told; /* what was handed in, counted here */
};

/* Begins with a fresh breaker and a policy, both drawn from `rng`. What does not hold fails the test `u`. */
void walk_begin(struct walk *w, struct unit *u, const struct rng *rng);

/* Begins with a breaker that has been elsewhere, at the moment of its last step. */
void walk_resume(struct walk *w, struct unit *u, const struct rng *rng, const struct breaker *b);

/* One step: time passes, something happens, and everything is checked. */
void walk_step(struct walk *w);

#endif
