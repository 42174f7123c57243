/*
 * test_random_walk.c: a breaker stumbles through a million random steps, and
 * after each of them what must always hold is checked.
 *
 * UNIT_SEED in the environment gives the seed; a failure prints it. UNIT_STEPS gives
 * another number of steps, for a machine that is slow.
 */
#include "rng.h"
#include "suites.h"
#include "walk.h"

#include <stdlib.h>

enum { STEPS = 1000000, STEPS_PER_BREAKER = 2000 };

static void totals_add(struct totals *sum, const struct totals *more)
{
	sum->rejected += more->rejected;
	sum->slow += more->slow;
	sum->ignored += more->ignored;
	for (int i = 0; i < 3; i++)
		sum->transitions_to[i] += more->transitions_to[i];
}

static int64_t steps_wanted(void)
{
	const char *given = getenv("UNIT_STEPS");
	int64_t steps = given != NULL ? atoll(given) : 0;
	return steps > 0 ? steps : STEPS;
}

static void a_million_steps(struct unit *u)
{
	int64_t steps = steps_wanted();
	struct walk w;
	struct totals seen = {0};
	uint64_t seed = unit_seed(20200101);
	for (uint64_t i = 0; i < (uint64_t)steps / STEPS_PER_BREAKER && u->failures == 0; i++) {
		struct rng rng = {.state = seed + i};
		walk_begin(&w, u, &rng);
		for (int step = 0; step < STEPS_PER_BREAKER && u->failures == 0; step++)
			walk_step(&w);
		totals_add(&seen, &w.told);
	}
	/* a walk that never left the yard would prove little */
	CHECK(u, seen.rejected > steps / 100 && seen.slow > steps / 100 && seen.ignored > steps / 100);
	for (int i = 0; i < 3; i++)
		CHECK(u, seen.transitions_to[i] > steps / 100);
}

const struct unit_test random_walk_tests[] = {
	{"random walk: what must always hold does so for a million steps", a_million_steps},
	{NULL, NULL},
};
