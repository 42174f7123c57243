/* schema.c: ordered migrations. */
#include "store/schema.h"

const char *const schema_migrations[SCHEMA_VERSION] = {
	/* AUTOINCREMENT: a removed breaker's id, and so its bytes of the permits file, are never used again.
         */
	[0] = "CREATE TABLE breaker("
	      " id INTEGER PRIMARY KEY AUTOINCREMENT,"
	      " name TEXT NOT NULL UNIQUE,"
	      " record BLOB NOT NULL"
	      ") STRICT;"
	      "CREATE TABLE event("
	      " breaker INTEGER NOT NULL REFERENCES breaker(id),"
	      " seq INTEGER NOT NULL,"
	      " record BLOB NOT NULL,"
	      " PRIMARY KEY(breaker, seq)"
	      ") STRICT, WITHOUT ROWID;",
};
