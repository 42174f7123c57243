/* remove.c: `cbrun remove NAME...`: forgets breakers and their history. */
#include "commands/command.h"

static bool remove_one(struct store *store, const char *name, struct error *error)
{
	struct store_key key;
	struct breaker b;
	if (!store_begin(store, name, STORE_STEP, &key, &b, error))
		return false;
	if (key.id != 0) /* one whose record is damaged can be removed too */
		return store_remove(store, &key, error);
	store_abandon(store);
	return command_no_breaker(name, error);
}

static int run(struct invocation *in, struct error *error)
{
	struct store *store;
	bool ok = true;
	if (!command_names(in, error))
		return -1;
	if (!command_open_store(in, STORE_CHANGE, &store, error))
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
