/* reason.c: words for reasons. */
#include "report/reason.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>

static void format_rate(const struct reason *r, const char *what, char text[REASON_LINE_SIZE])
{
	char percent[TEXT_VALUE_SIZE];
	int64_t tenths = r->b > 0 ? (r->a * 1000 + r->b / 2) / r->b : 0;
	text_decimal(tenths, 10, percent);
	snprintf(text, REASON_LINE_SIZE, "%s rate %s%% (%lld of %lld calls)", what, percent, (long long)r->a,
	         (long long)r->b);
}

/* "held by root: maintenance" */
static void format_act(const struct reason *r, const char *act, char text[REASON_LINE_SIZE])
{
	snprintf(text, REASON_LINE_SIZE, "%s%s%s%s%s", act, r->by[0] != '\0' ? " by " : "", r->by,
	         r->text[0] != '\0' ? ": " : "", r->text);
}

/* "tripped for 5m by root: maintenance" */
static void format_act_for(const struct reason *r, const char *act, char text[REASON_LINE_SIZE])
{
	char period[TEXT_VALUE_SIZE];
	char act_for[TEXT_VALUE_SIZE + 48];
	text_duration(r->a, period);
	snprintf(act_for, sizeof(act_for), "%s for %s", act, period);
	format_act(r, r->a > 0 ? act_for : act, text);
}

static void format_count(const struct reason *r, const char *noun, const char *rest,
                         char text[REASON_LINE_SIZE])
{
	snprintf(text, REASON_LINE_SIZE, "%lld %s%s%s", (long long)r->a, noun, text_plural(r->a), rest);
}

static void format_within(const struct reason *r, char text[REASON_LINE_SIZE])
{
	char period[TEXT_VALUE_SIZE];
	text_duration(r->b, period);
	snprintf(text, REASON_LINE_SIZE, "%lld failure%s within %s", (long long)r->a, text_plural(r->a), period);
}

/* "3rd" */
static const char *ordinal(int64_t number)
{
	static const char *const endings[] = {"th", "st", "nd", "rd"};
	bool teen = number / 10 % 10 == 1;
	return endings[teen || number % 10 > 3 ? 0 : number % 10];
}

void reason_format_rarity(int64_t calls, char text[REASON_RARITY_SIZE])
{
	char digits[REASON_RARITY_SIZE];
	int64_t unit = 1;
	while (calls / unit >= 100)
		unit *= 10;
	int count = snprintf(digits, sizeof(digits), "%lld", (long long)(calls / unit * unit));
	for (int i = 0; i < count; i++) {
		if (i > 0 && (count - i) % 3 == 0)
			*text++ = ',';
		*text++ = digits[i];
	}
	*text = '\0';
}

static void format_cusum(const struct reason *r, char text[REASON_LINE_SIZE])
{
	char rarity[REASON_RARITY_SIZE];
	reason_format_rarity(r->c, rarity);
	if (r->a == r->b)
		snprintf(text, REASON_LINE_SIZE, "%lld%s failure in a row; in health that happens once in %s calls",
		         (long long)r->a, ordinal(r->a), rarity);
	else
		snprintf(text, REASON_LINE_SIZE,
		         "%lld of the last %lld calls failed; in health that happens once in %s calls", (long long)r->a,
		         (long long)r->b, rarity);
}

static void format_period(const struct reason *r, const char *before, const char *behind,
                          char text[REASON_LINE_SIZE])
{
	char period[TEXT_VALUE_SIZE];
	text_duration(r->a, period);
	snprintf(text, REASON_LINE_SIZE, "%s %s%s", before, period, behind);
}

