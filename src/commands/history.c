/*
 * history.c: `cbrun history NAME...`: what happened, oldest first; with --follow
 * also what happens from then on. Changes nothing.
 *
 * Events are read by rounds, each from where the last one ended. A round reads
 * all it prints before it prints, so nothing of the store is held meanwhile.
 */
#include "commands/targets.h"
#include "process/signals.h"
#include "report/chronicle.h"
#include "report/event.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	FOLLOW_LIMIT = 10,        /* of --follow alone, as tail(1) has it */
	POLL_MS = 200,
	POLLS_WITHOUT_LOOK = 25, /* at most, should a change leave no trace */
	NAME_WIDTH = 32,
};

/* How far a breaker has been read. A removed one and its successor are two. */
struct position {
	int64_t incarnation;
	int64_t last_seq;
	char name[STORE_NAME_SIZE];
};

struct history {
	struct invocation *in;
	struct targets targets;
	struct store *store;
	struct array positions; /* struct position */
	struct chronicle chronicle;
	size_t current; /* the position of the breaker that is being read */
	bool full;      /* out of memory */
};

static struct position *position_at(const struct history *h, size_t number)
{
	return (struct position *)h->positions.items + number;
}

static bool fail_full(struct error *error)
{
	return error_set(error, ERROR_SYSTEM, "cannot show the history: out of memory");
}

/* Finds the position of a breaker, or makes one. False if out of memory. Most often it is the next one. */
static bool find_position(struct history *h, int64_t incarnation, const char *name)
{
	size_t count = h->positions.count;
	for (size_t i = 1; i <= count; i++) {
		size_t number = (h->current + i) % count;
		if (position_at(h, number)->incarnation != incarnation)
			continue;
		h->current = number;
		snprintf(position_at(h, number)->name, STORE_NAME_SIZE, "%s", name); /* it may have been renamed */
		return true;
	}
	struct position *p = array_append(&h->positions, sizeof(*p));
	if (p == NULL)
		return false;
	*p = (struct position){.incarnation = incarnation};
	snprintf(p->name, sizeof(p->name), "%s", name);
	h->current = count;
	return true;
}

/* --- a round --- */

static bool take(void *context, const struct event *event)
{
	struct history *h = context;
	struct position *p = position_at(h, h->current);
	if (event->seq > p->last_seq)
		p->last_seq = event->seq;
	h->full = !chronicle_add(&h->chronicle, h->current, event);
	return !h->full;
}

/* After which event to read on: no further back than what will be printed. */
static int64_t start_of(const struct history *h, const struct breaker *b)
{
	const struct chronicle *c = &h->chronicle;
	int64_t last_seq = position_at(h, h->current)->last_seq;
	bool all_count = c->since_ms == 0 && c->until_ms == 0 && !c->transitions;
	if (c->limit > 0 && all_count && b->last_seq - c->limit > last_seq)
		return b->last_seq - c->limit;
	return last_seq;
}

/* Reads what is new of a breaker. */
static bool read_one(void *context, const char *name, struct error *error)
{
	struct history *h = context;
	struct breaker b;
	struct store_step step;
	if (h->store == NULL)
		return command_no_breaker(name, error);
	if (!store_look(h->store, name, &step, &b, error))
		return false;
	if (!step.found)
		return command_no_breaker(name, error);
	if (!find_position(h, step.incarnation, name))
		return fail_full(error);
	struct position *p = position_at(h, h->current);
	if (b.last_seq < p->last_seq) /* it was started afresh */
		p->last_seq = 0;
	if (b.last_seq == p->last_seq)
		return true;
	if (!store_each_event_after(h->store, name, start_of(h, &b), take, h, error))
		return false;
	if (b.last_seq > position_at(h, h->current)->last_seq) /* what could not be read */
		position_at(h, h->current)->last_seq = b.last_seq;
	return !h->full || fail_full(error);
}

/* Names are put below each other, as far as they are known. */
static int width_of_names(const struct history *h)
{
	size_t width = 0;
	for (size_t i = 0; i < h->positions.count; i++) {
		size_t length = strlen(position_at(h, i)->name);
		if (length > width && length <= NAME_WIDTH)
			width = length;
	}
	return (int)width;
}

/* Prints what the round has brought, and lets whoever reads have it. */
static bool print_round(struct history *h, struct error *error)
{
	bool json = h->in->settings.json != 0;
	bool ok = chronicle_settle(&h->chronicle);
	int width = json ? 0 : width_of_names(h);
	size_t breaker;
	struct event event;
	while (ok && chronicle_next(&h->chronicle, &breaker, &event)) {
		char padded[STORE_NAME_SIZE + NAME_WIDTH];
		snprintf(padded, sizeof(padded), "%-*s", width, position_at(h, breaker)->name);
		const char *name = h->chronicle.many ? padded : NULL;
		if (json)
			ok = event_print_json(stdout, name, &event);
		else
			event_print_text(stdout, name, &event);
	}
	chronicle_free(&h->chronicle);
	if (fflush(stdout) != 0 || ferror(stdout) != 0)
		return error_set(error, ERROR_SYSTEM, "cannot write to standard output");
	return ok || fail_full(error);
}

