/* steps.c: admission and record. */
#include "guard/steps.h"

#include "base/clock.h"
#include "base/units.h"
#include "base/watchdog.h"
#include "guard/attempts.h"
#include "settings/settings.h"

#include <unistd.h>

/* How long after --deadline whoever waits for another process's step has noticed it by himself. */
enum { NOTICE_US = US_PER_S };

/* --remind, where silence is what needs reminding. */
static int64_t remind_ms(const struct guarded_call *g)
{
	const struct settings *s = g->settings;
	return s->output == OUTPUT_CHANGE && !s->quiet && !g->policy.shadow ? s->remind_ms : 0;
}

/*
 * Asks the breaker. Nothing is written for a call that is let in and changes
 * nothing, nor for a rejection that is not the last word.
 */
static enum store_decision admit(void *context, struct store_step *step, struct error *error)
{
	struct guarded_call *g = context;
	struct breaker *b = step->breaker;
	struct moment moment = store_moment(step, &g->policy);
	(void)error;
	if (!step->found)
		breaker_init(b, &g->policy, &moment.at);
	g->incarnation = step->incarnation;
	g->reminds = false;
	g->disagrees = !policy_equal(&g->policy, &b->policy);
	g->other_policy = b->policy;
	g->admission = breaker_admit(b, &g->policy, &moment, &step->load, &step->journal);
	if (g->admission.run) {
		step->permit = g->admission.trial ? PERMIT_TRIAL : PERMIT_CALL;
		return g->admission.changed || !step->found ? STORE_KEEP : STORE_LEAVE;
	}
	if (g->last_word && g->settings->fallback != NULL)
		breaker_count_fallback(b);
	if (g->last_word && g->admission.reason.kind != REASON_NEEDED_OPEN)
		g->reminds = breaker_remind(b, remind_ms(g), &step->now);
	return g->last_word ? STORE_KEEP : STORE_LEAVE;
}

static enum breaker_state state_now(const struct store_step *step)
{
	return breaker_state_at(step->breaker, breaker_now_ms(step->breaker, &step->now));
}

static enum store_decision admit_trial(void *context, struct store_step *step, struct error *error)
{
	struct guarded_call *g = context;
	g->admission = (struct admission){.run = false};
	if (!step->found || state_now(step) != BREAKER_HALF_OPEN)
		return STORE_LEAVE;
	if (!settings_have_policy(g->settings))
		g->policy = step->breaker->policy; /* nobody says otherwise, so it goes on as it was */
	return admit(context, step, error);
}

