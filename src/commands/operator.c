/* operator.c: acting on breakers by hand. */
#include "commands/operator.h"

#include "base/identity.h"
#include "base/text.h"
#include "commands/telling.h"
#include "process/signals.h"

/* An act on one breaker. */
struct order {
	struct invocation *in;
	operator_act *act;
	struct reason why;
};

static bool refuse(const struct breaker *b, const char *name, struct error *error)
{
	switch (b->mode) {
	case MODE_DISABLED:
		return error_set(error, ERROR_REFUSED, "%s is disabled; 'cbrun enable %s' first", name, name);
	case MODE_HELD:
		return error_set(error, ERROR_REFUSED, "%s is held open; 'cbrun reset %s' first", name, name);
	case MODE_NORMAL:
		break;
	}
	return error_set(error, ERROR_REFUSED, "%s is not disabled", name);
}

static enum store_decision decide(void *context, struct store_step *step, struct error *error)
{
	const struct order *order = context;
	const struct settings *settings = &order->in->settings;
	struct moment moment = store_moment(step, &settings->policy);
	if (!step->exists) {
		command_no_breaker(settings->name, error);
		return STORE_REFUSE;
	}
	if (!step->found) /* its record was damaged */
		breaker_init(step->breaker, &settings->policy, &moment.at);
	if (order->act(settings, step->breaker, &moment, &order->why, &step->journal))
		return STORE_KEEP;
	refuse(step->breaker, settings->name, error);
	return STORE_REFUSE;
}

static bool act_on(struct invocation *in, struct store *store, const char *name, operator_act *act,
                   struct error *error)
{
	struct breaker b;
	struct store_step step = {.breaker = &b};
	struct order order = {.in = in, .act = act};
	struct guard_setup setup = telling_setup(in);
	const struct store_request request = {
		.name = name, .intent = STORE_ALTER, .decide = decide, .context = &order};
	if (!command_resolve_for(in, name, error)) /* its hooks and log */
		return false;
	in->settings.name = name;
	text_cut(in->settings.reason != NULL ? in->settings.reason : "", order.why.text,
	         sizeof(order.why.text));
	identity_format(order.why.by, sizeof(order.why.by));
	if (!store_step(store, &request, &step, error))
		return false;
	int signal = guard_announce(&setup, &b, &step.journal);
	if (signal != 0)
		signals_die_of(signal);
	return true;
}

int operator_run(struct invocation *in, operator_act *act, struct error *error)
{
	struct store *store;
	bool ok = true;
	if (!command_names(in, error) || !command_open_store(in, STORE_CHANGE, &store, error))
		return -1;
	if (store == NULL)
		return command_no_breaker(in->line.operands[0], error), -1;
	for (int i = 0; i < in->line.operand_count && ok; i++)
		ok = act_on(in, store, in->line.operands[i], act, error);
	command_tell_remarks(in, store);
	store_close(store);
	return ok ? 0 : -1;
}