/* --- following --- */

/* The names that a further round has to read, in a listing. */
struct search {
	struct history *history;
	struct array names; /* char[STORE_NAME_SIZE] */
};

static bool visit(void *context, const struct store_view *view)
{
	struct search *s = context;
	struct history *h = s->history;
	if (!targets_want(&h->targets, view->name))
		return true;
	h->full = !find_position(h, view->incarnation, view->name);
	if (h->full || position_at(h, h->current)->last_seq == view->breaker->last_seq)
		return !h->full;
	char *name = array_append(&s->names, STORE_NAME_SIZE);
	h->full = name == NULL;
	if (name != NULL)
		snprintf(name, STORE_NAME_SIZE, "%s", view->name);
	return name != NULL;
}

/* Reads a breaker that may have been removed, or is yet to be made. */
static bool read_if_there(struct history *h, const char *name, struct error *error)
{
	return read_one(h, name, error) || error->kind == ERROR_NO_BREAKER;
}

static bool read_found(struct history *h, struct error *error)
{
	struct search s = {.history = h};
	bool ok = store_each_breaker(h->store, false, visit, &s, error) && (!h->full || fail_full(error));
	const char *names = s.names.items;
	for (size_t i = 0; ok && i < s.names.count; i++)
		ok = read_if_there(h, names + i * STORE_NAME_SIZE, error);
	array_free(&s.names);
	return ok;
}

static bool read_round(struct history *h, struct error *error)
{
	const struct targets *t = &h->targets;
	bool ok = true;
	if (t->plain == 0 || t->plain < (size_t)h->in->line.operand_count)
		return read_found(h, error);
	for (size_t i = 0; ok && i < t->plain; i++)
		ok = read_if_there(h, targets_name(t, i), error);
	return ok;
}

/* The store may be another one by now, or none: it is opened anew. */
static bool go_on(struct history *h, struct error *error)
{
	store_close(h->store);
	if (!command_open_store(h->in, STORE_READ, &h->store, error))
		return false;
	return h->store == NULL || (read_round(h, error) && print_round(h, error));
}

/* Sleeps a while; false if nobody reads what we print any more. */
static bool sleep_a_while(void)
{
	struct pollfd out = {.fd = STDOUT_FILENO};
	return poll(&out, 1, POLL_MS) <= 0;
}

/* Until a signal ends it. */
static bool follow(struct history *h, struct error *error)
{
	struct store_mark mark = {0};
	bool again = false; /* see store_changed() */
	int idle = 0;
	while (sleep_a_while()) {
		bool changed = h->store == NULL || store_changed(h->store, &mark);
		if (!changed && !again && ++idle < POLLS_WITHOUT_LOOK)
			continue;
		again = changed;
		idle = 0;
		if (!go_on(h, error))
			return false;
	}
	signals_die_of(SIGPIPE);
	return true;
}

/* --- the command --- */

static bool begin(struct history *h, struct error *error)
{
	const struct settings *s = &h->in->settings;
	bool brief = s->follow && s->since_ms == 0 && !command_line_has(&h->in->line, "limit");
	if (s->follow && s->until_ms > 0)
		return error_set(error, ERROR_USAGE, "--follow and --until exclude each other");
	if (s->until_ms > 0 && s->since_ms > s->until_ms)
		return error_set(error, ERROR_USAGE, "--since %s is later than --until %s",
		                 command_line_text(&h->in->line, "since"),
		                 command_line_text(&h->in->line, "until"));
	h->chronicle = (struct chronicle){
		.since_ms = s->since_ms,
		.until_ms = s->until_ms,
		.transitions = s->transitions != 0,
		.limit = brief ? FOLLOW_LIMIT : s->limit,
		.many = targets_are_many(&h->targets),
	};
	return command_open_store(h->in, STORE_READ, &h->store, error) &&
	       targets_find(&h->targets, h->store, error);
}

static int show(struct history *h, struct error *error)
{
	int status = targets_act(&h->targets, read_one, h, error);
	command_tell_remarks(h->in, h->store);
	if (status < 0 || !print_round(h, error))
		return -1;
	h->chronicle.limit = 0;
	return h->in->settings.follow && !follow(h, error) ? -1 : status;
}

static int run(struct invocation *in, struct error *error)
{
	struct history h = {.in = in};
	int status = -1;
	if (targets_begin(&h.targets, in, false, error) && begin(&h, error))
		status = show(&h, error);
	command_close_store(in, h.store);
	chronicle_free(&h.chronicle);
	array_free(&h.positions);
	targets_free(&h.targets);
	return status;
}

const struct command history_command = {
	.name = "history",
	.arguments = "NAME...",
	.summary = "Show breakers' calls and transitions, oldest first",
	.scope = SCOPE_HISTORY,
	.run = run,
};