void reason_format(const struct reason *r, char text[REASON_LINE_SIZE])
{
	text[0] = '\0';
	switch (r->kind) {
	case REASON_NONE:
		return;
	case REASON_CONSECUTIVE:
		format_count(r, "consecutive failure", "", text);
		return;
	case REASON_WITHIN:
		format_within(r, text);
		return;
	case REASON_FAILURE_RATE:
	case REASON_SLOW_RATE:
		format_rate(r, r->kind == REASON_SLOW_RATE ? "slow" : "failure", text);
		return;
	case REASON_DEADLINE:
		format_period(r, "open period of", " is over", text);
		return;
	case REASON_TRIALS_SUCCEEDED:
		format_count(r, "successful trial call", "", text);
		return;
	case REASON_TRIALS_FAILED:
		format_count(r, "failed trial call", "", text);
		return;
	case REASON_TRIPPED:
		format_act_for(r, "tripped", text);
		return;
	case REASON_HELD:
		format_act(r, "held", text);
		return;
	case REASON_RESET:
		format_act(r, "reset", text);
		return;
	case REASON_DISABLED:
		format_act_for(r, "disabled", text);
		return;
	case REASON_ENABLED:
		format_act(r, "enabled", text);
		return;
	case REASON_TRIAL_LIMIT:
		format_count(r, "trial call", " running", text);
		return;
	case REASON_CONCURRENCY_LIMIT:
		format_count(r, "command", " running", text);
		return;
	case REASON_HEALTH_CHECK:
		snprintf(text, REASON_LINE_SIZE, "health check %s", r->a == 0 ? "failed" : "could not be run");
		return;
	case REASON_RETRY_AFTER:
		format_act_for(r, "the service asked to be left alone", text);
		return;
	case REASON_NEEDED_OPEN:
		snprintf(text, REASON_LINE_SIZE, "needs %s, which is open", r->text);
		return;
	case REASON_CUSUM:
		format_cusum(r, text);
		return;
	case REASON_DISABLE_OVER:
		format_period(r, "disabled for", ", which are over", text);
		return;
	}
}

void reason_format_state(const struct admission *admission, char text[REASON_LINE_SIZE])
{
	char reason[REASON_LINE_SIZE];
	reason_format(&admission->reason, reason);
	snprintf(text, REASON_LINE_SIZE, "%s (%.400s)", breaker_state_name(admission->state), reason);
}

/* The breaker may be as well as can be: it is the caller's own limit. */
static void format_not_started(const struct admission *admission, int64_t running_ms, char text[REASON_LINE_SIZE])
{
	const struct reason *r = &admission->reason;
	char age[TEXT_VALUE_SIZE];
	int used = snprintf(text, REASON_LINE_SIZE, "not started: %lld of at most %lld %s running",
	                    (long long)r->a, (long long)r->b, r->a == 1 ? "is" : "are");
	if (running_ms < 0)
		return;
	text_span(running_ms, age);
	snprintf(text + used, REASON_LINE_SIZE - (size_t)used, " (pid %lld, for %s)",
	         (long long)admission->running_pid, age);
}

void reason_format_rejection(const struct admission *admission, int64_t running_ms, char text[REASON_LINE_SIZE])
{
	char wait[TEXT_VALUE_SIZE];
	if (admission->reason.kind == REASON_CONCURRENCY_LIMIT) {
		format_not_started(admission, running_ms, text);
		return;
	}
	reason_format_state(admission, text);
	size_t used = strlen(text);
	if (admission->retry_after_ms >= 0) {
		text_wait(admission->retry_after_ms, wait);
		snprintf(text + used, REASON_LINE_SIZE - used, ", retry in %s", wait);
	} else if (admission->reason.kind == REASON_HELD) {
		snprintf(text + used, REASON_LINE_SIZE - used, ", until reset");
	}
}

const char *reason_cause_name(enum ignored_cause cause)
{
	switch (cause) {
	case IGNORED_UNKNOWN:
		break;
	case IGNORED_BY_LIST:
		return "by --ignore-on";
	case IGNORED_CALLER:
		return "the caller's fault";
	case IGNORED_BY_HINT:
		return "by a hint";
	case IGNORED_CANCELLED:
		return "cancelled";
	case IGNORED_NOT_STARTED:
		return "not started";
	case IGNORED_TOO_LATE:
		return "no time left";
	case IGNORED_BROKEN_PIPE:
		return "broken pipe";
	case IGNORED_NEEDED_OPEN:
		return "what it needs was open";
	case IGNORED_NO_VERDICT:
		return "the health check could not be run";
	}
	return NULL;
}

void reason_format_disabled(const struct breaker *b, int64_t now_ms, char text[REASON_LINE_SIZE])
{
	char wait[TEXT_VALUE_SIZE];
	int64_t rest_ms = breaker_enabled_after_ms(b, now_ms);
	struct reason reason = breaker_reason_at(b, now_ms);
	if (reason.kind == REASON_DISABLED)
		reason.a = 0; /* what is left of it is told instead */
	reason_format(&reason, text);
	if (rest_ms < 0)
		return;
	text_wait(rest_ms, wait);
	size_t used = strlen(text);
	snprintf(text + used, REASON_LINE_SIZE - used, ", for another %s", wait);
}

const char *reason_mode_name(const struct breaker *b, int64_t now_ms)
{
	switch (breaker_mode_at(b, now_ms)) {
	case MODE_HELD:
		return "held";
	case MODE_DISABLED:
		return "disabled";
	case MODE_NORMAL:
		break;
	}
	return b->policy.shadow ? "shadow" : "normal";
}
