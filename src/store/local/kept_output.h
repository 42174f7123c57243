/*
 * kept_output.h: what is kept of each breaker's calls, in files of their own
 * beside the store: `<database>.output-<id>`, with `.first` and `.last` appended
 * for calls that have failed.
 */
#ifndef CBRUN_STORE_LOCAL_KEPT_OUTPUT_H
#define CBRUN_STORE_LOCAL_KEPT_OUTPUT_H

#include "store/local/location.h"
#include "store/store.h"

struct kept_output {
	int64_t id; /* the breaker's */
	enum store_output_kind kind;
	struct instant at; /* when it was kept */
	int64_t number;    /* of a failure */
	int fd;            /* of one that was loaded */
	int64_t start;     /* where in the file it begins */
};

/* As store_save_output(): all but the last two members are given. */
bool kept_output_save(const struct location *location, const struct kept_output *output, store_reader *read,
                      void *context, struct error *error);

/*
 * Opens it, by id and kind; the rest is filled in, and is to be closed if it is
 * `present`. Fails if a byte is not what was kept.
 */
bool kept_output_load(const struct location *location, struct kept_output *output, bool *present,
                      struct error *error);
void kept_output_close(const struct kept_output *output);

/* As a store_reader. */
ssize_t kept_output_read(const struct kept_output *output, int64_t offset, void *bytes, size_t length);

/*
 * The breaker whose output has that name in the store's directory, or had it
 * while it was being written; 0 if the file is no output of this store.
 */
int64_t kept_output_id(const struct location *location, const char *name);

/* Removes all that is kept of a breaker. */
void kept_output_remove(const struct location *location, int64_t id);

#endif
