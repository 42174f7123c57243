/* news.c: a line is put together from parts, each of which may be missing. */
#include "commands/news.h"

#include "base/clock.h"
#include "base/peer.h"
#include "base/text.h"
#include "base/units.h"
#include "process/signals.h"
#include "report/reason.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>

enum { SOON_MS = 2 * 60 * MS_PER_S, SIGNAL_BASE = 128 };

/* A line on its way. */
struct line {
	char *text;
	size_t used;
};

__attribute__((format(printf, 2, 3))) static void add(struct line *line, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	int length = vsnprintf(line->text + line->used, NEWS_SIZE - line->used, format, arguments);
	va_end(arguments);
	if (length > 0)
		line->used += (size_t)length;
	if (line->used >= NEWS_SIZE)
		line->used = NEWS_SIZE - 1;
}

static void add_age(struct line *line, const char *before, int64_t ms)
{
	char age[TEXT_VALUE_SIZE];
	text_span(ms, age);
	add(line, "%s%s", before, age);
}

static void add_time(struct line *line, const char *before, int64_t wall_ms, int64_t now_wall_ms)
{
	char at[CLOCK_TEXT_SIZE];
	clock_format_brief(wall_ms, now_wall_ms, at);
	add(line, "%s%s", before, at);
}

static void add_signal(struct line *line, const char *before, int signal)
{
	char name[SIGNALS_NAME_SIZE];
	signals_name(signal, name);
	add(line, "%sSIG%s", before, name);
}

/* How a call ended whose guard is gone: of that the breaker keeps the exit status. */
static void add_last_exit(struct line *line, const struct breaker *b)
{
	if (b->last_outcome == OUTCOME_TIMEOUT) {
		add(line, "after its time limit");
		return;
	}
	add(line, "with exit %lld", (long long)b->last_exit);
	if (b->last_exit > SIGNAL_BASE && b->last_exit < SIGNAL_BASE + SIGSYS) {
		add_signal(line, " (", (int)b->last_exit - SIGNAL_BASE);
		add(line, ")");
	}
}

/* "with exit 7", "killed by SIGKILL", "after its time limit of 10s" */
static void add_ending(struct line *line, const struct breaker *b, const struct guard_end *end)
{
	char limit[TEXT_VALUE_SIZE];
	if (end == NULL) {
		add_last_exit(line, b);
		return;
	}
	switch (end->ending.kind) {
	case ENDING_EXITED:
		add(line, "with exit %d", end->ending.value);
		return;
	case ENDING_SIGNALED:
		add_signal(line, "killed by ", end->ending.value);
		return;
	case ENDING_TIMED_OUT:
		text_wait(end->limit_ms, limit);
		add(line, "after its time limit of %s", limit);
		return;
	case ENDING_CANCELLED:
		add_signal(line, "cancelled by ", end->ending.value);
		return;
	case ENDING_NOT_STARTED:
		add(line, "not started");
		return;
	}
}

static void add_last(struct line *line, const struct guard_notice *n, const struct reason *reason)
{
	add(line, "%s", reason->kind == REASON_CONSECUTIVE && reason->a == 1 ? ", " : ", the last ");
	if (reason->kind == REASON_SLOW_RATE)
		add_age(line, "after ", n->breaker->last_duration_us / US_PER_MS);
	else
		add_ending(line, n->breaker, n->end);
	if (reason->text[0] != '\0')
		add(line, ": %s", reason->text);
}

/* "3 failures since 08:29", as far as the reason has no better words of its own. */
static void add_failures(struct line *line, const struct breaker *b, const struct reason *reason,
                         int64_t now_wall_ms)
{
	add(line, "%lld failure%s", (long long)reason->a, text_plural(reason->a));
	if (b->incident.failing_since_wall_ms > 0)
		add_time(line, reason->a == 1 ? " at " : " since ", b->incident.failing_since_wall_ms, now_wall_ms);
}

