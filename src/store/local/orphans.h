/*
 * orphans.h: kept outputs whose breaker is gone. The breaker was removed while one of its calls was still
 * running, or its database was lost.
 */
#ifndef CBRUN_STORE_LOCAL_ORPHANS_H
#define CBRUN_STORE_LOCAL_ORPHANS_H

#include "store/local/connection.h"

/*
 * Removes what no breaker of the connected database has. Not inside a
 * transaction. What fails is left for the next time.
 */
void orphans_remove(struct connection *c);

/* Removes all: the database is new. */
void orphans_remove_all(const struct location *location);

#endif
