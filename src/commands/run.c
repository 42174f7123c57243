/* run.c: `cbrun --name NAME -- COMMAND`: one guarded run. guard/guard.c has the walk of the call. */
#include "base/text.h"
#include "commands/suggest.h"
#include "commands/telling.h"
#include "process/signals.h"

/* Whether the command line makes a guarded run. */
static bool check_usage(const struct invocation *in, struct error *error)
{
	const char *name = in->settings.name;
	const char *word = in->line.operands[0];
	if (name == NULL && word != NULL && in->line.assignment_count == 0 && !in->line.dashes)
		return suggest_form(in->line.operands, error);
	if (name == NULL && word != NULL && command_find(word) != NULL)
		return error_set(
			error, ERROR_USAGE,
			"no --name given; for the subcommand, write 'cbrun %s' and then its options",
			word);
	if (name == NULL)
		return error_set(error, ERROR_USAGE, "no --name given; try 'cbrun --name NAME -- COMMAND'");
	if (word == NULL)
		return error_set(error, ERROR_USAGE, "no command given; try 'cbrun --name %s -- COMMAND'",
		                 name);
	return true;
}

/* Settles what is known of the command. */
static void meet_command(struct invocation *in)
{
	const char *command = in->line.operands[0];
	settings_meet_command(&in->settings, command);
	if (in->settings.outcomes == PROGRAM_AUTO && in->settings.program == NULL)
		message_print(in->level, MESSAGE_VERBOSE,
		              "%s: nothing is known of the exit statuses of '%s'", in->settings.name,
		              TEXT_BRIEF(command));
}

static int run(struct invocation *in, struct error *error)
{
	struct guard_result result;
	struct guard_setup setup = telling_setup(in);
	if (command_line_has(&in->line, "version"))
		return printf("cbrun %s\n", CBRUN_VERSION) > 0 ? 0 : EXIT_OWN_FAILURE;
	if (!check_usage(in, error))
		return -1;
	meet_command(in);
	if (!guard_run(&setup, in->line.operands, &result, error))
		return -1;
	if (result.death_signal != 0)
		signals_die_of(result.death_signal);
	return result.status;
}

const struct command guard_command = {
	.arguments = "[--] COMMAND [ARG...]",
	.summary = "Guard one run of COMMAND by the breaker NAME",
	.scope = SCOPE_GUARD,
	.run = run,
};
