/* attempts.c: running the command of a guarded call, once or several times. */
#include "guard/attempts.h"

#include "base/clock.h"
#include "base/units.h"
#include "guard/environment.h"
#include "guard/steps.h"

#include <errno.h>
#include <signal.h>

enum { HEALTH_LIMIT_MS = 10000 };

int64_t attempts_rest_ms(const struct guarded_call *g)
{
	int64_t rest_us = g->deadline_us - clock_boot_us();
	return rest_us > 0 ? rest_us / US_PER_MS + (rest_us % US_PER_MS > 0) : 0;
}

/* The shorter one of two time limits, of which 0 is none. */
static int64_t shorter(int64_t a, int64_t b)
{
	if (a == 0 || b == 0)
		return a + b;
	return a < b ? a : b;
}

/* The time limit of one attempt: --timeout, for a trial call --probe-timeout, and what is left until
 * --deadline. */
static int64_t time_limit_ms(const struct guarded_call *g)
{
	const struct settings *s = g->settings;
	int64_t limit_ms = s->timeout_ms;
	if (g->admission.trial && !g->policy.shadow) /* shadow changes nothing */
		limit_ms = shorter(limit_ms, s->probe_timeout_ms);
	if (s->deadline_ms > 0)
		limit_ms = shorter(limit_ms, attempts_rest_ms(g));
	return limit_ms;
}

/* Waiting has used up --deadline: nothing is started, and nobody but cbrun is to blame. */
static bool is_too_late(struct guarded_call *g)
{
	if (attempts_rest_ms(g) > 0)
		return false;
	g->result = (struct process_result){
		.ending = {ENDING_NOT_STARTED, ETIME},
		.status = PROCESS_TIMED_OUT,
	};
	call_tell_text(g, NOTICE_TROUBLE, "--deadline was over before the command could start");
	return true;
}

/* The command takes its time anyway. */
static void prepare_record(void *context)
{
	const struct guarded_call *g = context;
	if (g->store != NULL)
		store_make_ready(g->store);
}

static void run_once(struct guarded_call *g, bool captured)
{
	const struct settings *s = g->settings;
	struct error error;
	g->end.limit_ms = time_limit_ms(g);
	struct process_request request = {
		.argv = g->argv,
		.timeout_ms = g->end.limit_ms,
		.kill_after_ms = s->kill_after_ms,
		.kill_after_given = s->kill_after_given,
		.signal = (int)s->signal,
		.preserve_status = s->preserve_status != 0,
		.input = g->input.mode != INPUT_ALONE ? &g->input : NULL,
		.capture = captured ? &g->capture : NULL,
		.meanwhile = prepare_record,
		.context = g,
		.hints = s->hints ? &g->hints : NULL,
	};
	if (!is_too_late(g) && !supervisor_run(&g->supervisor, &request, &g->result, &error))
		call_tell_text(g, NOTICE_TROUBLE, error.text);
}

enum outcome attempts_judge(struct guarded_call *g)
{
	struct verdict verdict = outcome_decide(&g->settings->rules, g->result.ending, g->hints.outcome);
	g->cause = verdict.cause;
	return verdict.outcome;
}

/* Whether the attempt that has just ended may be followed by another. */
static bool may_retry(struct guarded_call *g)
{
	const struct settings *s = g->settings;
	if (g->retries >= s->retries || attempts_rest_ms(g) == 0 || g->input.partial)
		return false;
	enum outcome outcome = attempts_judge(g);
	if (outcome != OUTCOME_FAILURE && outcome != OUTCOME_TIMEOUT)
		return false;
	return !s->retry_on_given || outcome_list_has(&s->retry_on, g->result.ending);
}

/* Exponential backoff with full jitter: at random up to --retry-delay, doubled each time, at most
 * --retry-max. */
static int64_t backoff_ms(const struct guarded_call *g)
{
	int64_t ceiling_ms = g->settings->retry_delay_ms;
	for (int64_t i = 0; i < g->retries && ceiling_ms < g->settings->retry_max_ms; i++)
		ceiling_ms *= 2;
	if (ceiling_ms > g->settings->retry_max_ms)
		ceiling_ms = g->settings->retry_max_ms;
	return (int64_t)((double)ceiling_ms * ((double)clock_chance() / (double)UINT32_MAX));
}

