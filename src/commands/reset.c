/* reset.c: `cbrun reset NAME...` */
#include "commands/operator.h"
#include "report/reason.h"

static bool reset(const struct settings *settings, struct breaker *b, const struct moment *moment,
                  const struct reason *why, struct journal *journal)
{
	(void)settings;
	return breaker_reset(b, moment, why, journal);
}

/* A disabled breaker stays so. */
static void tell(const struct invocation *in, const struct breaker *b, int64_t now_ms)
{
	char why[REASON_LINE_SIZE];
	if (breaker_mode_at(b, now_ms) != MODE_DISABLED)
		return;
	reason_format_disabled(b, now_ms, why);
	message_print(in->level, MESSAGE_NORMAL, "%s is cleared, and still %s; 'cbrun enable %s' ends that",
	              in->settings.name, why, in->settings.name);
}

static int run(struct invocation *in, struct error *error)
{
	static const struct operator_act act = {.act = reset, .tell = tell};
	return operator_run(in, &act, error);
}

const struct command reset_command = {
	.name = "reset",
	.arguments = "NAME...",
	.summary = "Close breakers and clear what they remember",
	.scope = SCOPE_ACT,
	.run = run,
};
