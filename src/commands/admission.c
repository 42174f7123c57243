/* admission.c: the two steps of a call in the store: before the command, and after it. */
#include "base/clock.h"
#include "base/text.h"
#include "commands/announce.h"
#include "commands/guard.h"
#include "settings/describe.h"

enum { US_PER_MS = 1000, FIRST_POLL_MS = 20, LONGEST_POLL_MS = 500 };

/* Says in what this call's policy differs from the one of the call before. */
static void say_disagreement(const struct guard *g)
{
	char difference[DESCRIBE_SIZE];
	if (!g->disagrees || g->in->level < MESSAGE_VERBOSE)
		return;
	describe_difference(&g->policy, &g->other_policy, difference);
	message_print(g->in->level, MESSAGE_VERBOSE, "%s: the last call had another policy: %s",
	              g->settings->name, difference);
}

/* Asks the loaded breaker, and takes the permit if it says yes. */
static bool decide(struct guard *g, bool last, struct error *error)
{
	const struct policy *policy = &g->policy;
	struct load load = {0};
	struct moment moment = command_moment(g->boot_id, policy);
	if (!g->key.found)
		breaker_init(g->breaker, policy, &moment.at);
	g->disagrees = !policy_equal(policy, &g->breaker->policy);
	g->other_policy = g->breaker->policy;
	if (breaker_needs_load(g->breaker, policy, &moment.at) &&
	    !store_count_permits(g->store, g->key.id, &load, error))
		return false;
	g->admission = breaker_admit(g->breaker, policy, &moment, &load, &g->journal);
	if (g->admission.run)
		return store_take_permit(g->store, g->key.id, g->admission.trial, error);
	if (last && g->settings->fallback != NULL)
		breaker_count_fallback(g->breaker);
	return true;
}

/* Whether the loaded breaker waits for trial calls. */
static bool is_half_open(const struct guard *g)
{
	if (!g->key.found)
		return false;
	struct moment moment = command_moment(g->boot_id, &g->policy);
	int64_t now_ms = breaker_now_ms(g->breaker, &moment.at);
	return breaker_state_at(g->breaker, now_ms) == BREAKER_HALF_OPEN;
}

/*
 * A closed breaker lets everybody in and changes nothing by it: to know that, a
 * look is enough, and nobody need wait for it. *admitted is false if the
 * breaker wants a step.
 */
static bool admit_at_a_look(struct guard *g, bool *admitted, struct error *error)
{
	*admitted = false;
	if (!store_begin(g->store, g->settings->name, STORE_LOOK, &g->key, g->breaker, error))
		return false;
	struct moment moment = command_moment(g->boot_id, &g->policy);
	int64_t now_ms = g->key.found ? breaker_now_ms(g->breaker, &moment.at) : 0;
	bool ok = true;
	if (g->key.found && breaker_state_at(g->breaker, now_ms) == BREAKER_CLOSED &&
	    !breaker_needs_load(g->breaker, &g->policy, &moment.at)) {
		ok = decide(g, false, error);
		*admitted = ok;
	}
	store_abandon(g->store);
	return ok;
}

/*
 * One try to be admitted. Nothing is written for a call that is let in and
 * changes nothing, nor for a rejection that is not the `last` word.
 */
static enum store_verdict try_admit(struct guard *g, bool last, struct error *error)
{
	bool admitted = false;
	g->journal.count = 0;
	if (!g->only_trials && !admit_at_a_look(g, &admitted, error))
		return STORE_FAILED;
	if (admitted)
		return STORE_KEPT;
	if (!store_begin(g->store, g->settings->name, STORE_CREATE, &g->key, g->breaker, error))
		return STORE_FAILED;
	if (g->only_trials && !is_half_open(g)) {
		store_abandon(g->store);
		g->admission = (struct admission){.run = false};
		return STORE_KEPT;
	}
	if (g->only_trials && !settings_have_policy(g->settings))
		g->policy = g->breaker->policy; /* nobody says otherwise, so it goes on as it was */
	bool ok = decide(g, last, error);
	bool write = g->admission.run ? g->admission.changed || !g->key.found : last;
	if (!ok || !write) {
		store_abandon(g->store);
		g->journal.count = 0;
		return ok ? STORE_KEPT : STORE_FAILED;
	}
	enum store_verdict verdict = store_commit(g->store, &g->key, g->breaker, &g->journal, error);
	if (verdict != STORE_KEPT)
		store_release_permit(g->store);
	return verdict;
}

