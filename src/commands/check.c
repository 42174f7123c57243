/* check.c: `cbrun check NAME`: would a call be let in? Changes nothing. */
#include "base/peer.h"
#include "commands/command.h"
#include "report/reason.h"

/* A question to a breaker. */
struct question {
	struct invocation *in;
	struct admission admission;
	char disabled[REASON_LINE_SIZE]; /* who disabled it, and until when; "" = it is not disabled */
};

/* Asks a copy of the breaker, with the policy of its last call and what the command line says over it. */
static enum store_decision ask(void *context, struct store_step *step, struct error *error)
{
	struct question *q = context;
	struct settings *settings = &q->in->settings;
	if (!step->found)
		breaker_init(step->breaker, &settings->policy, &step->now); /* what it needs may be open all the same */
	if (!settings_resolve_over(settings, &step->breaker->policy, &q->in->line, error))
		return STORE_REFUSE;
	struct moment moment = store_moment(step, &settings->policy);
	int64_t now_ms = breaker_now_ms(step->breaker, &step->now);
	if (breaker_mode_at(step->breaker, now_ms) == MODE_DISABLED)
		reason_format_disabled(step->breaker, now_ms, q->disabled);
	q->admission =
		breaker_admit(step->breaker, &settings->policy, &moment, &step->load, &step->journal);
	return STORE_LEAVE;
}

static int run(struct invocation *in, struct error *error)
{
	const char *name = NULL;
	struct store *store;
	struct breaker b;
	struct store_step step = {.breaker = &b};
	struct question question = {.in = in, .admission = {.run = true}};
	in->goes_on = true; /* as the guarded run would */
	if (!command_name(in, &name, error) || !command_resolve_for(in, name, error) ||
	    !command_open_store(in, STORE_READ, &store, error))
		return -1;
	const struct store_request request = {
		.name = name, .intent = STORE_LOOK, .load = true, .needs = in->settings.needs, .decide = ask, .context = &question};
	bool ok = store == NULL || store_step(store, &request, &step, error);
	command_close_store(in, store);
	if (!ok)
		return -1;
	if (question.disabled[0] != '\0')
		message_print(in->level, MESSAGE_VERBOSE, "%s: %s", name, question.disabled);
	if (question.admission.run)
		return 0;
	char why[REASON_LINE_SIZE];
	reason_format_rejection(&question.admission, peer_age_ms(question.admission.running_pid), why);
	message_print(in->level, MESSAGE_NORMAL, "%s: %s", name, why);
	return EXIT_REJECTED;
}

const struct command check_command = {
	.name = "check",
	.arguments = "NAME",
	.summary = "Tell by the exit status whether a call would be let in",
	.scope = SCOPE_CHECK,
	.run = run,
};
