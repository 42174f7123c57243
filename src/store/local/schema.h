/*
 * schema.h: the SQL that makes and upgrades the store's tables.
 */
#ifndef CBRUN_STORE_LOCAL_SCHEMA_H
#define CBRUN_STORE_LOCAL_SCHEMA_H

enum {
	SCHEMA_VERSION = 2,
	SCHEMA_APPLICATION_ID = 0x6362726e, /* "cbrn": marks the file as ours in its header */
	SCHEMA_HISTORY_KEPT = 10000,        /* events kept for each breaker */
	SCHEMA_PRUNE_EVERY = 64,            /* events between two prunings */
};

/* schema_migrations[n] takes a store from version n to n + 1, in one transaction. Never change a released
 * one. */
extern const char *const schema_migrations[SCHEMA_VERSION];

#endif
