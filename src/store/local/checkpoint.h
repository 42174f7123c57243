/*
 * checkpoint.h: copies the log into the database now and then, so that it does
 * not grow for ever, and a process that opens it has little to read.
 */
#ifndef CBRUN_STORE_LOCAL_CHECKPOINT_H
#define CBRUN_STORE_LOCAL_CHECKPOINT_H

#include "store/local/connection.h"

/* If the log has grown long: copies it. Outside a transaction, when the connection is about to be closed. */
void checkpoint_if_due(struct connection *c);

#endif
