/*
 * steps.h: what `cbrun simulate` prints for programs.
 */
#ifndef CBRUN_COMMANDS_STEPS_H
#define CBRUN_COMMANDS_STEPS_H

#include "replay/replay.h"

#include <stdio.h>

/* A visitor of the replay: prints the step on the FILE that is the context, as a line of JSON. */
void steps_print(void *context, const struct replay_step *step);

/* The last line. `versus`: the options that make this policy another one; NULL for none. */
void steps_print_summary(FILE *out, const struct replay_tally *tally, const char *versus);

#endif
