/*
 * sqlite.c: the one file, beside vfs.c, that knows SQLite's interface.
 *
 * WAL, because a rollback journal flushes at each commit. SQLite's own habits
 * for the log suit long-lived processes, so they are turned off:
 *   - closing does not checkpoint (the last closer would flush at each call);
 *     see checkpoint.c for when that is done;
 *   - commits to the log do not flush (synchronous=NORMAL: a power loss may cost
 *     the last of them, never the file). Whoever wants one on disk flushes the
 *     log after it, when nobody waits for the lock any more.
 * Without a log each commit flushes, the directory too: synchronous=EXTRA.
 */
#include "store/local/sqlite.h"

#include "base/clock.h"
#include "store/local/vfs.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

_Static_assert(SQLITE_VERSION_NUMBER >= SQLITE_OLDEST_VERSION, "cbrun needs SQLite " SQLITE_OLDEST_TEXT " or later");

enum { MIN_WAIT_US = 100, SPREAD_US = 500 };

/* Every parameter and column has its fixed place: see bind() and visit_row(). Each column costs 2,500 instructions. */
static const char *const statement_text[SQL_STATEMENTS] = {
	[SQL_BEGIN_READ] = "BEGIN",
	[SQL_BEGIN_WRITE] = "BEGIN IMMEDIATE",
	[SQL_COMMIT] = "COMMIT",
	[SQL_ROLLBACK] = "ROLLBACK",
	[SQL_VERSION] = "PRAGMA user_version",
	[SQL_APPLICATION_ID] = "PRAGMA application_id",
	[SQL_FIND] = "SELECT id, record, recent FROM breaker WHERE name = ?3",
	[SQL_RESERVE] = "INSERT INTO breaker(id, name, record, recent) VALUES(?1, ?3, x'', x'')",
	[SQL_KEEP] = "UPDATE breaker SET record = ?4, recent = ?5 WHERE id = ?1",
	[SQL_ADD_EVENT] = "REPLACE INTO event(breaker, seq, record) VALUES(?1, ?2, ?4)",
	[SQL_PRUNE_EVENTS] = "DELETE FROM event WHERE breaker = ?1 AND seq <= ?2",
	[SQL_REMOVE_EVENTS] = "DELETE FROM event WHERE breaker = ?1",
	[SQL_REMOVE] = "DELETE FROM breaker WHERE id = ?1",
	[SQL_RENAME] = "UPDATE breaker SET name = ?3 WHERE id = ?1",
	[SQL_LIST] = "SELECT id, record, '', name FROM breaker WHERE name > ?3 ORDER BY name",
	[SQL_LIST_EVENTS] =
		"SELECT breaker, record, '', '', seq FROM event WHERE breaker = ?1 AND seq > ?2 ORDER BY seq",
	[SQL_LIST_RECENT] = "SELECT id, '', recent FROM breaker WHERE id = ?1",
	[SQL_INTEGRITY] = "SELECT 0, '', '', integrity_check FROM pragma_integrity_check",
};

struct sqlite {
	sqlite3 *db;
	sqlite3_stmt *statements[SQL_STATEMENTS]; /* prepared when first used */
	const int64_t *deadline_us; /* the caller's: how long to wait for others */
	int wal_frames; /* in the log after the last commit */
	bool durable; /* commits are flushed as they are to be; else this is seen to before the next transaction */
	void (*tick)(void *context); /* see sqlite_watch() */
	void *tick_context;
};

/* A connection that can be neither used nor closed. SQLite would share its index with any other of this process. */
static sqlite3 *lost;

static enum sqlite_result result_of(int rc)
{
	if (rc == SQLITE_READONLY_DBMOVED)
		return SQLITE_RESULT_GONE;
	if (rc == SQLITE_IOERR_SHORT_READ) /* the log is shorter than its index says */
		return SQLITE_RESULT_DAMAGED;
	if (rc == SQLITE_IOERR_SHMSIZE) /* no room for the log's index */
		return SQLITE_RESULT_FULL;
	switch (rc & 0xFF) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return SQLITE_RESULT_OK;
	case SQLITE_BUSY:
		return SQLITE_RESULT_BUSY;
	case SQLITE_CONSTRAINT:
		return SQLITE_RESULT_TAKEN;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return SQLITE_RESULT_DAMAGED;
	case SQLITE_CANTOPEN:
		return SQLITE_RESULT_GONE;
	case SQLITE_FULL:
		return SQLITE_RESULT_FULL;
	case SQLITE_PROTOCOL:
		return SQLITE_RESULT_LOCKLESS;
	case SQLITE_READONLY:
		return SQLITE_RESULT_READONLY;
	default:
		return SQLITE_RESULT_FAILED;
	}
}

