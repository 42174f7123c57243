/*
 * repair.h: keeps the files of a local store in order: a missing database is
 * made, a damaged one set aside.
 */
#ifndef CBRUN_STORE_LOCAL_REPAIR_H
#define CBRUN_STORE_LOCAL_REPAIR_H

#include "store/local/connection.h"

/* Makes the database if it is missing or empty. */
bool repair_make_missing(struct connection *c, struct error *error);

/* A store on a file system that hosts share gives up its log, as soon as nobody else is connected. */
void repair_give_up_log(struct connection *c);

/*
 * After a transaction that ended so: whether it may be tried again. `attempt`
 * counts the failures before it. False keeps the error that is set, or sets one.
 */
bool repair_after(struct connection *c, enum sqlite_result result, int attempt, struct error *error);

#endif
