/*
 * A store as it is after an eventful week: week STORE BREAKERS CALLS [SEED]: breakers
 * of services that were called so often each in the last seven days, and now and
 * then failed. All by chance, but the same for a seed.
 */
#include "base/clock.h"
#include "store/store.h"
#include "../unit/rng.h"

#include <stdio.h>
#include <stdlib.h>

enum { OUTAGES = 3, HOUR_MS = 3600000, WEEK_MS = 7 * 24 * HOUR_MS };

static const struct policy policy = {
	.failures = 5,
	.failure_rate_ppm = POLICY_PPM / 2,
	.min_calls = 10,
	.window_kind = WINDOW_CALLS,
	.window_size = 100,
	.slow_rate_ppm = POLICY_PPM,
	.open_for_ms = 15 * 60000,
	.open_factor_milli = 2 * POLICY_MILLI,
	.open_max_ms = HOUR_MS,
	.probes = 1,
	.successes = 2,
	.probe_failures = 1,
};

static const char *const services[] = {
	"payments:api.example.com", "backup:nightly", "db:replica-2", "dns:upstream", "mail:relay",
	"mirror:debian",            "s3:uploads",     "ldap:office",  "feed:weather", "ssh:build-host",
};
enum { SERVICES = sizeof(services) / sizeof(services[0]) };

struct service {
	char name[64];
	int64_t usual_us;                 /* what a call takes */
	int64_t from_ms[OUTAGES];         /* since the week began */
	int64_t length_ms[OUTAGES];       /* 0: there is none */
	struct rng rng;
};

/* A call that is to be kept. */
struct plan {
	struct instant at;
	struct call call;
	bool admitted; /* it is to be recorded; else it asks first */
};

static struct service make_service(long number, uint64_t seed)
{
	struct service s = {.rng = {.state = seed + (uint64_t)number * 7919}};
	const char *name = services[number % SERVICES];
	if (number < SERVICES)
		snprintf(s.name, sizeof(s.name), "%s", name);
	else
		snprintf(s.name, sizeof(s.name), "%s-%ld", name, number / SERVICES + 1);
	s.usual_us = INT64_C(20000) << rng_below(&s.rng, 9);
	for (int64_t i = rng_below(&s.rng, OUTAGES + 1) - 1; i >= 0; i--) {
		s.from_ms[i] = rng_below(&s.rng, WEEK_MS);
		s.length_ms[i] = HOUR_MS / 4 + rng_below(&s.rng, 5 * HOUR_MS);
	}
	if (number == 0) { /* one is down now */
		s.from_ms[0] = WEEK_MS - 6 * HOUR_MS;
		s.length_ms[0] = 6 * HOUR_MS;
	}
	return s;
}

static bool is_out(const struct service *s, int64_t ms)
{
	for (int i = 0; i < OUTAGES; i++)
		if (s->length_ms[i] > 0 && ms >= s->from_ms[i] && ms < s->from_ms[i] + s->length_ms[i])
			return true;
	return false;
}

static struct call draw(struct service *s, int64_t ms)
{
	bool fails = rng_below(&s->rng, 1000) < (is_out(s, ms) ? 930 : 4);
	struct call call = {.duration_us = s->usual_us / 2 + rng_below(&s->rng, s->usual_us)};
	if (rng_below(&s->rng, 300) == 0)
		call.outcome = OUTCOME_IGNORED;
	else if (fails && rng_below(&s->rng, 3) == 0)
		call = (struct call){.outcome = OUTCOME_TIMEOUT, .exit = 124, .duration_us = 30000000};
	else if (fails)
		call = (struct call){.outcome = OUTCOME_FAILURE, .exit = 7, .duration_us = call.duration_us / 4};
	return call;
}

static enum store_decision decide(void *context, struct store_step *step, struct error *error)
{
	static const struct load none;
	struct plan *plan = context;
	struct breaker *b = step->breaker;
	struct moment moment = {.at = plan->at};
	(void)error;
	if (!step->found)
		breaker_init(b, &policy, &moment.at);
	if (!plan->admitted && breaker_state_at(b, breaker_now_ms(b, &plan->at)) != BREAKER_CLOSED) {
		struct admission a = breaker_admit(b, &policy, &moment, &none, &step->journal);
		plan->call.generation = a.run ? a.generation : 0;
		return STORE_KEEP;
	}
	if (!plan->admitted)
		plan->call.generation = b->generation;
	plan->admitted = true;
	breaker_record(b, &policy, &moment, &plan->call, &step->journal);
	return STORE_KEEP;
}

/* Calls it once; a call that is let in as a trial takes two steps. */
static bool call(struct store *store, const char *name, struct plan *plan, struct error *error)
{
	static struct breaker b;
	struct store_step step = {.breaker = &b};
	struct store_request request = {.name = name, .intent = STORE_CREATE, .decide = decide, .context = plan};
	if (!store_step(store, &request, &step, error))
		return false;
	if (plan->admitted || plan->call.generation == 0)
		return true;
	plan->admitted = true;
	return store_step(store, &request, &step, error);
}

static bool live(const char *path, struct service *s, long calls, struct error *error)
{
	int64_t begin_ms = clock_wall_ms() - WEEK_MS;
	struct store_options options = {.path = path, .access = STORE_WRITE, .lock_timeout_ms = 2000};
	struct store *store = NULL;
	bool ok = store_open(&store, &options, error);
	for (long i = 0; i < calls && ok; i++) {
		int64_t ms = WEEK_MS / calls * i + rng_below(&s->rng, WEEK_MS / calls);
		/* as of another boot, so that only wall time counts */
		struct plan plan = {.at = {.boot_ms = ms, .wall_ms = begin_ms + ms, .boot_id = 1}, .call = draw(s, ms)};
		ok = call(store, s->name, &plan, error);
	}
	store_close(store);
	return ok;
}

int main(int argc, char **argv)
{
	struct error error = {0};
	if (argc < 4)
		return 2;
	long breakers = strtol(argv[2], NULL, 10);
	uint64_t seed = argc > 4 ? strtoull(argv[4], NULL, 10) : 1;
	bool ok = true;
	for (long i = 0; i < breakers && ok; i++) {
		struct service s = make_service(i, seed);
		ok = live(argv[1], &s, strtol(argv[3], NULL, 10), &error);
	}
	if (!ok)
		fprintf(stderr, "week: %s\n", error.text);
	return ok ? 0 : 1;
}
