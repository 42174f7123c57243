/*
 * schema.h: the SQL that makes and upgrades the store's tables.
 */
#ifndef CBRUN_STORE_LOCAL_SCHEMA_H
#define CBRUN_STORE_LOCAL_SCHEMA_H

#include "store/local/sqlite.h"

enum {
	SCHEMA_VERSION = 2,
	SCHEMA_APPLICATION_ID = 0x6362726e, /* "cbrn": marks the file as ours in its header */
	SCHEMA_HISTORY_KEPT = 10000,        /* events kept for each breaker */
	SCHEMA_PRUNE_EVERY = 64,            /* events between two prunings */
};

/* Brings the tables from `version` (0: there are none) to the newest, in a transaction of the caller's. */
enum sqlite_result schema_migrate(struct sqlite *db, int version);

#endif
