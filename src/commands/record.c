/*
 * record.c: `cbrun record NAME OUTCOME`: counts a call that ran elsewhere, for
 * scripts that ask `cbrun check` and do the work themselves, and with --systemd
 * for services. Where nothing says what the breaker's policy is, that of its
 * last call goes on.
 */
#include "base/text.h"
#include "base/units.h"
#include "commands/systemd.h"
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

/* By the lists. */
static void judge(const struct settings *settings, struct ending ending, struct call *call)
{
	struct verdict verdict = outcome_decide(&settings->rules, ending, HINT_NONE);
	call->outcome = verdict.outcome;
	call->cause = verdict.cause;
}

/* What systemd tells. An ending that the unit calls a success is one, unless --failure-on says else. */
static bool take_from_systemd(const struct settings *settings, struct call *call, bool *ran, struct error *error)
{
	struct systemd_end end;
	if (!systemd_read_end(&end, error))
		return false;
	*ran = end.ran;
	call->exit = end.exit;
	judge(settings, end.ending, call);
	if (call->outcome == OUTCOME_FAILURE && end.as_wanted && !settings->rules.failure_given)
		call->outcome = OUTCOME_SUCCESS;
	return true;
}

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
	judge(settings, (struct ending){ENDING_EXITED, (int)call->exit}, call);
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
	struct call call = r->call;
	struct policy *policy = &r->settings->policy;
	(void)error;
	if (step->found && !settings_have_policy(r->settings))
		*policy = step->breaker->policy;
	struct moment moment = store_moment(step, policy);
	if (!step->found)
		breaker_init(step->breaker, policy, &moment.at);
	breaker_excuse(&call, &step->load);
	breaker_observe(step->breaker, policy, &moment, &call, &step->journal);
	return STORE_KEEP;
}

/* The outcome, from wherever it is told. *ran is false if there was no call. */
static bool take_outcome(const struct invocation *in, struct call *call, bool *ran, struct error *error)
{
	*ran = true;
	if (in->settings.systemd)
		return take_from_systemd(&in->settings, call, ran, error);
	return parse_outcome(&in->settings, in->line.operands[1], call, error);
}

static bool check_operands(const struct invocation *in, struct error *error)
{
	if (in->settings.systemd)
		return in->line.operand_count == 1 ||
		       error_set(error, ERROR_USAGE, "expected a breaker's name alone: systemd tells the outcome");
	return in->line.operand_count == 2 ||
	       error_set(error, ERROR_USAGE, "expected a breaker's name and an outcome");
}

static int run(struct invocation *in, struct error *error)
{
	bool ran;
	struct store *store;
	struct breaker b;
	struct store_step step = {.breaker = &b};
	struct guard_setup setup = telling_setup(in);
	struct recording recording = {
		.settings = &in->settings,
		.call = {.duration_us = in->settings.duration_ms * US_PER_MS},
	};
	in->goes_on = true; /* as a guarded run would */
	if (!check_operands(in, error))
		return -1;
	const char *name = in->line.operands[0];
	if (!command_check_name(name, error) || !command_resolve_for(in, name, error))
		return -1;
	in->settings.name = name;
	settings_meet_command(&in->settings, NULL);
	if (!take_outcome(in, &recording.call, &ran, error))
		return -1;
	if (!ran) {
		message_print(in->level, MESSAGE_VERBOSE, "%s: nothing ran, so nothing is recorded", name);
		return 0;
	}
	if (!command_open_store(in, STORE_WRITE, &store, error))
		return -1;
	const struct store_request request = {
		.name = name, .intent = STORE_CREATE, .needs = in->settings.needs, .lenient = true, .decide = record, .context = &recording};
	bool ok = store_step(store, &request, &step, error);
	int signal = ok ? guard_announce(&setup, &b, &step.journal) : 0;
	command_close_store(in, store);
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
