/*
 * operator.h: what `trip`, `reset`, `disable` and `enable` have in common: an
 * operator's act on each breaker that is named.
 */
#ifndef CBRUN_COMMANDS_OPERATOR_H
#define CBRUN_COMMANDS_OPERATOR_H

#include "commands/command.h"

struct operator_act {
	/*
	 * One of the breaker's functions for it, with what the settings say. False,
	 * with nothing changed, if the breaker's mode does not allow it.
	 */
	bool (*act)(const struct settings *settings, struct breaker *b, const struct moment *moment,
	            const struct reason *why, struct journal *journal);
	/* Tells what the act has left that the user may not expect; NULL: nothing. */
	void (*tell)(const struct invocation *in, const struct breaker *b, int64_t now_ms);
	bool makes; /* a breaker that is named and not there */
	bool picks; /* of many, those that allow it: the others are no mistake */
};

/* Acts on what the operands name, whatever becomes of any. Returns as the run of a command. */
int operator_run(struct invocation *in, const struct operator_act *act, struct error *error);

#endif
