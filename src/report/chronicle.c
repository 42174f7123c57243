/*
 * chronicle.c: there may be a million events, and most have no text: an entry is
 * 32 bytes. They lie as they came, which is in the order of time for each breaker, as
 * long as nobody sets the clock back: so they are merged, run by run, and not sorted,
 * which would take as much memory again. What is too much is dropped on the way, so a
 * limit bounds the memory, too.
 */
#include "report/chronicle.h"

#include <stdlib.h>
#include <string.h>

enum { SLACK = 64 };

/* The reason and the host of an event that has one, and what has no room beside it. */
struct told {
	int64_t duration_us;
	enum reason_kind kind;
	int64_t a;
	int64_t b;
	char texts[]; /* its text, who acted, and the host, each with its NUL */
};

struct entry {
	int64_t wall_ms;
	int64_t generation;
	union {
		int64_t duration_us;
		struct told *told; /* if it is_told */
	} rest;
	uint32_t breaker;
	int16_t exit; /* at most three digits */
	unsigned kind : 1;
	unsigned outcome : 2;
	unsigned cause : 4;
	unsigned from : 2;
	unsigned to : 2;
	unsigned is_told : 1;
	unsigned is_dropped : 1;
};

_Static_assert(sizeof(struct entry) == 32, "a million of them shall be 32 MB");
_Static_assert(IGNORED_CAUSES <= 16, "it does not fit");

/* Entries that are in order, from `next` on. */
struct run {
	size_t next;
	size_t end;
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
	told->duration_us = event->duration_us;
	told->kind = reason->kind;
	told->a = reason->a;
	told->b = reason->b;
	memcpy(told->texts, reason->text, text);
	memcpy(told->texts + text, reason->by, by);
	memcpy(told->texts + text + by, event->host, host);
	return told;
}

/* What was dropped makes room for what comes. */
static void compact(struct chronicle *c)
{
	struct entry *items = c->entries.items;
	size_t kept = 0;
	for (size_t i = 0; i < c->entries.count; i++)
		if (!items[i].is_dropped)
			items[kept++] = items[i];
	c->entries.count = kept;
}

bool chronicle_add(struct chronicle *c, size_t breaker, const struct event *event)
{
	struct told *told = NULL;
	bool has_more = event->reason.kind != REASON_NONE || event->reason.text[0] != '\0' || event->host[0] != '\0';
	if (!is_asked_for(c, event))
		return true;
	if (c->limit > 0 && c->entries.count >= 2 * (size_t)c->limit + SLACK) {
		if (!chronicle_settle(c))
			return false;
		compact(c);
	}
	if (has_more && (told = copy_told(event)) == NULL)
		return false;
	struct entry *entry = array_append(&c->entries, sizeof(*entry));
	if (entry == NULL) {
		free(told);
		return false;
	}
	*entry = (struct entry){
		.wall_ms = event->wall_ms,
		.generation = event->generation,
		.rest.duration_us = event->duration_us,
		.breaker = (uint32_t)breaker,
		.exit = (int16_t)event->exit,
		.kind = event->kind & 1,
		.outcome = event->outcome & 3,
		.cause = event->cause & 15,
		.from = event->from & 3,
		.to = event->to & 3,
		.is_told = told != NULL,
	};
	if (told != NULL)
		entry->rest.told = told;
	return true;
}

/* --- merging --- */

static int compare(const struct entry *a, const struct entry *b)
{
	if (a->wall_ms != b->wall_ms)
		return a->wall_ms < b->wall_ms ? -1 : 1;
	return (a->breaker > b->breaker) - (a->breaker < b->breaker);
}

static bool is_earlier(const struct chronicle *c, const struct run *one, const struct run *other)
{
	const struct entry *items = c->entries.items;
	int order = compare(&items[one->next], &items[other->next]);
	return order != 0 ? order < 0 : one->next < other->next;
}

/* The runs are a heap, the earliest at the top: this one may have to go further down. */
static void sift(struct chronicle *c, size_t at)
{
	struct run *runs = c->runs.items;
	for (;;) {
		size_t earliest = at;
		for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < c->runs.count; child++)
			if (is_earlier(c, &runs[child], &runs[earliest]))
				earliest = child;
		if (earliest == at)
			return;
		struct run moved = runs[at];
		runs[at] = runs[earliest];
		runs[earliest] = moved;
		at = earliest;
	}
}

static bool find_runs(struct chronicle *c)
{
	const struct entry *items = c->entries.items;
	struct run *run = NULL;
	c->runs.count = 0;
	for (size_t i = 0; i < c->entries.count; i++) {
		bool begins = i == 0 || (c->many && compare(&items[i - 1], &items[i]) > 0);
		if (begins && (run = array_append(&c->runs, sizeof(*run))) == NULL)
			return false;
		if (begins)
			run->next = i;
		run->end = i + 1;
	}
	for (size_t i = c->runs.count / 2; i-- > 0;)
		sift(c, i);
	return true;
}

/* The earliest entry that is left, or NULL. */
static struct entry *take_earliest(struct chronicle *c)
{
	struct run *runs = c->runs.items;
	if (c->runs.count == 0)
		return NULL;
	size_t number = runs[0].next++;
	if (runs[0].next == runs[0].end)
		runs[0] = runs[--c->runs.count];
	sift(c, 0);
	return (struct entry *)c->entries.items + number;
}

static void forget(struct entry *entry)
{
	if (entry->is_told)
		free(entry->rest.told);
	entry->is_told = 0;
	entry->is_dropped = 1;
}

bool chronicle_settle(struct chronicle *c)
{
	size_t limit = (size_t)c->limit;
	size_t excess = limit > 0 && c->entries.count > limit ? c->entries.count - limit : 0;
	if (!find_runs(c))
		return false;
	for (; excess > 0; excess--)
		forget(take_earliest(c));
	return true;
}

bool chronicle_next(struct chronicle *c, size_t *breaker, struct event *event)
{
	const struct entry *entry = take_earliest(c);
	if (entry == NULL)
		return false;
	*breaker = entry->breaker;
	*event = (struct event){
		.kind = (enum event_kind)entry->kind,
		.wall_ms = entry->wall_ms,
		.generation = entry->generation,
		.exit = entry->exit,
		.outcome = (enum outcome)entry->outcome,
		.cause = (enum ignored_cause)entry->cause,
		.from = (enum breaker_state)entry->from,
		.to = (enum breaker_state)entry->to,
	};
	if (!entry->is_told) {
		event->duration_us = entry->rest.duration_us;
		return true;
	}
	const struct told *told = entry->rest.told;
	size_t text = strlen(told->texts) + 1;
	const char *by = told->texts + text;
	const char *host = by + strlen(by) + 1;
	event->duration_us = told->duration_us;
	event->reason.kind = told->kind;
	event->reason.a = told->a;
	event->reason.b = told->b;
	memcpy(event->reason.text, told->texts, text);
	memcpy(event->reason.by, by, (size_t)(host - by));
	memcpy(event->host, host, strlen(host) + 1);
	return true;
}

void chronicle_free(struct chronicle *c)
{
	struct entry *items = c->entries.items;
	for (size_t i = 0; i < c->entries.count; i++)
		forget(&items[i]);
	array_free(&c->entries);
	array_free(&c->runs);
}
