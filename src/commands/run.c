/*
 * run.c: one guarded run, the walk of a call:
 *
 *   settings -> store: begin, load -> breaker: admit -> commit
 *            -> process: run
 *            -> store: begin, load again (others ran meanwhile)
 *            -> breaker: record -> commit -> exit status
 */
#include "base/clock.h"
#include "base/text.h"
#include "commands/command.h"
#include "process/process.h"
#include "report/reason.h"
#include "settings/describe.h"

#include <string.h>

struct guard {
	struct invocation *in;
	const struct settings *settings;
	uint64_t boot_id;
	struct store *store;   /* NULL: it cannot be used, the command runs unguarded */
	struct store_key key;  /* the breaker's, at admission */
	struct breaker breaker;
	struct admission admission;
};

static void say_transitions(const struct guard *g, const struct journal *journal)
{
	for (int i = 0; i < journal->count; i++) {
		const struct event *event = &journal->events[i];
		char reason[REASON_LINE_SIZE];
		if (event->kind != EVENT_TRANSITION)
			continue;
		reason_format(&event->reason, reason);
		message_print(g->in->level, MESSAGE_VERBOSE, "%s: %s -> %s (%s)", g->settings->name,
		              breaker_state_name(event->from), breaker_state_name(event->to), reason);
	}
}

/* Says in what this call's policy differs from the one of the call before. */
static void say_disagreement(const struct guard *g)
{
	char difference[DESCRIBE_SIZE];
	if (g->in->level < MESSAGE_VERBOSE || policy_equal(&g->settings->policy, &g->breaker.policy))
		return;
	describe_difference(&g->settings->policy, &g->breaker.policy, difference);
	message_print(g->in->level, MESSAGE_VERBOSE, "%s: the last call had another policy: %s",
	              g->settings->name, difference);
}

/* One try to be admitted. Nothing is written for a call that is let in and changes nothing. */
static enum store_verdict try_admit(struct guard *g, struct error *error)
{
	const struct policy *policy = &g->settings->policy;
	struct journal journal = {0};
	struct load load = {0};
	if (!store_begin(g->store, g->settings->name, true, &g->key, &g->breaker, error))
		return STORE_FAILED;
	struct moment moment = command_moment(g->boot_id, policy);
	if (g->key.found)
		say_disagreement(g);
	else
		breaker_init(&g->breaker, policy, &moment.at);
	bool ok = !breaker_needs_load(&g->breaker, policy, &moment.at) ||
	          store_count_permits(g->store, g->key.id, &load, error);
	if (ok)
		g->admission = breaker_admit(&g->breaker, policy, &moment, &load, &journal);
	if (ok && g->admission.run)
		ok = store_take_permit(g->store, g->key.id, g->admission.trial, error);
	if (!ok || (!g->admission.changed && g->key.found)) {
		store_abandon(g->store);
		return ok ? STORE_KEPT : STORE_FAILED;
	}
	enum store_verdict verdict = store_commit(g->store, &g->key, &g->breaker, &journal, error);
	if (verdict == STORE_KEPT)
		say_transitions(g, &journal);
	else
		store_release_permit(g->store);
	return verdict;
}

/* Decides on the call. False: the store cannot be used. */
static bool admit(struct guard *g, struct error *error)
{
	enum store_verdict verdict = STORE_FAILED;
	if (command_open_store(g->in, STORE_WRITE, &g->store, error)) {
		do {
			verdict = try_admit(g, error);
		} while (verdict == STORE_AGAIN);
		command_tell_notice(g->in, g->store);
	}
	if (verdict == STORE_KEPT)
		return true;
	store_close(g->store);
	g->store = NULL;
	return false;
}

static enum store_verdict try_record(struct guard *g, const struct call *call, struct error *error)
{
	const struct policy *policy = &g->settings->policy;
	struct journal journal = {0};
	struct store_key key;
	struct call counted = *call;
	if (!store_begin(g->store, g->settings->name, true, &key, &g->breaker, error))
		return STORE_FAILED;
	struct moment moment = command_moment(g->boot_id, policy);
	if (!key.found)
		breaker_init(&g->breaker, policy, &moment.at);
	if (key.id != g->key.id || !key.found)
		counted.generation = 0; /* it was removed meanwhile: this call is another one's */
	breaker_record(&g->breaker, policy, &moment, &counted, &journal);
	enum store_verdict verdict = store_commit(g->store, &key, &g->breaker, &journal, error);
	if (verdict == STORE_KEPT)
		say_transitions(g, &journal);
	return verdict;
}

