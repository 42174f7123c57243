/*
 * run.c: one guarded run, the walk of a call:
 *
 *   settings -> store: begin, load -> breaker: admit -> commit
 *            -> process: run
 *            -> store: begin, load again (others ran meanwhile)
 *            -> breaker: record -> commit -> exit status
 *
 * guard.h names the files of the single steps.
 */
#include "base/clock.h"
#include "base/text.h"
#include "commands/announce.h"
#include "commands/guard.h"
#include "report/reason.h"

static void say_decision(const struct guard *g)
{
	char why[REASON_LINE_SIZE];
	const char *name = g->settings->name;
	const char *command = g->in->line.operands[0];
	if (g->admission.reason.kind != REASON_NONE) {
		reason_format_rejection(&g->admission, why);
		message_print(g->in->level, MESSAGE_VERBOSE, "%s: shadow: would reject, %s; running '%s'",
		              name, why, command);
		return;
	}
	message_print(g->in->level, MESSAGE_VERBOSE, "%s: %s, running '%s'%s", name,
	              breaker_state_name(g->admission.state), command,
	              g->admission.trial ? " as a trial call" : "");
}

/* Whether the command line makes a guarded run. */
static bool check_usage(const struct invocation *in, struct error *error)
{
	const char *name = in->settings.name;
	const char *word = in->line.operands[0];
	if (name == NULL && word != NULL && in->line.assignment_count == 0)
		return error_set(error, ERROR_USAGE,
		                 "'%s' is no subcommand, and a guarded run needs --name; try 'cbrun help'",
		                 TEXT_BRIEF(word));
	if (name == NULL && word != NULL && command_find(word) != NULL)
		return error_set(
			error, ERROR_USAGE,
			"no --name given; for the subcommand write 'cbrun %s' and its options behind it",
			word);
	if (name == NULL)
		return error_set(error, ERROR_USAGE, "no --name given; try 'cbrun --name NAME -- COMMAND'");
	if (word == NULL)
		return error_set(error, ERROR_USAGE, "no command given; try 'cbrun --name %s -- COMMAND'",
		                 name);
	return true;
}

static void announce_journal(struct guard *g)
{
	announce(g->in, g->settings->name, g->breaker, &g->journal, &g->supervisor);
}

/* The trial call is over before it began: its health check says that the service is still down. */
static int fail_trial(struct guard *g)
{
	bool cancelled = g->result.ending.kind == ENDING_CANCELLED;
	if (!cancelled)
		g->result.status = (int)g->settings->reject_exit;
	guard_record(g, cancelled ? OUTCOME_IGNORED : OUTCOME_FAILURE,
	             !cancelled && g->settings->fallback != NULL);
	announce_journal(g);
	if (cancelled)
		return g->result.status;
	g->admission.reason = (struct reason){.kind = REASON_HEALTH_CHECK};
	return guard_reject(g);
}

/* Runs the command of a call that was let in, or that nobody guards. */
static int call(struct guard *g)
{
	guard_run(g);
	enum outcome outcome = outcome_judge(&g->settings->rules, g->result.ending);
	if (g->store != NULL)
		guard_record(g, outcome, guard_falls_back(g->settings, outcome));
	if (g->store != NULL && outcome == OUTCOME_SUCCESS)
		guard_keep_output(g);
	guard_release_output(g, outcome);
	if (g->store != NULL)
		announce_journal(g);
	guard_fall_back(g, outcome);
	return g->result.status;
}

static int walk(struct guard *g, struct error *error)
{
	bool guarded = guard_admit(g, error);
	if (!guarded && g->settings->on_store_error == ON_STORE_ERROR_REJECT)
		return -1;
	supervisor_begin(&g->supervisor, g->settings->foreground != 0, g->settings->kill_tree != 0,
	                 &g->sink, &g->in->file_limit);
	if (!guarded) {
		message_print(g->in->level, MESSAGE_NORMAL, "%s: %s; running the command unguarded",
		              g->settings->name, error->text);
		return call(g);
	}
	announce_journal(g);
	if (!g->admission.run)
		return guard_reject(g);
	say_decision(g);
	if (g->admission.trial && g->settings->health_check != NULL && !guard_check_health(g))
		return fail_trial(g);
	return call(g);
}

static int run(struct invocation *in, struct error *error)
{
	if (command_line_has(&in->line, "version"))
		return printf("cbrun %s\n", CBRUN_VERSION) > 0 ? 0 : EXIT_OWN_FAILURE;
	if (!check_usage(in, error))
		return -1;
	static struct breaker breaker; /* not on the stack: the store is open until the process has ended */
	static struct guard g;
	g = (struct guard){
		.in = in, .settings = &in->settings, .breaker = &breaker, .policy = in->settings.policy};
	g.boot_id = clock_boot_id();
	g.start_us = clock_boot_us();
	g.sink = message_printer(&in->level);
	input_init(&g.input, &g.sink);
	capture_init(&g.capture, &g.sink);
	int status = walk(&g, error);
	input_free(&g.input);
	capture_free(&g.capture);
	supervisor_end(&g.supervisor);
	store_leave(g.store);
	if (status >= 0 && g.result.death_signal != 0)
		signals_die_of(g.result.death_signal);
	return status;
}

const struct command guard_command = {
	.arguments = "[--] COMMAND [ARG...]",
	.summary = "Guard one run of COMMAND by the breaker NAME",
	.scope = SCOPE_GUARD,
	.run = run,
};