/* Why it has opened, by a rule, as the service asked, or by hand. */
static void add_why(struct line *line, const struct guard_notice *n, const struct reason *reason,
                    int64_t now_wall_ms)
{
	const struct breaker *b = n->breaker;
	char text[REASON_LINE_SIZE];
	reason_format(reason, text);
	switch ((int)reason->kind) {
	case REASON_CONSECUTIVE:
		add(line, "broken: ");
		add_failures(line, b, reason, now_wall_ms);
		break;
	case REASON_FAILURE_RATE:
		add(line, "broken: %lld of the last %lld calls failed", (long long)reason->a, (long long)reason->b);
		break;
	case REASON_SLOW_RATE:
		add(line, "too slow: %lld of the last %lld calls took longer than ", (long long)reason->a,
		    (long long)reason->b);
		text_duration(b->policy.slow_ms, text);
		add(line, "%s", text);
		break;
	case REASON_TRIPPED:
	case REASON_HELD:
		add(line, "%s", text);
		return;
	default:
		add(line, "broken: %s", text);
		break;
	}
	add_last(line, n, reason);
}

/* When it lets a call through, and how to have that sooner. */
static void add_next(struct line *line, const char *name, int64_t retry_ms, int64_t now_wall_ms)
{
	char wait[TEXT_VALUE_SIZE];
	if (retry_ms < 0) {
		add(line, "; it stays so until: cbrun reset %s", name);
		return;
	}
	if (retry_ms < SOON_MS) {
		text_wait(retry_ms, wait);
		add(line, "; next try in %s", wait);
	} else {
		add_time(line, "; next try at ", now_wall_ms + retry_ms, now_wall_ms);
	}
	add(line, ", or now: cbrun reset %s", name);
}

static void add_skipped(struct line *line, int64_t count)
{
	if (count > 0)
		add(line, " (%lld run%s skipped)", (long long)count, text_plural(count));
}

static void format_closing(struct line *line, const struct event *event)
{
	char text[REASON_LINE_SIZE];
	reason_format(&event->reason, text);
	if (event->reason.kind == REASON_TRIALS_SUCCEEDED)
		add(line, "works again");
	else
		add(line, "%s,", text);
	add_age(line, " after ", event->incident_ms);
	add_skipped(line, event->incident_rejected);
}

void news_format(const char *name, const struct guard_notice *n, char text[NEWS_SIZE])
{
	struct line line = {.text = text};
	const struct event *event = n->event;
	if (event->to == BREAKER_CLOSED) {
		format_closing(&line, event);
		return;
	}
	add_why(&line, n, &event->reason, event->wall_ms);
	if (n->breaker->policy.shadow)
		add(&line, "; in shadow mode, so it runs all the same");
	else
		add_next(&line, name, n->ms, event->wall_ms);
}

/* Nothing can be started, since what was started does not end. */
static void format_hung(struct line *line, const struct guard_notice *n)
{
	const struct breaker *b = n->breaker;
	const struct admission *a = n->admission;
	int64_t age_ms = peer_age_ms(a->running_pid);
	int64_t stuck_ms = breaker_now_ms(b, n->at) - b->stuck_since_ms;
	if (age_ms >= 0) {
		add(line, "still running: pid %lld, for ", (long long)a->running_pid);
		add_age(line, "", age_ms);
	} else {
		add(line, "still running: %lld of at most %lld", (long long)a->reason.a, (long long)a->reason.b);
	}
	add_time(line, "; nothing was started since ", n->at->wall_ms - stuck_ms, n->at->wall_ms);
	if (age_ms >= 0)
		add(line, "; to end it: kill %lld", (long long)a->running_pid);
}

/* Since when, and why at first. */
static void add_incident(struct line *line, const struct breaker *b, int64_t now_wall_ms)
{
	const struct incident *i = &b->incident;
	const struct reason *reason = b->mode == MODE_HELD ? &b->reason : &i->reason;
	bool by_hand = reason->kind == REASON_TRIPPED || reason->kind == REASON_HELD;
	int64_t since_wall_ms = i->failing_since_wall_ms > 0 ? i->failing_since_wall_ms : i->since_wall_ms;
	char text[REASON_LINE_SIZE];
	reason_format(reason, text);
	add_time(line, by_hand ? "still open since " : "still broken since ", since_wall_ms, now_wall_ms);
	add(line, ": %s", text);
	if (by_hand)
		return;
	add(line, ", the last ");
	add_last_exit(line, b);
	if (reason->text[0] != '\0')
		add(line, ": %s", reason->text);
}

