/* trip.c: `cbrun trip NAME...` */
#include "commands/operator.h"

static bool trip(const struct settings *settings, struct breaker *b, const struct moment *moment,
                 const struct reason *why, struct journal *journal)
{
	if (settings->hold)
		return breaker_hold(b, moment, why, journal);
	int64_t period_ms = settings->for_ms > 0 ? settings->for_ms : b->policy.open_for_ms;
	return breaker_trip(b, period_ms, moment, why, journal);
}

static int run(struct invocation *in, struct error *error)
{
	static const struct operator_act act = {.act = trip, .makes = true};
	return operator_run(in, &act, error);
}

const struct command trip_command = {
	.name = "trip",
	.arguments = "NAME...",
	.summary = "Open breakers by hand",
	.scope = SCOPE_TRIP,
	.run = run,
};
