/*
 * replacement.h: a file that is replaced as a whole. Whoever reads it finds what
 * was there before, or all that is new.
 *
 * The new file is written in the same directory, without a name if the file system
 * allows that. Signals are blocked meanwhile, so that none leaves it behind.
 */
#ifndef CBRUN_BASE_REPLACEMENT_H
#define CBRUN_BASE_REPLACEMENT_H

#include "base/error.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <sys/types.h>

struct replacement {
	const char *path; /* the caller's */
	FILE *file;       /* to write to; NULL: it has not begun, or has ended */
	bool unnamed;     /* the new file has no name yet */
	char fresh[PATH_MAX]; /* the name that it has, or will have, until it gets its own */
	sigset_t signals; /* the mask before */
};

/*
 * Begins to replace the file at `path`, which may be missing. Refuses
 * anything but a plain file. On true, one of the two below must follow.
 */
bool replacement_begin(struct replacement *r, const char *path, struct error *error);

/* Puts what was written into place, with this mode. If that fails, the old file is still there, and nothing else. */
bool replacement_commit(struct replacement *r, mode_t mode, struct error *error);

/* Leaves the old file as it is. Fine if it has not begun. */
void replacement_abandon(struct replacement *r);

#endif
