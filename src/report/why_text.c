/* why_text.c: sentence by sentence: how it is, what led to it, what came of it, what ends it, what else could have been. */
#include "base/clock.h"
#include "base/signal_name.h"
#include "base/text.h"
#include "base/units.h"
#include "report/reason.h"
#include "report/why.h"

#include <signal.h>
#include <string.h>

enum { ESCAPED_SIZE = 4 * REASON_LINE_SIZE, SIGNAL_BASE = 128, MANY_IGNORED = 3 };

/* --- parts of sentences --- */

/* "never", "once", "twice", "3 times" */
static const char *how_often(int64_t count, char text[TEXT_VALUE_SIZE])
{
	if (count == 0)
		return "never";
	if (count == 1)
		return "once";
	if (count == 2)
		return "twice";
	snprintf(text, TEXT_VALUE_SIZE, "%lld times", (long long)count);
	return text;
}

/* The time of the day, and the day if that is not today. */
static void print_time(FILE *out, const struct explanation *e, int64_t wall_ms)
{
	enum { DAY = sizeof("2026-01-31 ") - 1, SECOND = sizeof("2026-01-31 12:00:00") - 1 };
	char text[CLOCK_TEXT_SIZE];
	char today[CLOCK_TEXT_SIZE];
	clock_format_local(wall_ms, text);
	clock_format_local(e->now.wall_ms, today);
	int start = strncmp(text, today, DAY) == 0 ? DAY : 0;
	fprintf(out, "%.*s", SECOND - start, text + start);
}

static void print_escaped(FILE *out, const char *before, const char *text)
{
	char escaped[ESCAPED_SIZE];
	if (text[0] != '\0')
		fprintf(out, "%s%s", before, text_escape(text, escaped, sizeof(escaped)));
}

static void print_span(FILE *out, const char *before, int64_t ms)
{
	char span[TEXT_VALUE_SIZE];
	text_span(ms > 0 ? ms : 0, span);
	fprintf(out, "%s%s", before, span);
}

static void print_exit(FILE *out, const struct event *run)
{
	int64_t signal = run->exit - SIGNAL_BASE;
	const char *name = signal > 0 && signal < NSIG ? signal_name((int)signal) : NULL;
	if (run->outcome == OUTCOME_TIMEOUT)
		fputs("time limit, ", out);
	fprintf(out, "exit %lld", (long long)run->exit);
	if (name != NULL)
		fprintf(out, " (SIG%s)", name);
}

/* "root tripped it at 08:29:10 for 1h: maintenance" */
static void print_act(FILE *out, const struct explanation *e, const struct reason *reason, int64_t wall_ms)
{
	static const char *const acts[REASON_KINDS] = {
		[REASON_TRIPPED] = "tripped it",   [REASON_HELD] = "held it open", [REASON_RESET] = "reset it",
		[REASON_DISABLED] = "disabled it", [REASON_ENABLED] = "enabled it",
	};
	char period[TEXT_VALUE_SIZE];
	bool timed = reason->kind == REASON_TRIPPED || reason->kind == REASON_DISABLED;
	if (reason->by[0] != '\0')
		print_escaped(out, "", reason->by);
	else
		fputs("Somebody", out);
	fprintf(out, " %s at ", acts[reason->kind] != NULL ? acts[reason->kind] : "changed it");
	print_time(out, e, wall_ms);
	text_duration(reason->a, period);
	if (timed && reason->a > 0)
		fprintf(out, " for %s", period);
	print_escaped(out, ": ", reason->text);
	fputs(".\n", out);
}

/* --- how it is --- */

static void print_open(FILE *out, const struct explanation *e)
{
	char wait[TEXT_VALUE_SIZE];
	text_wait(e->retry_after_ms, wait);
	fprintf(out, "%s is open: every run is rejected. The next trial run may start at ", e->name);
	print_time(out, e, e->now.wall_ms + e->retry_after_ms);
	fprintf(out, ", in %s.\n", wait);
}

