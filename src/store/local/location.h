/*
 * location.h: where the store lives, and whether its files can be trusted.
 */
#ifndef CBRUN_STORE_LOCAL_LOCATION_H
#define CBRUN_STORE_LOCAL_LOCATION_H

#include "base/error.h"

#include <limits.h>
#include <stddef.h>
#include <sys/types.h>

enum { LOCATION_PATH_SIZE = PATH_MAX + 24, LOCATION_PATHS = 9 };

/*
 * The store's path, absolute, and the names that belong to it. It points into
 * itself, so it cannot be copied.
 */
struct location {
	const char *database;
	const char *wal;
	const char *shm;
	const char *journal; /* on a file system where there is no log */
	const char *permits;
	const char *fresh; /* a new database while it is being made */
	const char *directory;
	const char *given; /* the directory as it was given, links and all */
	bool exists; /* the directory does */
	bool create; /* the caller makes what is missing, and does not only look */
	mode_t mode; /* of new files: 0600, or 0660 in a directory that a group shares */
	size_t used;
	char names[LOCATION_PATHS *
	           LOCATION_PATH_SIZE]; /* back to back: a call pays for each page it touches */
};

/*
 * Finds the store: `given` (may be NULL), $STATE_DIRECTORY/cbrun.db, as root /var/lib/cbrun/cbrun.db,
 * $XDG_STATE_HOME/cbrun/cbrun.db, ~/.local/state/cbrun/cbrun.db. With `create`
 * a missing directory is made, mode 0700. Links to the directory are
 * resolved; links to the files are not followed. In a directory of mode 2770
 * the files are made for its group, whatever the umask.
 */
bool location_find(struct location *location, const char *given, bool create, struct error *error);

/* Gives `fresh` another name, because something else has the first one. */
void location_draw_fresh(struct location *location);

/*
 * Gives a file that this process has made the mode of the store, if a group
 * shares it: the umask of the user who makes a file must not shut the others out.
 */
void location_share(const struct location *location, int fd);

/* Flushes a directory's names to disk. */
bool location_flush(const char *directory, struct error *error);

/*
 * As root: refuses a directory, one above it, or a file of the store, that
 * another user owns or can write. A missing file is fine.
 */
bool location_check(const struct location *location, struct error *error);

/*
 * The same for a file beside the database that is open now, so that nobody can put another in its place meanwhile.
 * For other users too, unless they share the store, it must not belong to somebody else.
 */
bool location_check_open(const struct location *location, int fd, const char *path, struct error *error);

#endif
