/*
 * chronicle.c: there may be a million events, and most have no text: an entry is
 * a tenth of a struct event. What is too much is dropped on the way, so a limit
 * bounds the memory, too.
 */
#include "report/chronicle.h"

#include <stdlib.h>
#include <string.h>

enum { SLACK = 64 };

/* The reason and the host of an event that has one. */
struct told {
	enum reason_kind kind;
	int64_t a;
	int64_t b;
	char texts[]; /* its text, who acted, and the host, each with its NUL */
};

struct entry {
	int64_t wall_ms;
	int64_t seq;
	int64_t generation;
	int64_t duration_us;
	struct told *told; /* NULL: nothing */
	uint32_t breaker;
	int32_t exit; /* at most three digits */
	uint8_t kind;
	uint8_t outcome;
	uint8_t cause;
	uint8_t from;
	uint8_t to;
};

static bool is_asked_for(const struct chronicle *c, const struct event *event)
{
	if (c->transitions && event->kind != EVENT_TRANSITION)
		return false;
	return event->wall_ms >= c->since_ms && (c->until_ms == 0 || event->wall_ms <= c->until_ms);
}

static struct told *copy_told(const struct event *event)
{
	const struct reason *reason = &event->reason;
	size_t host = strlen(event->host) + 1;
	size_t text = strlen(reason->text) + 1;
	size_t by = strlen(reason->by) + 1;
	struct told *told = malloc(sizeof(*told) + text + by + host);
	if (told == NULL)
		return NULL;
	told->kind = reason->kind;
	told->a = reason->a;
	told->b = reason->b;
	memcpy(told->texts, reason->text, text);
	memcpy(told->texts + text, reason->by, by);
	memcpy(told->texts + text + by, event->host, host);
	return told;
}

bool chronicle_add(struct chronicle *c, size_t breaker, const struct event *event)
{
	struct told *told = NULL;
	bool has_more = event->reason.kind != REASON_NONE || event->reason.text[0] != '\0' || event->host[0] != '\0';
	if (!is_asked_for(c, event))
		return true;
	if (c->limit > 0 && c->entries.count >= 2 * (size_t)c->limit + SLACK)
		chronicle_settle(c);
	if (has_more && (told = copy_told(event)) == NULL)
		return false;
	struct entry *entry = array_append(&c->entries, sizeof(*entry));
	if (entry == NULL) {
		free(told);
		return false;
	}
	*entry = (struct entry){
		.wall_ms = event->wall_ms,
		.seq = event->seq,
		.generation = event->generation,
		.duration_us = event->duration_us,
		.told = told,
		.breaker = (uint32_t)breaker,
		.exit = (int32_t)event->exit,
		.kind = (uint8_t)event->kind,
		.outcome = (uint8_t)event->outcome,
		.cause = (uint8_t)event->cause,
		.from = (uint8_t)event->from,
		.to = (uint8_t)event->to,
	};
	return true;
}

static int compare(const void *left, const void *right)
{
	const struct entry *a = left;
	const struct entry *b = right;
	if (a->wall_ms != b->wall_ms)
		return a->wall_ms < b->wall_ms ? -1 : 1;
	if (a->breaker != b->breaker)
		return a->breaker < b->breaker ? -1 : 1;
	return (a->seq > b->seq) - (a->seq < b->seq);
}

void chronicle_settle(struct chronicle *c)
{
	struct array *entries = &c->entries;
	struct entry *items = entries->items;
	size_t limit = c->limit > 0 ? (size_t)c->limit : entries->count;
	if (c->many && entries->count > 1)
		qsort(items, entries->count, sizeof(*items), compare);
	if (entries->count <= limit)
		return;
	size_t dropped = entries->count - limit;
	for (size_t i = 0; i < dropped; i++)
		free(items[i].told);
	memmove(items, items + dropped, limit * sizeof(*items));
	entries->count = limit;
}

bool chronicle_get(const struct chronicle *c, size_t number, size_t *breaker, struct event *event)
{
	const struct entry *entry = (const struct entry *)c->entries.items + number;
	if (number >= c->entries.count)
		return false;
	*breaker = entry->breaker;
	*event = (struct event){
		.kind = (enum event_kind)entry->kind,
		.seq = entry->seq,
		.wall_ms = entry->wall_ms,
		.generation = entry->generation,
		.exit = entry->exit,
		.outcome = (enum outcome)entry->outcome,
		.cause = (enum ignored_cause)entry->cause,
		.duration_us = entry->duration_us,
		.from = (enum breaker_state)entry->from,
		.to = (enum breaker_state)entry->to,
	};
	if (entry->told == NULL)
		return true;
	size_t text = strlen(entry->told->texts) + 1;
	event->reason.kind = entry->told->kind;
	event->reason.a = entry->told->a;
	event->reason.b = entry->told->b;
	memcpy(event->reason.text, entry->told->texts, text);
	const char *by = entry->told->texts + text;
	const char *host = by + strlen(by) + 1;
	memcpy(event->reason.by, by, (size_t)(host - by));
	memcpy(event->host, host, strlen(host) + 1);
	return true;
}

void chronicle_free(struct chronicle *c)
{
	struct entry *items = c->entries.items;
	for (size_t i = 0; i < c->entries.count; i++)
		free(items[i].told);
	array_free(&c->entries);
}
