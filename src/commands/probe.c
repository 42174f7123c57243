/*
 * probe.c: `cbrun probe [NAME...]`: runs the health checks of breakers that
 * wait for trial calls, so that a timer can close them before anybody calls.
 */
#include "base/array.h"
#include "commands/telling.h"
#include "process/supervisor.h"

#include <stdlib.h>
#include <string.h>

static const char *name_at(const struct array *names, size_t i)
{
	return ((char *const *)names->items)[i];
}

static bool add_name(void *context, const struct store_view *view)
{
	char **place = array_append(context, sizeof(*place));
	if (place == NULL)
		return false;
	*place = strdup(view->name);
	return *place != NULL;
}

static void free_names(struct array *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(((char **)names->items)[i]);
	array_free(names);
}

/* The names of all breakers of the store. */
static bool list_names(const struct invocation *in, struct array *names, struct error *error)
{
	struct store *store;
	if (!command_open_store(in, STORE_READ, &store, error))
		return false;
	bool ok = store == NULL || store_each_breaker(store, false, add_name, names, error);
	command_tell_remarks(in, store);
	store_close(store);
	return ok;
}

/* Probes one breaker if it is due. Returns the signal that cancelled the check, or 0; -1 with the error set. */
static int probe(struct invocation *in, const char *name, bool asked_for, struct error *error)
{
	struct guard_result result;
	struct guard_setup setup = telling_setup(in);
	if (!command_resolve_for(in, name, error))
		return -1;
	in->settings.name = name;
	if (in->settings.health_check == NULL) {
		message_print(in->level, asked_for ? MESSAGE_NORMAL : MESSAGE_VERBOSE,
		              "%s: no health-check is configured", name);
		return 0;
	}
	return guard_probe(&setup, &result, error) ? result.death_signal : -1;
}

static bool exists(const struct array *names, const char *name)
{
	for (size_t i = 0; i < names->count; i++)
		if (strcmp(name_at(names, i), name) == 0)
			return true;
	return false;
}

static int probe_all(struct invocation *in, const struct array *names, struct error *error)
{
	bool asked_for = in->line.operand_count > 0;
	size_t count = asked_for ? (size_t)in->line.operand_count : names->count;
	for (size_t i = 0; i < count; i++) {
		const char *name = asked_for ? in->line.operands[i] : name_at(names, i);
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
	struct array names = {0};
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
