/*
 * telling.h: puts what a guarded run has to report into words: on standard
 * error, and in the log.
 */
#ifndef CBRUN_COMMANDS_TELLING_H
#define CBRUN_COMMANDS_TELLING_H

#include "commands/command.h"
#include "guard/guard.h"

/* The setup of a guarded run or probe by the settings of `in`, whose notices are told to the user. */
struct guard_setup telling_setup(struct invocation *in);

#endif
