/*
 * drain.h: writing out what a capture still has once the command has ended.
 *
 * Both functions return 0, or the terminating signal that came meanwhile. Such
 * a signal drops the rest, and so does reaching deadline_us on the boot clock
 * (INT64_MAX: never); otherwise they wait for the reader however long it takes.
 */
#ifndef CBRUN_PROCESS_DRAIN_H
#define CBRUN_PROCESS_DRAIN_H

#include "process/capture.h"
#include "process/signals.h"

#include <stdint.h>

/* Writes what is on its way out. */
int drain_leaving(struct capture *capture, struct signals *signals, int64_t deadline_us);

/*
 * Also writes, holds or keeps what the command has left in the pipes, and what
 * others write until they close them, or for a second; then closes the pipes.
 */
int drain_rest(struct capture *capture, struct signals *signals, int64_t deadline_us);

#endif
