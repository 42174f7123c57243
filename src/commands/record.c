/*
 * record.c: `cbrun record NAME OUTCOME`: counts a call that ran elsewhere, for
 * scripts that ask `cbrun check` and do the work themselves. Where nothing says
 * what the breaker's policy is, that of its last call goes on.
 */
#include "base/text.h"
#include "base/units.h"
#include "commands/telling.h"
#include "process/signals.h"
#include "settings/values.h"

#include <string.h>

static const struct {
	const char *word;
	enum outcome outcome;
	int64_t exit;
} words[] = {
	{"success", OUTCOME_SUCCESS, 0}, {"ok", OUTCOME_SUCCESS, 0},        {"failure", OUTCOME_FAILURE, 1},
	{"fail", OUTCOME_FAILURE, 1},    {"timeout", OUTCOME_TIMEOUT, 124}, {"ignored", OUTCOME_IGNORED, 0},
	{"ignore", OUTCOME_IGNORED, 0},
};

/* A word, or an exit status to be judged by the lists. */
static bool parse_outcome(const struct settings *settings, const char *text, struct call *call,
                          struct error *error)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(words[i].word, text) == 0) {
			call->outcome = words[i].outcome;
			call->exit = words[i].exit;
			return true;
		}
	if (!value_count(text, &call->exit) || call->exit > 255)
		return error_set(
			error, ERROR_USAGE,
			"invalid outcome '%s': expected success, failure, timeout, ignored or an exit "
			"status from 0 to 255",
			TEXT_BRIEF(text));
	struct ending ending = {ENDING_EXITED, (int)call->exit};
	struct verdict verdict = outcome_decide(&settings->rules, ending, HINT_NONE);
	call->outcome = verdict.outcome;
	call->cause = verdict.cause;
	return true;
}

/* What is to be recorded. */
struct recording {
	struct settings *settings;
	struct call call;
};

static enum store_decision record(void *context, struct store_step *step, struct error *error)
{
	const struct recording *r = context;
	struct policy *policy = &r->settings->policy;
	(void)error;
	if (step->found && !settings_have_policy(r->settings))
		*policy = step->breaker->policy;
	struct moment moment = store_moment(step, policy);
	if (!step->found)
		breaker_init(step->breaker, policy, &moment.at);
	breaker_observe(step->breaker, policy, &moment, &r->call, &step->journal);
	return STORE_KEEP;
}

static int run(struct invocation *in, struct error *error)
{
	struct store *store;
	struct breaker b;
	struct store_step step = {.breaker = &b};
	struct guard_setup setup = telling_setup(in);
	struct recording recording = {
		.settings = &in->settings,
		.call = {.duration_us = in->settings.duration_ms * US_PER_MS},
	};
	if (in->line.operand_count != 2)
		return error_set(error, ERROR_USAGE, "expected a breaker's name and an outcome"), -1;
	const char *name = in->line.operands[0];
	if (!command_check_name(name, error) || !command_resolve_for(in, name, error))
		return -1;
	in->settings.name = name;
	settings_meet_command(&in->settings, NULL);
	if (!parse_outcome(&in->settings, in->line.operands[1], &recording.call, error))
		return -1;
	if (!command_open_store(in, STORE_WRITE, &store, error))
		return -1;
	const struct store_request request = {
		.name = name, .intent = STORE_CREATE, .decide = record, .context = &recording};
	bool ok = store_step(store, &request, &step, error);
	int signal = ok ? guard_announce(&setup, &b, &step.journal) : 0;
	command_tell_remarks(in, store);
	store_close(store);
	if (signal != 0)
		signals_die_of(signal);
	return ok ? 0 : -1;
}

const struct command record_command = {
	.name = "record",
	.arguments = "NAME success|failure|timeout|ignored|STATUS",
	.summary = "Count a call that ran elsewhere",
	.scope = SCOPE_RECORD,
	.run = run,
};
