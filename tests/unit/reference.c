/*
 * reference.c: the contract, section 3 and the paragraph on `simulate`, as
 * directly as it can be put.
 */
#include "reference.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct ref_policy ref_default_policy(void)
{
	return (struct ref_policy){
		.failures = 5,
		.false_trips_in = INT64_C(365) * 86400000,
		.failure_rate = 50,
		.min_calls = 10,
		.window = 100,
		.slow_rate = 100,
		.open_for = 30000,
		.open_factor = 100,
		.open_max = 600000,
		.probes = 3,
		.successes = 3,
		.probe_failures = 1,
	};
}

const char *ref_event_name(enum ref_event event)
{
	static const char *const names[REF_EVENTS] = {"ok",   "fail", "timeout", "ignore",  "peek",
	                                              "trip", "hold", "reset",   "disable", "enable"};
	return names[event];
}

static void *grown(void *array, size_t size)
{
	void *larger = realloc(array, size);
	if (larger == NULL) {
		perror("reference");
		exit(2);
	}
	return larger;
}

static struct ref_reason because(enum ref_cause cause, int64_t first, int64_t second)
{
	return (struct ref_reason){.cause = cause, .numbers = {first, second}};
}

void ref_pass_time(struct ref *r, int64_t now)
{
	bool over = r->condition == REF_OPEN && !r->held && now >= r->deadline;
	if (r->condition == REF_OPEN)
		r->sum.open_time += (over ? r->deadline : now) - r->now;
	r->now = now;
	if (!over)
		return;
	r->condition = REF_HALF_OPEN;
	r->reason = because(REF_DEADLINE, r->period, 0);
	r->era++;
	r->trial_successes = 0;
	r->trial_failures = 0;
}

static void open_for(struct ref *r, int64_t period, struct ref_reason reason)
{
	r->sum.opened += r->condition != REF_OPEN;
	r->condition = REF_OPEN;
	r->reason = reason;
	r->period = period;
	r->deadline = r->now + period;
	r->trial_successes = 0;
	r->trial_failures = 0;
	r->era++;
	/* a period of no length is over at once */
	ref_pass_time(r, r->now);
}

static void close_afresh(struct ref *r, struct ref_reason reason)
{
	r->condition = REF_CLOSED;
	r->reason = reason;
	r->trial_successes = 0;
	r->trial_failures = 0;
	r->era++;
	r->reopened = 0;
	r->closed_since = r->past_count;
	r->learned.level = r->learned.calls = r->learned.failures = 0;
	r->learned.alarmed = false;
}

/* open-for * open-factor^k, at most open-max, and never less than open-for. */
static int64_t open_period(const struct ref *r)
{
	long double period = (long double)r->policy.open_for;
	long double most = (long double)r->policy.open_max;
	for (int64_t k = 0; k < r->reopened && period < most; k++)
		period = period * (long double)r->policy.open_factor / 100;
	if (period > most)
		period = most;
	if (period < (long double)r->policy.open_for)
		period = (long double)r->policy.open_for;
	return (int64_t)(period + 0.5L);
}

static bool is_slow(const struct ref *r, const struct ref_line *call)
{
	return r->policy.slow > 0 && call->duration > r->policy.slow;
}

static bool is_failure(const struct ref_line *call)
{
	return call->event == REF_FAIL || call->event == REF_TIMEOUT;
}

int64_t ref_streak(const struct ref *r)
{
	size_t i = r->past_count;
	while (i > r->closed_since && r->past[i - 1].failed)
		i--;
	return (int64_t)(r->past_count - i);
}

static int64_t failures_within(const struct ref *r)
{
	int64_t failures = 0;
	for (size_t i = r->past_count; i > r->closed_since; i--) {
		if (r->now - r->past[i - 1].time >= r->policy.within)
			break;
		failures += r->past[i - 1].failed;
	}
	return failures;
}

/* Whether the window still holds an outcome of that time, `later` outcomes before the latest. */
static bool in_window(const struct ref *r, int64_t time, int64_t later)
{
	int64_t size = r->policy.window;
	if (r->policy.window_is_time)
		return r->now * 60 / size - time * 60 / size < 60;
	return later < size;
}

