/*
 * local.c: breakers in SQLite, permits in kernel locks.
 *
 * A step is one transaction: BEGIN IMMEDIATE, so that steps happen one after
 * the other. A step that brings a transition is taken twice: the first time
 * shows that there is one, the second commits it with a flush.
 */
#include "store/local/local.h"

#include "store/local/files.h"
#include "store/local/connection.h"
#include "store/local/events.h"
#include "store/local/kept_output.h"
#include "store/codec.h"
#include "store/local/schema.h"

#include <stdio.h>
#include <stdlib.h>

enum { LONGEST_NAME = 128, MOST_DRAWS = 16 };

struct local {
	struct store store; /* first: the interface sees only this */
	struct connection handle;
	struct events history; /* of the breaker that the open step is about */
};

static struct connection *self(struct store *store)
{
	return &((struct local *)store)->handle;
}

/* What find() looks for and fills. */
struct search {
	struct store_key *key;
	struct breaker *b;
	struct events *history;
	bool met; /* there is such a row, sound or not */
};

static bool take_breaker(void *context, const struct sqlite_values *row)
{
	struct search *search = context;
	search->met = true;
	search->key->id = row->id;
	search->key->found =
		permits_id_fits(row->id) && codec_decode_breaker(search->b, row->record, row->record_length);
	if (search->key->found)
		events_load(search->history, row);
	return false;
}

/* Makes the breaker's row, under an id that no other has. A name that is taken after all is damage. */
static enum sqlite_result reserve(struct connection *h, const char *name, struct store_key *key)
{
	struct sqlite_values values = {.name = name};
	enum sqlite_result result;
	int draws = 0;
	do {
		values.id = permits_draw_id();
		result = sqlite_run(h->db, SQL_RESERVE, &values, NULL, NULL);
	} while (result == SQLITE_RESULT_TAKEN && ++draws < MOST_DRAWS);
	key->id = values.id;
	return result == SQLITE_RESULT_TAKEN ? SQLITE_RESULT_DAMAGED : result;
}

static enum sqlite_result forget(struct connection *h, int64_t id)
{
	struct sqlite_values values = {.id = id};
	enum sqlite_result result = events_remove(h, id);
	return result == SQLITE_RESULT_OK ? sqlite_run(h->db, SQL_REMOVE, &values, NULL, NULL) : result;
}

/* A record that cannot be read: whoever takes a step starts the breaker afresh. */
static enum sqlite_result replace(struct connection *h, const char *name, enum store_intent intent,
                                  struct store_key *key)
{
	bool writing = intent != STORE_LOOK;
	if (writing || h->access == STORE_READ) /* else a step will come, and tell */
		connection_remark(h, "the record of breaker %s in the store %s is damaged%s", name,
		              h->where.database, writing ? "; it starts afresh" : "");
	if (!writing)
		return SQLITE_RESULT_OK;
	enum sqlite_result result = forget(h, key->id);
	return result == SQLITE_RESULT_OK ? reserve(h, name, key) : result;
}

/* Finds the breaker's row, or makes it. */
static enum sqlite_result find(struct local *l, const char *name, enum store_intent intent,
                               struct store_key *key, struct breaker *b)
{
	struct connection *h = &l->handle;
	struct sqlite_values values = {.name = name};
	struct search search = {.key = key, .b = b, .history = &l->history};
	*key = (struct store_key){0};
	events_load(&l->history, NULL);
	enum sqlite_result result = sqlite_run(h->db, SQL_FIND, &values, take_breaker, &search);
	if (result != SQLITE_RESULT_OK || key->found)
		return result;
	if (search.met)
		return replace(h, name, intent, key);
	return intent == STORE_CREATE ? reserve(h, name, key) : result;
}

static bool begin(struct store *store, const char *name, enum store_intent intent, struct store_key *key,
                  struct breaker *b, struct error *error)
{
	struct connection *h = self(store);
	for (int attempt = 0;; attempt++) {
		enum sqlite_result result = connection_begin(h, intent != STORE_LOOK, error);
		if (result == SQLITE_RESULT_OK) {
			result = find((struct local *)store, name, intent, key, b);
			if (result == SQLITE_RESULT_OK)
				return true;
			connection_fail(h, result, error, "read");
		}
		if (h->db != NULL)
			sqlite_rollback(h->db);
		if (!connection_repair(h, result, attempt, error))
			return false;
	}
}

static enum sqlite_result keep(struct local *l, int64_t id, const struct breaker *b,
                               const struct journal *journal)
{
	uint8_t bytes[CODEC_BREAKER_SIZE];
	struct connection *h = &l->handle;
	struct sqlite_values values = {.id = id, .record = bytes, .recent = l->history.waiting};
	enum sqlite_result result = events_add(&l->history, h, id, journal);
	values.record_length = codec_encode_breaker(b, bytes);
	values.recent_length = l->history.length;
	if (result == SQLITE_RESULT_OK)
		result = sqlite_run(h->db, SQL_KEEP, &values, NULL, NULL);
	if (result == SQLITE_RESULT_OK)
		result = sqlite_run(h->db, SQL_COMMIT, NULL, NULL, NULL);
	return result;
}

