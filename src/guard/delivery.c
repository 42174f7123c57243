/* delivery.c: output into the store, and out. */
#include "guard/delivery.h"

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
		if (!store_save_output(g->store, g->settings->name, read_kept, &g->capture.kept, &error))
			call_tell_text(g, NOTICE_TROUBLE, error.text);
		break;
	}
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
	bool failed = outcome == OUTCOME_FAILURE || outcome == OUTCOME_TIMEOUT;
	if (outcome == OUTCOME_IGNORED)
		return g->result.status != 0;
	if (g->settings->output != OUTPUT_CHANGE)
		return failed;
	/* where nothing can be seen to change, a failure must not go unseen */
	if (!g->recorded || g->step.breaker->mode == MODE_DISABLED)
		return failed;
	return made_news(&g->step.journal);
}

void delivery_release(struct guarded_call *g, enum outcome outcome)
{
	if (!g->capture.hold || !is_due(g, outcome))
		return;
	capture_release(&g->capture);
	supervisor_flush(&g->supervisor, &g->capture, INT64_MAX);
}