static void print_half_open(FILE *out, const struct explanation *e)
{
	const struct breaker *b = e->breaker;
	int64_t probes = b->policy.probes;
	if (e->admission.reason.kind == REASON_TRIAL_LIMIT)
		fprintf(out, "%s is half-open: %lld trial run%s running, and no other may start until one has ended.\n",
		        e->name, (long long)e->admission.reason.a, e->admission.reason.a == 1 ? " is" : "s are");
	else if (probes == 1)
		fprintf(out, "%s is half-open: the next run is a trial run, and may start now.\n", e->name);
	else
		fprintf(out, "%s is half-open: the next runs are trial runs, and may start now, at most %lld at a time.\n",
		        e->name, (long long)probes);
}

static void print_disabled(FILE *out, const struct explanation *e)
{
	char wait[TEXT_VALUE_SIZE];
	const struct breaker *b = e->breaker;
	int64_t rest_ms = breaker_enabled_after_ms(b, breaker_now_ms(b, &e->now));
	fprintf(out, "%s is disabled: every run goes through and nothing opens it", e->name);
	text_wait(rest_ms, wait);
	if (rest_ms >= 0)
		fprintf(out, ", for another %s.\n", wait);
	else
		fputs(", until it is enabled.\n", out);
	if (b->reason.kind == REASON_DISABLED)
		print_act(out, e, &b->reason, b->since_wall_ms);
	fprintf(out, "To enable it now: cbrun enable %s\n", e->name);
}

/* "The last run has failed; in health that happens once in 55 runs. It opens at what health brings once in 110,000" */
static void print_suspicion(FILE *out, const struct explanation *e)
{
	const struct cusum *c = &e->breaker->cusum;
	char rarity[REASON_RARITY_SIZE];
	char allowed[REASON_RARITY_SIZE];
	int64_t length = cusum_run_length(c);
	int64_t most = breaker_calls_per_false_trip(e->breaker, &e->breaker->policy);
	reason_format_rarity(length, rarity);
	reason_format_rarity(most, allowed);
	if (c->calls == 1)
		fputs("The last run has failed", out);
	else
		fprintf(out, "%lld of the last %lld runs have failed", (long long)c->failures, (long long)c->calls);
	fprintf(out, "; in health that happens once in %s runs. ", rarity);
	if (most == 0)
		fputs("How often it runs is not known yet.\n", out);
	else if (length >= most && c->failures < CUSUM_LEAST_FAILURES)
		fputs("It opens if the next one fails, too.\n", out);
	else
		fprintf(out, "It opens at what happens once in %s (--false-trips).\n", allowed);
}

/* A closed one may be on its way to open, or look well because nothing is known. */
static void print_closed(FILE *out, const struct explanation *e)
{
	const struct breaker *b = e->breaker;
	const struct policy *p = &b->policy;
	const char *cause = reason_cause_name(b->last_cause);
	fprintf(out, "%s is closed: runs go through.\n", e->name);
	if (b->streak > 0 && p->failures > 0 && p->within_ms == 0)
		fprintf(out, "%s, and %lld in a row open it (--failures %lld).\n",
		        b->streak == 1 ? "The last run has failed" : "Its last runs have failed",
		        (long long)p->failures, (long long)p->failures);
	if (p->failures == POLICY_AUTO && b->cusum.failures > 0)
		print_suspicion(out, e);
	if (b->ignored_streak >= MANY_IGNORED)
		fprintf(out, "But its last %lld runs were ignored%s%s: they say nothing about the service.\n",
		        (long long)b->ignored_streak, cause != NULL ? ", the last one as " : "", cause != NULL ? cause : "");
}

/* What keeps a run from starting although the state would let it. */
static void print_obstacle(FILE *out, const struct explanation *e)
{
	const struct admission *a = &e->admission;
	if (a->reason.kind == REASON_NEEDED_OPEN) {
		fprintf(out, "Yet no run starts: it needs %s, which is open", a->reason.text);
		if (a->retry_after_ms >= 0)
			print_span(out, ", for another ", a->retry_after_ms);
		fprintf(out, ".\nSee: cbrun why %s\n", a->reason.text);
	} else if (a->reason.kind == REASON_CONCURRENCY_LIMIT) {
		fprintf(out, "Yet no run starts: %lld of at most %lld %s running (--max-concurrent)", (long long)a->reason.a,
		        (long long)a->reason.b, a->reason.a == 1 ? "is" : "are");
		if (e->running_ms >= 0) {
			fprintf(out, ": pid %lld", (long long)a->running_pid);
			print_span(out, ", for ", e->running_ms);
		}
		fputs(".\n", out);
	}
}

