/* connection.c: opening the database, and looking at what it holds before it is used. */
#include "store/local/connection.h"

#include "base/clock.h"
#include "base/units.h"
#include "store/local/checkpoint.h"
#include "store/local/files.h"
#include "store/local/lock.h"
#include "store/local/mapping.h"
#include "store/local/readers.h"
#include "store/local/repair.h"
#include "store/local/schema.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { SMALLEST_DATABASE = 512 };

void connection_init(struct connection *c, const struct store_options *options, struct lines *remarks)
{
	/* not `*c = ...`: the paths are large, and every call pays for clearing them */
	c->access = options->access;
	c->lock_timeout_ms = options->lock_timeout_ms;
	c->remarks = remarks;
	c->deadline_us = 0;
	c->patience_ms = 0;
	c->boot_id = clock_boot_id();
	c->permits.fd = -1;
	c->db = NULL;
	c->lost = false;
	c->trusted = false;
	c->used = false;
	c->replaced = false;
	c->log = false;
	c->reading = false;
	c->index = -1;
	c->cut_short = false;
	c->older_schema = 0;
}

void connection_start_waiting(struct connection *c, int64_t until_us)
{
	c->deadline_us = clock_boot_us() + c->lock_timeout_ms * US_PER_MS;
	c->patience_ms = c->lock_timeout_ms;
	if (until_us == 0 || until_us >= c->deadline_us)
		return;
	c->deadline_us = until_us;
	c->patience_ms = connection_rest_ms(c);
}

int64_t connection_rest_ms(const struct connection *c)
{
	int64_t rest_us = c->deadline_us - clock_boot_us();
	return rest_us > 0 ? rest_us / US_PER_MS : 0;
}

static void checkpoint(void *context)
{
	checkpoint_if_due(context);
}

static void close_database(void *context)
{
	struct connection *c = context;
	sqlite_rollback(c->db);
	checkpoint_if_due(c);
	sqlite_close(c->db);
}

void connection_disconnect(struct connection *c)
{
	if (c->db != NULL && !mapping_guard(close_database, c)) {
		sqlite_lose(c->db);
		c->lost = true;
	}
	c->db = NULL;
	c->trusted = false;
	if (c->index >= 0)
		close(c->index);
	c->index = -1;
	if (c->reading)
		readers_leave(&c->permits);
	c->reading = false;
}

bool connection_lose(struct connection *c, struct error *error)
{
	sqlite_lose(c->db);
	c->db = NULL;
	c->lost = true;
	return connection_fail(c, SQLITE_RESULT_FAILED, error, "use");
}

void connection_end(struct connection *c)
{
	if (c->db == NULL)
		return;
	if (c->access == STORE_READ)
		connection_disconnect(c);
	else
		sqlite_rollback(c->db);
}

