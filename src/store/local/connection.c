/*
 * connection.c: opening, upgrading and repairing the store's files.
 *
 * A new database is made aside and renamed into place; a damaged one is renamed
 * away. Both happen under the maintenance lock of the permits file, and
 * whoever gets the lock looks first whether another process has done the work.
 */
#include "store/local/connection.h"

#include "store/local/files.h"
#include "store/local/schema.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { PAGE_SIZE = 1024, SMALLEST_DATABASE = 512, ATTEMPTS = 4 };

void connection_init(struct connection *h, const struct store_options *options)
{
	/* not `*h = ...`: the paths are large, and every call pays for clearing them */
	h->access = options->access;
	h->lock_timeout_ms = options->lock_timeout_ms;
	h->permits.fd = -1;
	h->db = NULL;
	h->trusted = false;
	h->used = false;
	h->durable = false;
	h->older_schema = 0;
	h->failed_commits = 0;
	h->remarks[0] = '\0';
}

void connection_remark(struct connection *h, const char *format, ...)
{
	char line[ERROR_TEXT_SIZE];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(line, sizeof(line) - 1, format, arguments);
	va_end(arguments);
	strcat(line, "\n");
	/* a step that is taken again finds the same again */
	bool fits = strlen(h->remarks) + strlen(line) < sizeof(h->remarks);
	if (fits && strstr(h->remarks, line) == NULL)
		strcat(h->remarks, line);
}

bool connection_next_remark(struct connection *h, char text[ERROR_TEXT_SIZE])
{
	size_t length = strcspn(h->remarks, "\n");
	if (h->remarks[0] == '\0')
		return false;
	snprintf(text, ERROR_TEXT_SIZE, "%.*s", (int)length, h->remarks);
	memmove(h->remarks, h->remarks + length + 1, strlen(h->remarks + length));
	return true;
}

static void disconnect(struct connection *h)
{
	sqlite_close(h->db);
	h->db = NULL;
	h->trusted = false;
}

/* What SQLite has no name for: perhaps there is something in the place of its log. */
static bool fail_otherwise(const struct connection *h, struct error *error, const char *act, const char *cause)
{
	const char *obstacle = files_obstacle(&h->where);
	if (obstacle != NULL)
		return error_set(error, ERROR_STORE,
		                 "cannot %s the store %s: %s is not a plain file; remove it", act,
		                 h->where.database, obstacle);
	return error_set(error, ERROR_STORE, "cannot %s the store %s: %s", act, h->where.database, cause);
}

/* Says what failed in words that a user can act on. */
bool connection_fail(const struct connection *h, enum sqlite_result result, struct error *error, const char *act)
{
	const char *path = h->where.database;
	switch (result) {
	case SQLITE_RESULT_BUSY:
		return error_set(
			error, ERROR_STORE,
			"cannot %s the store %s: another process held its lock for more than %lld ms "
			"(see --lock-timeout)",
			act, path, (long long)h->lock_timeout_ms);
	case SQLITE_RESULT_FULL:
		return error_set(error, ERROR_STORE, "cannot %s the store %s: the disk is full", act, path);
	case SQLITE_RESULT_READONLY:
		return fail_otherwise(h, error, act, "it is read-only");
	case SQLITE_RESULT_DAMAGED:
		return error_set(error, ERROR_STORE, "cannot %s the store %s: the file is damaged%s", act,
		                 path, h->access == STORE_READ ? "; the next guarded run sets it aside" : "");
	case SQLITE_RESULT_FOREIGN:
		return error_set(error, ERROR_STORE,
		                 "cannot use the store %s: it is another program's database", path);
	case SQLITE_RESULT_LOCKLESS:
		return error_set(error, ERROR_STORE,
		                 "cannot %s the store %s: locks do not work there; name another place with "
		                 "--store",
		                 act, path);
	case SQLITE_RESULT_OK:
	case SQLITE_RESULT_GONE:
	case SQLITE_RESULT_TAKEN:
	case SQLITE_RESULT_FAILED:
		break;
	}
	return fail_otherwise(h, error, act,
	                      h->db != NULL ? sqlite_message(h->db) : "the file cannot be opened");
}

/* Makes or upgrades the tables from `version` on; inside a transaction of the caller. */
static enum sqlite_result migrate(struct sqlite *db, int version)
{
	char pragma[64];
	enum sqlite_result result = SQLITE_RESULT_OK;
	for (; version < SCHEMA_VERSION && result == SQLITE_RESULT_OK; version++)
		result = sqlite_script(db, schema_migrations[version]);
	snprintf(pragma, sizeof(pragma), "PRAGMA user_version = %d", SCHEMA_VERSION);
	return result == SQLITE_RESULT_OK ? sqlite_script(db, pragma) : result;
}

