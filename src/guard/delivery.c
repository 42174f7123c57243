/* delivery.c: output into the store, and out. */
#include "guard/delivery.h"

#include <string.h>

static ssize_t read_kept(void *context, int64_t offset, void *bytes, size_t length)
{
	return spool_read(context, offset, bytes, length);
}

void delivery_keep(struct guarded_call *g)
{
	struct error error;
	if (!g->capture.keep)
		return;
	switch (g->capture.fault) {
	case CAPTURE_TOO_MUCH:
		call_tell_text(g, NOTICE_NOT_KEPT,
		               "the output is larger than 16 MiB, or there is no room for it");
		break;
	case CAPTURE_UNFINISHED:
		call_tell_text(g, NOTICE_NOT_KEPT,
		               "something that the command has started still holds its output open");
		break;
	case CAPTURE_WHOLE:
		if (!store_save_output(g->store, g->settings->name,
		                       &(struct store_saving){.read = read_kept, .context = &g->capture.kept},
		                       &error))
			call_tell_text(g, NOTICE_TROUBLE, error.text);
		break;
	}
}

/* The end of what was held back. */
struct tail {
	size_t length;
	char bytes[STORE_FAILURE_LIMIT];
};

static ssize_t read_tail(void *context, int64_t offset, void *bytes, size_t length)
{
	const struct tail *tail = context;
	size_t rest = tail->length - (size_t)offset;
	size_t count = rest < length ? rest : length;
	memcpy(bytes, tail->bytes + offset, count);
	return (ssize_t)count;
}

/* Loads the output of the first failure since the last success. NULL: there is none. */
static struct store_output *load_first(struct guarded_call *g)
{
	struct error error;
	struct store_output *output;
	struct store_wanted wanted = {
		.kind = STORE_OUTPUT_FIRST_FAILURE,
		.least_number = g->step.breaker->failures_at_success + 1,
	};
	return store_load_output(g->store, g->settings->name, &wanted, &output, &error) ? output : NULL;
}

void delivery_keep_failure(struct guarded_call *g)
{
	struct error error;
	struct tail tail;
	struct store_saving saving = {
		.kind = STORE_OUTPUT_FIRST_FAILURE,
		.number = g->recorded ? g->step.breaker->totals.failures : 0,
		.read = read_tail,
		.context = &tail,
	};
	if (!g->capture.hold || !g->recorded)
		return;
	struct store_output *first = load_first(g);
	if (first != NULL)
		saving.kind = STORE_OUTPUT_LAST_FAILURE;
	store_close_output(first);
	tail.length = capture_tail(&g->capture, tail.bytes, sizeof(tail.bytes));
	if (!store_save_output(g->store, g->settings->name, &saving, &error))
		call_tell_text(g, NOTICE_TROUBLE, error.text);
}

/* Whether the call's own step opened or closed the breaker. */
static bool made_news(const struct journal *journal)
{
	for (int i = 0; i < journal->count; i++)
		if (guard_is_news(&journal->events[i]))
			return true;
	return false;
}

/* A call that counted as nothing is no reason for silence, unless its command succeeded. */
static bool is_due(const struct guarded_call *g, enum outcome outcome)
{
	bool failed = outcome_is_failure(outcome);
	if (outcome == OUTCOME_IGNORED)
		return g->result.status != 0;
	if (g->settings->output != OUTPUT_CHANGE)
		return failed;
	/* where nothing can be seen to change, a failure must not go unseen */
	if (!g->recorded || g->step.breaker->mode == MODE_DISABLED)
		return failed;
	return made_news(&g->step.journal);
}

static bool has_opened(const struct journal *journal)
{
	const struct event *last = &journal->events[journal->count - 1];
	return journal->count > 0 && guard_is_news(last) && last->to == BREAKER_OPEN;
}

static void tell_of_output(struct guarded_call *g, int64_t number, int64_t wall_ms)
{
	call_tell(g, &(struct guard_notice){
			     .kind = NOTICE_KEPT_OUTPUT, .number = number, .at = &g->step.now, .ms = wall_ms});
}

static void put(struct guarded_call *g, const char *bytes, size_t length)
{
	if (capture_put(&g->capture, 1, bytes, length))
		supervisor_flush(&g->supervisor, &g->capture, INT64_MAX);
}

/* How it began, if not by this very call. */
static void show_first(struct guarded_call *g)
{
	char bytes[STORE_FAILURE_LIMIT];
	struct store_output *first = load_first(g);
	bool other = first != NULL && first->number != g->step.breaker->totals.failures;
	ssize_t length = other ? first->read(first->context, 0, bytes, sizeof(bytes)) : 0;
	if (length > 0) {
		tell_of_output(g, 0, first->wall_ms);
		put(g, bytes, (size_t)length);
		if (bytes[length - 1] != '\n')
			put(g, "\n", 1);
		tell_of_output(g, 1, g->step.now.wall_ms);
	}
	store_close_output(first);
}

void delivery_release(struct guarded_call *g, enum outcome outcome)
{
	if (!g->capture.hold || !is_due(g, outcome))
		return;
	if (g->recorded && g->settings->output == OUTPUT_CHANGE && has_opened(&g->step.journal))
		show_first(g);
	capture_release(&g->capture);
	supervisor_flush(&g->supervisor, &g->capture, INT64_MAX);
}
