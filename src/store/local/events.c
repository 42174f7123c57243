/* events.c: events that wait in a breaker's row, and those in their own table. */
#include "store/local/events.h"

#include "store/local/schema.h"

#include <string.h>

void events_load(struct events *history, const struct sqlite_values *row)
{
	size_t length = row != NULL ? row->recent_length : 0;
	history->damaged = length > EVENTS_WAITING_SIZE;
	history->length = history->damaged ? 0 : length;
	if (history->length > 0)
		memcpy(history->waiting, row->recent, history->length);
}

static void remark_damage(struct connection *h, int64_t seq)
{
	if (seq > 0)
		connection_remark(h, "event %lld in the store %s is damaged", (long long)seq, h->where.database);
	else
		connection_remark(h, "the newest events of a breaker in the store %s are damaged",
		              h->where.database);
}

static enum sqlite_result move_event(struct connection *h, int64_t id, const struct event *event)
{
	uint8_t bytes[CODEC_EVENT_SIZE];
	struct sqlite_values values = {.id = id, .seq = event->seq, .record = bytes};
	values.record_length = codec_encode_event(event, bytes);
	enum sqlite_result result = sqlite_run(h->db, SQL_ADD_EVENT, &values, NULL, NULL);
	if (result == SQLITE_RESULT_OK && event->seq % SCHEMA_PRUNE_EVERY == 0) {
		values.seq = event->seq - SCHEMA_HISTORY_KEPT;
		result = sqlite_run(h->db, SQL_PRUNE_EVENTS, &values, NULL, NULL);
	}
	return result;
}

static enum sqlite_result move_all(struct events *history, struct connection *h, int64_t id)
{
	const uint8_t *next = history->waiting;
	size_t left = history->length;
	struct event event;
	enum sqlite_result result = SQLITE_RESULT_OK;
	while (result == SQLITE_RESULT_OK && codec_next_event(&event, &next, &left))
		result = move_event(h, id, &event);
	if (result == SQLITE_RESULT_OK && left > 0)
		remark_damage(h, 0);
	history->length = 0;
	return result;
}

enum sqlite_result events_add(struct events *history, struct connection *h, int64_t id,
                               const struct journal *journal)
{
	if (history->damaged)
		remark_damage(h, 0);
	history->damaged = false;
	for (int i = 0; i < journal->count; i++)
		history->length +=
			codec_append_event(&journal->events[i], history->waiting + history->length);
	return history->length > EVENTS_WAITING_SIZE ? move_all(history, h, id) : SQLITE_RESULT_OK;
}

enum sqlite_result events_remove(struct connection *h, int64_t id)
{
	struct sqlite_values values = {.id = id};
	return sqlite_run(h->db, SQL_REMOVE_EVENTS, &values, NULL, NULL);
}

struct listing {
	struct connection *handle;
	store_event_visitor *visit;
	void *context;
	int64_t *last_seq;
	bool done; /* the visitor has seen enough */
};

static bool list_moved(void *context, const struct sqlite_values *row)
{
	struct listing *listing = context;
	struct event event;
	*listing->last_seq = row->seq;
	if (!codec_decode_event(&event, row->record, row->record_length)) {
		remark_damage(listing->handle, row->seq);
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
		if (event.seq <= *listing->last_seq)
			continue;
		*listing->last_seq = event.seq;
		listing->done = !listing->visit(listing->context, &event);
	}
	if (!listing->done && left > 0)
		remark_damage(listing->handle, 0);
	return false;
}

enum sqlite_result events_each(struct connection *h, int64_t id, int64_t *last_seq, store_event_visitor *visit,
                                void *context)
{
	struct sqlite_values values = {.id = id, .seq = *last_seq};
	struct listing listing = {.handle = h, .visit = visit, .context = context, .last_seq = last_seq};
	enum sqlite_result result = sqlite_run(h->db, SQL_LIST_EVENTS, &values, list_moved, &listing);
	if (result == SQLITE_RESULT_OK && !listing.done)
		result = sqlite_run(h->db, SQL_LIST_RECENT, &values, list_waiting, &listing);
	return result;
}
