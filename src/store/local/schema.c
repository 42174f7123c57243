/*
 * schema.c: ordered migrations. A breaker's id is drawn at random, so that
 * none is used again for one of the same name; `recent` holds
 * its newest events, see history.h.
 */
#include "store/local/schema.h"

#include <stdio.h>

/* migrations[n] takes a store from version n to n + 1. Never change a released one. */
static const char *const migrations[SCHEMA_VERSION] = {
	[0] = "CREATE TABLE breaker(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, record BLOB NOT NULL);"
	      "CREATE TABLE event(breaker INTEGER, seq INTEGER, record BLOB NOT NULL, PRIMARY KEY(breaker, "
	      "seq)) WITHOUT ROWID;",
	[1] = "ALTER TABLE breaker ADD COLUMN recent BLOB NOT NULL DEFAULT x'';",
};

enum sqlite_result schema_migrate(struct sqlite *db, int version)
{
	char pragma[64];
	enum sqlite_result result = SQLITE_RESULT_OK;
	for (; version < SCHEMA_VERSION && result == SQLITE_RESULT_OK; version++)
		result = sqlite_script(db, migrations[version]);
	snprintf(pragma, sizeof(pragma), "PRAGMA user_version = %d", SCHEMA_VERSION);
	return result == SQLITE_RESULT_OK ? sqlite_script(db, pragma) : result;
}
