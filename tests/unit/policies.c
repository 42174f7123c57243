/* policies.c: reading and drawing policies for tests. */
#include "policies.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct policy defaults = {
	.failures = 5,
	.false_trips = 1,
	.false_trips_ms = POLICY_YEAR_MS,
	.failure_rate_ppm = 500000,
	.min_calls = 10,
	.window_kind = WINDOW_CALLS,
	.window_size = 100,
	.slow_rate_ppm = 1000000,
	.open_for_ms = 30000,
	.open_factor_milli = 1000,
	.open_max_ms = 600000,
	.probes = 3,
	.successes = 3,
	.probe_failures = 1,
};

static const struct setting {
	const char *name;
	size_t offset;
} settings[] = {
	{"failures", offsetof(struct policy, failures)},
	{"false-trips-in", offsetof(struct policy, false_trips_ms)},
	{"within", offsetof(struct policy, within_ms)},
	{"failure-rate", offsetof(struct policy, failure_rate_ppm)},
	{"min-calls", offsetof(struct policy, min_calls)},
	{"window", offsetof(struct policy, window_size)},
	{"slow", offsetof(struct policy, slow_ms)},
	{"slow-rate", offsetof(struct policy, slow_rate_ppm)},
	{"open-for", offsetof(struct policy, open_for_ms)},
	{"open-factor", offsetof(struct policy, open_factor_milli)},
	{"open-max", offsetof(struct policy, open_max_ms)},
	{"jitter", offsetof(struct policy, jitter_ppm)},
	{"probes", offsetof(struct policy, probes)},
	{"successes", offsetof(struct policy, successes)},
	{"probe-failures", offsetof(struct policy, probe_failures)},
	{"max-concurrent", offsetof(struct policy, max_concurrent)},
	{"shadow", offsetof(struct policy, shadow)},
};

static const struct unit_of_measure {
	const char *name;
	double scale;
	bool time;
} units[] = {
	{"", 1, false}, {"ms", 1, true}, {"s", 1000, true}, {"%", 10000, false}, {"x", 1000, false},
};

static const struct unit_of_measure *find_unit(const char *name)
{
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strcmp(units[i].name, name) == 0)
			return &units[i];
	return NULL;
}

static const struct setting *find_setting(const char *word, size_t length)
{
	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
		if (strlen(settings[i].name) == length && memcmp(settings[i].name, word, length) == 0)
			return &settings[i];
	return NULL;
}

bool policy_set(struct policy *policy, const char *word)
{
	size_t length = strcspn(word, "=");
	const struct setting *setting = find_setting(word, length);
	if (setting == NULL || word[length] != '=')
		return false;
	if (strcmp(word, "failures=auto") == 0) {
		policy->failures = POLICY_AUTO;
		policy->failure_rate_ppm = 0;
		return true;
	}
	char *end;
	double number = strtod(word + length + 1, &end);
	const struct unit_of_measure *unit = find_unit(end);
	if (unit == NULL || end == word + length + 1)
		return false;
	int64_t value = (int64_t)(number * unit->scale + 0.5);
	memcpy((char *)policy + setting->offset, &value, sizeof(value));
	if (setting->offset == offsetof(struct policy, window_size))
		policy->window_kind = unit->time ? WINDOW_TIME : WINDOW_CALLS;
	return true;
}

struct policy policy_of(struct unit *u, const char *text)
{
	struct policy policy = defaults;
	char buffer[256];
	snprintf(buffer, sizeof(buffer), "%s", text);
	char *rest = NULL;
	for (char *word = strtok_r(buffer, " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest))
		if (!policy_set(&policy, word))
			unit_fail(u, UNIT_HERE, "no such setting: \"%s\"", word);
	return policy;
}

static int64_t sometimes(struct rng *rng, int permille, int64_t value)
{
	return rng_permille(rng, permille) ? value : 0;
}

static void draw_rules(struct policy *p, struct rng *rng)
{
	p->failures = sometimes(rng, 700, rng_between(rng, 1, 6));
	p->within_ms = sometimes(rng, 300, rng_between(rng, 1, 400));
	if (p->within_ms == 0 && rng_permille(rng, 200))
		p->failures = POLICY_AUTO;
	p->false_trips = rng_between(rng, 1, 3);
	p->false_trips_ms = rng_between(rng, 3, 100000);
	p->failure_rate_ppm = sometimes(rng, 600, rng_between(rng, 1, 100) * 10000);
	p->min_calls = rng_between(rng, 1, 12);
	p->window_kind = rng_permille(rng, 500) ? WINDOW_CALLS : WINDOW_TIME;
	p->window_size = p->window_kind == WINDOW_CALLS ? rng_between(rng, 1, 30) : rng_between(rng, 1, 900);
	p->slow_ms = sometimes(rng, 400, rng_between(rng, 1, 40));
	p->slow_rate_ppm = sometimes(rng, 900, rng_between(rng, 1, 100) * 10000);
}

struct policy policy_random(struct rng *rng)
{
	struct policy p = defaults;
	draw_rules(&p, rng);
	p.open_for_ms = rng_between(rng, 1, 200);
	p.open_factor_milli = rng_between(rng, 1000, 3000);
	p.open_max_ms = rng_between(rng, 1, 900);
	p.jitter_ppm = sometimes(rng, 300, rng_between(rng, 0, 100) * 10000);
	p.probes = rng_between(rng, 1, 4);
	p.successes = rng_between(rng, 1, 4);
	p.probe_failures = rng_between(rng, 1, 3);
	p.max_concurrent = sometimes(rng, 300, rng_between(rng, 1, 6));
	p.shadow = rng_permille(rng, 100);
	return p;
}
