/*
 * checkpoint.c: checkpoints that hold nobody up.
 *
 * A checkpoint flushes the log, copies it into the database and flushes that.
 * With a slow disk this takes long, so others must be able to append to the
 * log meanwhile: it is a PASSIVE one, which does not take the write lock.
 *
 * But up to version 3.51.2 SQLite may damage a database if a writer begins the
 * log anew just when a checkpoint begins: https://sqlite.org/wal.html#walresetbug.
 * For that a writer must have all of READ_LOCK 1 to 4 for itself. So we hold
 * the last of them while we checkpoint. And nobody but us checkpoints meanwhile,
 * since we hold the readers' byte of the permits file. For SQLite we are a reader
 * then, of what that lock's mark says: one that was left by a reader who is gone
 * would keep the rest of the log from being copied, this time and every time. So
 * we erase it, as SQLite does with the marks of locks that nobody holds.
 *
 * A log that was copied stays as long as it is, until a writer begins it anew.
 * One who makes the index anew knows nothing of the copying and reads all of
 * it. So who leaves as the last empties it: there is nothing left to copy
 * and to flush then, so the write lock that this takes is held for a moment.
 * A writer who comes first makes SQLite copy instead, which we interrupt.
 */
#include "store/local/checkpoint.h"

#include "store/local/files.h"
#include "store/local/index.h"
#include "store/local/lock.h"
#include "store/local/readers.h"

#include <fcntl.h>
#include <unistd.h>

/* In frames, of one page each: where nobody else is connected, and where others are. */
enum { LONG_ALONE = 32, LONG_IN_COMPANY = 1000 };

/* Bytes of the log's index that SQLite locks: https://sqlite.org/walformat.html, 2.3 */
enum { LAST_READ_LOCK = 127, CONNECTED = 128 };

/* The index, opened beside SQLite. It is closed after SQLite's connection: closing it drops SQLite's locks. */
static bool open_index(struct connection *c)
{
	if (c->index < 0)
		c->index = open(c->where.shm, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	return c->index >= 0;
}

static bool others_are_connected(const struct connection *c)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = CONNECTED, .l_len = 1};
	return fcntl(c->index, F_GETLK, &lock) != 0 || lock.l_type != F_UNLCK;
}

static bool set_last_read_lock(const struct connection *c, short type)
{
	return lock_set(c->index, type, LAST_READ_LOCK, 1);
}

/* For us alone and without a mark; or beside a reader, up to whose mark the log is then copied. */
static bool take_last_read_lock(const struct connection *c)
{
	const uint32_t no_mark = UINT32_MAX;
	if (!set_last_read_lock(c, F_WRLCK))
		return set_last_read_lock(c, F_RDLCK);
	if (pwrite(c->index, &no_mark, sizeof(no_mark), INDEX_LAST_READ_MARK) == (ssize_t)sizeof(no_mark))
		return true;
	set_last_read_lock(c, F_UNLCK);
	return false;
}

static void copy_log(struct connection *c)
{
	if (!take_last_read_lock(c)) /* a writer begins the log anew just now */
		return;
	bool all = sqlite_checkpoint(c->db, SQLITE_CHECKPOINT_COPY);
	set_last_read_lock(c, F_UNLCK);
	if (all && !others_are_connected(c))
		sqlite_checkpoint(c->db, SQLITE_CHECKPOINT_EMPTY);
}

void checkpoint_if_due(struct connection *c)
{
	int frames = sqlite_log_frames(c->db);
	if (frames < LONG_ALONE || !open_index(c))
		return;
	if (frames < LONG_IN_COMPANY && others_are_connected(c))
		return;
	if (!readers_keep_out(&c->permits))
		return;
	copy_log(c);
	readers_leave(&c->permits);
}
