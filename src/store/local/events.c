/* events.c: events that wait in a breaker's row, and those in their own table. */
#include "store/local/events.h"

#include "store/local/schema.h"

#include <string.h>

void events_load(struct events *events, const struct sqlite_values *row)
{
	size_t length = row != NULL ? row->recent_length : 0;
	events->damaged = length > EVENTS_WAITING_SIZE;
	events->length = events->damaged ? 0 : length;
	if (events->length > 0)
		memcpy(events->waiting, row->recent, events->length);
}

static void remark_damage(struct connection *c, int64_t seq)
{
	if (seq > 0)
		lines_add(c->remarks, "event %lld in the store %s is damaged", (long long)seq, c->where.database);
	else
		lines_add(c->remarks, "the newest events of a breaker in the store %s are damaged",
		              c->where.database);
}

static enum sqlite_result move_event(struct connection *c, int64_t id, const struct event *event)
{
	uint8_t bytes[CODEC_EVENT_SIZE];
	struct sqlite_values values = {.id = id, .seq = event->seq, .record = bytes};
	values.record_length = codec_encode_event(event, bytes);
	enum sqlite_result result = sqlite_run(c->db, SQL_ADD_EVENT, &values, NULL, NULL);
	if (result == SQLITE_RESULT_OK && event->seq % SCHEMA_PRUNE_EVERY == 0) {
		values.seq = event->seq - SCHEMA_HISTORY_KEPT;
		result = sqlite_run(c->db, SQL_PRUNE_EVENTS, &values, NULL, NULL);
	}
	return result;
}

static enum sqlite_result move_all(struct events *events, struct connection *c, int64_t id)
{
	const uint8_t *next = events->waiting;
	size_t left = events->length;
	struct event event;
	enum sqlite_result result = SQLITE_RESULT_OK;
	while (result == SQLITE_RESULT_OK && codec_next_event(&event, &next, &left))
		result = move_event(c, id, &event);
	if (result == SQLITE_RESULT_OK && left > 0)
		remark_damage(c, 0);
	events->length = 0;
	return result;
}

enum sqlite_result events_add(struct events *events, struct connection *c, int64_t id,
                               const struct journal *journal)
{
	if (events->damaged)
		remark_damage(c, 0);
	events->damaged = false;
	for (int i = 0; i < journal->count; i++)
		events->length +=
			codec_append_event(&journal->events[i], events->waiting + events->length);
	return events->length > EVENTS_WAITING_SIZE ? move_all(events, c, id) : SQLITE_RESULT_OK;
}

enum sqlite_result events_remove(struct connection *c, int64_t id)
{
	struct sqlite_values values = {.id = id};
	return sqlite_run(c->db, SQL_REMOVE_EVENTS, &values, NULL, NULL);
}

struct listing {
	struct connection *connection;
	store_event_visitor *visit;
	void *context;
	int64_t last_seq; /* of what has been handed on */
	bool done; /* the visitor has seen enough */
};

static bool list_moved(void *context, const struct sqlite_values *row)
{
	struct listing *listing = context;
	struct event event;
	listing->last_seq = row->seq;
	if (!codec_decode_event(&event, row->record, row->record_length)) {
		remark_damage(listing->connection, row->seq);
		return true;
	}
	event.seq = row->seq;
	listing->done = !listing->visit(listing->context, &event);
	return !listing->done;
}

static bool list_waiting(void *context, const struct sqlite_values *row)
{
	struct listing *listing = context;
	const uint8_t *next = row->recent;
	size_t left = row->recent_length;
	struct event event;
	while (!listing->done && codec_next_event(&event, &next, &left)) {
		if (event.seq <= listing->last_seq)
			continue;
		listing->last_seq = event.seq;
		listing->done = !listing->visit(listing->context, &event);
	}
	if (!listing->done && left > 0)
		remark_damage(listing->connection, 0);
	return false;
}

enum sqlite_result events_each(struct connection *c, int64_t id, int64_t after, store_event_visitor *visit,
                               void *context)
{
	struct sqlite_values values = {.id = id, .seq = after};
	struct listing listing = {.connection = c, .visit = visit, .context = context, .last_seq = after};
	enum sqlite_result result = sqlite_run(c->db, SQL_LIST_EVENTS, &values, list_moved, &listing);
	if (result == SQLITE_RESULT_OK && !listing.done)
		result = sqlite_run(c->db, SQL_LIST_RECENT, &values, list_waiting, &listing);
	return result;
}
