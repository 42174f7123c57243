/*
 * origin.h: whether the files at the store's paths are cbrun's own, judging by their contents. A path may be
 * mistyped, and what was never ours is not ours to move or to remove.
 */
#ifndef CBRUN_STORE_LOCAL_ORIGIN_H
#define CBRUN_STORE_LOCAL_ORIGIN_H

#include "base/error.h"
#include "store/local/location.h"

/*
 * Whether the database is ours: its header has our mark; or it has no other program's, and an empty permits file
 * is beside it. If not, sets the error. Closes a descriptor of the database, which costs SQLite its locks on it.
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
