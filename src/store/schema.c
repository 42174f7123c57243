/* schema.c: ordered migrations. */
#include "store/schema.h"

const char *const schema_migrations[SCHEMA_VERSION] = {
	/* ids are drawn at random, so that a removed breaker's bytes of the permits file are not used again
         */
	[0] = "CREATE TABLE breaker(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, record BLOB NOT NULL);"
	      "CREATE TABLE event(breaker INTEGER, seq INTEGER, record BLOB NOT NULL, PRIMARY KEY(breaker, "
              "seq))"
	      " WITHOUT ROWID;",
};
