/* enable.c: `cbrun enable NAME...` */
#include "commands/operator.h"

static bool enable(const struct settings *settings, struct breaker *b, const struct moment *moment,
                   const struct reason *why, struct journal *journal)
{
	(void)settings;
	return breaker_enable(b, moment, why, journal);
}

static int run(struct invocation *in, struct error *error)
{
	static const struct operator_act act = {.act = enable, .picks = true};
	return operator_run(in, &act, error);
}

const struct command enable_command = {
	.name = "enable",
	.arguments = "NAME...",
	.summary = "Put disabled breakers back to work, afresh",
	.scope = SCOPE_ACT,
	.run = run,
};
