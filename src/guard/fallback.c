/* fallback.c: running the fallback. */
#include "guard/fallback.h"

#include "guard/environment.h"
#include "report/reason.h"

/*
 * Runs it as the call itself, with its input and output. --deadline does not
 * bound it: that it has passed may be why it runs.
 */
static void run(struct guarded_call *g, const struct environment_facts *facts)
{
	struct error error;
	struct environment environment;
	char *const argv[] = {"sh", "-c", (char *)g->settings->fallback, NULL};
	if (!environment_make(&environment, facts))
		return;
	struct process_request request = {
		.argv = argv,
		.environment = environment.all,
		.kill_after_ms = g->settings->kill_after_ms,
		.kill_after_given = g->settings->kill_after_given,
		.signal = (int)g->settings->signal,
	};
	if (!supervisor_run(&g->supervisor, &request, &g->result, &error))
		call_tell_text(g, NOTICE_TROUBLE, error.text);
	environment_free(&environment);
}

bool fallback_follows(const struct guarded_call *g, enum outcome outcome)
{
	const struct settings *s = g->settings;
	if (s->fallback == NULL || g->supervisor.cancelled_by != 0)
		return false;
	switch (outcome) {
	case OUTCOME_FAILURE:
		return (s->fallback_on & FALLBACK_ON_FAILURE) != 0;
	case OUTCOME_TIMEOUT:
		return (s->fallback_on & (FALLBACK_ON_FAILURE | FALLBACK_ON_TIMEOUT)) != 0;
	case OUTCOME_SUCCESS:
	case OUTCOME_IGNORED:
		break;
	}
	return false;
}

void fallback_run_after(struct guarded_call *g, enum outcome outcome)
{
	if (!fallback_follows(g, outcome))
		return;
	bool guarded = g->store != NULL; /* else there is no breaker to ask */
	struct environment_facts facts = {
		.name = g->settings->name,
		.from = breaker_state_name(guarded ? g->admission.state : BREAKER_CLOSED),
		.to = breaker_state_name(guarded ? g->step.breaker->state : BREAKER_CLOSED),
		.reason = outcome_name(outcome),
		.retry_after_ms = -1,
		.last_exit = g->result.status,
		.down_since_wall_ms = guarded ? g->step.breaker->incident.since_wall_ms : 0,
	};
	run(g, &facts);
}

void fallback_run_instead(struct guarded_call *g)
{
	char reason[REASON_LINE_SIZE];
	const char *state = breaker_state_name(g->admission.state);
	struct environment_facts facts = {
		.name = g->settings->name,
		.from = state,
		.to = state,
		.reason = reason,
		.retry_after_ms = g->admission.retry_after_ms,
		.last_exit = g->step.breaker->last_exit,
		.down_since_wall_ms = g->step.breaker->incident.since_wall_ms,
	};
	if (g->settings->fallback == NULL)
		return;
	reason_format(&g->admission.reason, reason);
	run(g, &facts);
}
