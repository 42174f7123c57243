/*
 * Fills a store: fill STORE BREAKERS CALLS: records so many calls each, of
 * breakers b1, b2, ... with a window of 10,000 calls.
 */
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>

static const struct policy policy = {
	.failures = 5,
	.failure_rate_ppm = POLICY_PPM / 2,
	.min_calls = 10,
	.window_kind = WINDOW_CALLS,
	.window_size = POLICY_MAX_WINDOW_CALLS,
	.slow_rate_ppm = POLICY_PPM,
	.open_for_ms = 30000,
	.open_factor_milli = POLICY_MILLI,
	.open_max_ms = 600000,
	.probes = 3,
	.successes = 3,
	.probe_failures = 1,
};

static enum store_decision decide(void *context, struct store_step *step, struct error *error)
{
	struct moment moment = {.at = step->now};
	struct call call = {.outcome = OUTCOME_SUCCESS, .duration_us = 1500};
	(void)context;
	(void)error;
	if (!step->found)
		breaker_init(step->breaker, &policy, &moment.at);
	breaker_observe(step->breaker, &policy, &moment, &call, &step->journal);
	return STORE_KEEP;
}

static bool record(struct store *store, const char *name, struct error *error)
{
	static struct breaker b;
	struct store_step step = {.breaker = &b};
	struct store_request request = {.name = name, .intent = STORE_CREATE, .decide = decide};
	return store_step(store, &request, &step, error);
}

int main(int argc, char **argv)
{
	struct error error = {0};
	struct store *store = NULL;
	if (argc != 4)
		return 2;
	long breakers = strtol(argv[2], NULL, 10);
	long calls = strtol(argv[3], NULL, 10);
	bool ok = true;
	for (long call = 0; call < calls && ok; call++) {
		/* opened anew for each round, so that the log is truncated now and then */
		struct store_options options = {.path = argv[1], .access = STORE_WRITE, .lock_timeout_ms = 2000};
		ok = store_open(&store, &options, &error);
		for (long i = 0; i < breakers && ok; i++) {
			char name[32];
			snprintf(name, sizeof(name), "b%ld", i + 1);
			ok = record(store, name, &error);
		}
		store_close(store);
	}
	if (!ok)
		fprintf(stderr, "fill: %s\n", error.text);
	return ok ? 0 : 1;
}
