/*
 * steps.h: the two steps of a call in the store: before the command, and after it.
 */
#ifndef CBRUN_GUARD_STEPS_H
#define CBRUN_GUARD_STEPS_H

#include "guard/call.h"

/*
 * Opens the store and asks the breaker, until the call is let in or --wait is
 * over. False if the store cannot be used, or not in time for --deadline: then it is
 * closed, and that was reported.
 */
bool steps_admit(struct guarded_call *g, struct error *error);

/* The same for a health check: asks once, and for a trial call or nothing. */
bool steps_admit_trial(struct guarded_call *g, struct error *error);

/* Whether the breaker has opened since the call was let in. */
bool steps_has_opened(struct guarded_call *g);

/* How often the permit of this call is to be renewed, in milliseconds; 0 = never. And renews it. */
int64_t steps_renew_after_ms(const struct guarded_call *g);
void steps_renew_permit(struct guarded_call *g);

/*
 * Records how the call ended, and whether a fallback follows. A failure of the
 * store is reported, and changes nothing for the caller.
 */
void steps_record(struct guarded_call *g, enum outcome outcome, bool fallback);

#endif
