/*
 * listing.c: going through the breakers, and through the events of one. All of
 * them are read first and handed on after the transaction: whoever is shown
 * them may take as long as he likes.
 */
#include "store/codec.h"
#include "store/local/local.h"
#include "store/local/mapping.h"
#include "store/local/repair.h"

#include <stdlib.h>
#include <string.h>

/* A breaker as it was read. */
struct row {
	int64_t id;
	char *name;
	uint8_t *record; /* behind the name */
	size_t length;
};

struct listing {
	struct connection *connection;
	const char *name; /* whose events; NULL: the breakers */
	int64_t after;    /* the number of the event before the first one that is asked for */
	struct array items; /* struct row, or struct event */
	bool full;          /* out of memory */
	struct error *error;
	enum sqlite_result result;
};

static void forget(struct listing *listing)
{
	struct row *rows = listing->items.items;
	for (size_t i = 0; listing->name == NULL && i < listing->items.count; i++)
		free(rows[i].name);
	array_free(&listing->items);
}

static bool take_row(void *context, const struct sqlite_values *values)
{
	struct listing *listing = context;
	size_t size = strlen(values->name) + 1;
	char *bytes = malloc(size + values->record_length);
	struct row *row = bytes != NULL ? array_append(&listing->items, sizeof(*row)) : NULL;
	listing->full = row == NULL;
	if (listing->full) {
		free(bytes);
		return false;
	}
	*row = (struct row){values->id, bytes, (uint8_t *)bytes + size, values->record_length};
	memcpy(bytes, values->name, size);
	if (values->record_length > 0)
		memcpy(row->record, values->record, values->record_length);
	return true;
}

static bool take_event(void *context, const struct event *event)
{
	struct listing *listing = context;
	struct event *place = array_append(&listing->items, sizeof(*place));
	listing->full = place == NULL;
	if (!listing->full)
		*place = *event;
	return !listing->full;
}

static bool take_id(void *context, const struct sqlite_values *row)
{
	*(int64_t *)context = row->id;
	return false;
}

static enum sqlite_result read_items(struct listing *listing)
{
	struct connection *c = listing->connection;
	struct sqlite_values values = {.name = listing->name != NULL ? listing->name : ""};
	int64_t id = 0;
	if (listing->name == NULL)
		return sqlite_run(c->db, SQL_LIST, &values, take_row, listing);
	enum sqlite_result result = sqlite_run(c->db, SQL_FIND, &values, take_id, &id);
	if (result != SQLITE_RESULT_OK || id == 0)
		return result;
	return events_each(c, id, listing->after, take_event, listing);
}

static void read_once(void *context)
{
	struct listing *listing = context;
	struct connection *c = listing->connection;
	forget(listing);
	listing->result = connection_begin(c, false, listing->error);
	if (listing->result == SQLITE_RESULT_OK) {
		size_t remarks = c->remarks->texts.count;
		listing->result = read_items(listing);
		if (!connection_is_consistent(c))
			listing->result = SQLITE_RESULT_CHANGED;
		if (listing->result != SQLITE_RESULT_OK) {
			lines_cut(c->remarks, remarks);
			connection_fail(c, listing->result, listing->error, "read");
		}
	}
	connection_end(c);
}

/* A reader that a writer disturbs looks again. */
static bool read_all(struct listing *listing)
{
	struct connection *c = listing->connection;
	int failures = 0;
	connection_start_waiting(c, 0);
	do {
		if (!mapping_guard(read_once, listing))
			return connection_lose(c, listing->error);
	} while (listing->result != SQLITE_RESULT_OK &&
	         repair_after(c, listing->result, failures++, listing->error));
	if (listing->full)
		return error_set(listing->error, ERROR_STORE, "cannot read the store %s: out of memory",
		                 c->where.database);
	return listing->result == SQLITE_RESULT_OK;
}

/* Hands on one breaker. A record that cannot be read is passed over, with a remark. */
static bool hand_on(struct local *l, const struct row *row, bool load, store_breaker_visitor *visit,
                    void *context, struct error *error, bool *ok)
{
	struct connection *c = &l->connection;
	struct breaker b;
	enum codec_result read = codec_decode_breaker(&b, row->record, row->length);
	if (read != CODEC_OK) {
		lines_add(c->remarks, "the record of breaker %s in the store %s is %s", row->name,
		          c->where.database, read == CODEC_NEWER ? "a newer cbrun's" : "damaged");
		return true;
	}
	struct store_view view = {.name = row->name, .breaker = &b, .incarnation = row->id, .now = local_now(l)};
	*ok = !load || permits_count(&c->permits, row->name, NULL, &view.load, error);
	return *ok && visit(context, &view);
}

bool listing_each_breaker(struct store *store, bool load, store_breaker_visitor *visit, void *context,
                          struct error *error)
{
	struct local *l = (struct local *)store;
	struct listing listing = {.connection = &l->connection, .error = error};
	bool ok = read_all(&listing);
	const struct row *rows = listing.items.items;
	bool more = ok;
	for (size_t i = 0; i < listing.items.count && more; i++)
		more = hand_on(l, &rows[i], load, visit, context, error, &ok);
	forget(&listing);
	return ok;
}

bool listing_each_event(struct store *store, const char *name, int64_t after, store_event_visitor *visit,
                        void *context, struct error *error)
{
	struct local *l = (struct local *)store;
	struct listing listing = {.connection = &l->connection, .name = name, .after = after, .error = error};
	bool ok = read_all(&listing);
	const struct event *events = listing.items.items;
	for (size_t i = 0; ok && i < listing.items.count; i++)
		if (!visit(context, &events[i]))
			break;
	forget(&listing);
	return ok;
}

bool listing_each_running(struct store *store, const char *name, store_call_visitor *visit, void *context,
                          struct load *load, struct error *error)
{
	const struct local *l = (struct local *)store;
	return permits_list(&l->connection.permits, name, visit, context, load, error);
}
