/*
 * test_random_walk.c: a breaker stumbles through a million random steps, and
 * after each of them what must always hold is checked.
 *
 * UNIT_SEED in the environment gives the seed; a failure prints it.
 */
#include "rng.h"
#include "suites.h"
#include "walk.h"

enum { STEPS = 1000000, STEPS_PER_BREAKER = 2000 };

static void totals_add(struct totals *sum, const struct totals *more)
{
	sum->rejected += more->rejected;
	sum->slow += more->slow;
	sum->ignored += more->ignored;
	for (int i = 0; i < 3; i++)
		sum->transitions_to[i] += more->transitions_to[i];
}

static void a_million_steps(struct unit *u)
{
	struct walk w;
	struct totals seen = {0};
	uint64_t seed = unit_seed(20200101);
	for (uint64_t i = 0; i < STEPS / STEPS_PER_BREAKER && u->failures == 0; i++) {
		struct rng rng = {.state = seed + i};
		walk_begin(&w, u, &rng);
		for (int step = 0; step < STEPS_PER_BREAKER && u->failures == 0; step++)
			walk_step(&w);
		totals_add(&seen, &w.told);
	}
	/* a walk that never left the yard would prove little */
	CHECK(u, seen.rejected > STEPS / 100 && seen.slow > STEPS / 100 && seen.ignored > STEPS / 100);
	for (int i = 0; i < 3; i++)
		CHECK(u, seen.transitions_to[i] > STEPS / 100);
}

const struct unit_test random_walk_tests[] = {
	{"random walk: what must always hold does so for a million steps", a_million_steps},
	{NULL, NULL},
};