static void remark_network(struct connection *h, const char *kind)
{
	connection_remark(h,
	              "the store %s is on a network file system (%s): each call flushes, and calls on "
	              "other hosts may not see each other's permits; --store names another place",
	              h->where.database, kind);
}

/*
 * Builds a complete database at where.fresh. It is switched to WAL last, so
 * that everything else is flushed in the one file that gets renamed.
 */
static bool build_fresh(struct connection *h, struct error *error)
{
	struct sqlite *db;
	char pragmas[128];
	const char *kind = files_network_kind(&h->where);
	if (kind != NULL)
		remark_network(h, kind);
	snprintf(pragmas, sizeof(pragmas), "PRAGMA page_size = %d; PRAGMA application_id = %d; BEGIN",
	         PAGE_SIZE, SCHEMA_APPLICATION_ID);
	enum sqlite_result result = sqlite_open(&db, h->where.fresh, SQLITE_MODE_WRITE, h->lock_timeout_ms);
	if (result == SQLITE_RESULT_OK)
		result = sqlite_script(db, pragmas);
	if (result == SQLITE_RESULT_OK)
		result = migrate(db, 0);
	if (result == SQLITE_RESULT_OK)
		result = sqlite_script(db, kind == NULL ? "COMMIT; PRAGMA journal_mode = WAL" : "COMMIT");
	sqlite_close(db);
	return result == SQLITE_RESULT_OK || connection_fail(h, result, error, "make");
}

/* Makes the database if it is missing or empty. */
static bool ensure_database(struct connection *h, struct error *error)
{
	bool present;
	if (!files_present(&h->where, &present, error))
		return false;
	if (present)
		return true;
	if (!permits_lock_store(&h->permits, h->lock_timeout_ms, error))
		return false;
	bool ok = files_present(&h->where, &present, error);
	if (ok && !present)
		ok = files_begin_fresh(&h->where, error) && build_fresh(h, error) &&
		     files_install_fresh(&h->where, error);
	permits_unlock_store(&h->permits);
	return ok;
}

/*
 * A reader creates and changes nothing. While others are connected, it reads
 * the log's index as they keep it. Else the index may be missing, or what a
 * killed process left of it, and is not looked at.
 */
static enum sqlite_mode access_mode(const struct connection *h)
{
	if (h->access != STORE_READ)
		return SQLITE_MODE_WRITE;
	if (!files_has_log(&h->where))
		return SQLITE_MODE_READ;
	if (files_in_use(&h->where))
		return SQLITE_MODE_PASSIVE;
	return files_size(h->where.wal) == 0 ? SQLITE_MODE_IMMUTABLE : SQLITE_MODE_ALONE;
}

/*
 * A store that was moved to a network file system has a log still, which does
 * not work between hosts: it is folded in for good, as soon as nobody else is
 * connected.
 */
static void give_up_log(struct connection *h)
{
	const char *kind = files_network_kind(&h->where);
	if (kind == NULL || !files_has_log(&h->where))
		return;
	if (sqlite_script(h->db, "PRAGMA journal_mode = DELETE") == SQLITE_RESULT_OK)
		remark_network(h, kind);
}

static enum sqlite_result connect_database(struct connection *h, struct error *error)
{
	if (!h->trusted && !location_check(&h->where, error))
		return SQLITE_RESULT_FAILED;
	h->trusted = true;
	if (h->access != STORE_READ && !ensure_database(h, error))
		return SQLITE_RESULT_FAILED;
	enum sqlite_result result =
		sqlite_open(&h->db, h->where.database, access_mode(h), h->lock_timeout_ms);
	if (result != SQLITE_RESULT_OK)
		connection_fail(h, result, error, "open");
	else if (h->durable)
		sqlite_make_durable(h->db);
	if (result == SQLITE_RESULT_OK && h->access != STORE_READ)
		give_up_log(h);
	h->used = false;
	return result;
}

static bool take_number(void *context, const struct sqlite_values *row)
{
	*(int64_t *)context = row->id;
	return false;
}

/* Opens a transaction and reads the version of the schema in it. */
static enum sqlite_result open_transaction(struct connection *h, bool writing, int64_t *version)
{
	enum sqlite_statement how = writing ? SQL_BEGIN_WRITE : SQL_BEGIN_READ;
	enum sqlite_result result = sqlite_run(h->db, how, NULL, NULL, NULL);
	return result == SQLITE_RESULT_OK ? sqlite_run(h->db, SQL_VERSION, NULL, take_number, version)
	                                  : result;
}