static void print_state(FILE *out, const struct explanation *e)
{
	if (e->mode == MODE_DISABLED)
		print_disabled(out, e);
	else if (e->mode == MODE_HELD)
		fprintf(out, "%s is held open: every run is rejected until somebody resets it.\n", e->name);
	else if (e->state == BREAKER_OPEN)
		print_open(out, e);
	else if (e->state == BREAKER_HALF_OPEN)
		print_half_open(out, e);
	else
		print_closed(out, e);
	print_obstacle(out, e);
	if (e->breaker->policy.shadow && e->mode != MODE_DISABLED)
		fputs("It runs in shadow mode, so nothing is really rejected (--shadow).\n", out);
}

/* --- what led to it --- */

static void print_count(FILE *out, const struct reason *r, const char *what, const char *option)
{
	fprintf(out, "%lld run%s %s (%s %lld)", (long long)r->a, text_plural(r->a), what, option, (long long)r->a);
}

/* "3 runs in a row failed (--failures 3)" */
static void print_rule(FILE *out, const struct reason *r)
{
	char period[TEXT_VALUE_SIZE];
	char text[REASON_LINE_SIZE];
	char rarity[REASON_RARITY_SIZE];
	switch ((int)r->kind) {
	case REASON_CONSECUTIVE:
		print_count(out, r, r->a == 1 ? "failed" : "in a row failed", "--failures");
		return;
	case REASON_WITHIN:
		text_duration(r->b, period);
		fprintf(out, "%lld run%s failed within %s (--failures, --within)", (long long)r->a, text_plural(r->a), period);
		return;
	case REASON_FAILURE_RATE:
		fprintf(out, "%lld of the last %lld runs failed (--failure-rate)", (long long)r->a, (long long)r->b);
		return;
	case REASON_SLOW_RATE:
		fprintf(out, "%lld of the last %lld runs were slow (--slow, --slow-rate)", (long long)r->a, (long long)r->b);
		return;
	case REASON_CUSUM:
		reason_format_rarity(r->c, rarity);
		fprintf(out, "%lld of the last %lld runs failed, which in health happens once in %s runs (--failures auto)",
		        (long long)r->a, (long long)r->b, rarity);
		return;
	case REASON_RETRY_AFTER:
		text_duration(r->a, period);
		fprintf(out, "the service asked to be left alone for %s", period);
		return;
	default:
		reason_format(r, text);
		print_escaped(out, "of this: ", text);
		return;
	}
}

static void print_run(FILE *out, const struct explanation *e, const struct event *run)
{
	char duration[TEXT_VALUE_SIZE];
	text_decimal((run->duration_us + US_PER_MS / 2) / US_PER_MS, MS_PER_S, duration);
	fputs("  ", out);
	print_time(out, e, run->wall_ms);
	fputs("  ", out);
	print_exit(out, run);
	fprintf(out, " after %ss", duration);
	print_escaped(out, ": ", run->reason.text);
	fputc('\n', out);
}

static void print_runs(FILE *out, const struct explanation *e)
{
	const struct explanation_incident *i = &e->incident;
	size_t counted = (size_t)i->opening.reason.a;
	if (i->opening.reason.kind != REASON_RETRY_AFTER && counted > i->run_count && i->run_count > 0)
		fprintf(out, "  ... the last %zu of %zu:\n", i->run_count, counted);
	for (size_t n = 0; n < i->run_count; n++)
		print_run(out, e, &i->runs[n]);
	if (i->run_count == 0 && i->opening.exit >= 0)
		fprintf(out, "  the last one with exit %lld; the history no longer has the others\n", (long long)i->opening.exit);
}

