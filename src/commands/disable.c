/* disable.c: `cbrun disable NAME...` */
#include "commands/operator.h"

static bool disable(const struct settings *settings, struct breaker *b, const struct moment *moment,
                    const struct reason *why, struct journal *journal)
{
	return breaker_disable(b, settings->for_ms, moment, why, journal);
}

static int run(struct invocation *in, struct error *error)
{
	static const struct operator_act act = {.act = disable, .makes = true};
	return operator_run(in, &act, error);
}

const struct command disable_command = {
	.name = "disable",
	.arguments = "NAME...",
	.summary = "Let every call run, whatever happens, until 'enable'",
	.scope = SCOPE_DISABLE,
	.run = run,
};
