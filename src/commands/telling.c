/* telling.c: each notice in words. */
#include "commands/telling.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/peer.h"
#include "base/text.h"
#include "commands/news.h"
#include "report/reason.h"
#include "settings/describe.h"

#include <stdio.h>

/* What kinds of entries the journal finds: journalctl MESSAGE_ID=... Made up once, and never changed. */
#define TRANSITION_ID "2b325ea634b947779c330cb8ed746cea"
#define STORE_FAULT_ID "5356b96d907342328b55b6443c47284a"

static void write_log(const struct invocation *in, const struct log_entry *entry)
{
	struct error error;
	if (in->settings.log != NULL && !log_write(in->settings.log, entry, &error))
		message_print(in->level, MESSAGE_NORMAL, "%s", error.text);
}

static void log_store_fault(const struct invocation *in, const struct guard_notice *n)
{
	char line[ERROR_TEXT_SIZE + 160];
	const struct log_field name = {"CBRUN_NAME", in->settings.name};
	const struct log_entry entry = {
		.priority = LOG_PRIORITY_ERROR, .text = line, .kind = STORE_FAULT_ID, .fields = &name, .field_count = 1};
	snprintf(line, sizeof(line), "%s: %s", in->settings.name, n->text);
	write_log(in, &entry);
}

static void tell_difference(const struct invocation *in, const struct guard_notice *n)
{
	char difference[DESCRIBE_SIZE];
	if (in->level < MESSAGE_VERBOSE)
		return;
	describe_difference(n->other_policy, "here", n->policy, difference);
	message_print(in->level, MESSAGE_VERBOSE, "%s: the last call ran with %s",
	              in->settings.name, difference);
}

static void tell_let_in(const struct invocation *in, const struct guard_notice *n)
{
	char why[REASON_LINE_SIZE];
	const struct admission *a = n->admission;
	const char *name = in->settings.name;
	if (a->reason.kind != REASON_NONE) {
		reason_format_state(a, why);
		message_print(in->level, MESSAGE_VERBOSE, "%s: shadow: would reject, %s; running '%s'", name,
		              why, n->text);
		return;
	}
	message_print(in->level, MESSAGE_VERBOSE, "%s: %s, running '%s'%s", name,
	              breaker_state_name(a->state), n->text, a->trial ? " as a trial call" : "");
}

static void tell_idle(const struct invocation *in, const struct guard_notice *n)
{
	message_print(in->level, MESSAGE_VERBOSE, "%s: running '%s', which contacts nobody and is not counted",
	              in->settings.name, n->text);
}

static void format_rejection(const struct admission *a, char why[REASON_LINE_SIZE])
{
	int64_t running_ms = a->reason.kind == REASON_CONCURRENCY_LIMIT ? peer_age_ms(a->running_pid) : -1;
	reason_format_rejection(a, running_ms, why);
}

/* With --output change, a rejection is held back like the rest. */
static enum message_level unless_held(const struct invocation *in)
{
	return in->settings.output == OUTPUT_CHANGE ? MESSAGE_VERBOSE : MESSAGE_NORMAL;
}

static void tell_rejection(const struct invocation *in, const struct guard_notice *n)
{
	char why[REASON_LINE_SIZE];
	format_rejection(n->admission, why);
	message_print(in->level, unless_held(in), "%s: %s", in->settings.name, why);
}

static void tell_reminder(const struct invocation *in, const struct guard_notice *n)
{
	char text[NEWS_SIZE];
	news_format_reminder(in->settings.name, n, text);
	message_print(in->level, MESSAGE_NORMAL, "%s: %s", in->settings.name, text);
}

static void tell_verdict(const struct invocation *in, const struct guard_notice *n)
{
	char text[NEWS_SIZE];
	if (in->level < MESSAGE_VERBOSE)
		return;
	news_format_verdict(n, text);
	message_print(in->level, MESSAGE_VERBOSE, "%s: %s", in->settings.name, text);
}

/* The headings of what --output change shows when something has broken. */
static void tell_kept_output(const struct invocation *in, const struct guard_notice *n)
{
	char at[CLOCK_TEXT_SIZE];
	clock_format_brief(n->ms, n->at->wall_ms, at);
	message_print(in->level, MESSAGE_NORMAL, "%s: the %s failure, at %s:", in->settings.name,
	              n->number == 0 ? "first" : "last", at);
}

static void tell_stale(const struct invocation *in, const struct guard_notice *n)
{
	char why[REASON_LINE_SIZE];
	char age[TEXT_VALUE_SIZE];
	format_rejection(n->admission, why);
	text_wait(n->ms, age);
	message_print(in->level, unless_held(in), "%s: %s; printing the output of %s ago", in->settings.name,
	              why, age);
}

