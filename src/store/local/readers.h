/*
 * readers.h: keeps the log of the database as it is while somebody reads it.
 *
 * A reader may not write the log's index, and without that, SQLite's own locks do
 * not show who is reading. So a reader holds a shared lock on a byte of the
 * permits file, and only a process that holds that byte exclusively may copy the
 * log into the database. Writers go on meanwhile: they append to the log.
 */
#ifndef CBRUN_STORE_LOCAL_READERS_H
#define CBRUN_STORE_LOCAL_READERS_H

#include "store/local/permits.h"

#include <stdbool.h>
#include <stdint.h>

/* As a reader: waits at most timeout_ms for a checkpoint to end. Without a permits file there is nobody to wait for. */
bool readers_enter(const struct permits *permits, int64_t timeout_ms, struct error *error);

/* For a checkpoint: false if somebody reads, or checkpoints, now. */
bool readers_keep_out(const struct permits *permits);

/* Ends either. */
void readers_leave(const struct permits *permits);

#endif
