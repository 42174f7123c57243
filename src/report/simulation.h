/*
 * simulation.h: a simulation for people: a few lines of summary, and the first
 * transitions. The steps themselves are for programs.
 */
#ifndef CBRUN_REPORT_SIMULATION_H
#define CBRUN_REPORT_SIMULATION_H

#include "breaker/journal.h"

#include <stdint.h>
#include <stdio.h>

enum { SIMULATION_SHOWN = 10 };

/* Zeroed, nothing has happened yet. */
struct simulation {
	int64_t calls; /* let in and rejected */
	int64_t let_in;
	int64_t rejected;
	int64_t failures_let_in;
	int64_t failures_rejected;
	int64_t successes_rejected;
	int64_t opened;
	int64_t open_ms;
	int64_t length_ms; /* of it all */
	/* what simulation_note() keeps */
	int64_t transitions;
	struct event first[SIMULATION_SHOWN];
};

/* Counts the transitions of a step, and keeps the first of them. Their wall_ms is since the start. */
void simulation_note(struct simulation *s, const struct journal *journal);

/* Prints two side by side: one policy, and the same with these options over it. */
void simulation_print_beside(FILE *out, const struct simulation *s, const struct simulation *other, const char *options);

/* Prints it, in less than half a screen. */
void simulation_print(FILE *out, const struct simulation *s);

#endif
