/*
 * operator.h: what `trip`, `reset`, `disable` and `enable` have in common: an
 * operator's act on each breaker that is named.
 */
#ifndef CBRUN_COMMANDS_OPERATOR_H
#define CBRUN_COMMANDS_OPERATOR_H

#include "commands/command.h"

/*
 * One act: one of the breaker's functions for it, with what the settings say.
 * False, with nothing changed, if the breaker's mode does not allow it.
 */
typedef bool operator_act(const struct settings *settings, struct breaker *b, const struct moment *moment,
                          const struct reason *why, struct journal *journal);

/* Acts on the operands, one after the other; the first failure ends it. Returns as the run of a command. */
int operator_run(struct invocation *in, operator_act *act, struct error *error);

#endif
