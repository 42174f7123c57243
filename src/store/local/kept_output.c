/*
 * kept_output.c: written aside and renamed into place, so that a reader sees the old one or the new one whole.
 * Nothing is flushed: a power loss may leave the name with a part of the bytes, which their sum tells.
 */
#include "store/local/kept_output.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BLOCK = 64 * 1024, LIMIT = 16 * 1024 * 1024, FORMAT = 1 };

/* How the file begins. */
struct head {
	char magic[8]; /* "cbrunout" */
	int64_t format;
	struct instant at;
	uint64_t sum; /* of what stands before it, and of the output */
};

static const char magic[] = "cbrunout";

static void name_file(const struct location *location, int64_t id, char path[PATH_MAX + 64])
{
	snprintf(path, PATH_MAX + 64, "%s.output-%lld", location->database, (long long)id);
}

static bool write_all(int fd, const void *bytes, size_t length)
{
	const char *rest = bytes;
	while (length > 0) {
		ssize_t written = write(fd, rest, length);
		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return false;
		rest += written;
		length -= (size_t)written;
	}
	return true;
}

/* FNV-1a: http://www.isthe.com/chongo/tech/comp/fnv/ */
static uint64_t add_to_sum(uint64_t sum, const void *bytes, size_t length)
{
	const uint8_t *byte = bytes;
	for (size_t i = 0; i < length; i++)
		sum = (sum ^ byte[i]) * UINT64_C(0x100000001b3);
	return sum;
}

static uint64_t begin_sum(const struct head *head)
{
	return add_to_sum(UINT64_C(0xcbf29ce484222325), head, offsetof(struct head, sum));
}

/* Writes the output behind its head. The head comes last, since it has the sum. */
static bool write_file(int fd, struct head *head, store_reader *read, void *context)
{
	char bytes[BLOCK];
	int64_t offset = 0;
	ssize_t length;
	head->sum = begin_sum(head);
	if (lseek(fd, sizeof(*head), SEEK_SET) < 0)
		return false;
	while ((length = read(context, offset, bytes, sizeof(bytes))) > 0) {
		if (!write_all(fd, bytes, (size_t)length))
			return false;
		head->sum = add_to_sum(head->sum, bytes, (size_t)length);
		offset += length;
	}
	return length == 0 && lseek(fd, 0, SEEK_SET) == 0 && write_all(fd, head, sizeof(*head));
}

/* Reads the head, and checks everything behind it. */
static bool read_file(int fd, struct head *head)
{
	char bytes[BLOCK];
	ssize_t length;
	struct stat file;
	/* nobody keeps as much: rather none than an hour of reading */
	if (fstat(fd, &file) != 0 || file.st_size > LIMIT + (off_t)sizeof(*head))
		return false;
	if (read(fd, head, sizeof(*head)) != sizeof(*head))
		return false;
	uint64_t sum = begin_sum(head);
	while ((length = read(fd, bytes, sizeof(bytes))) > 0)
		sum = add_to_sum(sum, bytes, (size_t)length);
	return length == 0 && memcmp(head->magic, magic, sizeof(head->magic)) == 0 &&
	       head->format == FORMAT && head->sum == sum;
}

/*
 * Opens the file that is being made, one name for all, so that a killed process
 * leaves at most that. Its lock says who is writing it. Returns -1 with errno
 * EAGAIN if another process is, or was a moment ago: its output is as good.
 */
static int open_fresh(const char *path, mode_t mode)
{
	struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	struct stat opened;
	struct stat named;
	int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, mode);
	if (fd < 0)
		return -1;
	bool ours = fcntl(fd, F_OFD_SETLK, &whole) == 0 && fstat(fd, &opened) == 0 &&
	            stat(path, &named) == 0 && opened.st_ino == named.st_ino && S_ISREG(opened.st_mode);
	if (ours && ftruncate(fd, 0) == 0)
		return fd;
	close(fd);
	errno = EAGAIN;
	return -1;
}

bool kept_output_save(const struct location *location, int64_t id, const struct instant *at, store_reader *read,
                 void *context, struct error *error)
{
	char path[PATH_MAX + 64];
	char fresh[PATH_MAX + 96];
	struct head head = {.format = FORMAT, .at = *at};
	memcpy(head.magic, magic, sizeof(head.magic));
	name_file(location, id, path);
	snprintf(fresh, sizeof(fresh), "%s.new", path);
	int fd = open_fresh(fresh, location->mode);
	if (fd < 0 && errno == EAGAIN)
		return true;
	bool ok = fd >= 0 && write_file(fd, &head, read, context) && rename(fresh, path) == 0;
	int failure = errno;
	if (!ok && fd >= 0)
		unlink(fresh);
	if (fd >= 0)
		close(fd);
	return ok || error_set_errno(error, ERROR_STORE, failure, "cannot keep the output in %s", path);
}

bool kept_output_load(const struct location *location, int64_t id, int *fd, struct instant *at,
                 struct error *error)
{
	char path[PATH_MAX + 64];
	struct head head;
	name_file(location, id, path);
	*fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	if (*fd < 0)
		return errno == ENOENT ||
		       error_set_errno(error, ERROR_STORE, errno, "cannot read the output kept in %s", path);
	if (read_file(*fd, &head)) {
		*at = head.at;
		return true;
	}
	close(*fd);
	*fd = -1;
	return error_set(error, ERROR_STORE, "cannot read the output kept in %s: it is damaged", path);
}

ssize_t kept_output_read(int fd, int64_t offset, void *bytes, size_t length)
{
	return pread(fd, bytes, length, (off_t)(offset + (int64_t)sizeof(struct head)));
}

void kept_output_remove(const struct location *location, int64_t id)
{
	char path[PATH_MAX + 64];
	char fresh[PATH_MAX + 96];
	name_file(location, id, path);
	snprintf(fresh, sizeof(fresh), "%s.new", path);
	unlink(path);
	unlink(fresh);
}