/* Records how the call ended. A failure is told, and changes nothing for the caller. */
static void record(struct guard *g, const struct process_result *result)
{
	struct error error;
	enum store_verdict verdict;
	struct call call = {
		.generation = g->admission.generation,
		.outcome = outcome_judge(&g->settings->rules, result->ending),
		.exit = result->status,
		.duration_us = result->duration_us,
	};
	do {
		verdict = try_record(g, &call, &error);
	} while (verdict == STORE_AGAIN);
	command_tell_notice(g->in, g->store);
	if (verdict == STORE_FAILED)
		message_print(g->in->level, MESSAGE_NORMAL, "%s: %s; the outcome was not recorded",
		              g->settings->name, error.text);
}

static int64_t time_limit_ms(const struct guard *g)
{
	int64_t timeout_ms = g->settings->timeout_ms;
	int64_t probe_ms = g->settings->probe_timeout_ms;
	if (!g->admission.trial || probe_ms == 0)
		return timeout_ms;
	return timeout_ms > 0 && timeout_ms < probe_ms ? timeout_ms : probe_ms;
}

static void run_command(const struct guard *g, struct process_result *result)
{
	const struct settings *s = g->settings;
	struct error error;
	struct process_request request = {
		.argv = g->in->line.operands,
		.timeout_ms = time_limit_ms(g),
		.kill_after_ms = s->kill_after_ms,
		.signal = (int)s->signal,
		.foreground = s->foreground != 0,
		.preserve_status = s->preserve_status != 0,
		.level = g->in->level,
	};
	if (!process_run(&request, result, &error))
		message_print(g->in->level, MESSAGE_NORMAL, "%s: %s", s->name, error.text);
}

static int reject(const struct guard *g)
{
	char why[REASON_LINE_SIZE];
	reason_format_rejection(&g->admission, why);
	message_print(g->in->level, MESSAGE_NORMAL, "%s: %s", g->settings->name, why);
	return (int)g->settings->reject_exit;
}

static void say_decision(const struct guard *g)
{
	char why[REASON_LINE_SIZE];
	const char *name = g->settings->name;
	const char *command = g->in->line.operands[0];
	if (g->admission.reason.kind != REASON_NONE) {
		reason_format_rejection(&g->admission, why);
		message_print(g->in->level, MESSAGE_VERBOSE, "%s: shadow: would reject, %s; running '%s'", name,
		              why, command);
		return;
	}
	message_print(g->in->level, MESSAGE_VERBOSE, "%s: %s, running '%s'%s", name,
	              breaker_state_name(g->admission.state), command,
	              g->admission.trial ? " as a trial call" : "");
}

/* Whether the command line makes a guarded run. */
static bool check_usage(const struct invocation *in, struct error *error)
{
	const char *word = in->line.operands[0];
	if (in->settings.name == NULL && in->line.assignment_count == 0 && command_find(word) == NULL)
		return error_set(error, ERROR_USAGE, "'%s' is no subcommand, and a guarded run needs --name; try "
		                 "'cbrun help'", word);
	if (in->settings.name == NULL && word != NULL && command_find(word) != NULL)
		return error_set(error, ERROR_USAGE,
		                 "no --name given; for the subcommand write 'cbrun %s' and its options behind it",
		                 word);
	if (in->settings.name == NULL)
		return error_set(error, ERROR_USAGE, "no --name given; try 'cbrun --name NAME -- COMMAND'");
	if (word == NULL)
		return error_set(error, ERROR_USAGE, "no command given; try 'cbrun --name %s -- COMMAND'",
		                 in->settings.name);
	return true;
}

static int run(struct invocation *in, struct error *error)
{
	if (command_line_has(&in->line, "version"))
		return printf("cbrun %s\n", CBRUN_VERSION) > 0 ? 0 : EXIT_OWN_FAILURE;
	if (!check_usage(in, error))
		return -1;

	struct guard g = {.in = in, .settings = &in->settings, .boot_id = clock_boot_id()};
	struct process_result result;
	if (!admit(&g, error)) {
		if (g.settings->on_store_error == ON_STORE_ERROR_REJECT)
			return -1;
		message_print(in->level, MESSAGE_NORMAL, "%s: %s; running the command unguarded",
		              g.settings->name, error->text);
	} else if (!g.admission.run) {
		store_close(g.store);
		return reject(&g);
	} else {
		say_decision(&g);
	}
	run_command(&g, &result);
	if (g.store != NULL)
		record(&g, &result);
	store_close(g.store);
	if (result.death_signal != 0)
		process_die_of(result.death_signal);
	return result.status;
}

const struct command guard_command = {
	.arguments = "[--] COMMAND [ARG...]",
	.summary = "Guard one run of COMMAND by the breaker NAME",
	.scope = SCOPE_GUARD,
	.run = run,
};
