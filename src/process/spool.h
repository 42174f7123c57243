/*
 * spool.h: bytes kept for later: in memory up to a limit, then in a file that
 * has no name. Bytes are appended at the end and read at any place.
 */
#ifndef CBRUN_PROCESS_SPOOL_H
#define CBRUN_PROCESS_SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { SPOOL_IN_MEMORY = 1024 * 1024 };

/* Zeroed and with fd -1, it is empty. */
struct spool {
	char *memory; /* the first `in_memory` bytes */
	size_t capacity;
	int64_t in_memory;
	int64_t size; /* of all */
	int fd;       /* the file with the rest; -1 = none yet */
};

/* Appends. False with errno set: then nothing was appended. */
bool spool_append(struct spool *spool, const void *bytes, size_t length);

/* Reads at most `length` bytes at `offset`; returns how many, 0 at the end, -1 with errno set. */
ssize_t spool_read(const struct spool *spool, int64_t offset, void *bytes, size_t length);

/* Forgets all but the first `size` bytes. */
void spool_truncate(struct spool *spool, int64_t size);

/* Frees memory and file; the spool is empty then. */
void spool_free(struct spool *spool);

#endif
