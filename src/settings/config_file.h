/*
 * config_file.h: configuration files.
 *
 *   [default]           values for every breaker
 *   [breaker NAME]      for this one; NAME may be a glob of * and ?
 *
 * Keys are the long names of options. For a breaker, its own section overrides the
 * longest glob that matches, and that overrides [default]; of sections of the same
 * rank in two files, the user's overrides the system's.
 */
#ifndef CBRUN_SETTINGS_CONFIG_FILE_H
#define CBRUN_SETTINGS_CONFIG_FILE_H

#include "base/array.h"
#include "base/error.h"
#include "base/lines.h"
#include "settings/options.h"

#include <stddef.h>

/* One key of a configuration file. */
struct config_entry {
	const struct option_row *row;
	char *text;
	const char *file; /* the path; owned by the config */
	int line;
	char *pattern; /* of [breaker PATTERN]; NULL in [default] */
};

/* What all the files say. Zeroed, it is empty; config_file_free() frees it. */
struct config_files {
	struct array entries; /* struct config_entry, in the order of the files, the system's first */
	char *paths[2];
	int path_count;
	bool lenient; /* a mistake becomes a remark, and its line is ignored */
	struct lines remarks; /* what the user should be told */
};

/*
 * Reads `given`, or if that is NULL the usual files: /etc/cbrun.conf and the
 * user's ($XDG_CONFIG_HOME/cbrun/cbrun.conf), if they exist. As root,
 * refuses a file that another user owns, can write or can replace.
 *
 * In a file that is given, every line must make sense. The usual ones must not
 * stop all jobs of a machine: a mistake there, or a file that is refused or cannot
 * be opened, becomes a remark. On false the config is freed.
 */
bool config_file_read(struct config_files *config, const char *given, struct error *error);

/* The same, but what is given is read as leniently as the usual files, if it can be opened. */
bool config_file_examine(struct config_files *config, const char *given, struct error *error);

void config_file_free(struct config_files *config);

/* The entry of that number, counting from 0. */
const struct config_entry *config_file_entry(const struct config_files *config, size_t number);

/*
 * The entries that count for the breaker `name` (NULL: for none in
 * particular), the weakest first. Returns a new array of *count pointers, which
 * the caller frees; NULL if out of memory.
 */
const struct config_entry **config_file_select(const struct config_files *config, const char *name, size_t *count);

#endif
