/* status.c: `cbrun status [NAME...]`: what the breakers are doing. Changes nothing. */
#include "commands/look.h"
#include "commands/terminal.h"
#include "commands/watch.h"

/* For monitoring: how bad it is. What is not there, or cannot be read, is neither good nor bad. */
static int severity(const struct look *look)
{
	if (look->counts.open > 0)
		return EXIT_ONE_OPEN;
	if (look->missing || look->unclear)
		return EXIT_ONE_UNKNOWN;
	return look->counts.half_open > 0 ? EXIT_ONE_HALF_OPEN : 0;
}

static int look_once(struct look *look, struct error *error)
{
	if (!look_print(look, stdout, error))
		return -1;
	if (look->in->settings.exit_code)
		return severity(look);
	return look->missing ? EXIT_NO_BREAKER : 0;
}

static int run(struct invocation *in, struct error *error)
{
	struct look look = {
		.in = in,
		.style = terminal_style((enum colour_when)in->settings.colour),
		.for_people = terminal_is_one() && !in->settings.json,
	};
	int status = in->settings.watch_ms > 0 ? watch(&look, in->settings.watch_ms, error)
	                                       : look_once(&look, error);
	look_free(&look);
	return status;
}

const struct command status_command = {
	.name = "status",
	.arguments = "[NAME...]",
	.summary = "Show breakers: state, counts, and why",
	.scope = SCOPE_STATUS,
	.run = run,
};
