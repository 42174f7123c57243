/*
 * operator.h: what `trip`, `reset`, `disable` and `enable` have in common: an
 * operator's act on each breaker that is named.
 */
#ifndef CBRUN_COMMANDS_OPERATOR_H
#define CBRUN_COMMANDS_OPERATOR_H

#include "commands/command.h"

struct operator_act {
	/*
	 * The breaker's function for it, called with what the settings say. False,
	 * with nothing changed, if the breaker's mode does not allow it.
	 */
	bool (*act)(const struct settings *settings, struct breaker *b, const struct moment *moment,
	            const struct reason *why, struct journal *journal);
	/* Reports what the act did not change, which the user may not expect; NULL: nothing. */
	void (*tell)(const struct invocation *in, const struct breaker *b, int64_t now_ms);
	bool makes; /* a named breaker that does not exist */
	bool picks; /* if many are meant, only those that allow it: the others are no mistake */
};

/* Acts on all breakers that the operands name, even if it fails for some. Returns as the run of a command. */
int operator_run(struct invocation *in, const struct operator_act *act, struct error *error);

#endif
