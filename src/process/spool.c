/* spool.c: memory first, then an unlinked file. */
#include "process/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FIRST_CAPACITY = 4096 };

static bool grow(struct spool *s, size_t needed)
{
	size_t capacity = s->capacity > 0 ? s->capacity : FIRST_CAPACITY;
	while (capacity < needed)
		capacity *= 2;
	if (capacity == s->capacity)
		return true;
	char *memory = realloc(s->memory, capacity);
	if (memory == NULL)
		return false;
	s->memory = memory;
	s->capacity = capacity;
	return true;
}

/* Opens a file without a name, in $TMPDIR or /tmp. Returns -1 with errno set. */
static int open_unnamed(void)
{
	const char *directory = getenv("TMPDIR");
	char path[PATH_MAX];
	if (directory == NULL || directory[0] != '/')
		directory = "/tmp";
	int fd = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR))
		return fd;
	/* not every file system knows O_TMPFILE */
	snprintf(path, sizeof(path), "%s/cbrun-XXXXXX", directory);
	fd = mkostemp(path, O_CLOEXEC);
	if (fd >= 0)
		unlink(path);
	return fd;
}

static bool append_to_file(struct spool *s, const char *bytes, size_t length)
{
	int64_t offset = s->size - s->in_memory;
	size_t done = 0;
	if (s->fd < 0)
		s->fd = open_unnamed();
	if (s->fd < 0)
		return false;
	while (done < length) {
		ssize_t written = pwrite(s->fd, bytes + done, length - done, offset + (int64_t)done);
		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return false;
		done += (size_t)written;
	}
	s->size += (int64_t)length;
	return true;
}

bool spool_append(struct spool *s, const void *bytes, size_t length)
{
	bool fits = s->size == s->in_memory && s->size + (int64_t)length <= SPOOL_IN_MEMORY;
	if (!fits)
		return append_to_file(s, bytes, length);
	if (!grow(s, (size_t)s->size + length))
		return false;
	memcpy(s->memory + s->size, bytes, length);
	s->size += (int64_t)length;
	s->in_memory = s->size;
	return true;
}

ssize_t spool_read(const struct spool *s, int64_t offset, void *bytes, size_t length)
{
	if (offset >= s->size)
		return 0;
	/* the file itself does not tell the end: spool_truncate() leaves it as long as it was */
	bool in_memory = offset < s->in_memory;
	int64_t rest = (in_memory ? s->in_memory : s->size) - offset;
	if ((int64_t)length > rest)
		length = (size_t)rest;
	if (!in_memory)
		return pread(s->fd, bytes, length, offset - s->in_memory);
	memcpy(bytes, s->memory + offset, length);
	return (ssize_t)length;
}

void spool_truncate(struct spool *s, int64_t size)
{
	if (s->in_memory > size)
		s->in_memory = size;
	s->size = size;
}

void spool_free(struct spool *s)
{
	free(s->memory);
	if (s->fd >= 0)
		close(s->fd);
	*s = (struct spool){.fd = -1};
}
