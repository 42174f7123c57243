/*
 * probe.c: `cbrun probe [NAME...]`: runs the health checks of breakers that
 * wait for trial calls, so that a timer can close them before anybody calls.
 */
#include "base/clock.h"
#include "commands/announce.h"
#include "commands/guard.h"

#include <stdlib.h>
#include <string.h>

struct names {
	char **items;
	size_t count;
};

static bool add_name(void *context, const char *name, int64_t id, const struct breaker *b)
{
	struct names *names = context;
	char **items = realloc(names->items, (names->count + 1) * sizeof(*items));
	(void)id;
	(void)b;
	if (items == NULL)
		return false;
	names->items = items;
	names->items[names->count] = strdup(name);
	return names->items[names->count] != NULL && ++names->count > 0;
}

static void free_names(struct names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(names->items[i]);
	free(names->items);
}

/* The names of all breakers of the store. */
static bool list_names(const struct invocation *in, struct names *names, struct error *error)
{
	struct store *store;
	if (!command_open_store(in, STORE_READ, &store, error))
		return false;
	bool ok = store == NULL || store_each_breaker(store, add_name, names, error);
	command_tell_notice(in, store);
	store_close(store);
	return ok;
}

/* Runs the health check as a trial call, and records how it went. */
static void check(struct guard *g)
{
	bool healthy = guard_check_health(g);
	bool cancelled = g->result.ending.kind == ENDING_CANCELLED;
	enum outcome outcome = healthy ? OUTCOME_SUCCESS : OUTCOME_FAILURE;
	guard_record(g, cancelled ? OUTCOME_IGNORED : outcome, false);
	message_print(g->in->level, MESSAGE_VERBOSE, "%s: the health check %s", g->settings->name,
	              healthy ? "succeeded" : (cancelled ? "was cancelled" : "failed"));
	announce(g->in, g->settings->name, g->breaker, &g->journal, &g->supervisor);
}

/* Probes one breaker if it is due. Returns the signal that cancelled the check, or 0; -1 with the error set.
 */
static int probe(struct invocation *in, const char *name, bool asked_for, struct error *error)
{
	if (!command_resolve_for(in, name, error))
		return -1;
	in->settings.name = name;
	in->settings.wait_ms = 0;
	if (in->settings.health_check == NULL) {
		message_print(in->level, asked_for ? MESSAGE_NORMAL : MESSAGE_VERBOSE,
		              "%s: no health-check is configured", name);
		return 0;
	}
	struct breaker breaker;
	struct guard g = {
		.in = in,
		.settings = &in->settings,
		.policy = in->settings.policy,
		.only_trials = true,
		.breaker = &breaker,
	};
	g.boot_id = clock_boot_id();
	g.start_us = clock_boot_us();
	g.sink = message_printer(&in->level);
	input_init(&g.input, &g.sink);
	capture_init(&g.capture, &g.sink);
	if (!guard_admit(&g, error))
		return -1;
	supervisor_begin(&g.supervisor, true, false, &g.sink, &in->file_limit);
	announce(in, name, g.breaker, &g.journal, &g.supervisor);
	if (g.admission.run)
		check(&g);
	supervisor_end(&g.supervisor);
	store_close(g.store);
	return g.supervisor.cancelled_by;
}

static bool exists(const struct names *names, const char *name)
{
	for (size_t i = 0; i < names->count; i++)
		if (strcmp(names->items[i], name) == 0)
			return true;
	return false;
}

static int probe_all(struct invocation *in, const struct names *names, struct error *error)
{
	bool asked_for = in->line.operand_count > 0;
	size_t count = asked_for ? (size_t)in->line.operand_count : names->count;
	for (size_t i = 0; i < count; i++) {
		const char *name = asked_for ? in->line.operands[i] : names->items[i];
		if (!exists(names, name))
			return command_no_breaker(name, error), -1;
		int signal = probe(in, name, asked_for, error);
		if (signal < 0)
			return -1;
		if (signal > 0) {
			signals_die_of(signal);
			return PROCESS_SIGNAL_BASE + signal;
		}
	}
	return 0;
}

static int run(struct invocation *in, struct error *error)
{
	struct names names = {0};
	if (in->line.operand_count > 0 && !command_names(in, error))
		return -1;
	int status = list_names(in, &names, error) ? probe_all(in, &names, error) : -1;
	free_names(&names);
	return status;
}

const struct command probe_command = {
	.name = "probe",
	.arguments = "[NAME...]",
	.summary = "Run the health checks of breakers that are due",
	.scope = SCOPE_PROBE,
	.run = run,
};