/* The busy handler: sleeps a little, never the same for two processes, until the time is up. */
static int wait_for_lock(void *context, int count)
{
	const struct sqlite *s = context;
	if (clock_boot_us() >= *s->deadline_us)
		return 0;
	clock_sleep_us(MIN_WAIT_US + ((int64_t)getpid() * 7919 + (int64_t)count * 104729) % SPREAD_US);
	return 1;
}

static int note_wal_size(void *context, sqlite3 *db, const char *schema, int frames)
{
	struct sqlite *s = context;
	(void)db;
	(void)schema;
	s->wal_frames = frames;
	return SQLITE_OK;
}

/* Returns "file:PATH?PARAMETERS" with the bytes escaped that mean something in a URI; NULL without memory. */
static char *make_uri(const char *path, const char *parameters)
{
	char *uri = malloc(3 * strlen(path) + strlen(parameters) + sizeof("file:?"));
	if (uri == NULL)
		return NULL;
	char *end = stpcpy(uri, "file:");
	for (; *path != '\0'; path++)
		if (strchr("%?#", *path) != NULL)
			end += sprintf(end, "%%%02X", (unsigned char)*path);
		else
			*end++ = *path;
	*end++ = '?';
	strcpy(end, parameters);
	return uri;
}

static int open_file(sqlite3 **db, const char *path, enum sqlite_mode mode)
{
	static const char *const parameters[] = {
		[SQLITE_MODE_READ] = "mode=ro",
		[SQLITE_MODE_ALONE] = "mode=ro&vfs=unix-none",
		[SQLITE_MODE_IMMUTABLE] = "mode=ro&immutable=1",
	};
	int flags = SQLITE_OPEN_NOFOLLOW;
	if (mode == SQLITE_MODE_WRITE)
		return sqlite3_open_v2(path, db, flags | SQLITE_OPEN_READWRITE, NULL);
	char *uri = make_uri(path, parameters[mode]);
	int rc = SQLITE_NOMEM;
	if (uri != NULL)
		rc = sqlite3_open_v2(uri, db, flags | SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL);
	free(uri);
	return rc;
}

/*
 * One thread; nobody asks how much memory is in use; pages are allocated when
 * they are needed, since a call needs few. SQLite refuses a second call, and
 * that is fine.
 */
static void configure(void)
{
	sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	sqlite3_config(SQLITE_CONFIG_PAGECACHE, NULL, 0, 0);
}

static int execute(struct sqlite *s, const char *script)
{
	return sqlite3_exec(s->db, script, NULL, NULL, NULL);
}

enum { VERSION_LOG = 2, VERSION_UNKNOWN = 255 };

/* What the header says: https://sqlite.org/fileformat2.html, 1.3. Read through SQLite, whose locks stay so. */
static uint8_t read_version(const struct sqlite *s)
{
	enum { READ_VERSION = 19 };
	uint8_t version;
	bool known = vfs_read(s->db, SQLITE_FCNTL_FILE_POINTER, &version, sizeof(version), READ_VERSION);
	return known ? version : VERSION_UNKNOWN;
}

bool sqlite_has_log(struct sqlite *s)
{
	uint8_t version = read_version(s);
	return version == VERSION_LOG || version == VERSION_UNKNOWN;
}

/* With a log, who flushes it decides; without one, or if that is unknown, each commit is flushed with its directory. */
static int make_durable(struct sqlite *s)
{
	int rc = execute(s, read_version(s) == VERSION_LOG ? "PRAGMA synchronous = NORMAL" : "PRAGMA synchronous = EXTRA");
	s->durable = rc == SQLITE_OK;
	return rc;
}

