/*
 * kept_output.h: the last good standard output of each breaker, in a file of its
 * own beside the store: `<database>.output-<id>`.
 */
#ifndef CBRUN_STORE_LOCAL_KEPT_OUTPUT_H
#define CBRUN_STORE_LOCAL_KEPT_OUTPUT_H

#include "store/local/location.h"
#include "store/store.h"

/* As store_save_output(). */
bool kept_output_save(const struct location *location, int64_t id, const struct instant *at, store_reader *read,
                 void *context, struct error *error);

/*
 * Opens it: *fd, which the caller closes, is for kept_output_read(), *at tells
 * when it was kept. *fd is -1 if there is none. Fails if a byte is not what was
 * kept.
 */
bool kept_output_load(const struct location *location, int64_t id, int *fd, struct instant *at,
                 struct error *error);

/* As a store_reader. */
ssize_t kept_output_read(int fd, int64_t offset, void *bytes, size_t length);

/*
 * The breaker whose output has that name in the store's directory, or had it
 * while it was being written; 0 if the file is no output of this store.
 */
int64_t kept_output_id(const struct location *location, const char *name);

/* Removes it, if there is one. */
void kept_output_remove(const struct location *location, int64_t id);

#endif
