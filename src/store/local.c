/*
 * local.c: breakers in SQLite, permits in kernel locks.
 *
 * A step is one transaction: BEGIN IMMEDIATE, so that steps happen one after
 * the other. A step that brings a transition is taken twice: the first time
 * shows that there is one, the second commits it with a flush.
 *
 * A new database is made aside and renamed into place; a damaged one is renamed
 * away. Both happen under the maintenance lock of the permits file, and
 * whoever gets the lock looks first whether another process has done the work.
 */
#include "store/local.h"

#include "store/files.h"
#include "store/location.h"
#include "store/permits.h"
#include "store/record.h"
#include "store/schema.h"
#include "store/sqlite.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { PAGE_SIZE = 4096, ATTEMPTS = 4 };

struct local {
	struct store store; /* first: the interface sees only this */
	enum store_access access;
	int64_t lock_timeout_ms;
	struct location where;
	struct permits permits;
	struct sqlite *db; /* NULL until a step needs it, and after a repair */
	bool trusted;      /* the files were looked at since the last disconnection */
	bool used;         /* a step was taken on this connection */
	bool durable;      /* commits flush */
	char notice[ERROR_TEXT_SIZE];
};

static struct local *self(struct store *store)
{
	return (struct local *)store;
}

/* Notes what the user should be told; see store_notice(). */
__attribute__((format(printf, 2, 3))) static void remark(struct local *l, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(l->notice, sizeof(l->notice), format, arguments);
	va_end(arguments);
}

static void disconnect(struct local *l)
{
	sqlite_close(l->db);
	l->db = NULL;
	l->trusted = false;
}

