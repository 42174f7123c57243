/*
 * origin.h: whether what lies at the store's paths is cbrun's own, told by what it holds. A path may be
 * mistyped, and what was never ours is not ours to move or to remove.
 */
#ifndef CBRUN_STORE_LOCAL_ORIGIN_H
#define CBRUN_STORE_LOCAL_ORIGIN_H

#include "base/error.h"
#include "store/local/location.h"

/*
 * Whether the database is ours: its header has our mark, or an empty permits file lies beside a header that
 * has no other program's. If not, sets the error. Closes a descriptor of the database, which costs SQLite
 * its locks on it.
 */
bool origin_check(const struct location *location, struct error *error);

/* What SQLite writes, a database and the files beside it. */
enum origin_kind {
	ORIGIN_DATABASE, /* with our mark */
	ORIGIN_LOG,
	ORIGIN_INDEX,
	ORIGIN_JOURNAL,
	ORIGIN_KINDS, /* how many there are */
};

/* Whether the path may be removed: nothing is there, an empty file, or one of that kind. */
bool origin_is_left_over(const char *path, enum origin_kind kind);

#endif
