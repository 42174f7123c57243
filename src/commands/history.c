/* history.c: `cbrun history NAME`: what happened, oldest first. Changes nothing. */
#include "commands/command.h"
#include "report/event.h"

struct printing {
	bool json;
	int64_t first_seq; /* what came before is not asked for */
	bool ok;
};

static bool print(void *context, const struct event *event)
{
	struct printing *printing = context;
	if (event->seq < printing->first_seq)
		return true;
	if (printing->json)
		printing->ok = event_print_json(stdout, event);
	else
		event_print_text(stdout, event);
	return printing->ok;
}

static bool print_history(const struct invocation *in, struct store *store, const char *name,
                          struct error *error)
{
	struct breaker b;
	struct store_step step;
	struct printing printing = {.json = in->settings.json != 0, .ok = true};
	if (!store_look(store, name, &step, &b, error))
		return false;
	if (!step.found)
		return command_no_breaker(name, error);
	if (in->settings.limit > 0)
		printing.first_seq = b.last_seq - in->settings.limit + 1;
	if (!store_each_event(store, name, print, &printing, error))
		return false;
	return printing.ok || error_set(error, ERROR_SYSTEM, "cannot show the history: out of memory");
}

static int run(struct invocation *in, struct error *error)
{
	const char *name = NULL;
	struct store *store;
	if (!command_name(in, &name, error) || !command_open_store(in, STORE_READ, &store, error))
		return -1;
	bool ok = store != NULL ? print_history(in, store, name, error) : command_no_breaker(name, error);
	command_tell_remarks(in, store);
	store_close(store);
	return ok ? 0 : -1;
}

const struct command history_command = {
	.name = "history",
	.arguments = "NAME",
	.summary = "Show a breaker's calls and transitions, oldest first",
	.scope = SCOPE_HISTORY,
	.run = run,
};
