/*
 * guard.c: the walk of a guarded call, and that of a probe:
 *
 *   settings -> store: begin, load -> breaker: admit -> commit
 *            -> process: run
 *            -> store: begin, load again (others ran meanwhile)
 *            -> breaker: record -> commit -> exit status
 */
#include "guard/guard.h"

#include "base/clock.h"
#include "base/units.h"
#include "guard/attempts.h"
#include "guard/delivery.h"
#include "guard/fallback.h"
#include "guard/rejection.h"
#include "guard/steps.h"
#include "guard/transitions.h"

static void pass_on_line(void *context, enum message_level needed, const char *text)
{
	call_tell(context, &(struct guard_notice){.kind = NOTICE_LINE, .needed = needed, .text = text});
}

static void begin(struct guarded_call *g, const struct guard_setup *setup, struct breaker *b)
{
	g->setup = setup;
	g->settings = setup->settings;
	g->policy = setup->settings->policy;
	g->start_us = clock_boot_us();
	g->deadline_us = g->settings->deadline_ms > 0 ? g->start_us + g->settings->deadline_ms * US_PER_MS : INT64_MAX;
	g->lines = (struct message_sink){pass_on_line, g};
	g->step.breaker = b;
	input_init(&g->input, &g->lines);
	capture_init(&g->capture, &g->lines);
}

static void tell_transitions(struct guarded_call *g)
{
	transitions_tell(g->setup, g->step.breaker, &g->step.journal, g->ended ? &g->end : NULL);
}

static void run_hooks(struct guarded_call *g)
{
	transitions_run_hooks(g->setup, g->step.breaker, &g->step.journal, &g->supervisor);
}

static void announce(struct guarded_call *g)
{
	tell_transitions(g);
	run_hooks(g);
}

/* Somebody cancelled it, or no time was left: that is the call's end, and no rejection. */
static bool is_over(const struct process_result *r)
{
	return r->ending.kind == ENDING_CANCELLED ||
	       (r->ending.kind == ENDING_NOT_STARTED && r->status == PROCESS_TIMED_OUT);
}

/* Whether the command may run. Else the trial call is over before it began, and has an answer. */
static bool passes_health_check(struct guarded_call *g)
{
	if (!g->admission.trial || g->settings->health_check == NULL || g->policy.shadow)
		return true;
	enum outcome outcome = attempts_check_health(g);
	if (outcome == OUTCOME_SUCCESS)
		return true;
	bool rejected = !is_over(&g->result);
	if (rejected)
		g->result.status = (int)g->settings->reject_exit;
	steps_record(g, outcome, rejected && g->settings->fallback != NULL);
	announce(g);
	g->admission.reason = (struct reason){.kind = REASON_HEALTH_CHECK, .a = outcome == OUTCOME_IGNORED};
	if (rejected)
		rejection_answer(g);
	return false;
}

/* Records how the call has ended, and keeps what is worth it. What there is to tell comes before the output. */
static void conclude(struct guarded_call *g, enum outcome outcome)
{
	steps_record(g, outcome, fallback_follows(g, outcome));
	if (outcome == OUTCOME_SUCCESS)
		delivery_keep(g);
	else if (outcome != OUTCOME_IGNORED)
		delivery_keep_failure(g);
	tell_transitions(g);
}

/* Runs the command of a call that was let in, or that nobody guards. */
static void run_command(struct guarded_call *g)
{
	attempts_run(g);
	enum outcome outcome = attempts_judge(g);
	if (g->store != NULL)
		conclude(g, outcome);
	delivery_release(g, outcome);
	if (g->store != NULL)
		run_hooks(g);
	fallback_run_after(g, outcome);
}

static void renew(void *context)
{
	steps_renew_permit(context);
}

/* A permit that ends by itself is renewed for as long as something runs. */
static void keep_permit(struct guarded_call *g)
{
	struct supervisor_pulse pulse = {.every_ms = steps_renew_after_ms(g), .beat = renew, .context = g};
	if (pulse.every_ms > 0)
		supervisor_set_pulse(&g->supervisor, &pulse);
}