static void print_output(FILE *out, const struct explanation *e)
{
	const struct explanation_output *o = &e->output;
	if (o->wall_ms == 0)
		return;
	fputs("The last run that failed, at ", out);
	print_time(out, e, o->wall_ms);
	fprintf(out, ", wrote (cbrun output %s has all):\n", e->name);
	for (int row = 0; row < EXPLANATION_LINES; row++) {
		print_escaped(out, "  ", o->lines[row]);
		if (o->lines[row][0] != '\0')
			fputc('\n', out);
	}
}

static void print_opening(FILE *out, const struct explanation *e)
{
	const struct event *opening = &e->incident.opening;
	if (explanation_is_by_hand(&opening->reason)) {
		print_act(out, e, &opening->reason, opening->wall_ms);
		return;
	}
	fputs("It opened at ", out);
	print_time(out, e, opening->wall_ms);
	print_span(out, ", ", e->now.wall_ms - opening->wall_ms);
	fputs(" ago, because ", out);
	print_rule(out, &opening->reason);
	print_escaped(out, ": ", opening->reason.kind == REASON_RETRY_AFTER ? opening->reason.text : "");
	fputs(e->incident.run_count > 0 || opening->exit >= 0 ? ":\n" : ".\n", out);
	print_runs(out, e);
}

/* --- what came of it --- */

/* "12 runs were rejected, 2 trial runs failed and 1 succeeded": whether there was anything */
static bool print_events(FILE *out, const struct explanation *e)
{
	const struct explanation_incident *i = &e->incident;
	char often[TEXT_VALUE_SIZE];
	const char *verb = e->breaker->policy.shadow ? "would have been" : i->rejected == 1 ? "was" : "were";
	const char *comma = "";
	if (i->rejected > 0) {
		fprintf(out, "%lld run%s %s rejected", (long long)i->rejected, text_plural(i->rejected), verb);
		comma = ", ";
	}
	if (i->trials_succeeded > 0) {
		fprintf(out, "%s%lld trial run%s succeeded", comma, (long long)i->trials_succeeded, text_plural(i->trials_succeeded));
		comma = ", ";
	}
	if (i->trials_failed > 0) {
		fprintf(out, "%s%lld trial run%s failed", comma, (long long)i->trials_failed, text_plural(i->trials_failed));
		comma = ", ";
	}
	if (i->trials_failed > 0 && i->last_trial_failed.seq > 0) {
		fputs(" (last at ", out);
		print_time(out, e, i->last_trial_failed.wall_ms);
		fputs(": ", out);
		print_exit(out, &i->last_trial_failed);
		fputc(')', out);
	}
	if (i->reopenings > 0)
		fprintf(out, "%sit reopened %s", comma, how_often(i->reopenings, often));
	return i->rejected + i->trials_succeeded + i->trials_failed + i->reopenings > 0;
}

static void print_course(FILE *out, const char *begin, const struct explanation *e)
{
	const struct explanation_incident *i = &e->incident;
	fputs(begin, out);
	if (!print_events(out, e))
		fputs("no run was rejected or tried", out);
	fputs(".\n", out);
	for (size_t n = 0; n < i->act_count; n++)
		print_act(out, e, &i->acts[n].reason, i->acts[n].wall_ms);
}

static void print_closing(FILE *out, const struct explanation *e)
{
	const struct explanation_incident *i = &e->incident;
	const struct reason *reason = &i->closing.reason;
	print_course(out, "Meanwhile ", e);
	if (explanation_is_by_hand(reason)) {
		print_act(out, e, reason, i->closing.wall_ms);
		fputs("That ended it", out);
	} else {
		fputs("It closed at ", out);
		print_time(out, e, i->closing.wall_ms);
		fprintf(out, ", when %lld trial run%s had succeeded", (long long)reason->a, text_plural(reason->a));
	}
	print_span(out, ", after ", i->closing.incident_ms);
	fputs(".\n", out);
}

/* --- what ends it --- */

