/*
 * tuning.h: how a breaker's recorded runs would have gone under other policies: a
 * short table, the lines to paste, and what cannot be known.
 */
#ifndef CBRUN_REPORT_TUNING_H
#define CBRUN_REPORT_TUNING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { TUNING_ROWS = 6, TUNING_CHANGES = 20, TUNING_VALUE_SIZE = 48, TUNING_ENOUGH_RUNS = 100, TUNING_ENOUGH_FAILURES = 10 };

/* An option that is not as it is now. */
struct tuning_change {
	const char *option;
	char value[TUNING_VALUE_SIZE];
};

/* A policy, and how the runs go under it. */
struct tuning_row {
	int64_t cost;
	int64_t failures_run;
	int64_t failures_avoided;
	int64_t successes_rejected;
	int64_t opened; /* times that it was closed before */
	int64_t open_ms;
	struct tuning_change changes[TUNING_CHANGES];
	size_t change_count; /* 0: the policy as it is */
};

struct tuning {
	const char *name;
	int64_t runs; /* recorded */
	int64_t failures;
	int64_t rejected; /* calls that were, since ever, of which nobody knows how they would have ended */
	int64_t supposed; /* of them, those that were played as the trial calls say that they might have ended */
	int64_t since_wall_ms; /* of the first run; 0 = there is none */
	int64_t cost_failure; /* what each of them counts for */
	int64_t cost_rejected;
	int64_t cost_opening;
	size_t tried; /* policies */
	struct tuning_row best[TUNING_ROWS]; /* the cheapest first, none like another */
	size_t best_count;
	struct tuning_row present;
	struct tuning_change lines[TUNING_CHANGES]; /* for the configuration, to get the first of the best */
	size_t line_count;
};

/* Whether there is history enough to go by. */
bool tuning_is_enough(const struct tuning *t);

/* Writes it for people. */
void tuning_print_text(FILE *out, const struct tuning *t);

/* Writes it as one object of JSON. False if out of memory, or it cannot be written. */
bool tuning_print_json(FILE *out, const struct tuning *t);

#endif
