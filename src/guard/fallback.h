/*
 * fallback.h: `sh -c CMD` instead of the command, or after it has failed.
 */
#ifndef CBRUN_GUARD_FALLBACK_H
#define CBRUN_GUARD_FALLBACK_H

#include "guard/call.h"

/* Whether the settings want a fallback after a call that ended so, and nobody has asked it to end. */
bool fallback_follows(const struct guarded_call *g, enum outcome outcome);

/* Runs it, if so; fills g->result. */
void fallback_run_after(struct guarded_call *g, enum outcome outcome);

/* Runs it instead of a rejected call, if there is one; fills g->result. */
void fallback_run_instead(struct guarded_call *g);

#endif
