/* files.c: making, installing and setting aside the store's files. */
#include "store/local/files.h"

#include "base/clock.h"
#include "store/local/mount.h"
#include "store/local/origin.h"
#include "store/local/orphans.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool files_present(const struct location *location, bool *present, struct error *error)
{
	struct mount_look file;
	const char *path = location->database;
	*present = false;
	if (!mount_look(path, &file))
		return errno == ENOENT ||
		       error_set_errno(error, ERROR_STORE, errno, "cannot look at %s", path);
	if (S_ISLNK(file.mode))
		return error_set(error, ERROR_STORE,
		                 "refusing the store %s: it is a symbolic link; name the file itself", path);
	if (!S_ISREG(file.mode))
		return error_set(error, ERROR_STORE, "cannot use the store %s: it is not a plain file", path);
	if (mount_is_point(path, &file))
		return error_set(error, ERROR_STORE,
		                 "refusing the store %s: only the file is mounted there, without its log and "
		                 "its permits; mount its directory",
		                 path);
	*present = file.size > 0;
	return true;
}

int64_t files_size(const char *path)
{
	struct stat status;
	return lstat(path, &status) == 0 ? status.st_size : 0;
}

static bool is_obstacle(const char *path)
{
	struct stat status;
	return lstat(path, &status) == 0 && !S_ISREG(status.st_mode);
}

const char *files_obstacle(const struct location *location)
{
	if (is_obstacle(location->wal))
		return location->wal;
	return is_obstacle(location->shm) ? location->shm : NULL;
}

bool files_has_log(const struct location *location)
{
	enum { READ_VERSION = 19, LOG = 2 }; /* https://sqlite.org/fileformat2.html, 1.3 */
	uint8_t header[READ_VERSION + 1] = {0};
	int fd = open(location->database, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return true;
	ssize_t length = read(fd, header, sizeof(header));
	close(fd);
	return length < (ssize_t)sizeof(header) || header[READ_VERSION] == LOG;
}

const char *files_network_kind(const struct location *location)
{
	return mount_network_kind(location->directory);
}

/* The process that has locked that byte of the log's index; 0 if none has: sqlite.org/walformat.html, 2.3. */
static pid_t index_locker(const struct location *location, off_t byte)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1};
	int fd = open(location->shm, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return 0;
	bool locked = fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
	close(fd);
	return locked ? lock.l_pid : 0;
}

pid_t files_writer(const struct location *location)
{
	enum { WRITE_LOCK = 120 };
	return index_locker(location, WRITE_LOCK);
}

static bool remove_file(const char *path, struct error *error)
{
	if (unlink(path) == 0 || errno == ENOENT)
		return true;
	return error_set_errno(error, ERROR_STORE, errno, "cannot remove %s", path);
}

/* The first of a database's files that is not left over; NULL if all are, or are missing. */
static const char *first_foreign(const char *const files[ORIGIN_KINDS])
{
	for (int kind = 0; kind < ORIGIN_KINDS; kind++)
		if (files[kind] != NULL && !origin_is_left_over(files[kind], (enum origin_kind)kind))
			return files[kind];
	return NULL;
}

/* Removes what a killed process left of a new database. False if it is not that, and keeps its name. */
static bool clear_fresh(const char *fresh)
{
	static const char *const endings[ORIGIN_KINDS] = {"", "-wal", "-shm", "-journal"};
	char names[ORIGIN_KINDS][LOCATION_PATH_SIZE + 16];
	const char *files[ORIGIN_KINDS];
	for (int kind = 0; kind < ORIGIN_KINDS; kind++) {
		snprintf(names[kind], sizeof(names[kind]), "%s%s", fresh, endings[kind]);
		files[kind] = names[kind];
	}
	if (first_foreign(files) != NULL)
		return false;
	for (int kind = 0; kind < ORIGIN_KINDS; kind++)
		if (unlink(files[kind]) != 0 && errno != ENOENT)
			return false;
	return true;
}

bool files_begin_fresh(struct location *location, struct error *error)
{
	const char *const old[ORIGIN_KINDS] = {NULL, location->wal, location->shm, location->journal};
	const char *foreign = first_foreign(old);
	if (foreign != NULL)
		return error_set(error, ERROR_STORE,
		                 "cannot make the store %s: %s is in the way, and is not cbrun's; remove it, "
		                 "or name another store with --store",
		                 location->database, foreign);
	if (!clear_fresh(location->fresh))
		location_draw_fresh(location);
	int fd = open(location->fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, location->mode);
	if (fd < 0)
		return error_set_errno(error, ERROR_STORE, errno, "cannot make the store %s",
		                       location->fresh);
	location_share(location, fd);
	close(fd);
	return true;
}

static bool flush_fresh(const struct location *location, struct error *error)
{
	int fd = open(location->fresh, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	bool ok = fd >= 0 && fdatasync(fd) == 0;
	if (!ok)
		error_set_errno(error, ERROR_STORE, errno, "cannot make the store %s", location->fresh);
	if (fd >= 0)
		close(fd);
	return ok;
}

static bool is_there(const char *path)
{
	return access(path, F_OK) == 0;
}

bool files_install_fresh(const struct location *location, struct error *error)
{
	bool left_over = is_there(location->wal) || is_there(location->journal);
	if (!flush_fresh(location, error))
		return false;
	if (!remove_file(location->wal, error) || !remove_file(location->shm, error) ||
	    !remove_file(location->journal, error))
		return false;
	/* else a power loss might leave that log beside the new database, and SQLite would apply it */
	if (left_over && !location_flush(location->directory, error))
		return false;
	if (rename(location->fresh, location->database) != 0)
		return error_set_errno(error, ERROR_STORE, errno, "cannot make the store %s",
		                       location->database);
	orphans_remove_all(location);
	return true;
}

bool files_set_aside(const struct location *location, char *notice, size_t size, struct error *error)
{
	char time[CLOCK_TEXT_SIZE];
	char aside[PATH_MAX + 64];
	char log[sizeof(aside) + 8];
	if (!origin_check(location, error))
		return false;
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