static int64_t min(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Tries until the call is let in, or the time for that is over. */
static enum store_verdict admit_in_time(struct guard *g, struct error *error)
{
	int64_t until_us = g->start_us + min(g->settings->wait_ms, guard_rest_ms(g)) * US_PER_MS;
	int64_t poll_ms = FIRST_POLL_MS;
	for (;;) {
		int64_t rest_us = until_us - clock_boot_us();
		enum store_verdict verdict;
		do {
			verdict = try_admit(g, rest_us <= 0, error);
		} while (verdict == STORE_AGAIN);
		if (verdict != STORE_KEPT || g->admission.run || rest_us <= 0)
			return verdict;
		int64_t retry_ms = g->admission.retry_after_ms;
		int64_t sleep_ms = retry_ms >= 0 ? min(poll_ms, retry_ms) : poll_ms;
		clock_sleep_us(min(sleep_ms * US_PER_MS + clock_chance() % US_PER_MS, rest_us));
		poll_ms = min(2 * poll_ms, LONGEST_POLL_MS);
	}
}

bool guard_admit(struct guard *g, struct error *error)
{
	enum store_verdict verdict = STORE_FAILED;
	if (command_open_store(g->in, STORE_WRITE, &g->store, error)) {
		verdict = admit_in_time(g, error);
		command_tell_notice(g->in, g->store);
	}
	if (verdict == STORE_KEPT) {
		say_disagreement(g);
		return true;
	}
	announce_store_fault(g->in, g->settings->name, error->text);
	store_close(g->store);
	g->store = NULL;
	return false;
}

bool guard_has_opened(struct guard *g)
{
	struct store_key key;
	struct error error;
	if (g->store == NULL || g->policy.shadow)
		return false;
	if (!store_begin(g->store, g->settings->name, STORE_LOOK, &key, g->breaker, &error))
		return false;
	store_abandon(g->store);
	struct moment moment = command_moment(g->boot_id, &g->policy);
	int64_t now_ms = breaker_now_ms(g->breaker, &moment.at);
	return key.found && breaker_state_at(g->breaker, now_ms) == BREAKER_OPEN;
}

static enum store_verdict try_record(struct guard *g, const struct call *call, struct error *error)
{
	const struct policy *policy = &g->policy;
	struct store_key key;
	struct call counted = *call;
	g->journal.count = 0;
	if (!store_begin(g->store, g->settings->name, STORE_CREATE, &key, g->breaker, error))
		return STORE_FAILED;
	struct moment moment = command_moment(g->boot_id, policy);
	if (!key.found)
		breaker_init(g->breaker, policy, &moment.at);
	if (key.id != g->key.id || !key.found)
		counted.generation = 0; /* it was removed meanwhile: this call is another one's */
	breaker_record(g->breaker, policy, &moment, &counted, &g->journal);
	return store_commit(g->store, &key, g->breaker, &g->journal, error);
}

void guard_record(struct guard *g, enum outcome outcome, bool fallback)
{
	struct error error;
	enum store_verdict verdict;
	struct call call = {
		.generation = g->admission.generation,
		.outcome = outcome,
		.exit = g->result.status,
		.duration_us = g->result.duration_us,
		.retries = g->retries,
		.fallback = fallback,
	};
	do {
		verdict = try_record(g, &call, &error);
	} while (verdict == STORE_AGAIN);
	store_release_permit(g->store);
	command_tell_notice(g->in, g->store);
	if (verdict == STORE_KEPT)
		return;
	g->journal.count = 0;
	announce_store_fault(g->in, g->settings->name, error.text);
	message_print(g->in->level, MESSAGE_NORMAL, "%s: %s; the outcome was not recorded", g->settings->name,
	              error.text);
}
