/* act.c: `trip`, `reset`, `disable`, `enable`: what an operator does to a breaker by hand. */
#include "base/clock.h"
#include "base/identity.h"
#include "base/text.h"
#include "commands/announce.h"
#include "commands/command.h"

/* One of the acts. False: the breaker's mode does not allow it. */
typedef bool act_on(const struct settings *settings, struct breaker *b, const struct moment *moment,
                    const struct reason *why, struct journal *journal);

static bool trip(const struct settings *settings, struct breaker *b, const struct moment *moment,
                 const struct reason *why, struct journal *journal)
{
	if (settings->hold)
		return breaker_hold(b, moment, why, journal);
	int64_t period_ms = settings->trip_for_ms > 0 ? settings->trip_for_ms : b->policy.open_for_ms;
	return breaker_trip(b, period_ms, moment, why, journal);
}

static bool reset(const struct settings *settings, struct breaker *b, const struct moment *moment,
                  const struct reason *why, struct journal *journal)
{
	(void)settings;
	return breaker_reset(b, moment, why, journal);
}

static bool disable(const struct settings *settings, struct breaker *b, const struct moment *moment,
                    const struct reason *why, struct journal *journal)
{
	(void)settings;
	return breaker_disable(b, moment, why, journal);
}

static bool enable(const struct settings *settings, struct breaker *b, const struct moment *moment,
                   const struct reason *why, struct journal *journal)
{
	(void)settings;
	return breaker_enable(b, moment, why, journal);
}

static bool refused(const struct breaker *b, const char *name, struct error *error)
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

static enum store_verdict try_act(struct invocation *in, struct store *store, const char *name, act_on *act,
                                  struct error *error)
{
	struct store_key key;
	struct breaker b;
	struct journal journal = {0};
	struct reason why = {0};
	if (!command_resolve_for(in, name, error)) /* its hooks and log */
		return STORE_FAILED;
	text_cut(in->settings.reason != NULL ? in->settings.reason : "", why.text, sizeof(why.text));
	identity_format(why.by, sizeof(why.by));
	if (!store_begin(store, name, STORE_STEP, &key, &b, error))
		return STORE_FAILED;
	struct moment moment = command_moment(clock_boot_id(), &in->settings.policy);
	bool ok = key.id != 0 || command_no_breaker(name, error);
	if (ok && !key.found)
		breaker_init(&b, &in->settings.policy, &moment.at);
	if (ok && !act(&in->settings, &b, &moment, &why, &journal))
		ok = refused(&b, name, error);
	if (!ok) {
		store_abandon(store);
		return STORE_FAILED;
	}
	enum store_verdict verdict = store_commit(store, &key, &b, &journal, error);
	if (verdict == STORE_KEPT)
		announce(in, name, &b, &journal, NULL);
	return verdict;
}

/* Acts on each breaker named, one after the other; the first failure ends it. */
static int run(struct invocation *in, act_on *act, struct error *error)
{
	struct store *store;
	enum store_verdict verdict = STORE_KEPT;
	if (!command_names(in, error))
		return -1;
	if (!command_open_store(in, STORE_CHANGE, &store, error))
		return -1;
	if (store == NULL)
		return command_no_breaker(in->line.operands[0], error), -1;
	for (int i = 0; i < in->line.operand_count && verdict == STORE_KEPT; i++)
		do {
			verdict = try_act(in, store, in->line.operands[i], act, error);
		} while (verdict == STORE_AGAIN);
	command_tell_notice(in, store);
	store_close(store);
	return verdict == STORE_KEPT ? 0 : -1;
}

static int run_trip(struct invocation *in, struct error *error)
{
	return run(in, trip, error);
}

static int run_reset(struct invocation *in, struct error *error)
{
	return run(in, reset, error);
}

static int run_disable(struct invocation *in, struct error *error)
{
	return run(in, disable, error);
}

static int run_enable(struct invocation *in, struct error *error)
{
	return run(in, enable, error);
}

const struct command trip_command = {
	.name = "trip",
	.arguments = "NAME...",
	.summary = "Open breakers by hand",
	.scope = SCOPE_TRIP,
	.run = run_trip,
};

const struct command reset_command = {
	.name = "reset",
	.arguments = "NAME...",
	.summary = "Close breakers and clear what they remember",
	.scope = SCOPE_ACT,
	.run = run_reset,
};

const struct command disable_command = {
	.name = "disable",
	.arguments = "NAME...",
	.summary = "Let every call run, whatever happens, until 'enable'",
	.scope = SCOPE_ACT,
	.run = run_disable,
};

const struct command enable_command = {
	.name = "enable",
	.arguments = "NAME...",
	.summary = "Put disabled breakers back to work, afresh",
	.scope = SCOPE_ACT,
	.run = run_enable,
};
