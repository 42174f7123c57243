/*
 * metrics.c: `cbrun metrics [NAME|GLOB...]`: the breakers for Prometheus, printed
 * or as a file for node_exporter. Changes nothing else.
 */
#include "report/metrics.h"

#include "base/replacement.h"
#include "commands/targets.h"

enum { FILE_MODE = 0644 }; /* node_exporter is another user */

struct collection {
	struct invocation *in;
	struct targets targets;
	struct metrics metrics;
	bool ok;
	struct error *error;
};

static bool visit(void *context, const struct store_view *view)
{
	struct collection *c = context;
	const struct breaker *b = view->breaker;
	int64_t expect_ms;
	if (!targets_want(&c->targets, view->name))
		return true;
	c->ok = command_expected(c->in, view->name, &expect_ms, c->error);
	if (!c->ok)
		return false;
	if (expect_ms == 0)
		expect_ms = cadence_expected_ms(&b->cadence);
	c->ok = metrics_add(&c->metrics, view->name, b, &view->now, view->load.running, expect_ms) ||
	        error_set(c->error, ERROR_SYSTEM, "cannot show the breakers: out of memory");
	return c->ok;
}

/* All of them are read before the first is printed: a file with some of them would raise false alarms. */
static bool collect(struct collection *c, struct error *error)
{
	struct store *store;
	if (!command_open_store(c->in, STORE_READ, &store, error))
		return false;
	if (store != NULL) {
		c->metrics.engine = store_engine_name(store);
		c->ok = store_each_breaker(store, true, visit, c, error) && c->ok;
	}
	command_close_store(c->in, store);
	return c->ok;
}

static bool replace(const struct collection *c, const char *path, struct error *error)
{
	struct replacement r;
	if (!replacement_begin(&r, path, error))
		return false;
	metrics_print(r.file, &c->metrics, METRICS_TEXT);
	return replacement_commit(&r, FILE_MODE, error);
}

static bool tell(const struct collection *c, const char *path, struct error *error)
{
	if (path != NULL)
		return replace(c, path, error);
	metrics_print(stdout, &c->metrics, c->in->settings.openmetrics ? METRICS_OPENMETRICS : METRICS_TEXT);
	return true;
}

static int run(struct invocation *in, struct error *error)
{
	struct collection c = {.in = in, .ok = true, .error = error};
	bool ok = targets_begin(&c.targets, in, true, error) && collect(&c, error) &&
	          tell(&c, in->settings.textfile, error);
	metrics_free(&c.metrics);
	return targets_end(&c.targets, ok ? 0 : -1);
}

const struct command metrics_command = {
	.name = "metrics",
	.since = "0.2.0",
	.arguments = "[NAME...]",
	.summary = "Print metrics for Prometheus",
	.scope = SCOPE_METRICS,
	.run = run,
};
