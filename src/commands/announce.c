/* announce.c: telling of transitions. */
#include "commands/announce.h"

#include "base/log.h"
#include "base/text.h"
#include "report/reason.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { HOOK_LIMIT_MS = 10000, HOOK_KILL_AFTER_MS = 500 };

/* A variable that a hook of ours has: what was set before, perhaps by an outer hook, is not passed on. */
static bool is_ours(const char *variable)
{
	static const char *const names[ANNOUNCE_VARIABLES] = {
		"BREAKER_NAME=", "BREAKER_FROM=", "BREAKER_TO=", "BREAKER_REASON=", "BREAKER_RETRY_AFTER=",
	};
	for (int i = 0; i < ANNOUNCE_VARIABLES; i++)
		if (strncmp(variable, names[i], strlen(names[i])) == 0)
			return true;
	return false;
}

bool hook_environment_make(struct hook_environment *e, const char *name, const char *from, const char *to,
                           const char *reason, int64_t retry_after_ms)
{
	char retry_after[TEXT_VALUE_SIZE] = "";
	size_t count = 0;
	while (environ[count] != NULL)
		count++;
	e->all = calloc(count + ANNOUNCE_VARIABLES + 1, sizeof(*e->all));
	if (e->all == NULL)
		return false;
	if (retry_after_ms >= 0)
		text_decimal(retry_after_ms, 1000, retry_after);
	snprintf(e->variables[0], ANNOUNCE_VARIABLE_SIZE, "BREAKER_NAME=%s", name);
	snprintf(e->variables[1], ANNOUNCE_VARIABLE_SIZE, "BREAKER_FROM=%s", from);
	snprintf(e->variables[2], ANNOUNCE_VARIABLE_SIZE, "BREAKER_TO=%s", to);
	snprintf(e->variables[3], ANNOUNCE_VARIABLE_SIZE, "BREAKER_REASON=%s", reason);
	snprintf(e->variables[4], ANNOUNCE_VARIABLE_SIZE, "BREAKER_RETRY_AFTER=%s", retry_after);
	char **end = e->all;
	for (int i = 0; i < ANNOUNCE_VARIABLES; i++)
		*end++ = e->variables[i];
	for (size_t i = 0; i < count; i++)
		if (!is_ours(environ[i]))
			*end++ = environ[i];
	return true;
}

void hook_environment_free(struct hook_environment *e)
{
	free(e->all);
	e->all = NULL;
}

static enum log_priority priority_of(enum breaker_state to)
{
	switch (to) {
	case BREAKER_OPEN:
		return LOG_PRIORITY_WARNING;
	case BREAKER_HALF_OPEN:
		return LOG_PRIORITY_INFO;
	case BREAKER_CLOSED:
		break;
	}
	return LOG_PRIORITY_NOTICE;
}

static void write_log(const struct invocation *in, enum log_priority priority, const char *text)
{
	struct error error;
	if (in->settings.log != NULL && !log_write(in->settings.log, priority, text, &error))
		message_print(in->level, MESSAGE_NORMAL, "%s", error.text);
}

/* How long the breaker that has just made this transition will reject; -1 if that is not what it does. */
static int64_t retry_after_ms(const struct breaker *b, const struct event *event)
{
	return event->to == BREAKER_OPEN && b->mode != MODE_HELD ? b->open_period_ms : -1;
}

static void run_hook(const struct invocation *in, const char *command, struct hook_environment *environment,
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
		.signal = SIGTERM,
		.aside = true,
	};
	if (command == NULL)
		return;
	if (!supervisor_run(supervisor, &request, &result, &error))
		message_print(in->level, MESSAGE_NORMAL, "hook: %s", error.text);
	else if (result.ending.kind == ENDING_TIMED_OUT)
		message_print(in->level, MESSAGE_NORMAL, "hook '%s' took longer than 10s and was stopped",
		              TEXT_BRIEF(command));
	else if (result.status != 0)
		message_print(in->level, MESSAGE_VERBOSE, "hook '%s' ended with status %d",
		              TEXT_BRIEF(command), result.status);
}

static bool wants_hooks(const struct settings *s)
{
	return s->on_change != NULL || s->on_open != NULL || s->on_close != NULL;
}

static void run_hooks(const struct invocation *in, const char *name, const struct breaker *b,
                      const struct event *event, struct supervisor *supervisor)
{
	const struct settings *s = &in->settings;
	struct hook_environment environment;
	char reason[REASON_LINE_SIZE];
	if (event->from == event->to) /* a mode was set by hand; nothing has opened or closed */
		return;
	reason_format(&event->reason, reason);
	if (!hook_environment_make(&environment, name, breaker_state_name(event->from),
	                           breaker_state_name(event->to), reason, retry_after_ms(b, event)))
		return;
	run_hook(in, s->on_change, &environment, supervisor);
	run_hook(in, event->to == BREAKER_OPEN ? s->on_open : NULL, &environment, supervisor);
	run_hook(in, event->to == BREAKER_CLOSED ? s->on_close : NULL, &environment, supervisor);
	hook_environment_free(&environment);
}

bool announce_is_news(const struct event *event)
{
	if (event->kind != EVENT_TRANSITION || event->from == event->to)
		return false;
	return event->to == BREAKER_CLOSED || (event->to == BREAKER_OPEN && event->from == BREAKER_CLOSED);
}

/* With --output change, that is what the user wants to read. */
static enum message_level loudness(const struct settings *s, const struct event *event)
{
	return s->output == OUTPUT_CHANGE && announce_is_news(event) ? MESSAGE_NORMAL : MESSAGE_VERBOSE;
}

static void announce_one(const struct invocation *in, const char *name, const struct breaker *b,
                         const struct event *event, struct supervisor *supervisor)
{
	char reason[REASON_LINE_SIZE];
	char text[2 * REASON_LINE_SIZE];
	char wait[TEXT_VALUE_SIZE] = "";
	int64_t retry_ms = retry_after_ms(b, event);
	reason_format(&event->reason, reason);
	if (retry_ms >= 0)
		text_wait(retry_ms, wait);
	snprintf(text, sizeof(text), "%s: %s -> %s (%s)%s%s", name, breaker_state_name(event->from),
	         breaker_state_name(event->to), reason, retry_ms >= 0 ? ", retry in " : "", wait);
	message_print(in->level, loudness(&in->settings, event), "%s", text);
	write_log(in, priority_of(event->to), text);
	if (wants_hooks(&in->settings))
		run_hooks(in, name, b, event, supervisor);
}

void announce(const struct invocation *in, const char *name, const struct breaker *b,
              const struct journal *journal, struct supervisor *supervisor)
{
	struct supervisor own;
	struct message_sink sink = message_printer(&in->level);
	bool alone = supervisor == NULL && wants_hooks(&in->settings) && journal_has_transition(journal);
	if (alone) {
		supervisor_begin(&own, true, false, &sink, &in->file_limit);
		supervisor = &own;
	}
	for (int i = 0; i < journal->count; i++)
		if (journal->events[i].kind == EVENT_TRANSITION)
			announce_one(in, name, b, &journal->events[i], supervisor);
	if (!alone)
		return;
	supervisor_end(&own);
	if (own.cancelled_by != 0)
		signals_die_of(own.cancelled_by);
}

void announce_store_fault(const struct invocation *in, const char *name, const char *text)
{
	char line[ERROR_TEXT_SIZE + 160];
	snprintf(line, sizeof(line), "%s: %s", name, text);
	write_log(in, LOG_PRIORITY_ERROR, line);
}