enum sqlite_result sqlite_open(struct sqlite **sqlite, const char *path, enum sqlite_mode mode,
                               const int64_t *deadline_us, uint64_t boot_id)
{
	struct sqlite *s = calloc(1, sizeof(*s));
	*sqlite = NULL;
	if (s == NULL || lost != NULL) {
		free(s);
		return SQLITE_RESULT_FAILED;
	}
	configure();
	s->deadline_us = deadline_us;
	vfs_use((struct vfs_user){.db = &s->db, .deadline_us = deadline_us, .boot_id = boot_id});
	int rc = open_file(&s->db, path, mode);
	if (rc != SQLITE_OK) {
		sqlite3_close(s->db);
		free(s);
		return result_of(rc);
	}
	sqlite3_extended_result_codes(s->db, true);
	sqlite3_busy_handler(s->db, wait_for_lock, s);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	sqlite3_wal_hook(s->db, note_wal_size, s); /* replaces the automatic checkpoint */
	if (mode == SQLITE_MODE_WRITE)
		rc = make_durable(s);
	if (rc == SQLITE_PROTOCOL) { /* which took SQLite long enough to find: not again */
		sqlite_close(s);
		return result_of(rc);
	}
	if (mode == SQLITE_MODE_ALONE) /* keeps the index in memory */
		execute(s, "PRAGMA locking_mode = EXCLUSIVE");
	*sqlite = s;
	return SQLITE_RESULT_OK;
}

static void forget_statements(struct sqlite *s)
{
	for (int i = 0; i < SQL_STATEMENTS; i++)
		sqlite3_finalize(s->statements[i]);
	memset(s->statements, 0, sizeof(s->statements));
}

int sqlite_log_frames(const struct sqlite *s)
{
	return s->wal_frames;
}

/*
 * Where a lock is in the way it will be done another time. One that was to empty
 * the log goes on as one that copies, without the lock that keeps others from
 * beginning the log anew just then (checkpoint.c): it is interrupted, so that it
 * copies nothing and takes nothing for copied.
 */
static int give_up_checkpoint(void *db, int count)
{
	(void)count;
	sqlite3_interrupt(db);
	return 0;
}

bool sqlite_checkpoint(struct sqlite *s, enum sqlite_checkpoint how)
{
	int mode = how == SQLITE_CHECKPOINT_COPY ? SQLITE_CHECKPOINT_PASSIVE : SQLITE_CHECKPOINT_TRUNCATE;
	int frames = 0;
	int copied = -1;
	sqlite3_busy_handler(s->db, give_up_checkpoint, s->db);
	int rc = sqlite3_wal_checkpoint_v2(s->db, NULL, mode, &frames, &copied);
	sqlite3_busy_handler(s->db, wait_for_lock, s);
	return rc == SQLITE_OK && frames == copied;
}

void sqlite_close(struct sqlite *s)
{
	if (s == NULL)
		return;
	sqlite_rollback(s);
	forget_statements(s);
	sqlite3_close(s->db);
	free(s);
}

void sqlite_lose(struct sqlite *s)
{
	if (s != NULL)
		lost = s->db;
	free(s);
}

/* A parameter that a statement does not have is refused by SQLite, and that is fine. */
static void bind(sqlite3_stmt *statement, const struct sqlite_values *values)
{
	sqlite3_bind_int64(statement, 1, values->id);
	sqlite3_bind_int64(statement, 2, values->seq);
	sqlite3_bind_text(statement, 3, values->name, -1, SQLITE_STATIC);
	sqlite3_bind_blob64(statement, 4, values->record, values->record_length, SQLITE_STATIC);
	sqlite3_bind_blob64(statement, 5, values->recent, values->recent_length, SQLITE_STATIC);
}

/* A row that ends early leaves the rest zero. */
static bool visit_row(sqlite3_stmt *statement, sqlite_row_visitor *visit, void *context)
{
	struct sqlite_values row = {.id = sqlite3_column_int64(statement, 0)};
	int columns = sqlite3_data_count(statement);
	if (columns > 2) {
		row.record = sqlite3_column_blob(statement, 1);
		row.record_length = (size_t)sqlite3_column_bytes(statement, 1);
		row.recent = sqlite3_column_blob(statement, 2);
		row.recent_length = (size_t)sqlite3_column_bytes(statement, 2);
	}
	if (columns > 3)
		row.name = (const char *)sqlite3_column_text(statement, 3);
	if (columns > 4)
		row.seq = sqlite3_column_int64(statement, 4);
	return visit(context, &row);
}

