/*
 * vfs.h: the layer between SQLite and the system (https://sqlite.org/vfs.html).
 * It is SQLite's own, but for this: no wait is longer than the caller's, the
 * log's index is begun anew at less cost, paths are taken as they are, and root
 * gives its files to nobody.
 */
#ifndef CBRUN_STORE_LOCAL_VFS_H
#define CBRUN_STORE_LOCAL_VFS_H

#include <stdbool.h>
#include <stdint.h>

/* The connection that is to be opened, and for which this layer works from then on. All belongs to the caller, and must stay. */
struct vfs_user {
	struct sqlite3 *const *db;
	const int64_t *deadline_us; /* how long to wait for others, by clock_boot_us() */
	uint64_t boot_id;
};

void vfs_use(struct vfs_user user);

/*
 * Reads from a file of the database, past SQLite's cache; which it is, SQLITE_FCNTL_FILE_POINTER or
 * SQLITE_FCNTL_JOURNAL_POINTER says. What is behind its end is zero.
 */
bool vfs_read(struct sqlite3 *db, int which, void *bytes, int length, int64_t offset);

#endif