static void print_end(FILE *out, const struct explanation *e)
{
	char period[TEXT_VALUE_SIZE];
	const struct breaker *b = e->breaker;
	const struct policy *p = &b->policy;
	int64_t left = p->successes - (e->state == BREAKER_HALF_OPEN ? b->trial_successes : 0);
	int64_t failures = p->probe_failures - (e->state == BREAKER_HALF_OPEN ? b->trial_failures : 0);
	if (e->mode != MODE_HELD) {
		text_duration(policy_open_period_ms(p, b->reopenings + 1, 0), period);
		fprintf(out, "%lld%s trial run%s that succeed%s %s it (--successes %lld); ", (long long)left,
		        left < p->successes ? " more" : "", text_plural(left), left == 1 ? "s" : "",
		        left == 1 ? "closes" : "close", (long long)p->successes);
		fprintf(out, "%lld that fail%s reopen%s it, for %s.\n", (long long)failures, failures == 1 ? "s" : "",
		        failures == 1 ? "s" : "", period);
	}
	fprintf(out, "To close it now: cbrun reset %s\n", e->name);
}

/* --- what else could have been --- */

static void print_alternative(FILE *out, const struct explanation *e, const struct explanation_alternative *a)
{
	const struct explanation_alternative *now = &e->as_it_is;
	const char *comma = "";
	char often[TEXT_VALUE_SIZE];
	char before[TEXT_VALUE_SIZE];
	fprintf(out, "  with %s: ", a->options);
	if (a->failures_run != now->failures_run) {
		fprintf(out, "%lld run%s would have failed instead of %lld", (long long)a->failures_run,
		        text_plural(a->failures_run), (long long)now->failures_run);
		comma = ", ";
	}
	if (a->opened != now->opened) {
		fprintf(out, "%sit would have opened %s instead of %s", comma, how_often(a->opened, often),
		        how_often(now->opened, before));
		comma = ", ";
	}
	if (a->successes_rejected > now->successes_rejected)
		fprintf(out, "%sat the price of %lld good run%s rejected", comma, (long long)a->successes_rejected,
		        text_plural(a->successes_rejected));
	fputc('\n', out);
}

static void print_alternatives(FILE *out, const struct explanation *e)
{
	bool any = false;
	for (size_t n = 0; n < e->alternative_count; n++) {
		if (!e->alternatives[n].matters)
			continue;
		if (!any) {
			fprintf(out, "\nThe %lld run%s recorded since ", (long long)(e->as_it_is.run + e->as_it_is.rejected),
			        text_plural(e->as_it_is.run + e->as_it_is.rejected));
			print_time(out, e, e->recorded_since_wall_ms);
			fputs(e->breaker->totals.rejected > 0 ? ", without those that were rejected, replayed:\n" :
			                                        ", replayed:\n",
			      out);
		}
		any = true;
		print_alternative(out, e, &e->alternatives[n]);
	}
}

/* --- all of it --- */

static void print_past(FILE *out, const struct explanation *e)
{
	const struct explanation_incident *i = &e->incident;
	if (e->at_wall_ms > 0 && !i->found) {
		fprintf(out, "%s: no incident at ", e->name);
		print_time(out, e, e->at_wall_ms);
		fputs(" or before is recorded.\n", out);
		return;
	}
	if (!i->found) {
		fputs(e->breaker->totals.transitions_to[BREAKER_OPEN] == 0 ? "It has never opened.\n" :
		                                                            "Nothing is recorded any more of its last incident.\n",
		      out);
		return;
	}
	if (e->at_wall_ms > 0) {
		fprintf(out, "%s: the incident %s ", e->name, e->at_incident ? "at" : "before");
		print_time(out, e, e->at_wall_ms);
		fputs(":\n", out);
	} else {
		fputs("\nThe last incident:\n", out);
	}
	print_opening(out, e);
	print_closing(out, e);
}

void why_print_text(FILE *out, const struct explanation *e)
{
	const struct explanation_incident *i = &e->incident;
	if (e->at_wall_ms == 0 || (i->found && !i->over))
		print_state(out, e);
	if (i->found && !i->over) {
		fputc('\n', out);
		print_opening(out, e);
		print_output(out, e);
		print_course(out, "Since then ", e);
		fputc('\n', out);
		print_end(out, e);
	} else {
		print_past(out, e);
	}
	if (i->found || e->at_wall_ms == 0)
		print_alternatives(out, e);
}
