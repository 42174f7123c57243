/*
 * scratch.h: a directory for the files of one test, and a store's paths in it.
 */
#ifndef CBRUN_UNIT_SCRATCH_H
#define CBRUN_UNIT_SCRATCH_H

#include "store/local/location.h"
#include "unit.h"

#include <stdbool.h>
#include <stddef.h>

struct scratch {
	char path[PATH_MAX];
	struct location where; /* of a store "cbrun.db" that is not there yet */
};

/* Makes the directory. False, and the test fails, if it cannot be made. */
bool scratch_begin(struct scratch *scratch, struct unit *u);

/* Makes a file of these bytes at the path; a file that is there is replaced. */
bool scratch_write(const char *path, const void *bytes, size_t length);

bool scratch_exists(const char *path);

/* Removes the directory and the files in it. */
void scratch_end(struct scratch *scratch);

#endif
