/* remove.c: `cbrun remove NAME...`: forgets breakers and their history. */
#include "commands/command.h"

/* One whose record is damaged can be removed too. */
static enum store_decision decide(void *context, struct store_step *step, struct error *error)
{
	if (step->exists)
		return STORE_REMOVE;
	command_no_breaker(context, error);
	return STORE_REFUSE;
}

static bool remove_one(struct store *store, char *name, struct error *error)
{
	struct breaker b;
	struct store_step step = {.breaker = &b};
	const struct store_request request = {
		.name = name, .intent = STORE_ALTER, .decide = decide, .context = name};
	return store_step(store, &request, &step, error);
}

static int run(struct invocation *in, struct error *error)
{
	struct store *store;
	bool ok = true;
	if (!command_names(in, error) || !command_open_store(in, STORE_CHANGE, &store, error))
		return -1;
	if (store == NULL)
		return command_no_breaker(in->line.operands[0], error), -1;
	for (int i = 0; i < in->line.operand_count && ok; i++)
		ok = remove_one(store, in->line.operands[i], error);
	store_close(store);
	return ok ? 0 : -1;
}

const struct command remove_command = {
	.name = "remove",
	.arguments = "NAME...",
	.summary = "Forget breakers and their history",
	.scope = SCOPE_REMOVE,
	.run = run,
};
