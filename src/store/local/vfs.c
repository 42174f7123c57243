/* vfs.c: how SQLite uses the system, where its own way does not suit short calls. */
#include "store/local/vfs.h"

#include "base/clock.h"
#include "store/local/index.h"

#include <sqlite3.h>
#include <stdio.h>
#include <unistd.h>

/* What SQLite's calls of the system do not tell: for which connection they are. */
static struct vfs_user user;

/*
 * Where locks do not work at all, SQLite sleeps for ten seconds in sum before it
 * gives up, outside the busy handler. It shall not take longer than any lock.
 */
static int sleep_patiently(sqlite3_vfs *vfs, int microseconds)
{
	int64_t rest_us = *user.deadline_us - clock_boot_us();
	(void)vfs;
	if (rest_us > 0)
		clock_sleep_us(microseconds < rest_us ? microseconds : rest_us);
	return microseconds;
}

bool vfs_read(sqlite3 *db, int which, void *bytes, int length, int64_t offset)
{
	sqlite3_file *file = NULL;
	sqlite3_file_control(db, "main", which, &file);
	if (file == NULL || file->pMethods == NULL)
		return false;
	int rc = file->pMethods->xRead(file, bytes, length, offset);
	return rc == SQLITE_OK || rc == SQLITE_IOERR_SHORT_READ;
}

/* Whether the index that is there may be kept. Nobody else is connected. */
static bool index_is_sound(int fd, uint32_t mark)
{
	uint8_t head[INDEX_HEAD];
	uint8_t end[INDEX_LOG_END];
	if (mark == 0 || pread(fd, head, sizeof(head), 0) != (ssize_t)sizeof(head))
		return false;
	int64_t last = index_last_frame(head, mark);
	return last >= 0 && vfs_read(*user.db, SQLITE_FCNTL_JOURNAL_POINTER, end, sizeof(end), last) &&
	       index_fits(head, end);
}

/*
 * The first who connects makes the log's index invalid, so that it is made anew,
 * by cutting it to three bytes. Its pages must then be given back and found
 * again, which is a twentieth of a call. An index whose header is zero is as
 * invalid: https://sqlite.org/walformat.html, 2.1 and 2.2. Where there is no room
 * for these zeros it is cut after all, and SQLite finds out what is wrong. See
 * index.h for when it is kept.
 */
static int begin_index(int fd, off_t length)
{
	enum { INVALID_LENGTH = 3 };
	uint8_t head[INDEX_HEAD];
	if (length != INVALID_LENGTH)
		return ftruncate(fd, length);
	uint32_t mark = index_mark(fd, user.boot_id);
	if (index_is_sound(fd, mark))
		return 0;
	index_clear(head, mark);
	return pwrite(fd, head, sizeof(head), 0) == (ssize_t)sizeof(head) ? 0 : ftruncate(fd, length);
}

/* SQLite would look at each directory on the way. The store's path is absolute and without links: see location.h. */
static int keep_path(sqlite3_vfs *vfs, const char *path, int size, char *full)
{
	(void)vfs;
	return snprintf(full, (size_t)size, "%s", path) < size ? SQLITE_OK : SQLITE_CANTOPEN;
}

/* As root, SQLite gives its files to the owner of the database. Where we are root, that is root. */
static uid_t no_root(void)
{
	return 1;
}

/* The usual layer, but for these. */
static void adapt(void)
{
	static sqlite3_vfs vfs;
	sqlite3_vfs *usual = sqlite3_vfs_find(NULL);
	if (usual == NULL || usual == &vfs)
		return;
	vfs = *usual;
	vfs.zName = "cbrun";
	vfs.xSleep = sleep_patiently;
	vfs.xFullPathname = keep_path;
	vfs.xSetSystemCall(usual, "ftruncate", (sqlite3_syscall_ptr)begin_index);
	vfs.xSetSystemCall(usual, "geteuid", (sqlite3_syscall_ptr)no_root);
	sqlite3_vfs_register(&vfs, true);
}

void vfs_use(struct vfs_user next)
{
	user = next;
	adapt();
}