struct ref_counts ref_window(const struct ref *r)
{
	struct ref_counts w = {0};
	for (size_t i = r->past_count; i > r->closed_since; i--) {
		const struct ref_entry *e = &r->past[i - 1];
		if (!in_window(r, e->time, w.calls))
			break;
		w.calls++;
		w.failures += e->failed;
		w.slow += e->slow;
	}
	return w;
}

static struct ref_reason rate_reached(const struct ref *r)
{
	const struct ref_policy *p = &r->policy;
	struct ref_counts w = ref_window(r);
	int64_t needed = p->min_calls;
	if (!p->window_is_time && needed > p->window)
		needed = p->window;
	if (w.calls < needed)
		return because(REF_NO_CAUSE, 0, 0);
	if (p->failure_rate > 0 && w.failures * 100 >= p->failure_rate * w.calls)
		return because(REF_FAILURE_RATE, w.failures, w.calls);
	if (p->slow > 0 && p->slow_rate > 0 && w.slow * 100 >= p->slow_rate * w.calls)
		return because(REF_SLOW_RATE, w.slow, w.calls);
	return because(REF_NO_CAUSE, 0, 0);
}

/* A call ended or was rejected: how often that is. */
static void note_pace(struct ref *r)
{
	struct ref_auto *a = &r->learned;
	int64_t gap = r->now - a->last;
	int64_t n = a->noted++;
	a->last = r->now;
	if (n == 0)
		return;
	a->short_gap += (gap - a->short_gap) / (n < 16 ? n : 16);
	a->long_gap_us += (gap * 1000 - a->long_gap_us) / (n < 128 ? n : 128);
}

static double health(const struct ref_auto *a)
{
	double n = 20 + a->healthy;
	double mean = (0.5 + a->unhealthy) / n;
	double upper = mean + 1.28 * sqrt(mean * (1 - mean) / (n + 1));
	return fmin(fmax(upper, 0.0001), 1.0 / 3);
}

/* A failure is worth so many successes. */
static int64_t worth(double p)
{
	return (int64_t)(fmin(fmax(log((1 - p) / p) / log(2 * (1 - p)), 2), 16) + 0.5) - 1;
}

/* The calls from 0 to the level on average: the equations of all levels, solved by elimination. */
static double run_length(double p, int64_t level)
{
	static long double rows[256][257];
	int64_t up = worth(p);
	for (int64_t i = 0; i < level; i++) {
		memset(rows[i], 0, sizeof(rows[i]));
		rows[i][i] += 1;
		rows[i][i > 0 ? i - 1 : 0] -= 1 - (long double)p;
		if (i + up < level)
			rows[i][i + up] -= (long double)p;
		rows[i][256] = 1;
	}
	for (int64_t i = level - 1; i > 0; i--) { /* each level but the lowest, from those below it */
		for (int64_t k = i - 1; k >= 0; k--) {
			long double share = rows[k][i] / rows[i][i];
			for (int64_t j = 0; j <= i && share != 0; j++)
				rows[k][j] -= share * rows[i][j];
			rows[k][256] -= share * rows[i][256];
		}
	}
	return (double)(rows[0][256] / rows[0][0]);
}

static void learn(struct ref_auto *a)
{
	a->healthy += (double)a->calls;
	a->unhealthy += (double)a->failures;
	if (a->healthy > 2000) {
		a->unhealthy *= 2000 / a->healthy;
		a->healthy = 2000;
	}
	a->level = a->calls = a->failures = 0;
}

static void suspect(struct ref_auto *a, bool failed)
{
	a->calls++;
	a->failures += failed;
	a->level += failed ? worth(health(a)) : -1;
	if (a->level > 255)
		a->level = 255;
	if (a->level <= 0)
		learn(a);
}

static bool is_too_rare(const struct ref *r)
{
	const struct ref_auto *a = &r->learned;
	int64_t gap_us = a->short_gap * 1000 < a->long_gap_us ? a->short_gap * 1000 : a->long_gap_us;
	if (a->failures < 2 || a->noted < 2)
		return false;
	double allowed = (double)(r->policy.false_trips_in * 1000 / (gap_us < 1000 ? 1000 : gap_us) + 1);
	return a->level == 255 || run_length(health(a), a->level) >= allowed;
}

