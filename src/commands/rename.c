/* rename.c: `cbrun rename OLD NEW`: a breaker, with all that it remembers, under another name. */
#include "commands/command.h"

#include <string.h>

struct renaming {
	const char *old;
	int64_t running; /* under the old name */
};

/* A permit goes by the name that it was taken under: a limit would not see what runs, and let more beside it. */
static enum store_decision refuse_running(const struct renaming *r, struct error *error)
{
	error_set(error, ERROR_REFUSED,
	          "cannot rename %s: %lld command%s running, which --max-concurrent would not count under the new name; let %s "
	          "end, and keep others from starting: cbrun trip --hold %s",
	          r->old, (long long)r->running, r->running == 1 ? " is" : "s are", r->running == 1 ? "it" : "them", r->old);
	return STORE_REFUSE;
}

static enum store_decision decide(void *context, struct store_step *step, struct error *error)
{
	struct renaming *r = context;
	r->running = step->load.running;
	if (step->found && r->running > 0 && step->breaker->policy.max_concurrent > 0)
		return refuse_running(r, error);
	if (step->found)
		return STORE_RENAME;
	if (step->exists)
		error_set(error, ERROR_STORE, "cannot rename %s: its record is damaged", r->old);
	else
		command_no_breaker(r->old, error);
	return STORE_REFUSE;
}

static bool check_operands(const struct invocation *in, struct error *error)
{
	char **names = in->line.operands;
	if (in->line.operand_count != 2)
		return error_set(error, ERROR_USAGE, "expected a breaker's name and its new one, got %d",
		                 in->line.operand_count);
	if (!command_check_name(names[0], error) || !command_check_name(names[1], error))
		return false;
	return strcmp(names[0], names[1]) != 0 ||
	       error_set(error, ERROR_USAGE, "the new name is the old one: '%s'", names[0]);
}

/* The record of a call goes by the name that it began under. */
static void tell_of_running(const struct invocation *in, const struct renaming *r)
{
	if (r->running == 1)
		message_print(in->level, MESSAGE_NORMAL,
		              "%s: a command is still running under the old name; how it ends will not be counted",
		              r->old);
	else if (r->running > 1)
		message_print(in->level, MESSAGE_NORMAL,
		              "%s: %lld commands are still running under the old name; how they end will not be "
		              "counted",
		              r->old, (long long)r->running);
}

static bool rename_it(struct invocation *in, struct store *store, struct error *error)
{
	struct breaker b;
	struct store_step step = {.breaker = &b};
	struct renaming renaming = {.old = in->line.operands[0]};
	const struct store_request request = {
		.name = renaming.old,
		.new_name = in->line.operands[1],
		.intent = STORE_ALTER,
		.load = true,
		.decide = decide,
		.context = &renaming,
	};
	if (store == NULL)
		return command_no_breaker(renaming.old, error);
	if (!store_step(store, &request, &step, error))
		return false;
	tell_of_running(in, &renaming);
	return true;
}

static int run(struct invocation *in, struct error *error)
{
	struct store *store;
	if (!check_operands(in, error) || !command_open_store(in, STORE_CHANGE, &store, error))
		return -1;
	bool ok = rename_it(in, store, error);
	command_close_store(in, store);
	return ok ? 0 : -1;
}

const struct command rename_command = {
	.name = "rename",
	.since = "0.2.0",
	.arguments = "OLD NEW",
	.summary = "Give a breaker another name; it keeps all that it knows",
	.scope = SCOPE_RENAME,
	.run = run,
};
