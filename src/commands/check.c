/* check.c: `cbrun check NAME`: would a call be let in? Changes nothing. */
#include "base/clock.h"
#include "commands/command.h"
#include "report/reason.h"

/* Asks a copy of the breaker, with the policy of its last call and what the command line says over it. */
static bool ask(struct invocation *in, struct store *store, const char *name, struct admission *admission,
                struct error *error)
{
	struct store_key key;
	struct breaker b;
	struct journal journal = {0};
	struct load load = {0};
	if (!store_begin(store, name, STORE_LOOK, &key, &b, error))
		return false;
	store_abandon(store);
	if (!key.found)
		return true;
	if (!settings_resolve_over(&in->settings, &b.policy, &in->line, error))
		return false;
	if (!store_count_permits(store, key.id, &load, error))
		return false;
	struct moment moment = command_moment(clock_boot_id(), &in->settings.policy);
	*admission = breaker_admit(&b, &in->settings.policy, &moment, &load, &journal);
	return true;
}

static int run(struct invocation *in, struct error *error)
{
	const char *name;
	struct store *store;
	struct admission admission = {.run = true};
	if (!command_name(in, &name, error) || !command_open_store(in, STORE_READ, &store, error))
		return -1;
	bool ok = store == NULL || ask(in, store, name, &admission, error);
	command_tell_notice(in, store);
	store_close(store);
	if (!ok)
		return -1;
	if (admission.run)
		return 0;
	char why[REASON_LINE_SIZE];
	reason_format_rejection(&admission, why);
	message_print(in->level, MESSAGE_NORMAL, "%s: %s", name, why);
	return EXIT_REJECTED;
}

const struct command check_command = {
	.name = "check",
	.arguments = "NAME",
	.summary = "Tell by the exit status whether a call would be let in",
	.scope = SCOPE_CHECK,
	.run = run,
};
