/* rejection.c: stale output, a fallback, an exit status. */
#include "guard/rejection.h"

#include "guard/fallback.h"

/* However slow the reader is, a signal ends it: then g->result is that of a cancelled call. */
static bool copy_to_stdout(struct guarded_call *g, const struct store_output *output)
{
	char bytes[CAPTURE_BLOCK];
	int64_t offset = 0;
	ssize_t length;
	while ((length = output->read(output->context, offset, bytes, sizeof(bytes))) > 0) {
		if (!capture_put(&g->capture, 0, bytes, (size_t)length))
			return false;
		supervisor_flush(&g->supervisor, &g->capture, INT64_MAX);
		if (g->supervisor.cancelled_by != 0)
			return true;
		if (g->capture.broken[0])
			return false;
		offset += length;
	}
	return length == 0;
}

/* Prints the last good output, if there is one that is young enough. */
static bool serve_stale(struct guarded_call *g)
{
	struct error error;
	struct store_output *output;
	if (g->settings->stale_ok_ms == 0)
		return false;
	if (!store_load_output(g->store, g->settings->name, &(struct store_wanted){.kind = STORE_OUTPUT_GOOD}, &output,
	                       &error)) {
		call_tell_text(g, NOTICE_TROUBLE, error.text);
		return false;
	}
	bool served = output != NULL && output->age_ms >= 0 && output->age_ms <= g->settings->stale_ok_ms;
	if (served) {
		call_tell(g, &(struct guard_notice){.kind = NOTICE_STALE,
		                                    .admission = &g->admission,
		                                    .ms = output->age_ms});
		served = copy_to_stdout(g, output);
	}
	store_close_output(output);
	return served;
}

void rejection_answer(struct guarded_call *g)
{
	if (g->reminds)
		call_tell(g, &(struct guard_notice){.kind = NOTICE_REMINDER,
		                                    .breaker = g->step.breaker,
		                                    .admission = &g->admission,
		                                    .at = &g->step.now});
	if (serve_stale(g)) {
		g->result.status = 0;
		if (g->supervisor.cancelled_by != 0)
			supervisor_cancelled(g->supervisor.cancelled_by, &g->result);
		return;
	}
	call_tell(g, &(struct guard_notice){.kind = NOTICE_REJECTED, .admission = &g->admission});
	g->result.status = (int)g->settings->reject_exit;
	fallback_run_instead(g);
}
