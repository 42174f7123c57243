/*
 * local.h: the engine for one machine: SQLite for the breakers, kernel locks
 * for the permits; local.c says how it holds together.
 */
#ifndef CBRUN_STORE_LOCAL_LOCAL_H
#define CBRUN_STORE_LOCAL_LOCAL_H

#include "store/store.h"

/* As store_open(). */
bool local_open(struct store **store, const struct store_options *options, struct error *error);

#endif
