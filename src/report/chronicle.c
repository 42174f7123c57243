/* chronicle.c: what is too much is dropped on the way, so that a limit bounds the memory, too. */
#include "report/chronicle.h"

#include <stdlib.h>
#include <string.h>

enum { SLACK = 64 };

static bool is_asked_for(const struct chronicle *c, const struct event *event)
{
	if (c->transitions && event->kind != EVENT_TRANSITION)
		return false;
	return event->wall_ms >= c->since_ms && (c->until_ms == 0 || event->wall_ms <= c->until_ms);
}

bool chronicle_add(struct chronicle *c, size_t breaker, const struct event *event)
{
	if (!is_asked_for(c, event))
		return true;
	if (c->limit > 0 && c->entries.count >= 2 * (size_t)c->limit + SLACK)
		chronicle_settle(c);
	struct chronicle_entry *entry = array_append(&c->entries, sizeof(*entry));
	if (entry == NULL)
		return false;
	entry->breaker = breaker;
	entry->event = *event;
	return true;
}

static int compare(const void *left, const void *right)
{
	const struct chronicle_entry *a = left;
	const struct chronicle_entry *b = right;
	if (a->event.wall_ms != b->event.wall_ms)
		return a->event.wall_ms < b->event.wall_ms ? -1 : 1;
	if (a->breaker != b->breaker)
		return a->breaker < b->breaker ? -1 : 1;
	return (a->event.seq > b->event.seq) - (a->event.seq < b->event.seq);
}

void chronicle_settle(struct chronicle *c)
{
	struct array *entries = &c->entries;
	struct chronicle_entry *items = entries->items;
	size_t limit = c->limit > 0 ? (size_t)c->limit : entries->count;
	if (c->many && entries->count > 1)
		qsort(items, entries->count, sizeof(*items), compare);
	if (entries->count <= limit)
		return;
	memmove(items, items + entries->count - limit, limit * sizeof(*items));
	entries->count = limit;
}

const struct chronicle_entry *chronicle_entry(const struct chronicle *c, size_t number)
{
	const struct chronicle_entry *items = c->entries.items;
	return number < c->entries.count ? &items[number] : NULL;
}

void chronicle_free(struct chronicle *c)
{
	array_free(&c->entries);
}