static void tell_health(const struct invocation *in, const struct guard_notice *n)
{
	const char *end = n->outcome == OUTCOME_SUCCESS ? "succeeded" : "failed";
	if (n->outcome == OUTCOME_IGNORED)
		end = "says nothing: it was cancelled, or could not be run";
	message_print(in->level, n->needed, "%s: the health check %s", in->settings.name, end);
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

/* With --output change, the beginning and the end of an incident are what the user wants to read. */
static void tell_news(const struct invocation *in, const struct guard_notice *n)
{
	char text[NEWS_SIZE];
	news_format(in->settings.name, n, text);
	message_print(in->level, MESSAGE_NORMAL, "%s: %s", in->settings.name, text);
}

static void log_transition(const struct invocation *in, const struct event *event, const char *reason, const char *text)
{
	const struct log_field fields[] = {
		{"CBRUN_NAME", in->settings.name},
		{"CBRUN_FROM", breaker_state_name(event->from)},
		{"CBRUN_TO", breaker_state_name(event->to)},
		{"CBRUN_REASON", reason},
	};
	const struct log_entry entry = {.priority = priority_of(event->to),
	                                .text = text,
	                                .kind = TRANSITION_ID,
	                                .fields = fields,
	                                .field_count = sizeof(fields) / sizeof(fields[0])};
	write_log(in, &entry);
}

static void tell_transition(const struct invocation *in, const struct guard_notice *n)
{
	char reason[REASON_LINE_SIZE];
	char text[2 * REASON_LINE_SIZE];
	char wait[TEXT_VALUE_SIZE] = "";
	const struct event *event = n->event;
	reason_format(&event->reason, reason);
	bool rejects = n->ms >= 0 && !n->breaker->policy.shadow;
	if (rejects)
		text_wait(n->ms, wait);
	snprintf(text, sizeof(text), "%s: %s -> %s (%s)%s%s", in->settings.name,
	         breaker_state_name(event->from), breaker_state_name(event->to), reason,
	         rejects ? ", retry in " : "", wait);
	if (in->settings.output == OUTPUT_CHANGE && guard_is_news(event))
		tell_news(in, n);
	else
		message_print(in->level, MESSAGE_VERBOSE, "%s", text);
	log_transition(in, event, reason, text);
}

static void tell_line(const struct invocation *in, const struct guard_notice *n)
{
	message_print(in->level, n->needed, "%s", n->text);
}

static void tell_remark(const struct invocation *in, const struct guard_notice *n)
{
	message_print(in->level, MESSAGE_NORMAL, "%s", n->text);
}

static void tell_unguarded(const struct invocation *in, const struct guard_notice *n)
{
	message_print(in->level, MESSAGE_NORMAL, "%s: %s; running the command unguarded", in->settings.name,
	              n->text);
}

static void tell_not_recorded(const struct invocation *in, const struct guard_notice *n)
{
	message_print(in->level, MESSAGE_NORMAL, "%s: %s; the outcome was not recorded", in->settings.name,
	              n->text);
}

static void tell_trouble(const struct invocation *in, const struct guard_notice *n)
{
	message_print(in->level, MESSAGE_NORMAL, "%s: %s", in->settings.name, n->text);
}

static void tell_not_kept(const struct invocation *in, const struct guard_notice *n)
{
	message_print(in->level, MESSAGE_NORMAL, "%s: %s; it is not kept", in->settings.name, n->text);
}

static void tell_attempt(const struct invocation *in, const struct guard_notice *n)
{
	message_print(in->level, MESSAGE_VERBOSE, "%s: attempt %lld of %lld", in->settings.name,
	              (long long)n->number, (long long)n->of);
}

static void tell_no_attempt(const struct invocation *in, const struct guard_notice *n)
{
	(void)n;
	message_print(in->level, MESSAGE_VERBOSE, "%s: the breaker has opened, no further attempt",
	              in->settings.name);
}

static void tell_hook_failed(const struct invocation *in, const struct guard_notice *n)
{
	message_print(in->level, MESSAGE_NORMAL, "hook: %s", n->text);
}

static void tell_hook_timed_out(const struct invocation *in, const struct guard_notice *n)
{
	message_print(in->level, MESSAGE_NORMAL, "hook '%s' took longer than 10s and was stopped",
	              TEXT_BRIEF(n->text));
}

static void tell_hook_ended(const struct invocation *in, const struct guard_notice *n)
{
	message_print(in->level, MESSAGE_VERBOSE, "hook '%s' ended with status %lld", TEXT_BRIEF(n->text),
	              (long long)n->number);
}

static void tell(void *context, const struct guard_notice *notice)
{
	static void (*const tellers[])(const struct invocation *, const struct guard_notice *) = {
		[NOTICE_LINE] = tell_line,
		[NOTICE_REMARK] = tell_remark,
		[NOTICE_STORE_FAULT] = log_store_fault,
		[NOTICE_UNGUARDED] = tell_unguarded,
		[NOTICE_NOT_RECORDED] = tell_not_recorded,
		[NOTICE_POLICY_DIFFERS] = tell_difference,
		[NOTICE_IDLE] = tell_idle,
		[NOTICE_LET_IN] = tell_let_in,
		[NOTICE_REJECTED] = tell_rejection,
		[NOTICE_REMINDER] = tell_reminder,
		[NOTICE_STALE] = tell_stale,
		[NOTICE_TROUBLE] = tell_trouble,
		[NOTICE_NOT_KEPT] = tell_not_kept,
		[NOTICE_ATTEMPT] = tell_attempt,
		[NOTICE_NO_ATTEMPT] = tell_no_attempt,
		[NOTICE_JUDGED] = tell_verdict,
		[NOTICE_HEALTH_CHECK] = tell_health,
		[NOTICE_TRANSITION] = tell_transition,
		[NOTICE_KEPT_OUTPUT] = tell_kept_output,
		[NOTICE_HOOK_FAILED] = tell_hook_failed,
		[NOTICE_HOOK_TIMED_OUT] = tell_hook_timed_out,
		[NOTICE_HOOK_ENDED] = tell_hook_ended,
	};
	_Static_assert(sizeof(tellers) / sizeof(tellers[0]) == NOTICE_KINDS, "a notice that nobody tells");
	tellers[notice->kind](context, notice);
}

struct guard_setup telling_setup(struct invocation *in)
{
	return (struct guard_setup){
		.settings = &in->settings,
		.file_limit = &in->file_limit,
		.sink = {tell, in},
	};
}
