/*
 * schema.c: ordered migrations. A breaker's id is drawn at random, so that a
 * removed one's bytes of the permits file are not used again; `recent` holds
 * its newest events, see history.h.
 */
#include "store/local/schema.h"

const char *const schema_migrations[SCHEMA_VERSION] = {
	[0] = "CREATE TABLE breaker(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, record BLOB NOT NULL);"
	      "CREATE TABLE event(breaker INTEGER, seq INTEGER, record BLOB NOT NULL, PRIMARY KEY(breaker, "
	      "seq)) WITHOUT ROWID;",
	[1] = "ALTER TABLE breaker ADD COLUMN recent BLOB NOT NULL DEFAULT x'';",
};