static int64_t min(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Asks until the call is let in, or the time for that is over. */
static bool admit_in_time(struct guarded_call *g, struct error *error)
{
	struct store_request request = {
		.name = g->settings->name,
		.intent = STORE_CREATE,
		.policy = &g->policy,
		.needs = g->settings->needs,
		.until_us = g->deadline_us, /* which counts what comes before the command, too */
		.quiet = true,
		.decide = admit,
		.context = g,
	};
	int64_t until_us = min(g->start_us + g->settings->wait_ms * US_PER_MS, g->deadline_us);
	for (;;) {
		int64_t rest_us = until_us - clock_boot_us();
		g->last_word = rest_us <= 0;
		if (!store_step(g->store, &request, &g->step, error))
			return false;
		if (g->admission.run)
			return true;
		if (g->last_word)
			break;
		store_wait(g->store, &request, &g->admission, rest_us);
		if (clock_boot_us() >= until_us)
			request.until_us = 0; /* what is recorded after that has its own time */
	}
	store_release_permit(g->store); /* what comes instead of the call holds up nobody who waits */
	return true;
}

static bool admit_once(struct guarded_call *g, struct error *error)
{
	const struct store_request request = {
		.name = g->settings->name,
		.intent = STORE_ALTER,
		.policy = &g->policy,
		.quiet = true,
		.decide = admit_trial,
		.context = g,
	};
	g->last_word = true;
	return store_step(g->store, &request, &g->step, error);
}

/* Tells what the store did by itself. */
static void tell_remarks(struct guarded_call *g)
{
	struct lines *remarks = store_remarks(g->store);
	const char *line;
	for (size_t i = 0; (line = lines_get(remarks, i)) != NULL; i++)
		call_tell_text(g, NOTICE_REMARK, line);
	lines_free(remarks);
}

static bool open_store(struct guarded_call *g, struct error *error)
{
	struct store_options options = {
		.path = g->settings->store,
		.access = STORE_WRITE,
		.lock_timeout_ms = g->settings->lock_timeout_ms,
		.store_timeout_ms = g->settings->store_timeout_ms,
		.redis_prefix = g->settings->redis_prefix,
		.redis_password_file = g->settings->redis_password_file,
		.fall_back = g->settings->on_store_error != ON_STORE_ERROR_REJECT,
	};
	return store_open(&g->store, &options, error);
}

/* The file system of the store holds us, or a name server does, and --deadline is over. */
static void give_up(void *context)
{
	call_tell_text(context, NOTICE_TROUBLE,
	               "--deadline was over before the store answered; its file system or a name server hangs");
	_exit(PROCESS_TIMED_OUT);
}

typedef bool asker(struct guarded_call *g, struct error *error);

static bool open_and_ask(struct guarded_call *g, asker *ask, struct error *error)
{
	struct watchdog watchdog;
	int64_t deadline_ms = g->settings->deadline_ms;
	if (deadline_ms > 0)
		watchdog_begin(&watchdog, deadline_ms * US_PER_MS + NOTICE_US, give_up, g);
	bool ok = open_store(g, error) && ask(g, error);
	if (deadline_ms > 0)
		watchdog_end(&watchdog);
	return ok;
}

/* What all admissions have in common; `ask` asks. */
static bool enter(struct guarded_call *g, asker *ask, struct error *error)
{
	bool ok = open_and_ask(g, ask, error);
	if (g->store != NULL)
		tell_remarks(g);
	if (!ok) {
		call_tell_text(g, NOTICE_STORE_FAULT, error->text);
		store_close(g->store);
		g->store = NULL;
	} else if (g->disagrees) {
		call_tell(g, &(struct guard_notice){.kind = NOTICE_POLICY_DIFFERS,
		                                    .policy = &g->policy,
		                                    .other_policy = &g->other_policy});
	}
	return ok;
}

bool steps_admit(struct guarded_call *g, struct error *error)
{
	return enter(g, admit_in_time, error);
}

bool steps_admit_trial(struct guarded_call *g, struct error *error)
{
	return enter(g, admit_once, error);
}

/* A step of a call that is under way. Where it may hang, a signal ends us meanwhile; elsewhere it waits until we are done. */
static bool take_step(struct guarded_call *g, const struct store_request *request, struct error *error)
{
	bool may_hang = store_may_hang(g->store);
	if (may_hang)
		supervisor_expose(&g->supervisor);
	bool ok = store_step(g->store, request, &g->step, error);
	if (may_hang)
		supervisor_shield(&g->supervisor);
	return ok;
}

bool steps_has_opened(struct guarded_call *g)
{
	struct error error;
	const struct store_request request = {.name = g->settings->name,
	                                      .intent = STORE_LOOK,
	                                      .until_us = g->deadline_us,
	                                      .decide = store_decide_nothing};
	if (g->store == NULL || g->policy.shadow || !take_step(g, &request, &error))
		return false;
	return g->step.found && state_now(&g->step) == BREAKER_OPEN;
}

int64_t steps_renew_after_ms(const struct guarded_call *g)
{
	return g->store != NULL ? store_renew_after_ms(g->store) : 0;
}

void steps_renew_permit(struct guarded_call *g)
{
	store_renew_permit(g->store);
	tell_remarks(g);
}

/* A call on its way into the record. */
struct ended_call {
	struct guarded_call *g;
	struct call call;
};

/* A trial call has opened the breaker again. */
static bool has_failed_again(const struct journal *journal)
{
	const struct event *last = &journal->events[journal->count - 1];
	return journal->count > 0 && last->kind == EVENT_TRANSITION && last->from == BREAKER_HALF_OPEN &&
	       last->to == BREAKER_OPEN;
}

static enum store_decision record(void *context, struct store_step *step, struct error *error)
{
	struct ended_call *ended = context;
	const struct policy *policy = &ended->g->policy;
	struct call call = ended->call;
	struct moment moment = store_moment(step, policy);
	(void)error;
	if (!step->exists && !step->replaced) /* an operator has removed it: it shall not come back by this */
		return STORE_LEAVE;
	if (!step->found)
		breaker_init(step->breaker, policy, &moment.at);
	if (!step->found || step->incarnation != ended->g->incarnation)
		call.generation = 0; /* it was removed meanwhile: this call is another one's */
	if (step->permit_lost)
		call.generation = 0; /* somebody else may have been let in instead, so it counts as late */
	breaker_excuse(&call, &step->load);
	breaker_record(step->breaker, policy, &moment, &call, &step->journal);
	ended->g->reminds = false;
	if (has_failed_again(&step->journal))
		ended->g->reminds = breaker_remind(step->breaker, remind_ms(ended->g), &step->now);
	return STORE_KEEP;
}

static void tell_verdict(struct guarded_call *g, const struct call *call)
{
	const struct breaker *b = g->step.breaker;
	if (g->ended)
		call_tell(g, &(struct guard_notice){
				     .kind = NOTICE_JUDGED, .breaker = b, .end = &g->end, .call = call});
	if (g->reminds)
		call_tell(g, &(struct guard_notice){.kind = NOTICE_REMINDER, .breaker = b, .at = &g->step.now});
}

void steps_record(struct guarded_call *g, enum outcome outcome, bool fallback)
{
	struct error error;
	struct ended_call ended = {
		.g = g,
		.call =
			{
				.generation = g->admission.generation,
				.outcome = outcome,
				.cause = outcome == OUTCOME_IGNORED ? g->cause : IGNORED_UNKNOWN,
				.exit = g->result.status,
				.duration_us = g->result.duration_us,
				.retries = g->retries,
				.fallback = fallback,
				.retry_after_ms = g->hints.retry_after_ms,
				.said = g->hints.reason,
			},
	};
	const struct store_request request = {
		.name = g->settings->name,
		.intent = STORE_CREATE,
		.needs = g->settings->needs,
		.lenient = true,
		.last = true,
		.decide = record,
		.context = &ended,
	};
	g->recorded = take_step(g, &request, &error);
	store_release_permit(g->store);
	tell_remarks(g);
	if (g->recorded) {
		tell_verdict(g, &ended.call);
		return;
	}
	call_tell_text(g, NOTICE_STORE_FAULT, error.text);
	call_tell_text(g, NOTICE_NOT_RECORDED, error.text);
}
