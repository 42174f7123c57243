/* whatif.c: the policies, and the replays. */
#include "replay/whatif.h"

/* A list that grows. */
struct listing {
	struct whatif *items;
	size_t count;
};

/* The given policy again, with one option to be changed in what is returned. */
static struct policy *add(struct listing *l, const char *option)
{
	struct whatif *w = &l->items[l->count++];
	w->option = option;
	w->policy = l->items[0].policy;
	w->tally = (struct replay_tally){0};
	return &w->policy;
}

/* Without it a policy would never open, or is the same. */
static void drop_senseless(struct listing *l)
{
	struct whatif *last = &l->items[l->count - 1];
	if (!policy_can_open(&last->policy) || policy_equal(&last->policy, &l->items[0].policy))
		l->count--;
}

static void add_openings(struct listing *l, const struct policy *p)
{
	int64_t most = p->within_ms > 0 ? POLICY_MAX_WITHIN_FAILURES : POLICY_MAX_COUNT;
	if (p->failures > 1)
		add(l, "failures")->failures = (p->failures + 1) / 2;
	if (p->failures > 0 && 2 * p->failures <= most)
		add(l, "failures")->failures = 2 * p->failures;
	if (p->failure_rate_ppm == 0) {
		add(l, "failure-rate")->failure_rate_ppm = POLICY_PPM / 2;
	} else {
		add(l, "failure-rate")->failure_rate_ppm = p->failure_rate_ppm / 2;
		drop_senseless(l);
		add(l, "failure-rate")->failure_rate_ppm = 0;
		drop_senseless(l);
	}
}

/* The rule that learns its number; a rate beside it holds only where it is asked for, and --within counts nothing. */
static void add_learned(struct listing *l, const struct policy *p)
{
	if (p->failures == POLICY_AUTO || p->within_ms > 0)
		return;
	struct policy *learned = add(l, "failures");
	learned->failures = POLICY_AUTO;
	learned->failure_rate_ppm = 0;
}

static void add_periods(struct listing *l, const struct policy *p)
{
	if (p->open_for_ms > 1)
		add(l, "open-for")->open_for_ms = p->open_for_ms / 2;
	if (2 * p->open_for_ms <= POLICY_MAX_MS)
		add(l, "open-for")->open_for_ms = 2 * p->open_for_ms;
	if (10 * p->open_for_ms <= POLICY_MAX_MS)
		add(l, "open-for")->open_for_ms = 10 * p->open_for_ms;
	add(l, "open-factor")->open_factor_milli = p->open_factor_milli > POLICY_MILLI ? POLICY_MILLI : 2 * POLICY_MILLI;
}

static void add_trials(struct listing *l, const struct policy *p)
{
	if (p->probes > 1)
		add(l, "probes")->probes = 1;
	if (p->successes > 1)
		add(l, "successes")->successes = 1;
	if (2 * p->successes <= POLICY_MAX_COUNT)
		add(l, "successes")->successes = 2 * p->successes;
	if (2 * p->probe_failures <= POLICY_MAX_COUNT)
		add(l, "probe-failures")->probe_failures = 2 * p->probe_failures;
}

size_t whatif_list(const struct policy *policy, struct whatif list[WHATIF_MAX])
{
	struct listing l = {.items = list, .count = 1};
	list[0] = (struct whatif){.option = NULL, .policy = *policy};
	if (policy->shadow) { /* which rejects nothing, whatever else it says */
		add(&l, "shadow")->shadow = 0;
		return l.count;
	}
	add_periods(&l, policy);
	add_openings(&l, policy);
	add_learned(&l, policy);
	add_trials(&l, policy);
	return l.count;
}

bool whatif_play(const struct recording *recording, uint64_t seed, struct whatif *list, size_t count)
{
	struct replay r = {0};
	bool ok = true;
	for (size_t i = 0; ok && i < count; i++) {
		replay_begin(&r, &list[i].policy, seed, NULL, NULL);
		ok = recording_play(recording, &r);
		if (ok)
			list[i].tally = *replay_end(&r);
	}
	replay_free(&r);
	return ok;
}

/* By a tenth, and by one at least. */
static bool differ(int64_t a, int64_t b)
{
	int64_t difference = a > b ? a - b : b - a;
	return difference > 0 && 10 * difference >= a;
}

bool whatif_matters(const struct whatif *as_it_is, const struct whatif *other, bool all_recorded)
{
	const struct replay_tally *a = &as_it_is->tally;
	const struct replay_tally *b = &other->tally;
	return differ(a->failures_run, b->failures_run) || (all_recorded && differ(a->opened, b->opened));
}
