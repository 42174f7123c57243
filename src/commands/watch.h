/*
 * watch.h: looking again and again, for `cbrun status --watch`.
 */
#ifndef CBRUN_COMMANDS_WATCH_H
#define CBRUN_COMMANDS_WATCH_H

#include "commands/look.h"

/*
 * Looks each interval_ms until a signal ends it: redraws a terminal in place, and
 * elsewhere prints a block a look. Returns as the run of a command, which it does
 * only if it fails.
 */
int watch(struct look *look, int64_t interval_ms, struct error *error);

#endif
