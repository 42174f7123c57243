/*
 * policies.h: policies for tests, written as text.
 *
 * `failures=3 within=10s failure-rate=50%`: what is not named has the default
 * of the option of that name. A number may be followed by `ms`, `s`, `%`, or
 * `x` for a factor; a window with a unit is a time window.
 */
#ifndef CBRUN_UNIT_POLICIES_H
#define CBRUN_UNIT_POLICIES_H

#include "breaker/policy.h"
#include "rng.h"
#include "unit.h"

/* The policy that `text` describes; a word that makes no sense fails the test. */
struct policy policy_of(struct unit *u, const char *text);

/* Changes the one setting that `word` names; false if the word makes no sense. */
bool policy_set(struct policy *policy, const char *word);

/* A random policy that keeps a breaker busy: small counts, short periods. */
struct policy policy_random(struct rng *rng);

#endif
