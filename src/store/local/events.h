/*
 * events.h: a breaker's events. The newest wait in the breaker's own row until
 * there are enough of them to be moved to the table of events: most calls then
 * write one page of the database, and not two.
 */
#ifndef CBRUN_STORE_LOCAL_EVENTS_H
#define CBRUN_STORE_LOCAL_EVENTS_H

#include "store/codec.h"
#include "store/local/connection.h"

/* A row with this much still fits on a page, beside a breaker of the default policy. */
enum { EVENTS_WAITING_SIZE = 400 };

/* The events that wait in the row of the breaker that a step is about. */
struct events {
	bool damaged; /* there were more than we would have left */
	size_t length;
	uint8_t waiting[EVENTS_WAITING_SIZE + JOURNAL_SIZE * CODEC_EVENT_SIZE];
};

/* Takes what the breaker's row holds; nothing if row is NULL. */
void events_load(struct events *events, const struct sqlite_values *row);

/* Adds a step's events, and moves all that wait if they have become many. The caller writes the row. */
enum sqlite_result events_add(struct events *events, struct connection *c, int64_t id,
                               const struct journal *journal);

/* Removes what was moved. */
enum sqlite_result events_remove(struct connection *c, int64_t id);

/*
 * Hands on the events of a breaker with numbers higher than `after`, oldest first. What cannot be read is passed
 * over, with a remark.
 */
enum sqlite_result events_each(struct connection *c, int64_t id, int64_t after, store_event_visitor *visit,
                               void *context);

#endif
