/*
 * probe.c: `cbrun probe [NAME...]`: runs the health checks of breakers that
 * wait for trial calls, so that a timer can close them before anybody calls.
 */
#include "commands/targets.h"
#include "commands/telling.h"
#include "process/supervisor.h"

/* Probes one breaker if it is due. Whoever asks for one by name wants it to be checked. */
static bool probe(struct invocation *in, const char *name, bool asked_for, struct guard_result *result,
                  struct error *error)
{
	struct guard_setup setup = telling_setup(in);
	if (!command_resolve_for(in, name, error))
		return false;
	in->settings.name = name;
	if (in->settings.health_check != NULL)
		return guard_probe(&setup, result, error);
	message_print(in->level, asked_for ? MESSAGE_NORMAL : MESSAGE_VERBOSE, "%s: no health-check is configured",
	              name);
	*result = (struct guard_result){.status = asked_for ? EXIT_UNHEALTHY : 0};
	return true;
}

static int probe_all(struct invocation *in, const struct targets *targets, struct error *error)
{
	int status = 0;
	for (size_t i = 0; i < targets->names.count; i++) {
		const char *name = targets_name(targets, i);
		struct guard_result result;
		if (!probe(in, name, targets_has_plain(targets, name), &result, error))
			return -1;
		if (result.death_signal != 0) {
			signals_die_of(result.death_signal);
			return PROCESS_SIGNAL_BASE + result.death_signal;
		}
		if (result.status != 0)
			status = EXIT_UNHEALTHY;
	}
	return status;
}

/* The store is closed before the health checks run. */
static bool find(struct targets *targets, const struct invocation *in, struct error *error)
{
	struct store *store;
	if (!targets_begin(targets, in, true, error) || !command_open_store(in, STORE_READ, &store, error))
		return false;
	bool ok = targets_list(targets, store, error);
	command_close_store(in, store);
	return ok;
}

static int run(struct invocation *in, struct error *error)
{
	struct targets targets;
	int status = find(&targets, in, error) ? probe_all(in, &targets, error) : -1;
	return targets_end(&targets, status);
}

const struct command probe_command = {
	.name = "probe",
	.arguments = "[NAME...]",
	.summary = "Run the health checks of breakers that are due",
	.scope = SCOPE_PROBE,
	.run = run,
};