static struct ref_reason rule_met(struct ref *r)
{
	const struct ref_policy *p = &r->policy;
	if (p->failures < 0) {
		bool failed = r->past[r->past_count - 1].failed;
		r->learned.alarmed = failed && is_too_rare(r);
		return r->learned.alarmed ? because(REF_TOO_RARE, r->learned.failures, r->learned.calls) : rate_reached(r);
	}
	int64_t failures = p->within > 0 ? failures_within(r) : ref_streak(r);
	if (p->failures > 0 && failures >= p->failures)
		return because(p->within > 0 ? REF_WITHIN : REF_IN_A_ROW, failures, p->within);
	return rate_reached(r);
}

static void end_while_closed(struct ref *r, const struct ref_line *call)
{
	r->past = grown(r->past, (r->past_count + 1) * sizeof(*r->past));
	r->past[r->past_count++] = (struct ref_entry){r->now, is_failure(call), is_slow(r, call)};
	suspect(&r->learned, is_failure(call));
	if (!is_failure(call) && !is_slow(r, call))
		return;
	struct ref_reason rule = rule_met(r);
	if (rule.cause != REF_NO_CAUSE)
		open_for(r, open_period(r), rule);
}

static void end_of_trial(struct ref *r, const struct ref_line *call)
{
	if (is_failure(call) || is_slow(r, call)) {
		r->learned.alarmed = false;
		if (++r->trial_failures < r->policy.probe_failures)
			return;
		r->reopened++;
		open_for(r, open_period(r), because(REF_TRIALS_FAILED, r->trial_failures, 0));
	} else if (++r->trial_successes >= r->policy.successes) {
		if (r->learned.alarmed) {
			r->learned.healthy /= 2;
			r->learned.unhealthy /= 2;
			learn(&r->learned);
		}
		close_afresh(r, because(REF_TRIALS_SUCCEEDED, r->trial_successes, 0));
	}
}

static struct ref_output *put(struct ref *r, const struct ref_line *line, const char *event)
{
	struct ref_output *out = &r->out[r->out_count++];
	*out = (struct ref_output){.time = r->now, .retry_after = -1, .line = line->number, .event = event};
	return out;
}

static const char *state(const struct ref *r)
{
	static const char *const names[] = {"closed", "open", "half-open"};
	return names[r->condition];
}

/* The end of a call whose permits have already been given back. */
static void end_call(struct ref *r, const struct ref_running *ended)
{
	const struct ref_line *call = ended->line;
	note_pace(r);
	bool counts = call->event != REF_IGNORE && ended->era == r->era && !r->disabled;
	if (counts && r->condition == REF_CLOSED)
		end_while_closed(r, call);
	else if (counts && r->condition == REF_HALF_OPEN)
		end_of_trial(r, call);
}

void ref_end(struct ref *r, size_t which, const struct ref_line *line)
{
	struct ref_running ended = r->running[which];
	r->running_count--;
	memmove(&r->running[which], &r->running[which + 1], (r->running_count - which) * sizeof(*r->running));
	ended.line = line;
	end_call(r, &ended);
}

/* Ends the calls whose time has come, the earliest first, at equal times in the order of their lines. */
static void end_calls_until(struct ref *r, int64_t time)
{
	static const char *const outcomes[] = {"success", "failure", "timeout", "ignored"};
	for (;;) {
		size_t next = r->running_count;
		for (size_t i = 0; i < r->running_count; i++)
			if (r->running[i].end <= time &&
			    (next == r->running_count || r->running[i].end < r->running[next].end))
				next = i;
		if (next == r->running_count)
			return;
		const struct ref_line *call = r->running[next].line;
		ref_pass_time(r, r->running[next].end);
		ref_end(r, next, call);
		struct ref_output *out = put(r, call, "end");
		out->outcome = outcomes[call->event];
		out->state = state(r);
	}
}

static struct ref_reason objection_of(const struct ref *r)
{
	int64_t trials = 0;
	int64_t running = (int64_t)r->running_count;
	for (size_t i = 0; i < r->running_count; i++)
		trials += r->running[i].trial;
	if (r->condition == REF_OPEN)
		return r->reason;
	if (r->condition == REF_HALF_OPEN && trials >= r->policy.probes)
		return because(REF_TRIAL_LIMIT, trials, 0);
	if (r->policy.max_concurrent > 0 && running >= r->policy.max_concurrent)
		return because(REF_CONCURRENCY_LIMIT, running, r->policy.max_concurrent);
	return because(REF_NO_CAUSE, 0, 0);
}

