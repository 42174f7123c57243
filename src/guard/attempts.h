/*
 * attempts.h: running the command of a guarded call, once or several times, and
 * the health check before it.
 */
#ifndef CBRUN_GUARD_ATTEMPTS_H
#define CBRUN_GUARD_ATTEMPTS_H

#include "guard/call.h"

/* Runs the command, again if it fails and may be; fills g->result. */
void attempts_run(struct guarded_call *g);

/* What the last attempt counts as; if it is ignored, g->cause says why. */
enum outcome attempts_judge(struct guarded_call *g);

/* Runs the health check; fills g->result. Ignored: it was cancelled, or could not be run, so it says nothing. */
enum outcome attempts_check_health(struct guarded_call *g);

/* Milliseconds until --deadline, rounded up; without one, more than anybody waits. */
int64_t attempts_rest_ms(const struct guarded_call *g);

#endif
