/* instead.c: what a caller gets when the command did not run, or failed: stale output, a fallback, an exit
 * status. */
#include "base/text.h"
#include "commands/announce.h"
#include "commands/guard.h"
#include "report/reason.h"

#include <errno.h>
#include <unistd.h>

enum { BLOCK = 64 * 1024 };

/*
 * Runs `sh -c CMD` as the call itself, with its input and output. --deadline
 * does not bound it: that it has passed may be why it runs.
 */
static void run_fallback(struct guard *g, const char *from, const char *to, const char *reason,
                         int64_t retry_after_ms)
{
	struct error error;
	struct hook_environment environment;
	char *const argv[] = {"sh", "-c", (char *)g->settings->fallback, NULL};
	if (!hook_environment_make(&environment, g->settings->name, from, to, reason, retry_after_ms))
		return;
	struct process_request request = {
		.argv = argv,
		.environment = environment.all,
		.kill_after_ms = g->settings->kill_after_ms,
		.signal = (int)g->settings->signal,
	};
	if (!supervisor_run(&g->supervisor, &request, &g->result, &error))
		message_print(g->in->level, MESSAGE_NORMAL, "%s: %s", g->settings->name, error.text);
	hook_environment_free(&environment);
}

/* How old kept output is; -1 if the clocks cannot tell. */
static int64_t age_ms(const struct guard *g, const struct instant *kept_at)
{
	struct timeline timeline = {.clock_ms = 0, .anchor = *kept_at};
	struct moment now = command_moment(g->boot_id, &g->policy);
	int64_t age = timeline_read(&timeline, &now.at);
	return age >= 0 ? age : -1;
}

static bool copy_to_stdout(int fd)
{
	char bytes[BLOCK];
	ssize_t length;
	while ((length = read(fd, bytes, sizeof(bytes))) > 0)
		for (ssize_t done = 0; done < length;) {
			ssize_t written = write(STDOUT_FILENO, bytes + done, (size_t)(length - done));
			if (written < 0 && errno != EINTR)
				return false;
			done += written > 0 ? written : 0;
		}
	return length == 0;
}

/* Prints the last good output, if there is one that is young enough. */
static bool serve_stale(struct guard *g, const char *why)
{
	struct error error;
	struct instant kept_at;
	char age_text[TEXT_VALUE_SIZE];
	int fd = -1;
	if (g->settings->stale_ok_ms == 0 || g->key.id == 0)
		return false;
	if (!store_load_output(g->store, g->key.id, &fd, &kept_at, &error)) {
		message_print(g->in->level, MESSAGE_NORMAL, "%s: %s", g->settings->name, error.text);
		return false;
	}
	if (fd < 0)
		return false;
	int64_t age = age_ms(g, &kept_at);
	bool served = age >= 0 && age <= g->settings->stale_ok_ms;
	if (served) {
		text_wait(age, age_text);
		message_print(g->in->level, MESSAGE_NORMAL, "%s: %s; printing the output of %s ago",
		              g->settings->name, why, age_text);
		served = copy_to_stdout(fd);
	}
	close(fd);
	return served;
}

int guard_reject(struct guard *g)
{
	const struct admission *a = &g->admission;
	char why[REASON_LINE_SIZE];
	char reason[REASON_LINE_SIZE];
	const char *state = breaker_state_name(a->state);
	reason_format_rejection(a, why);
	if (serve_stale(g, why))
		return 0;
	if (g->settings->output != OUTPUT_CHANGE || g->in->level >= MESSAGE_VERBOSE)
		message_print(g->in->level, MESSAGE_NORMAL, "%s: %s", g->settings->name, why);
	g->result.status = (int)g->settings->reject_exit;
	if (g->settings->fallback == NULL)
		return g->result.status;
	reason_format(&a->reason, reason);
	run_fallback(g, state, state, reason, a->retry_after_ms);
	return g->result.status;
}

bool guard_falls_back(const struct settings *s, enum outcome outcome)
{
	if (s->fallback == NULL)
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

void guard_fall_back(struct guard *g, enum outcome outcome)
{
	if (!guard_falls_back(g->settings, outcome))
		return;
	/* unguarded, there is no breaker to ask */
	enum breaker_state before = g->store != NULL ? g->admission.state : BREAKER_CLOSED;
	enum breaker_state after = g->store != NULL ? g->breaker->state : BREAKER_CLOSED;
	run_fallback(g, breaker_state_name(before), breaker_state_name(after), outcome_name(outcome), -1);
}

static ssize_t read_kept(void *context, int64_t offset, void *bytes, size_t length)
{
	return spool_read(context, offset, bytes, length);
}

void guard_keep_output(struct guard *g)
{
	struct error error;
	struct moment now = command_moment(g->boot_id, &g->policy);
	if (!g->capture.keep)
		return;
	if (g->capture.keep_failed)
		message_print(
			g->in->level, MESSAGE_NORMAL,
			"%s: the output is larger than 16 MiB, or there is no room for it; it is not kept",
			g->settings->name);
	else if (!store_save_output(g->store, g->key.id, &now.at, read_kept, &g->capture.kept, &error))
		message_print(g->in->level, MESSAGE_NORMAL, "%s: %s", g->settings->name, error.text);
}

/* Whether the call's own step opened or closed the breaker. */
static bool changed_state(const struct journal *journal)
{
	for (int i = 0; i < journal->count; i++)
		if (announce_is_news(&journal->events[i]))
			return true;
	return false;
}

void guard_release_output(struct guard *g, enum outcome outcome)
{
	bool failed = outcome == OUTCOME_FAILURE || outcome == OUTCOME_TIMEOUT;
	bool due = failed;
	/* without a store nobody can tell what changed: a failure must not go unseen */
	if (g->settings->output == OUTPUT_CHANGE && g->store != NULL)
		due = changed_state(&g->journal);
	if (!g->capture.hold || !due)
		return;
	capture_release(&g->capture);
	supervisor_flush(&g->supervisor, &g->capture, INT64_MAX);
}
