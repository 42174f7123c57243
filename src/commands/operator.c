/* operator.c: acting on breakers by hand. */
#include "commands/operator.h"

#include "base/identity.h"
#include "base/text.h"
#include "commands/targets.h"
#include "commands/telling.h"
#include "process/signals.h"
#include "settings/values.h"

/* An act on breakers, one after the other. */
struct order {
	struct invocation *in;
	const struct operator_act *act;
	const struct targets *targets;
	struct store *store;
	struct reason why;
	/* of the one that it has come to */
	bool plain; /* the operands name it itself */
	bool made;
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
	struct order *order = context;
	const struct operator_act *act = order->act;
	const struct settings *settings = &order->in->settings;
	struct moment moment = store_moment(step, &settings->policy);
	order->made = !step->exists;
	if (!step->exists && !(act->makes && order->plain)) {
		command_no_breaker(settings->name, error);
		return STORE_REFUSE;
	}
	if (!step->found) /* it is made, or its record was damaged */
		breaker_init(step->breaker, &settings->policy, &moment.at);
	if (act->act(settings, step->breaker, &moment, &order->why, &step->journal))
		return STORE_KEEP;
	if (act->picks && !order->plain)
		return STORE_LEAVE;
	refuse(step->breaker, settings->name, error);
	return STORE_REFUSE;
}

static bool act_on(void *context, const char *name, struct error *error)
{
	struct order *order = context;
	struct invocation *in = order->in;
	const struct operator_act *act = order->act;
	struct breaker b;
	struct store_step step = {.breaker = &b};
	struct guard_setup setup = telling_setup(in);
	order->plain = targets_has_plain(order->targets, name);
	const struct store_request request = {
		.name = name,
		.intent = act->makes && order->plain ? STORE_CREATE : STORE_ALTER,
		.decide = decide,
		.context = order,
	};
	if (!command_resolve_for(in, name, error)) /* its policy, hooks and log */
		return false;
	in->settings.name = name;
	if (!store_step(order->store, &request, &step, error))
		return false;
	if (order->made)
		message_print(in->level, MESSAGE_NORMAL, "%s: created, since there was no breaker of that name", name);
	if (act->tell != NULL)
		act->tell(in, &b, breaker_now_ms(&b, &step.now));
	int signal = guard_announce(&setup, &b, &step.journal);
	if (signal != 0)
		signals_die_of(signal);
	return true;
}

/* Only a name, and no glob, can make the store. */
static enum store_access access_for(const struct invocation *in, const struct operator_act *act)
{
	bool plain = false;
	for (int i = 0; i < in->line.operand_count; i++)
		plain = plain || value_is_name(in->line.operands[i]);
	return act->makes && plain ? STORE_WRITE : STORE_CHANGE;
}

static void describe_why(struct order *order)
{
	const char *text = order->in->settings.reason;
	text_cut(text != NULL ? text : "", order->why.text, sizeof(order->why.text));
	identity_format(order->why.by, sizeof(order->why.by));
}

/* Without a store, each of the names is one that no breaker has. */
static bool act_on_nothing(void *context, const char *name, struct error *error)
{
	(void)context;
	return command_no_breaker(name, error);
}

int operator_run(struct invocation *in, const struct operator_act *act, struct error *error)
{
	struct targets targets;
	struct order order = {.in = in, .act = act, .targets = &targets};
	int status = -1;
	describe_why(&order);
	if (targets_begin(&targets, in, false, error) &&
	    command_open_store(in, access_for(in, act), &order.store, error) &&
	    targets_find(&targets, order.store, error)) {
		if (in->settings.all && targets.names.count == 0)
			message_print(in->level, MESSAGE_NORMAL, "no breakers yet");
		status = targets_act(&targets, order.store != NULL ? act_on : act_on_nothing, &order, error);
	}
	command_close_store(in, order.store);
	targets_free(&targets);
	return status;
}