/* Says what failed in words that a user can act on. */
static bool fail(const struct local *l, enum sqlite_result result, struct error *error, const char *act)
{
	const char *path = l->where.database;
	switch (result) {
	case SQLITE_RESULT_BUSY:
		return error_set(error, ERROR_STORE,
		                 "cannot %s the store %s: another process held its lock for more than %lld ms "
		                 "(see --lock-timeout)",
		                 act, path, (long long)l->lock_timeout_ms);
	case SQLITE_RESULT_FULL:
		return error_set(error, ERROR_STORE, "cannot %s the store %s: the disk is full", act, path);
	case SQLITE_RESULT_READONLY:
		return error_set(error, ERROR_STORE, "cannot %s the store %s: it is read-only", act, path);
	case SQLITE_RESULT_DAMAGED:
		return error_set(error, ERROR_STORE, "cannot %s the store %s: the file is damaged", act, path);
	case SQLITE_RESULT_OK:
	case SQLITE_RESULT_GONE:
	case SQLITE_RESULT_FAILED:
		break;
	}
	return error_set(error, ERROR_STORE, "cannot %s the store %s: %s", act, path,
	                 l->db != NULL ? sqlite_message(l->db) : "the file cannot be opened");
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

/*
 * Builds a complete database at where.fresh. It is switched to WAL last, so
 * that everything else is flushed in the one file that gets renamed.
 */
static bool build_fresh(struct local *l, struct error *error)
{
	struct sqlite *db;
	char pragmas[128];
	snprintf(pragmas, sizeof(pragmas), "PRAGMA page_size = %d; PRAGMA application_id = %d; BEGIN", PAGE_SIZE,
	         SCHEMA_APPLICATION_ID);
	enum sqlite_result result = sqlite_open(&db, l->where.fresh, SQLITE_MODE_WRITE, l->lock_timeout_ms);
	if (result == SQLITE_RESULT_OK)
		result = sqlite_script(db, pragmas);
	if (result == SQLITE_RESULT_OK)
		result = migrate(db, 0);
	if (result == SQLITE_RESULT_OK)
		result = sqlite_script(db, "COMMIT; PRAGMA journal_mode = WAL");
	sqlite_close(db);
	return result == SQLITE_RESULT_OK || fail(l, result, error, "make");
}

/* Makes the database if it is missing or empty. */
static bool ensure_database(struct local *l, struct error *error)
{
	bool present;
	if (!files_present(&l->where, &present, error))
		return false;
	if (present)
		return true;
	if (!permits_lock_store(&l->permits, l->lock_timeout_ms, error))
		return false;
	bool ok = files_present(&l->where, &present, error);
	if (ok && !present)
		ok = files_begin_fresh(&l->where, error) && build_fresh(l, error) &&
		     files_install_fresh(&l->where, error);
	permits_unlock_store(&l->permits);
	return ok;
}

/*
 * A reader creates and changes nothing, not even the log's index. If that
 * exists, it is read as it is; without it and without a log nobody is writing,
 * and the database file alone tells all.
 */
static enum sqlite_mode access_mode(const struct local *l)
{
	if (l->access != STORE_READ)
		return SQLITE_MODE_WRITE;
	if (files_exist(l->where.shm))
		return SQLITE_MODE_PASSIVE;
	return files_empty(l->where.wal) ? SQLITE_MODE_IMMUTABLE : SQLITE_MODE_READ;
}

static enum sqlite_result connect_database(struct local *l, struct error *error)
{
	if (!l->trusted && !location_check(&l->where, error))
		return SQLITE_RESULT_FAILED;
	l->trusted = true;
	if (l->access != STORE_READ && !ensure_database(l, error))
		return SQLITE_RESULT_FAILED;
	enum sqlite_result result =
		sqlite_open(&l->db, l->where.database, access_mode(l), l->lock_timeout_ms);
	if (result != SQLITE_RESULT_OK)
		fail(l, result, error, "open");
	else if (l->durable)
		sqlite_make_durable(l->db);
	l->used = false;
	return result;
}

static bool take_version(void *context, const struct sqlite_values *row)
{
	*(int64_t *)context = row->id;
	return false;
}

/* Brings an older schema up to date; refuses a newer one, and a file that is not a store. */
static enum sqlite_result upgrade(struct local *l, int64_t version, struct error *error)
{
	const char *path = l->where.database;
	if (version > SCHEMA_VERSION) {
		error_set(error, ERROR_STORE,
		          "cannot use the store %s: a newer cbrun wrote it (schema %lld, this one knows %d); "
		          "upgrade cbrun or use --store",
		          path, (long long)version, SCHEMA_VERSION);
		return SQLITE_RESULT_FAILED;
	}
	if (version < 1) {
		error_set(error, ERROR_STORE, "cannot use the store %s: it is another program's database", path);
		return SQLITE_RESULT_FAILED;
	}
	enum sqlite_result result = migrate(l->db, (int)version);
	if (result != SQLITE_RESULT_OK)
		fail(l, result, error, "upgrade");
	return result;
}

/* Opens a transaction, on a connection to the file that is there now. If not OK, the error is set. */
static enum sqlite_result open_step(struct local *l, struct error *error)
{
	int64_t version = 0;
	if (l->db != NULL && l->used && sqlite_moved(l->db))
		disconnect(l);
	if (l->db == NULL) {
		enum sqlite_result result = connect_database(l, error);
		if (result != SQLITE_RESULT_OK)
			return result;
	}
	l->used = true;
	enum sqlite_statement how = l->access != STORE_READ ? SQL_BEGIN_WRITE : SQL_BEGIN_READ;
	enum sqlite_result result = sqlite_run(l->db, how, NULL, NULL, NULL);
	if (result == SQLITE_RESULT_OK)
		result = sqlite_run(l->db, SQL_VERSION, NULL, take_version, &version);
	if (result != SQLITE_RESULT_OK)
		fail(l, result, error, "use");
	else if (version != SCHEMA_VERSION)
		result = upgrade(l, version, error);
	return result;
}

static bool set_aside(struct local *l, struct error *error)
{
	if (!permits_lock_store(&l->permits, l->lock_timeout_ms, error))
		return false;
	bool done = sqlite_moved(l->db); /* another process was faster */
	bool ok = done || files_set_aside(&l->where, l->notice, sizeof(l->notice), error);
	permits_unlock_store(&l->permits);
	return ok;
}

/*
 * After a failed step: may it be tried again? What looks damaged is looked at
 * once more through a new connection, then set aside; what has gone is made anew.
 */
static bool repair(struct local *l, enum sqlite_result result, int attempt, struct error *error)
{
	bool damaged = result == SQLITE_RESULT_DAMAGED;
	if (l->access == STORE_READ || attempt >= ATTEMPTS || (!damaged && result != SQLITE_RESULT_GONE))
		return false;
	bool ok = !damaged || attempt == 0 || l->db == NULL || set_aside(l, error);
	disconnect(l);
	return ok;
}

/* What find() looks for and fills. */
struct search {
	struct store_key *key;
	struct breaker *b;
};

static bool take_breaker(void *context, const struct sqlite_values *row)
{
	struct search *search = context;
	search->key->id = row->id;
	search->key->found = record_decode_breaker(search->b, row->record, row->record_length);
	return false;
}

/* Finds the breaker's row. A record that cannot be read is started afresh under its old id. */
static enum sqlite_result find(struct local *l, const char *name, bool create, struct store_key *key,
                               struct breaker *b)
{
	struct sqlite_values values = {.name = name};
	struct search search = {.key = key, .b = b};
	*key = (struct store_key){0};
	enum sqlite_result result = sqlite_run(l->db, SQL_FIND, &values, take_breaker, &search);
	if (result == SQLITE_RESULT_OK && key->id != 0 && !key->found)
		remark(l, "the record of breaker %s in the store %s is damaged; it starts afresh", name,
		       l->where.database);
	if (result == SQLITE_RESULT_OK && key->id == 0 && create) {
		result = sqlite_run(l->db, SQL_RESERVE, &values, NULL, NULL);
		key->id = sqlite_last_id(l->db);
	}
	return result;
}

static bool begin(struct store *store, const char *name, bool create, struct store_key *key, struct breaker *b,
                  struct error *error)
{
	struct local *l = self(store);
	for (int attempt = 0;; attempt++) {
		enum sqlite_result result = open_step(l, error);
		if (result == SQLITE_RESULT_OK) {
			result = find(l, name, create, key, b);
			if (result == SQLITE_RESULT_OK)
				return true;
			fail(l, result, error, "read");
		}
		if (l->db != NULL)
			sqlite_rollback(l->db);
		if (!repair(l, result, attempt, error))
			return false;
	}
}

static enum sqlite_result keep_event(struct local *l, int64_t id, const struct event *event)
{
	uint8_t bytes[RECORD_EVENT_SIZE];
	struct sqlite_values values = {.id = id, .seq = event->seq, .record = bytes};
	values.record_length = record_encode_event(event, bytes);
	enum sqlite_result result = sqlite_run(l->db, SQL_ADD_EVENT, &values, NULL, NULL);
	if (result == SQLITE_RESULT_OK && event->seq % SCHEMA_PRUNE_EVERY == 0) {
		values.seq = event->seq - SCHEMA_HISTORY_KEPT;
		result = sqlite_run(l->db, SQL_PRUNE_EVENTS, &values, NULL, NULL);
	}
	return result;
}

static enum sqlite_result keep(struct local *l, int64_t id, const struct breaker *b,
                               const struct journal *journal)
{
	uint8_t bytes[RECORD_BREAKER_SIZE];
	struct sqlite_values values = {.id = id, .record = bytes};
	values.record_length = record_encode_breaker(b, bytes);
	enum sqlite_result result = sqlite_run(l->db, SQL_KEEP, &values, NULL, NULL);
	for (int i = 0; i < journal->count && result == SQLITE_RESULT_OK; i++)
		result = keep_event(l, id, &journal->events[i]);
	if (result == SQLITE_RESULT_OK)
		result = sqlite_run(l->db, SQL_COMMIT, NULL, NULL, NULL);
	return result;
}

static enum store_verdict commit(struct store *store, const struct store_key *key, const struct breaker *b,
                                 const struct journal *journal, struct error *error)
{
	struct local *l = self(store);
	if (!l->durable && journal_has_transition(journal)) {
		sqlite_rollback(l->db);
		sqlite_make_durable(l->db);
		l->durable = true;
		return STORE_AGAIN;
	}
	enum sqlite_result result = keep(l, key->id, b, journal);
	if (result == SQLITE_RESULT_OK)
		return STORE_KEPT;
	fail(l, result, error, "write");
	sqlite_rollback(l->db);
	return repair(l, result, 1, error) ? STORE_AGAIN : STORE_FAILED;
}

static void abandon(struct store *store)
{
	struct local *l = self(store);
	if (l->db != NULL)
		sqlite_rollback(l->db);
}

static bool remove_breaker(struct store *store, const struct store_key *key, struct error *error)
{
	struct local *l = self(store);
	struct sqlite_values values = {.id = key->id};
	enum sqlite_result result = sqlite_run(l->db, SQL_REMOVE_EVENTS, &values, NULL, NULL);
	if (result == SQLITE_RESULT_OK)
		result = sqlite_run(l->db, SQL_REMOVE, &values, NULL, NULL);
	if (result == SQLITE_RESULT_OK)
		result = sqlite_run(l->db, SQL_COMMIT, NULL, NULL, NULL);
	if (result == SQLITE_RESULT_OK)
		return true;
	fail(l, result, error, "write");
	sqlite_rollback(l->db);
	return false;
}

static bool count_permits(struct store *store, int64_t id, struct load *load, struct error *error)
{
	return permits_count(&self(store)->permits, id, load, error);
}

static bool take_permit(struct store *store, int64_t id, bool trial, struct error *error)
{
	return permits_take(&self(store)->permits, id, trial, error);
}

static void release_permit(struct store *store)
{
	permits_release(&self(store)->permits);
}

/* What a listing hands on. A record that cannot be read is passed over, with a notice. */
struct listing {
	struct local *local;
	store_breaker_visitor *visit_breaker;
	store_event_visitor *visit_event;
	void *context;
};

static bool list_breaker(void *context, const struct sqlite_values *row)
{
	struct listing *listing = context;
	struct breaker b;
	if (record_decode_breaker(&b, row->record, row->record_length))
		return listing->visit_breaker(listing->context, row->name, row->id, &b);
	remark(listing->local, "the record of breaker %s in the store %s is damaged", row->name,
	       listing->local->where.database);
	return true;
}

static bool list_event(void *context, const struct sqlite_values *row)
{
	struct listing *listing = context;
	struct event event;
	if (!record_decode_event(&event, row->record, row->record_length)) {
		remark(listing->local, "event %lld in the store %s is damaged", (long long)row->seq,
		       listing->local->where.database);
		return true;
	}
	event.seq = row->seq;
	return listing->visit_event(listing->context, &event);
}

static bool list(struct local *l, enum sqlite_statement which, int64_t id, struct listing *listing,
                 struct error *error)
{
	struct sqlite_values values = {.id = id};
	sqlite_row_visitor *visit = which == SQL_LIST ? list_breaker : list_event;
	enum sqlite_result result = open_step(l, error);
	if (result == SQLITE_RESULT_OK) {
		result = sqlite_run(l->db, which, &values, visit, listing);
		if (result != SQLITE_RESULT_OK)
			fail(l, result, error, "read");
	}
	if (l->db != NULL)
		sqlite_rollback(l->db);
	return result == SQLITE_RESULT_OK;
}

static bool each_breaker(struct store *store, store_breaker_visitor *visit, void *context, struct error *error)
{
	struct listing listing = {.local = self(store), .visit_breaker = visit, .context = context};
	return list(self(store), SQL_LIST, 0, &listing, error);
}

static bool each_event(struct store *store, int64_t id, store_event_visitor *visit, void *context,
                       struct error *error)
{
	struct listing listing = {.local = self(store), .visit_event = visit, .context = context};
	return list(self(store), SQL_LIST_EVENTS, id, &listing, error);
}

static bool notice(struct store *store, char text[ERROR_TEXT_SIZE])
{
	struct local *l = self(store);
	snprintf(text, ERROR_TEXT_SIZE, "%s", l->notice);
	l->notice[0] = '\0';
	return text[0] != '\0';
}

static void close_store(struct store *store)
{
	struct local *l = self(store);
	disconnect(l);
	permits_close(&l->permits);
	free(l);
}

static const struct store_engine local_engine = {
	.begin = begin,
	.commit = commit,
	.abandon = abandon,
	.remove = remove_breaker,
	.count_permits = count_permits,
	.take_permit = take_permit,
	.release_permit = release_permit,
	.each_breaker = each_breaker,
	.each_event = each_event,
	.notice = notice,
	.close = close_store,
};

bool local_open(struct store **store, const struct store_options *options, struct error *error)
{
	bool creating = options->access == STORE_WRITE;
	*store = NULL;
	struct local *l = calloc(1, sizeof(*l));
	if (l == NULL)
		return error_set(error, ERROR_STORE, "cannot open the store: out of memory");
	l->store.engine = &local_engine;
	l->access = options->access;
	l->lock_timeout_ms = options->lock_timeout_ms;
	l->permits.fd = -1;
	bool present = creating;
	bool ok = location_find(&l->where, options->path, creating, error);
	if (ok && !creating && l->where.exists)
		ok = files_present(&l->where, &present, error);
	if (ok && present)
		ok = l->trusted = location_check(&l->where, error);
	if (ok && present)
		ok = permits_open(&l->permits, l->where.permits, options->access != STORE_READ, error);
	if (ok && present)
		*store = &l->store;
	else
		close_store(&l->store);
	return ok;
}
