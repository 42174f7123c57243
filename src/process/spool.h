/*
 * spool.h: bytes kept for later, in memory up to a limit and beyond it in a
 * file without a name. Bytes are appended at the end and read anywhere.
 */
#ifndef CBRUN_PROCESS_SPOOL_H
#define CBRUN_PROCESS_SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { SPOOL_IN_MEMORY = 1024 * 1024 };

/* Zeroed but with fd -1, it is empty. */
struct spool {
	char *memory; /* the first `in_memory` bytes */
	size_t capacity;
	int64_t in_memory;
	int64_t size; /* in bytes, those in the file included */
	int fd;       /* the file; -1 = not needed yet */
};

/* Appends a copy of the bytes. Returns false with errno set; then the spool is as it was. */
bool spool_append(struct spool *spool, const void *bytes, size_t length);

/* Reads at most `length` bytes at `offset`. Returns how many, 0 at the end, or -1 with errno set. */
ssize_t spool_read(const struct spool *spool, int64_t offset, void *bytes, size_t length);

/* Forgets all but the first `size` bytes, of which there must be as many. */
void spool_truncate(struct spool *spool, int64_t size);

/* Frees the memory and closes the file. The spool is empty then. */
void spool_free(struct spool *spool);

#endif