/* Our own words have no mistakes: then it is the tables that are not ours. */
static enum sqlite_result result_of_sql(int rc)
{
	return rc == SQLITE_ERROR ? SQLITE_RESULT_FOREIGN : result_of(rc);
}

enum sqlite_result sqlite_prepare(struct sqlite *s, enum sqlite_statement which)
{
	sqlite3_stmt **statement = &s->statements[which];
	if (*statement != NULL)
		return SQLITE_RESULT_OK;
	return result_of_sql(sqlite3_prepare_v2(s->db, statement_text[which], -1, statement, NULL));
}

enum sqlite_result sqlite_run(struct sqlite *s, enum sqlite_statement which,
                              const struct sqlite_values *values, sqlite_row_visitor *visit, void *context)
{
	enum sqlite_result result = sqlite_prepare(s, which);
	if (result == SQLITE_RESULT_OK && which == SQL_BEGIN_WRITE && !s->durable)
		result = result_of_sql(make_durable(s));
	if (result != SQLITE_RESULT_OK)
		return result;
	sqlite3_stmt *statement = s->statements[which];
	if (values != NULL)
		bind(statement, values);
	int rc;
	do {
		rc = sqlite3_step(statement);
	} while (rc == SQLITE_ROW && visit != NULL && visit_row(statement, visit, context));
	int reset = sqlite3_reset(statement);
	return result_of(rc == SQLITE_ROW ? SQLITE_OK : reset);
}

static bool take_number(void *context, const struct sqlite_values *row)
{
	*(int64_t *)context = row->id;
	return false;
}

enum sqlite_result sqlite_number(struct sqlite *s, enum sqlite_statement which, int64_t *number)
{
	return sqlite_run(s, which, NULL, take_number, number);
}

enum sqlite_result sqlite_script(struct sqlite *s, const char *script)
{
	return result_of_sql(execute(s, script));
}

void sqlite_rollback(struct sqlite *s)
{
	if (!sqlite3_get_autocommit(s->db))
		sqlite_run(s, SQL_ROLLBACK, NULL, NULL, NULL);
}

static int copy_pages(sqlite3 *to, sqlite3 *from)
{
	sqlite3_backup *backup = sqlite3_backup_init(to, "main", from, "main");
	if (backup == NULL)
		return sqlite3_errcode(to);
	sqlite3_backup_step(backup, -1);
	return sqlite3_backup_finish(backup);
}

enum sqlite_result sqlite_take_copy(struct sqlite *s)
{
	sqlite3 *copy = NULL;
	int rc = sqlite3_open(":memory:", &copy);
	if (rc == SQLITE_OK)
		rc = copy_pages(copy, s->db);
	if (rc != SQLITE_OK) {
		sqlite3_close(copy);
		return result_of(rc);
	}
	forget_statements(s);
	sqlite3_close(s->db);
	s->db = copy;
	return SQLITE_RESULT_OK;
}

bool sqlite_moved(struct sqlite *s)
{
	int moved = 0;
	sqlite3_file_control(s->db, "main", SQLITE_FCNTL_HAS_MOVED, &moved);
	return moved != 0;
}

int sqlite_version(void)
{
	return sqlite3_libversion_number();
}

const char *sqlite_version_text(void)
{
	return sqlite3_libversion();
}

/* SQLite asks whether to go on. */
static int tick(void *context)
{
	struct sqlite *s = context;
	s->tick(s->tick_context);
	return 0;
}

void sqlite_watch(struct sqlite *s, void (*watcher)(void *context), void *context)
{
	enum { INSTRUCTIONS = 20000 };
	s->tick = watcher;
	s->tick_context = context;
	sqlite3_progress_handler(s->db, INSTRUCTIONS, watcher != NULL ? tick : NULL, s);
}

const char *sqlite_message(struct sqlite *s)
{
	return sqlite3_errmsg(s->db);
}