void news_format_reminder(const char *name, const struct guard_notice *n, char text[NEWS_SIZE])
{
	struct line line = {.text = text};
	const struct breaker *b = n->breaker;
	const struct incident *i = &b->incident;
	if (b->state == BREAKER_CLOSED) {
		format_hung(&line, n);
		return;
	}
	add_incident(&line, b, n->at->wall_ms);
	add(&line, "; %lld run%s skipped", (long long)i->rejected, text_plural(i->rejected));
	if (i->trial_failures > 0)
		add(&line, ", %lld more failed", (long long)i->trial_failures);
	int64_t now_ms = breaker_now_ms(b, n->at);
	if (breaker_state_at(b, now_ms) == BREAKER_OPEN)
		add_next(&line, name, breaker_retry_after_ms(b, now_ms), n->at->wall_ms);
}

/* With --failures auto: " (2 of the last 3; in health once in 900 calls, opens when rarer than once in 110,000)" */
static void add_suspicion(struct line *line, const struct breaker *b)
{
	const struct cusum *c = &b->cusum;
	int64_t allowed = breaker_calls_per_false_trip(b, &b->policy);
	int64_t length = cusum_run_length(c);
	char rarity[REASON_RARITY_SIZE];
	add(line, " (");
	if (c->calls > 1)
		add(line, "%lld of the last %lld; ", (long long)c->failures, (long long)c->calls);
	reason_format_rarity(length, rarity);
	add(line, "in health once in %s calls", rarity);
	reason_format_rarity(allowed, rarity);
	if (allowed == 0)
		add(line, "; how often it is called is not known yet)");
	else if (length >= allowed && c->failures < CUSUM_LEAST_FAILURES)
		add(line, ", opens if the next one fails, too)");
	else
		add(line, ", opens when rarer than once in %s)", rarity);
}

/* How near a failure has come to opening the breaker, or that it was it. */
static void add_progress(struct line *line, const struct breaker *b, const struct call *call)
{
	const struct policy *p = &b->policy;
	bool failed = outcome_is_failure(call->outcome);
	bool by_rule = b->reason.kind == REASON_CONSECUTIVE || b->reason.kind == REASON_CUSUM;
	bool opened = b->state == BREAKER_OPEN && by_rule;
	bool counted = call->generation == b->generation - opened;
	if (!failed || !counted || (!opened && b->state != BREAKER_CLOSED))
		return;
	if (p->failures == POLICY_AUTO)
		add_suspicion(line, b);
	else if (p->failures > 0 && p->within_ms == 0)
		add(line, " (%lld of %lld)", (long long)b->streak, (long long)p->failures);
}

static void add_end(struct line *line, const struct breaker *b, const struct guard_end *end)
{
	char limit[TEXT_VALUE_SIZE];
	text_wait(end->limit_ms, limit);
	if (end->ending.kind == ENDING_EXITED)
		add(line, "exit %d", end->ending.value);
	else if (end->ending.kind == ENDING_TIMED_OUT)
		add(line, "time limit of %s", limit);
	else
		add_ending(line, b, end);
}

void news_format_verdict(const struct guard_notice *n, char text[NEWS_SIZE])
{
	struct line line = {.text = text};
	const struct call *call = n->call;
	const char *cause = reason_cause_name(call->cause);
	bool started = n->end->ending.kind != ENDING_NOT_STARTED;
	add_end(&line, n->breaker, n->end);
	if (started && n->end->ending.kind != ENDING_TIMED_OUT)
		add_age(&line, " after ", call->duration_us / US_PER_MS);
	add(&line, ": %s", outcome_name(call->outcome));
	if (cause != NULL && started && n->end->ending.kind != ENDING_CANCELLED)
		add(&line, " (%s)", cause);
	add_progress(&line, n->breaker, call);
}
