/* reset.c: `cbrun reset NAME...` */
#include "commands/operator.h"

static bool reset(const struct settings *settings, struct breaker *b, const struct moment *moment,
                  const struct reason *why, struct journal *journal)
{
	(void)settings;
	return breaker_reset(b, moment, why, journal);
}

static int run(struct invocation *in, struct error *error)
{
	return operator_run(in, reset, error);
}

const struct command reset_command = {
	.name = "reset",
	.arguments = "NAME...",
	.summary = "Close breakers and clear what they remember",
	.scope = SCOPE_ACT,
	.run = run,
};
