/*
 * sqlite.h: the little of SQLite that the store needs, set up for many
 * short-lived processes on one machine; sqlite.c says how.
 */
#ifndef CBRUN_STORE_LOCAL_SQLITE_H
#define CBRUN_STORE_LOCAL_SQLITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum sqlite_result {
	SQLITE_RESULT_OK,
	SQLITE_RESULT_BUSY,     /* another process kept its lock for too long */
	SQLITE_RESULT_DAMAGED,  /* the file is not, or no longer, a sound database */
	SQLITE_RESULT_GONE,     /* the file was removed or replaced */
	SQLITE_RESULT_FULL,     /* no space left */
	SQLITE_RESULT_READONLY, /* may not be written */
	SQLITE_RESULT_FOREIGN,  /* it has not our tables */
	SQLITE_RESULT_LOCKLESS, /* locks do not work where the file lies */
	SQLITE_RESULT_TAKEN,    /* the id, or the name, is another's */
	SQLITE_RESULT_CHANGED,  /* what a reader has read is not one state */
	SQLITE_RESULT_FAILED,   /* anything else; see sqlite_message() */
};

enum sqlite_mode {
	SQLITE_MODE_WRITE,     /* reads and writes; the file must exist */
	SQLITE_MODE_READ,      /* reads a database that has a rollback journal */
	SQLITE_MODE_ALONE,     /* reads database and log, with an index of its own; see readers.h */
	SQLITE_MODE_IMMUTABLE, /* reads the database alone, since the log is empty; see readers.h */
};

enum sqlite_statement {
	SQL_BEGIN_READ,
	SQL_BEGIN_WRITE,
	SQL_COMMIT,
	SQL_ROLLBACK,
	SQL_VERSION,
	SQL_APPLICATION_ID,
	SQL_FIND,
	SQL_RESERVE,
	SQL_KEEP,
	SQL_ADD_EVENT,
	SQL_PRUNE_EVENTS,
	SQL_REMOVE_EVENTS,
	SQL_REMOVE,
	SQL_RENAME,
	SQL_LIST,
	SQL_LIST_EVENTS,
	SQL_LIST_RECENT,
	SQL_INTEGRITY,
	SQL_STATEMENTS, /* how many there are */
};

/* What a statement works with, and what a row of its answer holds. The caller owns all of it. */
struct sqlite_values {
	int64_t id;
	int64_t seq;
	const char *name;
	const void *record;
	size_t record_length;
	const void *recent; /* events: see schema.c */
	size_t recent_length;
};

/* Called for each row; its values live until the next. False ends the statement early. */
typedef bool sqlite_row_visitor(void *context, const struct sqlite_values *row);

struct sqlite;

/*
 * Opens a database file; links are not followed. Waits for other processes, now
 * and later, until *deadline_us on the boot clock, which the caller may move. The boot's id: see index.h.
 * On failure *sqlite is NULL.
 */
enum sqlite_result sqlite_open(struct sqlite **sqlite, const char *path, enum sqlite_mode mode,
                               const int64_t *deadline_us, uint64_t boot_id);

/* Whether the database has a write-ahead log, and not a rollback journal. */
bool sqlite_has_log(struct sqlite *sqlite);

/* How many frames the log had after this connection's last commit. */
int sqlite_log_frames(const struct sqlite *sqlite);

enum sqlite_checkpoint {
	SQLITE_CHECKPOINT_COPY,  /* copies what nobody reads any more; flushes; writers go on */
	SQLITE_CHECKPOINT_EMPTY, /* and then empties the log; no writer meanwhile */
};

/* Copies the log into the database, without waiting for anybody. Whether all of it was copied. */
bool sqlite_checkpoint(struct sqlite *sqlite, enum sqlite_checkpoint how);

/* Closes it; NULL is fine. */
void sqlite_close(struct sqlite *sqlite);

/*
 * Lets go of a connection that SIGBUS has left in the middle of its work; see
 * mapping.h. It can be neither used nor closed, and no other can be opened.
 */
void sqlite_lose(struct sqlite *sqlite);

/* Prepares a statement, which running it would otherwise do. */
enum sqlite_result sqlite_prepare(struct sqlite *sqlite, enum sqlite_statement statement);

/* Runs a statement. `values` may be NULL if it needs none, `visit` if it answers nothing of interest. */
enum sqlite_result sqlite_run(struct sqlite *sqlite, enum sqlite_statement statement,
                              const struct sqlite_values *values, sqlite_row_visitor *visit, void *context);

/* Runs a statement that answers with one number. */
enum sqlite_result sqlite_number(struct sqlite *sqlite, enum sqlite_statement statement, int64_t *number);

/* Runs a script of several statements. */
enum sqlite_result sqlite_script(struct sqlite *sqlite, const char *script);

/* Ends a transaction, if one is open, and keeps nothing of it. */
void sqlite_rollback(struct sqlite *sqlite);

/* Goes on with a copy of the whole database in memory, which keeps nothing. Not inside a transaction. */
enum sqlite_result sqlite_take_copy(struct sqlite *sqlite);

/* Whether the path no longer names the file that was opened. */
bool sqlite_moved(struct sqlite *sqlite);

/* The version of the library, 3051002 for 3.51.2; and the oldest that does: it can refuse a symbolic link. */
int sqlite_version(void);
const char *sqlite_version_text(void);
enum { SQLITE_OLDEST_VERSION = 3031000 };
#define SQLITE_OLDEST_TEXT "3.31"

/* Calls the watcher now and then while a statement goes on, until it is NULL. */
void sqlite_watch(struct sqlite *sqlite, void (*watcher)(void *context), void *context);

/* What SQLite says of the last failure. */
const char *sqlite_message(struct sqlite *sqlite);

#endif
