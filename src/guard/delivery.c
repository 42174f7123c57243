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
	if (g->capture.keep_failed)
		call_tell(g, &(struct guard_notice){.kind = NOTICE_NOT_KEPT});
	else if (!store_save_output(g->store, g->settings->name, read_kept, &g->capture.kept, &error))
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

void delivery_release(struct guarded_call *g, enum outcome outcome)
{
	bool due = outcome == OUTCOME_FAILURE || outcome == OUTCOME_TIMEOUT;
	/* without a store nobody can tell what changed: a failure must not go unseen */
	if (g->settings->output == OUTPUT_CHANGE && g->store != NULL)
		due = made_news(&g->step.journal);
	if (!g->capture.hold || !due)
		return;
	capture_release(&g->capture);
	supervisor_flush(&g->supervisor, &g->capture, INT64_MAX);
}