/* Reads how the log begins. Without one it is all zeros, as an empty one. */
static void read_log_head(const struct connection *c, uint8_t head[CONNECTION_LOG_HEAD])
{
	int fd = open(c->where.wal, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	memset(head, 0, CONNECTION_LOG_HEAD);
	if (fd < 0)
		return;
	if (read(fd, head, CONNECTION_LOG_HEAD) != CONNECTION_LOG_HEAD)
		memset(head, 0, CONNECTION_LOG_HEAD);
	close(fd);
}

/* A writer that begins the log anew, over what we may be reading, writes its header first. */
bool connection_is_consistent(const struct connection *c)
{
	uint8_t head[CONNECTION_LOG_HEAD];
	static const uint8_t none[CONNECTION_LOG_HEAD];
	if (!c->reading || !c->log || memcmp(c->log_head, none, sizeof(none)) == 0)
		return true;
	read_log_head(c, head);
	return memcmp(c->log_head, head, sizeof(head)) == 0;
}

bool connection_flush(const struct connection *c, struct error *error)
{
	if (!c->log) /* each commit has flushed */
		return true;
	int fd = open(c->where.wal, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	bool ok = fd >= 0 && fdatasync(fd) == 0;
	if (!ok)
		error_set_errno(error, ERROR_STORE, errno, "cannot flush the log %s", c->where.wal);
	if (fd >= 0)
		close(fd);
	return ok;
}

static bool disk_is_full(const struct connection *c)
{
	struct statvfs space;
	return statvfs(c->where.directory, &space) == 0 && space.f_bavail == 0;
}

/* The log's index is mapped memory without a file behind it: it could not be made longer, or it was cut short. */
static bool fail_lost(const struct connection *c, struct error *error, const char *act)
{
	if (disk_is_full(c))
		return error_set(error, ERROR_STORE, "cannot %s the store %s: the disk is full", act,
		                 c->where.database);
	return error_set(error, ERROR_STORE,
	                 "cannot %s the store %s: the log's index, the file ending in -shm, was cut short by "
	                 "another program",
	                 act, c->where.database);
}

/* SQLite gives up where locks fail, and where others have theirs for too long. */
static bool fail_lockless(const struct connection *c, struct error *error, const char *act)
{
	struct flock first;
	if (c->permits.fd >= 0 && lock_find(c->permits.fd, F_WRLCK, 0, 1, &first))
		return connection_fail(c, SQLITE_RESULT_BUSY, error, act);
	return error_set(error, ERROR_STORE,
	                 "cannot %s the store %s: locks do not work there; name another place with --store",
	                 act, c->where.database);
}

/* What SQLite has no name for: perhaps there is something in the place of its log. */
static bool fail_otherwise(const struct connection *c, struct error *error, const char *act, const char *cause)
{
	const char *obstacle = files_obstacle(&c->where);
	if (obstacle != NULL)
		return error_set(error, ERROR_STORE,
		                 "cannot %s the store %s: %s is not a plain file; remove it", act,
		                 c->where.database, obstacle);
	return error_set(error, ERROR_STORE, "cannot %s the store %s: %s", act, c->where.database, cause);
}

bool connection_fail(const struct connection *c, enum sqlite_result result, struct error *error, const char *act)
{
	const char *path = c->where.database;
	switch (result) {
	case SQLITE_RESULT_BUSY:
		return error_set(
			error, ERROR_STORE,
			"cannot %s the store %s: another process held its lock for more than %lld ms "
			"(see --%s)",
			act, path, (long long)c->patience_ms,
			c->patience_ms < c->lock_timeout_ms ? "deadline" : "lock-timeout");
	case SQLITE_RESULT_FULL:
		return error_set(error, ERROR_STORE, "cannot %s the store %s: the disk is full", act, path);
	case SQLITE_RESULT_READONLY:
		return fail_otherwise(c, error, act,
		                      c->cut_short ? "a transaction in it was cut short, and you may not write there; "
		                                     "the next guarded run of who may puts that in order"
		                                   : "it is read-only");
	case SQLITE_RESULT_DAMAGED:
		return error_set(error, ERROR_STORE, "cannot %s the store %s: the file is damaged%s", act,
		                 path, c->access == STORE_READ ? "; the next guarded run sets it aside" : "");
	case SQLITE_RESULT_FOREIGN:
		return error_set(error, ERROR_STORE,
		                 "cannot use the store %s: it is another program's database", path);
	case SQLITE_RESULT_LOCKLESS:
		return fail_lockless(c, error, act);
	case SQLITE_RESULT_CHANGED:
		return error_set(error, ERROR_STORE,
		                 "cannot %s the store %s: it was changed each time that it was read; try again",
		                 act, path);
	case SQLITE_RESULT_OK:
	case SQLITE_RESULT_GONE:
	case SQLITE_RESULT_TAKEN:
	case SQLITE_RESULT_FAILED:
		break;
	}
	if (c->lost)
		return fail_lost(c, error, act);
	return fail_otherwise(c, error, act,
	                      c->db != NULL ? sqlite_message(c->db) : "the file cannot be opened");
}

/*
 * A reader makes and changes nothing, so it does not use the log's index. It
 * holds off checkpoints instead, before it looks how things are. Only where
 * there is no log, it may have to roll back what a killed process has begun.
 */
static enum sqlite_mode begin_reading(struct connection *c)
{
	c->log = files_has_log(&c->where);
	if (!c->log)
		return c->cut_short ? SQLITE_MODE_WRITE : SQLITE_MODE_READ;
	read_log_head(c, c->log_head);
	return files_size(c->where.wal) == 0 ? SQLITE_MODE_IMMUTABLE : SQLITE_MODE_ALONE;
}

static enum sqlite_result open_to_read(struct connection *c, struct error *error)
{
	c->reading = readers_enter(&c->permits, connection_rest_ms(c), error);
	if (!c->reading)
		return SQLITE_RESULT_BUSY;
	enum sqlite_result result =
		sqlite_open(&c->db, c->where.database, begin_reading(c), &c->deadline_us, c->boot_id);
	if (result != SQLITE_RESULT_OK)
		connection_fail(c, result, error, "open");
	return result;
}

static enum sqlite_result open_to_write(struct connection *c, struct error *error)
{
	if (!repair_make_missing(c, error))
		return SQLITE_RESULT_FAILED;
	enum sqlite_result result =
		sqlite_open(&c->db, c->where.database, SQLITE_MODE_WRITE, &c->deadline_us, c->boot_id);
	if (result != SQLITE_RESULT_OK) {
		connection_fail(c, result, error, "open");
		return result;
	}
	c->log = sqlite_has_log(c->db);
	if (c->log)
		repair_give_up_log(c);
	return result;
}

/* A shared library may be older than the one that cbrun was compiled for. */
static bool check_library(const struct connection *c, struct error *error)
{
	return sqlite_version() >= SQLITE_OLDEST_VERSION ||
	       error_set(error, ERROR_STORE,
	                 "cannot use the store %s: the SQLite library here is %s, and cbrun needs " SQLITE_OLDEST_TEXT
	                 " or later",
	                 c->where.database, sqlite_version_text());
}

static enum sqlite_result connect_database(struct connection *c, struct error *error)
{
	if (c->lost) {
		connection_fail(c, SQLITE_RESULT_FAILED, error, "use");
		return SQLITE_RESULT_FAILED;
	}
	if (!check_library(c, error) || (!c->trusted && !location_check(&c->where, error)))
		return SQLITE_RESULT_FAILED;
	c->trusted = true;
	c->used = false;
	return c->access == STORE_READ ? open_to_read(c, error) : open_to_write(c, error);
}

/* Opens a transaction and reads the version of the schema in it. */
static enum sqlite_result open_transaction(struct connection *c, bool writing, int64_t *version)
{
	enum sqlite_statement how = writing ? SQL_BEGIN_WRITE : SQL_BEGIN_READ;
	enum sqlite_result result = sqlite_run(c->db, how, NULL, NULL, NULL);
	return result == SQLITE_RESULT_OK ? sqlite_number(c->db, SQL_VERSION, version) : result;
}

/* Brings an older schema up to date, in one transaction. A reader, who changes nothing, upgrades a copy. */
static enum sqlite_result upgrade(struct connection *c, struct error *error)
{
	int64_t version;
	enum sqlite_result result = SQLITE_RESULT_OK;
	sqlite_rollback(c->db);
	if (c->access == STORE_READ)
		result = sqlite_take_copy(c->db);
	if (result == SQLITE_RESULT_OK)
		result = open_transaction(c, true, &version);
	if (result == SQLITE_RESULT_OK && version < SCHEMA_VERSION) { /* else another was faster */
		c->older_schema = version;
		result = schema_migrate(c->db, (int)version);
	}
	if (result == SQLITE_RESULT_OK)
		result = sqlite_run(c->db, SQL_COMMIT, NULL, NULL, NULL);
	if (result != SQLITE_RESULT_OK)
		connection_fail(c, result, error, "upgrade");
	return result;
}

/* Refuses the schema of a newer cbrun, and a file that is not a store. */
static enum sqlite_result check_version(struct connection *c, int64_t version, struct error *error)
{
	const char *path = c->where.database;
	if (version > SCHEMA_VERSION) {
		error_set(error, ERROR_STORE,
		          "cannot use the store %s: a newer cbrun wrote it (schema %lld, this one knows %d); "
		          "upgrade cbrun or use --store",
		          path, (long long)version, SCHEMA_VERSION);
		return SQLITE_RESULT_FAILED;
	}
	if (version < 1 && files_size(path) < SMALLEST_DATABASE) {
		connection_fail(c, SQLITE_RESULT_DAMAGED, error, "use");
		return SQLITE_RESULT_DAMAGED;
	}
	if (version < 1) {
		connection_fail(c, SQLITE_RESULT_FOREIGN, error, "use");
		return SQLITE_RESULT_FOREIGN;
	}
	return SQLITE_RESULT_OK;
}

void connection_make_ready(struct connection *c)
{
	static const enum sqlite_statement needed[] = {SQL_BEGIN_WRITE, SQL_KEEP, SQL_COMMIT};
	for (size_t i = 0; c->db != NULL && i < sizeof(needed) / sizeof(needed[0]); i++)
		sqlite_prepare(c->db, needed[i]);
}

enum sqlite_result connection_begin(struct connection *c, bool writing, struct error *error)
{
	int64_t version = 0;
	if (c->db != NULL && c->used && sqlite_moved(c->db)) {
		connection_disconnect(c);
		c->replaced = true;
	}
	if (c->db == NULL) {
		enum sqlite_result result = connect_database(c, error);
		if (result != SQLITE_RESULT_OK)
			return result;
	}
	c->used = true;
	if (writing) /* before others must wait */
		connection_make_ready(c);
	enum sqlite_result result = open_transaction(c, writing, &version);
	if (result != SQLITE_RESULT_OK)
		connection_fail(c, result, error, "use");
	else if (version != SCHEMA_VERSION)
		result = check_version(c, version, error);
	if (result != SQLITE_RESULT_OK || version >= SCHEMA_VERSION)
		return result;
	result = upgrade(c, error);
	if (result == SQLITE_RESULT_OK) {
		result = open_transaction(c, writing, &version);
		if (result != SQLITE_RESULT_OK)
			connection_fail(c, result, error, "use");
	}
	return result;
}

void connection_close(struct connection *c)
{
	connection_disconnect(c);
	permits_close(&c->permits);
}

void connection_leave(struct connection *c)
{
	if (c->db != NULL)
		mapping_guard(checkpoint, c);
}