/* Brings an older schema up to date, in one transaction. A reader, who changes nothing, upgrades a copy. */
static enum sqlite_result upgrade(struct connection *h, struct error *error)
{
	int64_t version;
	enum sqlite_result result = SQLITE_RESULT_OK;
	sqlite_rollback(h->db);
	if (h->access == STORE_READ)
		result = sqlite_take_copy(h->db);
	if (result == SQLITE_RESULT_OK)
		result = open_transaction(h, true, &version);
	if (result == SQLITE_RESULT_OK && version < SCHEMA_VERSION) { /* else another was faster */
		h->older_schema = version;
		result = migrate(h->db, (int)version);
	}
	if (result == SQLITE_RESULT_OK)
		result = sqlite_run(h->db, SQL_COMMIT, NULL, NULL, NULL);
	if (result != SQLITE_RESULT_OK)
		connection_fail(h, result, error, "upgrade");
	return result;
}

/* Refuses the schema of a newer cbrun, and a file that is not a store. */
static enum sqlite_result check_version(struct connection *h, int64_t version, struct error *error)
{
	const char *path = h->where.database;
	if (version > SCHEMA_VERSION) {
		error_set(error, ERROR_STORE,
		          "cannot use the store %s: a newer cbrun wrote it (schema %lld, this one knows %d); "
		          "upgrade cbrun or use --store",
		          path, (long long)version, SCHEMA_VERSION);
		return SQLITE_RESULT_FAILED;
	}
	if (version < 1 && files_size(path) < SMALLEST_DATABASE) {
		connection_fail(h, SQLITE_RESULT_DAMAGED, error, "use");
		return SQLITE_RESULT_DAMAGED;
	}
	if (version < 1) {
		connection_fail(h, SQLITE_RESULT_FOREIGN, error, "use");
		return SQLITE_RESULT_FOREIGN;
	}
	return SQLITE_RESULT_OK;
}

/* Opens a transaction, on a connection to the file that is there now. If not OK, the error is set. */
enum sqlite_result connection_begin(struct connection *h, bool writing, struct error *error)
{
	int64_t version = 0;
	if (h->db != NULL && h->used && sqlite_moved(h->db))
		disconnect(h);
	if (h->db == NULL) {
		enum sqlite_result result = connect_database(h, error);
		if (result != SQLITE_RESULT_OK)
			return result;
	}
	h->used = true;
	if (writing) { /* what can be done before others must wait; if it fails, so will the step */
		sqlite_prepare(h->db, SQL_KEEP);
		sqlite_prepare(h->db, SQL_COMMIT);
	}
	enum sqlite_result result = open_transaction(h, writing, &version);
	if (result != SQLITE_RESULT_OK)
		connection_fail(h, result, error, "use");
	else if (version != SCHEMA_VERSION)
		result = check_version(h, version, error);
	if (result != SQLITE_RESULT_OK || version >= SCHEMA_VERSION)
		return result;
	result = upgrade(h, error);
	if (result == SQLITE_RESULT_OK) {
		result = open_transaction(h, writing, &version);
		if (result != SQLITE_RESULT_OK)
			connection_fail(h, result, error, "use");
	}
	return result;
}

/* Whether a file without our tables is marked as ours in its header: then it has lost them. */
static bool is_marked(struct connection *h)
{
	int64_t id = 0;
	return h->db != NULL &&
	       sqlite_run(h->db, SQL_APPLICATION_ID, NULL, take_number, &id) == SQLITE_RESULT_OK &&
	       id == SCHEMA_APPLICATION_ID;
}

static bool set_aside(struct connection *h, struct error *error)
{
	if (!permits_lock_store(&h->permits, h->lock_timeout_ms, error))
		return false;
	bool done = sqlite_moved(h->db); /* another process was faster */
	char aside[ERROR_TEXT_SIZE];
	bool ok = done || files_set_aside(&h->where, aside, sizeof(aside), error);
	if (ok && !done) {
		h->remarks[0] = '\0'; /* what was found in it matters no more */
		connection_remark(h, "%s", aside);
	}
	permits_unlock_store(&h->permits);
	return ok;
}

/*
 * After a failed step: may it be tried again? What looks damaged is looked at
 * once more through a new connection, then set aside; what has gone is made anew.
 */
bool connection_repair(struct connection *h, enum sqlite_result result, int attempt, struct error *error)
{
	bool damaged = result == SQLITE_RESULT_DAMAGED || (result == SQLITE_RESULT_FOREIGN && is_marked(h));
	bool changing = damaged || result == SQLITE_RESULT_GONE || result == SQLITE_RESULT_FAILED;
	if (h->access == STORE_READ) { /* perhaps a writer came or went just now */
		disconnect(h);
		return changing && attempt < ATTEMPTS;
	}
	if (attempt >= ATTEMPTS || (!damaged && result != SQLITE_RESULT_GONE))
		return false;
	bool ok = !damaged || attempt == 0 || h->db == NULL || set_aside(h, error);
	disconnect(h);
	return ok;
}

void connection_close(struct connection *h)
{
	disconnect(h);
	permits_close(&h->permits);
}

void connection_leave(struct connection *h)
{
	if (h->db != NULL && sqlite_log_is_long(h->db))
		connection_close(h);
}