bool ref_begin(struct ref *r, struct ref_reason *objection)
{
	*objection = objection_of(r);
	bool welcome = objection->cause == REF_NO_CAUSE;
	if (!welcome && !r->policy.shadow)
		return false;
	r->running = grown(r->running, (r->running_count + 1) * sizeof(*r->running));
	r->running[r->running_count++] = (struct ref_running){
		.end = INT64_MAX,
		.era = welcome ? r->era : -1,
		.trial = welcome && r->condition == REF_HALF_OPEN,
	};
	return true;
}

static void count_call(struct ref *r, const struct ref_line *call, bool run)
{
	r->sum.calls++;
	r->sum.run += run;
	r->sum.rejected += !run;
	r->sum.failures_run += run && is_failure(call);
	r->sum.failures_avoided += !run && is_failure(call);
	r->sum.successes_rejected += !run && call->event == REF_OK;
}

static void begin_call(struct ref *r, const struct ref_line *call)
{
	struct ref_reason objection;
	bool run = ref_begin(r, &objection);
	count_call(r, call, run);
	struct ref_output *out = put(r, call, "start");
	out->decision = run ? "run" : "reject";
	out->state = state(r);
	if (!run) {
		note_pace(r);
		return;
	}
	struct ref_running *begun = &r->running[r->running_count - 1];
	begun->end = r->now + call->duration;
	begun->line = call;
	end_calls_until(r, r->now);
}

static void close_by_hand(struct ref *r, enum ref_event event)
{
	r->held = false;
	if (event == REF_ENABLE)
		r->disabled = false;
	if (event == REF_DISABLE)
		r->disabled = true;
	/* what is disabled stays so, and for that reason */
	if (event == REF_RESET)
		close_afresh(r, r->disabled ? r->reason : because(REF_WAS_RESET, 0, 0));
	else
		close_afresh(r, because(r->disabled ? REF_DISABLED : REF_ENABLED, 0, 0));
}

bool ref_act(struct ref *r, enum ref_event event)
{
	if (event == REF_TRIP && !r->held && !r->disabled) {
		open_for(r, r->policy.open_for, because(REF_TRIPPED, r->policy.open_for, 0));
		return true;
	}
	if (event == REF_HOLD && !r->disabled) {
		r->held = true;
		open_for(r, 0, because(REF_HELD, 0, 0));
		return true;
	}
	if (event == REF_RESET || event == REF_DISABLE || (event == REF_ENABLE && r->disabled)) {
		close_by_hand(r, event);
		return true;
	}
	return false;
}

static void other_line(struct ref *r, const struct ref_line *line)
{
	ref_act(r, line->event);
	struct ref_output *out = put(r, line, ref_event_name(line->event));
	out->state = state(r);
	if (r->condition == REF_OPEN && !r->held)
		out->retry_after = r->deadline - r->now;
}

struct ref ref_start(const struct ref_policy *policy, int64_t now)
{
	return (struct ref){.policy = *policy, .now = now};
}

static void *copied(const void *array, size_t size)
{
	if (size == 0)
		return NULL;
	return memcpy(grown(NULL, size), array, size);
}

struct ref ref_copy(const struct ref *r)
{
	struct ref copy = *r;
	copy.past = copied(r->past, r->past_count * sizeof(*r->past));
	copy.running = copied(r->running, r->running_count * sizeof(*r->running));
	return copy;
}

void ref_free(struct ref *r)
{
	free(r->past);
	free(r->running);
}

size_t ref_simulate(const struct ref_policy *policy, const struct ref_line *lines, size_t count,
                    struct ref_output *out, struct ref_summary *summary)
{
	struct ref r = ref_start(policy, 0);
	r.out = out;
	for (size_t i = 0; i < count; i++) {
		end_calls_until(&r, lines[i].time);
		ref_pass_time(&r, lines[i].time);
		if (lines[i].event <= REF_IGNORE)
			begin_call(&r, &lines[i]);
		else
			other_line(&r, &lines[i]);
	}
	end_calls_until(&r, INT64_MAX);
	*summary = r.sum;
	ref_free(&r);
	return r.out_count;
}