/* From here on signals and the terminal are the supervisor's business. */
static void supervise(struct guarded_call *g)
{
	const struct settings *s = g->settings;
	struct supervisor_manners manners = {
		.limited = s->timeout_ms > 0 || s->probe_timeout_ms > 0 || s->deadline_ms > 0 || s->kill_tree,
		.foreground = s->foreground != 0,
		.kill_tree = s->kill_tree != 0,
	};
	supervisor_begin(&g->supervisor, &manners, &g->lines, g->setup->file_limit);
	keep_permit(g);
}

static bool walk(struct guarded_call *g, struct error *error)
{
	/* such as ssh -G: it contacts nobody, so nobody is to be spared, and nothing learnt */
	if (program_is_idle(g->settings->program, g->argv)) {
		call_tell(g, &(struct guard_notice){.kind = NOTICE_IDLE, .text = g->argv[0]});
		supervise(g);
		run_command(g);
		return true;
	}
	bool guarded = steps_admit(g, error);
	bool late = !guarded && attempts_rest_ms(g) == 0; /* then nothing runs, with a guard or without one */
	bool mistaken = !guarded && error->kind == ERROR_USAGE; /* such as a store that no address names */
	if (mistaken || (!guarded && !late && g->settings->on_store_error == ON_STORE_ERROR_REJECT))
		return false;
	supervise(g);
	if (!guarded) {
		if (!late)
			call_tell_text(g, NOTICE_UNGUARDED, error->text);
		run_command(g);
		return true;
	}
	announce(g);
	if (!g->admission.run) {
		rejection_answer(g);
		return true;
	}
	call_tell(g, &(struct guard_notice){
			     .kind = NOTICE_LET_IN, .admission = &g->admission, .text = g->argv[0]});
	if (passes_health_check(g))
		run_command(g);
	return true;
}

bool guard_run(const struct guard_setup *setup, char *const *argv, struct guard_result *result,
               struct error *error)
{
	struct breaker b;
	struct guarded_call g = {.argv = argv};
	begin(&g, setup, &b);
	bool ok = walk(&g, error);
	input_free(&g.input);
	capture_free(&g.capture);
	store_leave(g.store); /* a signal that comes now is too late: what is recorded stays true */
	supervisor_leave(&g.supervisor);
	*result = (struct guard_result){g.result.status, g.result.death_signal};
	if (g.settings->output != OUTPUT_ALWAYS) /* a shell would print a line of its own about the signal */
		result->death_signal = 0;
	return ok;
}

/* Runs the health check as a trial call, and records how it went. Whether it succeeded. */
static bool check_health(struct guarded_call *g)
{
	enum outcome outcome = attempts_check_health(g);
	bool expected = outcome == OUTCOME_SUCCESS || g->supervisor.cancelled_by != 0;
	steps_record(g, outcome, false);
	call_tell(g, &(struct guard_notice){.kind = NOTICE_HEALTH_CHECK,
	                                    .needed = expected ? MESSAGE_VERBOSE : MESSAGE_NORMAL,
	                                    .outcome = outcome});
	announce(g);
	return outcome == OUTCOME_SUCCESS;
}

bool guard_probe(const struct guard_setup *setup, struct guard_result *result, struct error *error)
{
	struct breaker b;
	struct guarded_call g = {.argv = NULL};
	begin(&g, setup, &b);
	if (!steps_admit_trial(&g, error))
		return false;
	supervisor_begin(&g.supervisor, &(struct supervisor_manners){.limited = true, .foreground = true},
	                 &g.lines, setup->file_limit);
	keep_permit(&g);
	announce(&g);
	bool well = !g.admission.run || check_health(&g);
	store_close(g.store);
	supervisor_end(&g.supervisor);
	*result = (struct guard_result){well ? 0 : 1, g.supervisor.cancelled_by};
	return true;
}

int guard_announce(const struct guard_setup *setup, const struct breaker *b, const struct journal *journal)
{
	return transitions_announce_alone(setup, b, journal);
}

bool guard_is_news(const struct event *event)
{
	if (event->kind != EVENT_TRANSITION || event->from == event->to)
		return false;
	return event->to == BREAKER_CLOSED || (event->to == BREAKER_OPEN && event->from == BREAKER_CLOSED);
}
