/*
 * rejection.h: what the caller of a rejected call gets.
 */
#ifndef CBRUN_GUARD_REJECTION_H
#define CBRUN_GUARD_REJECTION_H

#include "guard/call.h"

/* Serves the last good output, or runs the fallback, or only says why; g->result has the exit status. */
void rejection_answer(struct guarded_call *g);

#endif
