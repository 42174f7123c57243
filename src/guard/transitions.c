/* transitions.c: telling of transitions, and running hooks. */
#include "guard/transitions.h"

#include "guard/environment.h"
#include "report/reason.h"

#include <signal.h>

enum { HOOK_LIMIT_MS = 10000, HOOK_KILL_AFTER_MS = 500 };

static void tell(const struct guard_setup *setup, const struct guard_notice *notice)
{
	setup->sink.take(setup->sink.context, notice);
}

/* How long the breaker that has just made this transition will reject; -1 if that is not what it does. */
static int64_t retry_after_ms(const struct breaker *b, const struct event *event)
{
	return event->to == BREAKER_OPEN && b->mode != MODE_HELD ? b->open_period_ms : -1;
}

/* Since when the breaker has not been closed, or was not until now; 0 = it was. */
static int64_t down_since_wall_ms(const struct breaker *b, const struct event *event)
{
	if (b->state != BREAKER_CLOSED)
		return b->incident.since_wall_ms;
	return event->from != BREAKER_CLOSED ? event->wall_ms - event->incident_ms : 0;
}

static void tell_of_hook(const struct guard_setup *setup, const char *command,
                         const struct process_result *result)
{
	struct guard_notice notice = {.text = command, .number = result->status};
	if (result->ending.kind == ENDING_TIMED_OUT)
		notice.kind = NOTICE_HOOK_TIMED_OUT;
	else if (result->status != 0)
		notice.kind = NOTICE_HOOK_ENDED;
	else
		return;
	tell(setup, &notice);
}

static void run_hook(const struct guard_setup *setup, const char *command, struct environment *environment,
                     struct supervisor *supervisor)
{
	struct error error;
	struct process_result result;
	char *const argv[] = {"sh", "-c", (char *)command, NULL};
	struct process_request request = {
		.argv = argv,
		.environment = environment->all,
		.timeout_ms = HOOK_LIMIT_MS,
		.kill_after_ms = HOOK_KILL_AFTER_MS,
		.kill_after_given = true,
		.signal = SIGTERM,
		.aside = true,
	};
	if (command == NULL)
		return;
	if (supervisor_run(supervisor, &request, &result, &error))
		tell_of_hook(setup, command, &result);
	else
		tell(setup, &(struct guard_notice){.kind = NOTICE_HOOK_FAILED, .text = error.text});
}

static bool wants_hooks(const struct settings *s)
{
	return s->on_change != NULL || s->on_open != NULL || s->on_close != NULL;
}

static void run_hooks(const struct guard_setup *setup, const struct breaker *b, const struct event *event,
                      struct supervisor *supervisor)
{
	const struct settings *s = setup->settings;
	struct environment environment;
	char reason[REASON_LINE_SIZE];
	struct environment_facts facts = {
		.name = s->name,
		.from = breaker_state_name(event->from),
		.to = breaker_state_name(event->to),
		.reason = reason,
		.retry_after_ms = retry_after_ms(b, event),
		.last_exit = event->exit,
		.down_since_wall_ms = down_since_wall_ms(b, event),
	};
	if (event->from == event->to) /* a mode was set by hand; nothing has opened or closed */
		return;
	reason_format(&event->reason, reason);
	if (!environment_make(&environment, &facts))
		return;
	run_hook(setup, s->on_change, &environment, supervisor);
	run_hook(setup, event->to == BREAKER_OPEN ? s->on_open : NULL, &environment, supervisor);
	run_hook(setup, event->to == BREAKER_CLOSED ? s->on_close : NULL, &environment, supervisor);
	environment_free(&environment);
}

void transitions_tell(const struct guard_setup *setup, const struct breaker *b, const struct journal *journal,
                      const struct guard_end *end)
{
	for (int i = 0; i < journal->count; i++)
		if (journal->events[i].kind == EVENT_TRANSITION)
			tell(setup, &(struct guard_notice){.kind = NOTICE_TRANSITION,
			                                   .event = &journal->events[i],
			                                   .breaker = b,
			                                   .end = end,
			                                   .ms = retry_after_ms(b, &journal->events[i])});
}

void transitions_run_hooks(const struct guard_setup *setup, const struct breaker *b,
                           const struct journal *journal, struct supervisor *supervisor)
{
	for (int i = 0; i < journal->count && wants_hooks(setup->settings); i++)
		if (journal->events[i].kind == EVENT_TRANSITION)
			run_hooks(setup, b, &journal->events[i], supervisor);
}

/* A line of the hooks' supervisor. */
static void pass_on_line(void *context, enum message_level needed, const char *text)
{
	tell(context, &(struct guard_notice){.kind = NOTICE_LINE, .needed = needed, .text = text});
}

int transitions_announce_alone(const struct guard_setup *setup, const struct breaker *b,
                               const struct journal *journal)
{
	struct supervisor own = {0};
	struct supervisor_manners manners = {.limited = true, .foreground = true};
	struct message_sink lines = {pass_on_line, (void *)setup};
	if (wants_hooks(setup->settings) && journal_has_transition(journal))
		supervisor_begin(&own, &manners, &lines, setup->file_limit);
	transitions_tell(setup, b, journal, NULL);
	transitions_run_hooks(setup, b, journal, &own);
	supervisor_end(&own);
	return own.cancelled_by;
}
