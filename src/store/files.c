/* files.c: making, installing and setting aside the store's files. */
#include "store/files.h"

#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

bool files_present(const struct location *location, bool *present, struct error *error)
{
	struct stat status;
	const char *path = location->database;
	*present = false;
	if (lstat(path, &status) != 0)
		return errno == ENOENT ||
		       error_set_errno(error, ERROR_STORE, errno, "cannot look at %s", path);
	if (S_ISLNK(status.st_mode))
		return error_set(error, ERROR_STORE,
		                 "refusing the store %s: it is a symbolic link; name the file itself", path);
	if (!S_ISREG(status.st_mode))
		return error_set(error, ERROR_STORE, "cannot use the store %s: it is not a plain file", path);
	*present = status.st_size > 0;
	return true;
}

int64_t files_size(const char *path)
{
	struct stat status;
	return lstat(path, &status) == 0 ? status.st_size : 0;
}

bool files_exist(const char *path)
{
	struct stat status;
	return lstat(path, &status) == 0;
}

static bool remove_file(const char *path, struct error *error)
{
	if (unlink(path) == 0 || errno == ENOENT)
		return true;
	return error_set_errno(error, ERROR_STORE, errno, "cannot remove %s", path);
}

bool files_begin_fresh(const struct location *location, struct error *error)
{
	char log[sizeof(location->fresh) + 8];
	if (!remove_file(location->fresh, error))
		return false;
	snprintf(log, sizeof(log), "%s-wal", location->fresh);
	if (!remove_file(log, error))
		return false;
	snprintf(log, sizeof(log), "%s-shm", location->fresh);
	if (!remove_file(log, error))
		return false;
	int fd = open(location->fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return error_set_errno(error, ERROR_STORE, errno, "cannot make the store %s",
		                       location->fresh);
	close(fd);
	return true;
}

static bool flush_directory(const char *path, struct error *error)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool ok = fd >= 0 && fsync(fd) == 0;
	if (!ok)
		error_set_errno(error, ERROR_STORE, errno, "cannot flush the directory %s", path);
	if (fd >= 0)
		close(fd);
	return ok;
}

bool files_install_fresh(const struct location *location, struct error *error)
{
	if (!remove_file(location->wal, error) || !remove_file(location->shm, error))
		return false;
	if (rename(location->fresh, location->database) != 0)
		return error_set_errno(error, ERROR_STORE, errno, "cannot make the store %s",
		                       location->database);
	return flush_directory(location->directory, error);
}

bool files_set_aside(const struct location *location, char *notice, size_t size, struct error *error)
{
	char time[CLOCK_TEXT_SIZE];
	char aside[PATH_MAX + 64];
	char log[sizeof(aside) + 8];
	clock_format_utc(clock_wall_ms(), time);
	snprintf(aside, sizeof(aside), "%s.corrupt-%s", location->database, time);
	snprintf(log, sizeof(log), "%s-wal", aside);
	if (rename(location->wal, log) != 0 && errno != ENOENT)
		return error_set_errno(error, ERROR_STORE, errno, "cannot set aside the log %s",
		                       location->wal);
	if (rename(location->database, aside) != 0)
		return error_set_errno(error, ERROR_STORE, errno, "cannot set aside the store %s",
		                       location->database);
	snprintf(notice, size, "the store %s was damaged; set aside as %s, starting with a fresh one",
	         location->database, aside);
	return remove_file(location->shm, error);
}
