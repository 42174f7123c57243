/*
 * transitions.h: what follows a transition, after it was kept.
 */
#ifndef CBRUN_GUARD_TRANSITIONS_H
#define CBRUN_GUARD_TRANSITIONS_H

#include "guard/guard.h"
#include "process/supervisor.h"

/* Tells of the transitions in the journal; `end` is that of the call that led to them, or NULL. */
void transitions_tell(const struct guard_setup *setup, const struct breaker *b, const struct journal *journal,
                      const struct guard_end *end);

/* Runs their hooks under the supervisor. */
void transitions_run_hooks(const struct guard_setup *setup, const struct breaker *b,
                           const struct journal *journal, struct supervisor *supervisor);

/* Both, under a supervisor of its own, as guard_announce(). */
int transitions_announce_alone(const struct guard_setup *setup, const struct breaker *b,
                               const struct journal *journal);

#endif