/* Waits before the next attempt. False if there is to be none. */
static bool pause_before_retry(struct guarded_call *g)
{
	int64_t delay_ms = backoff_ms(g);
	if (delay_ms >= attempts_rest_ms(g))
		return false;
	int signal = supervisor_pause(&g->supervisor, delay_ms);
	if (signal != 0) {
		supervisor_cancelled(signal, &g->result);
		return false;
	}
	if (attempts_rest_ms(g) == 0)
		return false;
	if (!steps_has_opened(g))
		return attempts_rest_ms(g) > 0;
	call_tell(g, &(struct guard_notice){.kind = NOTICE_NO_ATTEMPT});
	return false;
}

void attempts_run(struct guarded_call *g)
{
	const struct settings *s = g->settings;
	int64_t start_us = clock_boot_us();
	g->capture.hold = s->output != OUTPUT_ALWAYS;
	g->capture.together = g->capture.hold && capture_together();
	g->capture.keep = s->stale_ok_ms > 0 && g->store != NULL;
	bool captured = g->capture.hold || g->capture.keep; /* `hold` ends when there is no room */
	hints_init(&g->hints, &g->lines);
	if (s->retries > 0)
		input_replay(&g->input);
	for (;;) {
		run_once(g, captured);
		if (!may_retry(g) || !pause_before_retry(g))
			break;
		g->retries++;
		call_tell(g, &(struct guard_notice){
				     .kind = NOTICE_ATTEMPT, .number = g->retries + 1, .of = s->retries + 1});
	}
	g->result.duration_us = clock_boot_us() - start_us;
	g->end.ending = g->result.ending;
	g->ended = true;
}

/* What a health check that has ended says. A shell that finds no such program says nothing of the service. */
static enum outcome verdict(const struct process_result *result)
{
	bool exited = result->ending.kind == ENDING_EXITED;
	if (exited && result->status == 0)
		return OUTCOME_SUCCESS;
	if (exited && (result->status == PROCESS_CANNOT_RUN || result->status == PROCESS_NOT_FOUND))
		return OUTCOME_IGNORED;
	if (result->ending.kind == ENDING_CANCELLED || result->ending.kind == ENDING_NOT_STARTED)
		return OUTCOME_IGNORED;
	return OUTCOME_FAILURE;
}

enum outcome attempts_check_health(struct guarded_call *g)
{
	struct error error;
	struct environment environment;
	char *const argv[] = {"sh", "-c", (char *)g->settings->health_check, NULL};
	const char *state = breaker_state_name(g->admission.state);
	if (g->supervisor.cancelled_by != 0)
		supervisor_cancelled(g->supervisor.cancelled_by, &g->result);
	if (g->supervisor.cancelled_by != 0 || is_too_late(g)) {
		g->cause = g->supervisor.cancelled_by != 0 ? IGNORED_CANCELLED : IGNORED_TOO_LATE;
		return OUTCOME_IGNORED;
	}
	struct environment_facts facts = {
		.name = g->settings->name,
		.from = state,
		.to = state,
		.reason = "health check",
		.retry_after_ms = -1,
		.last_exit = g->step.breaker->last_exit,
		.down_since_wall_ms = g->step.breaker->incident.since_wall_ms,
	};
	if (!environment_make(&environment, &facts))
		return OUTCOME_IGNORED;
	int64_t limit_ms = time_limit_ms(g);
	struct process_request request = {
		.argv = argv,
		.environment = environment.all,
		.timeout_ms = limit_ms > 0 ? limit_ms : HEALTH_LIMIT_MS,
		.kill_after_ms = g->settings->kill_after_ms,
		.kill_after_given = g->settings->kill_after_given,
		.signal = SIGTERM,
		.aside = true,
	};
	if (!supervisor_run(&g->supervisor, &request, &g->result, &error))
		call_tell_text(g, NOTICE_TROUBLE, error.text);
	environment_free(&environment);
	if (g->result.ending.kind != ENDING_CANCELLED)
		g->result.death_signal = 0; /* the check's death is not the call's */
	g->cause = outcome_ignored_cause(&(struct outcome_rules){0}, g->result.ending);
	if (g->cause == IGNORED_UNKNOWN)
		g->cause = IGNORED_NO_VERDICT;
	return verdict(&g->result);
}
