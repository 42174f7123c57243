/*
 * report.c: `cbrun report [NAME|GLOB...] >page.html`: what breakers went through
 * lately, as a page. Changes nothing.
 */
#include "base/clock.h"
#include "base/progress.h"
#include "base/units.h"
#include "commands/targets.h"
#include "report/page/page.h"

#include <sys/utsname.h>
#include <unistd.h>

struct reading {
	struct targets targets;
	struct store *store;
	struct survey survey;
	struct survey_pass pass;
	bool full; /* out of memory */
};

/* The last week, if --since does not say. */
static bool set_period(struct survey *s, const struct settings *settings, struct error *error)
{
	const int64_t week_ms = INT64_C(7) * 24 * 60 * 60 * MS_PER_S;
	s->to_ms = clock_wall_ms();
	s->from_ms = settings->since_ms > 0 ? settings->since_ms : s->to_ms - week_ms;
	return s->from_ms < s->to_ms || error_set(error, ERROR_USAGE, "--since: that is in the future");
}

static bool take_breaker(void *context, const struct store_view *view)
{
	struct reading *r = context;
	if (targets_want(&r->targets, view->name))
		r->full = !survey_add(&r->survey, view->name, view->breaker, &view->now);
	return !r->full;
}

static bool take_event(void *context, const struct event *event)
{
	struct reading *r = context;
	r->full = !survey_take(&r->pass, event);
	return !r->full;
}

static bool read_histories(struct reading *r, struct progress *progress, struct error *error)
{
	size_t count = r->survey.breakers.count;
	for (size_t i = 0; i < count; i++) {
		progress_tell(progress, (int64_t)i, (int64_t)count);
		survey_begin(&r->pass, &r->survey, i);
		if (!store_each_event(r->store, survey_breaker_at(&r->survey, i)->name, take_event, r, error))
			return false;
		r->full = r->full || !survey_end(&r->pass);
	}
	return true;
}

static bool read_events(struct reading *r, const struct invocation *in, struct error *error)
{
	struct progress progress;
	progress_begin(&progress, "reading histories", in->level != MESSAGE_QUIET);
	bool ok = read_histories(r, &progress, error);
	progress_wipe(&progress);
	return ok;
}

/* All is read before the page begins: what is worst stands at its top. */
static bool read_store(struct reading *r, const struct invocation *in, struct error *error)
{
	if (!command_open_store(in, STORE_READ, &r->store, error))
		return false;
	bool ok = r->store == NULL || (store_each_breaker(r->store, false, take_breaker, r, error) &&
	                               read_events(r, in, error));
	command_close_store(in, r->store);
	if (ok && (r->full || !survey_settle(&r->survey)))
		return error_set(error, ERROR_SYSTEM, "cannot show the breakers: out of memory");
	return ok;
}

static bool check_output(struct error *error)
{
	return !isatty(STDOUT_FILENO) ||
	       error_set(error, ERROR_USAGE, "the page is for a browser: cbrun report >page.html");
}

static int run(struct invocation *in, struct error *error)
{
	struct reading r = {0};
	struct utsname host;
	bool ok = check_output(error) && set_period(&r.survey, &in->settings, error) &&
	          targets_begin(&r.targets, in, true, error) && read_store(&r, in, error);
	if (ok)
		page_print(stdout, &r.survey, uname(&host) == 0 ? host.nodename : "this machine");
	survey_free(&r.survey);
	return targets_end(&r.targets, ok ? 0 : -1);
}

const struct command report_command = {
	.name = "report",
	.since = "0.2.0",
	.arguments = "[NAME...]",
	.summary = "Print what breakers went through lately, as a page of HTML",
	.scope = SCOPE_REPORT,
	.run = run,
};
