/* history.c: `cbrun history NAME...`: what happened, oldest first. Changes nothing. */
#include "commands/targets.h"
#include "report/event.h"

struct printing {
	const struct invocation *in;
	struct store *store;
	bool many;        /* so each line says of which breaker it is */
	const char *name; /* of the one that it has come to */
	int64_t first_seq; /* what came before is not asked for */
	bool ok;
};

static bool print(void *context, const struct event *event)
{
	struct printing *printing = context;
	if (event->seq < printing->first_seq)
		return true;
	const char *name = printing->many ? printing->name : NULL;
	if (printing->in->settings.json)
		printing->ok = event_print_json(stdout, name, event);
	else
		event_print_text(stdout, name, event);
	return printing->ok;
}

static bool print_history(void *context, const char *name, struct error *error)
{
	struct printing *printing = context;
	int64_t limit = printing->in->settings.limit;
	struct breaker b;
	struct store_step step;
	if (printing->store == NULL)
		return command_no_breaker(name, error);
	if (!store_look(printing->store, name, &step, &b, error))
		return false;
	if (!step.found)
		return command_no_breaker(name, error);
	printing->name = name;
	printing->first_seq = limit > 0 ? b.last_seq - limit + 1 : 0;
	if (!store_each_event(printing->store, name, print, printing, error))
		return false;
	return printing->ok || error_set(error, ERROR_SYSTEM, "cannot show the history: out of memory");
}

static int run(struct invocation *in, struct error *error)
{
	struct targets targets;
	struct printing printing = {.in = in, .ok = true};
	int status = -1;
	if (targets_begin(&targets, in, false, error) &&
	    command_open_store(in, STORE_READ, &printing.store, error) &&
	    targets_find(&targets, printing.store, error)) {
		printing.many = targets_are_many(&targets);
		status = targets_act(&targets, print_history, &printing, error);
	}
	command_close_store(in, printing.store);
	targets_free(&targets);
	return status;
}

const struct command history_command = {
	.name = "history",
	.arguments = "NAME...",
	.summary = "Show breakers' calls and transitions, oldest first",
	.scope = SCOPE_HISTORY,
	.run = run,
};
