/* listing.c: going through the breakers, and through the events of one. */
#include "store/codec.h"
#include "store/local/local.h"
#include "store/local/mapping.h"
#include "store/local/repair.h"

#include <stdio.h>

/* What a listing hands on. A record that cannot be read is passed over, with a remark. */
struct listing {
	struct local *local;
	store_breaker_visitor *visit_breaker;
	bool load;
	store_event_visitor *visit_event;
	const char *name; /* whose events */
	void *context;
	char last_name[LOCAL_NAME_SIZE]; /* what has been handed on already */
	int64_t last_seq;
	bool counted; /* permits could be */
	struct error *error;
	enum sqlite_result result;
};

static bool list_breaker(void *context, const struct sqlite_values *row)
{
	struct listing *listing = context;
	struct connection *c = &listing->local->connection;
	struct breaker b;
	snprintf(listing->last_name, sizeof(listing->last_name), "%s", row->name);
	enum codec_result read = codec_decode_breaker(&b, row->record, row->record_length);
	if (read != CODEC_OK) {
		lines_add(c->remarks, "the record of breaker %s in the store %s is %s", row->name,
		          c->where.database, read == CODEC_NEWER ? "a newer cbrun's" : "damaged");
		return true;
	}
	struct store_view view = {.name = row->name, .breaker = &b, .now = local_now(listing->local)};
	if (listing->load)
		listing->counted = permits_count(&c->permits, row->name, NULL, &view.load, listing->error);
	return listing->counted && listing->visit_breaker(listing->context, &view);
}

static bool take_id(void *context, const struct sqlite_values *row)
{
	*(int64_t *)context = row->id;
	return false;
}

static enum sqlite_result find_id(struct connection *c, const char *name, int64_t *id)
{
	struct sqlite_values values = {.name = name};
	*id = 0;
	return sqlite_run(c->db, SQL_FIND, &values, take_id, id);
}

static enum sqlite_result list_rows(struct listing *listing)
{
	struct connection *c = &listing->local->connection;
	struct sqlite_values values = {.name = listing->last_name};
	int64_t id;
	if (listing->visit_event == NULL)
		return sqlite_run(c->db, SQL_LIST, &values, list_breaker, listing);
	enum sqlite_result result = find_id(c, listing->name, &id);
	if (result != SQLITE_RESULT_OK || id == 0)
		return result;
	return events_each(c, id, &listing->last_seq, listing->visit_event, listing->context);
}

static void list_once(void *context)
{
	struct listing *listing = context;
	struct connection *c = &listing->local->connection;
	listing->result = connection_begin(c, false, listing->error);
	if (listing->result == SQLITE_RESULT_OK) {
		listing->result = list_rows(listing);
		if (listing->result != SQLITE_RESULT_OK)
			connection_fail(c, listing->result, listing->error, "read");
	}
	connection_rollback(c);
}

/* A reader that a writer disturbs looks again, and goes on behind what it has handed on. */
static bool list(struct listing *listing)
{
	struct connection *c = &listing->local->connection;
	int failures = 0;
	do {
		if (!mapping_guard(list_once, listing))
			return connection_lose(c, listing->error);
	} while (listing->result != SQLITE_RESULT_OK &&
	         repair_after(c, listing->result, failures++, listing->error));
	return listing->result == SQLITE_RESULT_OK && listing->counted;
}

bool listing_each_breaker(struct store *store, bool load, store_breaker_visitor *visit, void *context,
                          struct error *error)
{
	struct listing listing = {
		.local = (struct local *)store,
		.visit_breaker = visit,
		.load = load,
		.context = context,
		.counted = true,
		.error = error,
	};
	return list(&listing);
}

bool listing_each_event(struct store *store, const char *name, store_event_visitor *visit, void *context,
                        struct error *error)
{
	struct listing listing = {
		.local = (struct local *)store,
		.visit_event = visit,
		.name = name,
		.context = context,
		.counted = true,
		.error = error,
	};
	return list(&listing);
}
