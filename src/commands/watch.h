/*
 * watch.h: looking again and again, for `cbrun status --watch`.
 */
#ifndef CBRUN_COMMANDS_WATCH_H
#define CBRUN_COMMANDS_WATCH_H

#include "commands/look.h"

/*
 * Looks every interval_ms until a signal ends it: redraws a terminal in place, and
 * elsewhere prints a block each time. Returns only if it fails, as the run of a
 * command.
 */
int watch(struct look *look, int64_t interval_ms, struct error *error);

#endif
