/* output.c: written aside and renamed into place, so that a reader sees the old one or the new one whole. */
#include "store/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BLOCK = 64 * 1024, FORMAT = 1 };

/* How the file begins. */
struct head {
	char magic[8]; /* "cbrunout" */
	int64_t format;
	struct instant at;
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

static bool copy(int fd, store_reader *read, void *context)
{
	char bytes[BLOCK];
	int64_t offset = 0;
	ssize_t length;
	while ((length = read(context, offset, bytes, sizeof(bytes))) > 0) {
		if (!write_all(fd, bytes, (size_t)length))
			return false;
		offset += length;
	}
	return length == 0;
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

bool output_save(const struct location *location, int64_t id, const struct instant *at, store_reader *read,
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
	bool ok = fd >= 0 && write_all(fd, &head, sizeof(head)) && copy(fd, read, context) &&
	          rename(fresh, path) == 0;
	int failure = errno;
	if (!ok && fd >= 0)
		unlink(fresh);
	if (fd >= 0)
		close(fd);
	return ok || error_set_errno(error, ERROR_STORE, failure, "cannot keep the output in %s", path);
}

bool output_load(const struct location *location, int64_t id, int *fd, struct instant *at,
                 struct error *error)
{
	char path[PATH_MAX + 64];
	struct head head;
	name_file(location, id, path);
	*fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	if (*fd < 0)
		return errno == ENOENT ||
		       error_set_errno(error, ERROR_STORE, errno, "cannot read the output kept in %s", path);
	bool ok = read(*fd, &head, sizeof(head)) == sizeof(head) &&
	          memcmp(head.magic, magic, sizeof(head.magic)) == 0 && head.format == FORMAT;
	if (ok) {
		*at = head.at;
		return true;
	}
	close(*fd);
	*fd = -1;
	return error_set(error, ERROR_STORE, "cannot read the output kept in %s: it is damaged", path);
}

void output_remove(const struct location *location, int64_t id)
{
	char path[PATH_MAX + 64];
	char fresh[PATH_MAX + 96];
	name_file(location, id, path);
	snprintf(fresh, sizeof(fresh), "%s.new", path);
	unlink(path);
	unlink(fresh);
}
