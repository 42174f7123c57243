/*
 * record.c: `cbrun record NAME OUTCOME`: counts a call that ran elsewhere, for
 * scripts that ask `cbrun check` and do the work themselves. Where nothing says
 * what the breaker's policy is, that of its last call goes on.
 */
#include "base/clock.h"
#include "base/text.h"
#include "commands/announce.h"
#include "commands/command.h"
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
	call->outcome = outcome_judge(&settings->rules, ending);
	return true;
}

static enum store_verdict try_record(struct invocation *in, struct store *store, const char *name,
                                     const struct call *call, struct error *error)
{
	struct store_key key;
	struct breaker b;
	struct journal journal = {0};
	if (!store_begin(store, name, STORE_CREATE, &key, &b, error))
		return STORE_FAILED;
	if (key.found && !settings_have_policy(&in->settings))
		in->settings.policy = b.policy;
	struct moment moment = command_moment(clock_boot_id(), &in->settings.policy);
	if (!key.found)
		breaker_init(&b, &in->settings.policy, &moment.at);
	breaker_observe(&b, &in->settings.policy, &moment, call, &journal);
	enum store_verdict verdict = store_commit(store, &key, &b, &journal, error);
	if (verdict == STORE_KEPT)
		announce(in, name, &b, &journal, NULL);
	return verdict;
}

static int run(struct invocation *in, struct error *error)
{
	struct store *store;
	enum store_verdict verdict;
	struct call call = {.duration_us = in->settings.duration_ms * 1000};
	if (in->line.operand_count != 2)
		return error_set(error, ERROR_USAGE, "expected a breaker's name and an outcome"), -1;
	const char *name = in->line.operands[0];
	if (!command_check_name(name, error) || !command_resolve_for(in, name, error))
		return -1;
	if (!parse_outcome(&in->settings, in->line.operands[1], &call, error))
		return -1;
	if (!command_open_store(in, STORE_WRITE, &store, error))
		return -1;
	do {
		verdict = try_record(in, store, name, &call, error);
	} while (verdict == STORE_AGAIN);
	command_tell_notice(in, store);
	store_close(store);
	return verdict == STORE_KEPT ? 0 : -1;
}

const struct command record_command = {
	.name = "record",
	.arguments = "NAME success|failure|timeout|ignored|STATUS",
	.summary = "Count a call that ran elsewhere",
	.scope = SCOPE_RECORD,
	.run = run,
};