static enum store_verdict commit(struct store *store, const struct store_key *key, const struct breaker *b,
                                 const struct journal *journal, struct error *error)
{
	struct connection *h = self(store);
	if (!h->durable && journal_has_transition(journal)) {
		sqlite_rollback(h->db);
		sqlite_make_durable(h->db);
		h->durable = true;
		return STORE_AGAIN;
	}
	enum sqlite_result result = keep((struct local *)store, key->id, b, journal);
	if (result == SQLITE_RESULT_OK)
		return STORE_KEPT;
	connection_fail(h, result, error, "write");
	sqlite_rollback(h->db);
	return connection_repair(h, result, h->failed_commits++, error) ? STORE_AGAIN : STORE_FAILED;
}

static void abandon(struct store *store)
{
	struct connection *h = self(store);
	if (h->db != NULL)
		sqlite_rollback(h->db);
}

static bool remove_breaker(struct store *store, const struct store_key *key, struct error *error)
{
	struct connection *h = self(store);
	enum sqlite_result result = forget(h, key->id);
	if (result == SQLITE_RESULT_OK)
		result = sqlite_run(h->db, SQL_COMMIT, NULL, NULL, NULL);
	if (result == SQLITE_RESULT_OK) {
		kept_output_remove(&h->where, key->id);
		return true;
	}
	connection_fail(h, result, error, "write");
	sqlite_rollback(h->db);
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
	struct connection *handle;
	store_breaker_visitor *visit_breaker;
	store_event_visitor *visit_event;
	int64_t id; /* whose events */
	void *context;
	char last_name[LONGEST_NAME + 1]; /* what has been handed on already */
	int64_t last_seq;
};

static bool list_breaker(void *context, const struct sqlite_values *row)
{
	struct listing *listing = context;
	struct breaker b;
	snprintf(listing->last_name, sizeof(listing->last_name), "%s", row->name);
	if (codec_decode_breaker(&b, row->record, row->record_length))
		return listing->visit_breaker(listing->context, row->name, row->id, &b);
	connection_remark(listing->handle, "the record of breaker %s in the store %s is damaged", row->name,
	              listing->handle->where.database);
	return true;
}

static enum sqlite_result list_rows(struct connection *h, struct listing *listing)
{
	if (listing->visit_event != NULL)
		return events_each(h, listing->id, &listing->last_seq, listing->visit_event,
		                    listing->context);
	struct sqlite_values values = {.name = listing->last_name};
	return sqlite_run(h->db, SQL_LIST, &values, list_breaker, listing);
}

/* A reader that a writer disturbs looks again, and goes on behind what it has handed on. */
static bool list(struct connection *h, struct listing *listing, struct error *error)
{
	enum sqlite_result result;
	int attempt = 0;
	do {
		result = connection_begin(h, false, error);
		if (result == SQLITE_RESULT_OK) {
			result = list_rows(h, listing);
			if (result != SQLITE_RESULT_OK)
				connection_fail(h, result, error, "read");
		}
		if (h->db != NULL)
			sqlite_rollback(h->db);
	} while (result != SQLITE_RESULT_OK && connection_repair(h, result, attempt++, error));
	return result == SQLITE_RESULT_OK;
}

static bool each_breaker(struct store *store, store_breaker_visitor *visit, void *context,
                         struct error *error)
{
	struct listing listing = {.handle = self(store), .visit_breaker = visit, .context = context};
	return list(self(store), &listing, error);
}

static bool each_event(struct store *store, int64_t id, store_event_visitor *visit, void *context,
                       struct error *error)
{
	struct listing listing = {.visit_event = visit, .id = id, .context = context};
	return list(self(store), &listing, error);
}

static bool save_output(struct store *store, int64_t id, const struct instant *at, store_reader *read,
                        void *context, struct error *error)
{
	return kept_output_save(&self(store)->where, id, at, read, context, error);
}

static bool load_output(struct store *store, int64_t id, int *fd, struct instant *at, struct error *error)
{
	return kept_output_load(&self(store)->where, id, fd, at, error);
}

static bool notice(struct store *store, char text[ERROR_TEXT_SIZE])
{
	return connection_next_remark(self(store), text);
}

static void close_store(struct store *store)
{
	connection_close(self(store));
	free(store);
}

static void leave_store(struct store *store)
{
	connection_leave(self(store));
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
	.save_output = save_output,
	.load_output = load_output,
	.notice = notice,
	.close = close_store,
	.leave = leave_store,
};

/* Finds and trusts the files. *present is false if there is nothing to open, and nothing is to be made. */
static bool prepare(struct connection *h, const char *path, bool *present, struct error *error)
{
	bool creating = h->access == STORE_WRITE;
	*present = creating;
	if (!location_find(&h->where, path, creating, error))
		return false;
	if (!creating && h->where.exists && !files_present(&h->where, present, error))
		return false;
	if (!*present)
		return true;
	h->trusted = location_check(&h->where, error);
	return h->trusted &&
	       permits_open(&h->permits, h->where.permits, h->access != STORE_READ, h->where.mode, error);
}

bool local_open(struct store **store, const struct store_options *options, struct error *error)
{
	bool present;
	*store = NULL;
	struct local *l = malloc(sizeof(*l));
	if (l == NULL)
		return error_set(error, ERROR_STORE, "cannot open the store: out of memory");
	l->store.engine = &local_engine;
	connection_init(&l->handle, options);
	bool ok = prepare(&l->handle, options->path, &present, error);
	if (ok && present)
		*store = &l->store;
	else
		close_store(&l->store);
	return ok;
}
