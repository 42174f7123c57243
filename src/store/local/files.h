/*
 * files.h: the store's files as a whole: makes them, puts them into place, sets them aside.
 * All functions but the first three need the maintenance lock of the permits file.
 */
#ifndef CBRUN_STORE_LOCAL_FILES_H
#define CBRUN_STORE_LOCAL_FILES_H

#include "base/error.h"
#include "store/local/location.h"

#include <stddef.h>
#include <stdint.h>

/*
 * Whether a database file is there. An empty one counts as missing. Anything
 * but a plain file is an error, and so is one that is mounted by itself, as a
 * container's volume: what lies beside it would be another's.
 */
bool files_present(const struct location *location, bool *present, struct error *error);

/* The size of the file at path in bytes; 0 if it is missing. */
int64_t files_size(const char *path);

/* Whether the database's header says that it has a write-ahead log. */
bool files_has_log(const struct location *location);

/*
 * The name of the file system's kind if the directory lies on one that several
 * hosts may share ("nfs"), where a write-ahead log does not work; else NULL.
 */
const char *files_network_kind(const struct location *location);

/* The path of a log or its index that is there and no plain file, so that SQLite cannot use it; else NULL. */
const char *files_obstacle(const struct location *location);

/* The process that is writing to a database with a log; 0 if none is. Not while this one is connected. */
pid_t files_writer(const struct location *location);

/*
 * Makes an empty file for the new database, and clears what a killed process left of one. Fails if what lies
 * in the place of its log is another program's.
 */
bool files_begin_fresh(struct location *location, struct error *error);

/*
 * Puts the new database into place, flushed, and removes the log and the outputs of one that was deleted. Its
 * name is not flushed: see location_flush().
 */
bool files_install_fresh(const struct location *location, struct error *error);

/*
 * Renames a damaged database and its log to `<database>.corrupt-<time>`, and
 * says so in `notice`. Fails if it is not ours; see origin_check().
 */
bool files_set_aside(const struct location *location, char *notice, size_t size, struct error *error);

#endif
