/*
 * simulation.h: a breaker driven through time by a trace: the same code as a
 * guarded run's, without store, process or waiting. Prints JSON lines.
 */
#ifndef CBRUN_COMMANDS_SIMULATION_H
#define CBRUN_COMMANDS_SIMULATION_H

#include "breaker/breaker.h"

#include <stdbool.h>
#include <stdio.h>

/* A call that is running. */
struct running {
	int64_t end_ms;
	int64_t order; /* of calls that end together, the first to start ends first */
	int64_t line;
	int64_t generation;
	int64_t duration_ms;
	enum outcome outcome;
	bool trial;
};

struct tally {
	int64_t calls;
	int64_t run;
	int64_t rejected;
	int64_t failures_run;
	int64_t failures_avoided;
	int64_t successes_rejected;
	int64_t opened;
	int64_t open_ms;
};

struct simulation {
	FILE *out;
	struct policy policy;
	struct breaker breaker;
	uint64_t random; /* state of the generator */
	int64_t now_ms;
	struct running *heap; /* by end_ms and order, the next to end on top */
	size_t heap_count;
	size_t heap_capacity;
	struct load load;
	int64_t started; /* calls so far, for `order` */
	int64_t open_from_ms;  /* while the breaker is stored as open */
	int64_t open_until_ms;
	struct tally tally;
};

/* What may happen to a breaker beside calls. */
enum simulation_act {
	SIMULATION_PEEK,
	SIMULATION_TRIP,
	SIMULATION_HOLD,
	SIMULATION_RESET,
	SIMULATION_DISABLE,
	SIMULATION_ENABLE,
};

/* Begins with a fresh breaker at time 0. `seed` is for the jitter. */
void simulation_begin(struct simulation *s, const struct policy *policy, uint64_t seed, FILE *out);

/* A call that starts at at_ms, which is not before any earlier event. False if out of memory. */
bool simulation_call(struct simulation *s, int64_t at_ms, int64_t line, enum outcome outcome,
                     int64_t duration_ms);

void simulation_act(struct simulation *s, int64_t at_ms, int64_t line, enum simulation_act act);

/* Ends the running calls, prints the summary if `summary`, and frees what the simulation holds. */
void simulation_end(struct simulation *s, bool summary);

/* "peek", "trip", ... */
const char *simulation_act_name(enum simulation_act act);

#endif
