/*
 * breaker.c: the rules: what a call meets, and what follows from its end. Each
 * transition goes through passage.c; the rule that asks for it stands above the
 * call.
 */
#include "breaker/passage.h"

#include <string.h>

enum { US_PER_MS = 1000 };

void breaker_init(struct breaker *b, const struct policy *policy, const struct instant *at)
{
	memset(b, 0, sizeof(*b));
	b->generation = 1;
	b->timeline = timeline_start(at);
	b->since_wall_ms = at->wall_ms;
	b->last_exit = -1;
	b->incident.exit = -1;
	b->policy = *policy;
	b->other_policy = *policy;
}

bool breaker_is_sound(const struct breaker *b)
{
	bool trials = b->trial_successes > 0 || b->trial_failures > 0;
	int64_t left_ms = b->open_until_ms - b->timeline.clock_ms;
	if (b->mode == MODE_HELD && b->state != BREAKER_OPEN)
		return false;
	if (b->mode == MODE_DISABLED && b->state != BREAKER_CLOSED)
		return false;
	if (b->state == BREAKER_OPEN && left_ms > b->open_period_ms)
		return false;
	if (b->state != BREAKER_HALF_OPEN && trials)
		return false;
	if (b->mode != MODE_DISABLED && (b->disabled_until_ms != 0 || b->disabled_for_ms != 0))
		return false;
	if ((b->state == BREAKER_CLOSED) != (b->incident.reason.kind == REASON_NONE))
		return false;
	/* a rejection without a reason is none */
	if (b->state == BREAKER_OPEN && b->reason.kind == REASON_NONE)
		return false;
	if (!cusum_is_sound(&b->cusum))
		return false;
	return b->latency.count == b->totals.successes + b->totals.failures &&
	       window_is_sound(&b->window, b->timeline.clock_ms);
}

int64_t breaker_now_ms(const struct breaker *b, const struct instant *at)
{
	int64_t now_ms = timeline_read(&b->timeline, at);
	if (now_ms >= b->timeline.clock_ms)
		return now_ms;
	/* Another boot, and the wall clock went back: a deadline further ahead
	 * than the open period itself counts as passed. */
	bool past = b->state == BREAKER_OPEN && b->open_until_ms - now_ms > b->open_period_ms;
	if (past && b->open_until_ms > b->timeline.clock_ms)
		return b->open_until_ms;
	return b->timeline.clock_ms;
}

const char *breaker_state_name(enum breaker_state state)
{
	switch (state) {
	case BREAKER_CLOSED:
		return "closed";
	case BREAKER_OPEN:
		return "open";
	case BREAKER_HALF_OPEN:
		return "half-open";
	}
	return "?";
}

enum breaker_state breaker_state_at(const struct breaker *b, int64_t now_ms)
{
	if (b->state == BREAKER_OPEN && b->mode != MODE_HELD && now_ms >= b->open_until_ms)
		return BREAKER_HALF_OPEN;
	return b->state;
}

bool breaker_is_down(const struct breaker *b, int64_t now_ms)
{
	return breaker_state_at(b, now_ms) != BREAKER_CLOSED && !b->policy.shadow;
}

enum breaker_mode breaker_mode_at(const struct breaker *b, int64_t now_ms)
{
	bool over = b->mode == MODE_DISABLED && b->disabled_until_ms > 0 && now_ms >= b->disabled_until_ms;
	return over ? MODE_NORMAL : b->mode;
}

int64_t breaker_enabled_after_ms(const struct breaker *b, int64_t now_ms)
{
	if (b->disabled_until_ms == 0 || breaker_mode_at(b, now_ms) != MODE_DISABLED)
		return -1;
	return b->disabled_until_ms - now_ms;
}

int64_t breaker_since_wall_ms(const struct breaker *b, const struct instant *at)
{
	int64_t now_ms = breaker_now_ms(b, at);
	if (breaker_state_at(b, now_ms) != b->state)
		return at->wall_ms - (now_ms - b->open_until_ms);
	if (breaker_mode_at(b, now_ms) != b->mode)
		return at->wall_ms - (now_ms - b->disabled_until_ms);
	return b->since_wall_ms;
}

struct reason breaker_reason_at(const struct breaker *b, int64_t now_ms)
{
	if (breaker_state_at(b, now_ms) != b->state)
		return (struct reason){.kind = REASON_DEADLINE, .a = b->open_period_ms};
	if (breaker_mode_at(b, now_ms) != b->mode)
		return (struct reason){.kind = REASON_DISABLE_OVER, .a = b->disabled_for_ms};
	return b->reason;
}

int64_t breaker_retry_after_ms(const struct breaker *b, int64_t now_ms)
{
	if (b->mode == MODE_HELD || breaker_state_at(b, now_ms) != BREAKER_OPEN)
		return -1;
	return b->open_until_ms - now_ms;
}

static void set_needed(struct reason *why, const char *name)
{
	size_t length = strnlen(name, sizeof(why->text) - 1);
	passage_set_reason(why, REASON_NEEDED_OPEN, 0);
	memcpy(why->text, name, length);
	why->text[length] = '\0';
}

static void set_limit(struct reason *why, int64_t running, int64_t most)
{
	passage_set_reason(why, REASON_CONCURRENCY_LIMIT, running);
	why->b = most;
}

/* Whether the breaker, as settled, rejects a call, and why. The limit of running calls is the caller's, and holds always. */
static bool objects(const struct step *s, const struct load *load, struct reason *why)
{
	const struct policy *p = s->policy;
	bool disabled = s->b->mode == MODE_DISABLED;
	passage_set_reason(why, REASON_NONE, 0);
	if (s->b->state == BREAKER_OPEN)
		*why = s->b->reason;
	else if (load->needed_open != NULL && !disabled)
		set_needed(why, load->needed_open);
	else if (s->b->state == BREAKER_HALF_OPEN && load->trials >= p->probes)
		passage_set_reason(why, REASON_TRIAL_LIMIT, load->trials);
	else if (p->max_concurrent > 0 && load->running >= p->max_concurrent)
		set_limit(why, load->running, p->max_concurrent);
	return why->kind != REASON_NONE;
}

bool breaker_needs_load(const struct breaker *b, const struct policy *policy, const struct instant *at)
{
	enum breaker_state state = breaker_state_at(b, breaker_now_ms(b, at));
	return state == BREAKER_HALF_OPEN || policy->max_concurrent > 0;
}

struct admission breaker_admit(struct breaker *b, const struct policy *policy, const struct moment *moment,
                               const struct load *load, struct journal *journal)
{
	struct step s = passage_begin(b, policy, moment, journal);
	int before = journal->count;
	passage_settle(&s);
	struct admission a;
	bool objected = objects(&s, load, &a.reason);
	a.run = !objected || policy->shadow;
	a.trial = !objected && b->state == BREAKER_HALF_OPEN;
	a.generation = objected ? 0 : b->generation;
	a.state = b->state;
	a.running_pid = load->pid;
	a.retry_after_ms = a.reason.kind == REASON_NEEDED_OPEN ? load->needed_retry_ms
	                                                       : breaker_retry_after_ms(b, s.now_ms);
	if (!a.run) {
		b->totals.rejected++;
		b->incident.rejected += b->state != BREAKER_CLOSED;
		if (a.reason.kind == REASON_CONCURRENCY_LIMIT && b->stuck_since_ms == 0)
			b->stuck_since_ms = s.now_ms;
		cadence_note(&b->cadence, s.now_ms);
		passage_touch(&s);
	}
	a.changed = !a.run || journal->count > before;
	return a;
}

bool breaker_remind(struct breaker *b, int64_t remind_ms, const struct instant *at)
{
	int64_t now_ms = breaker_now_ms(b, at);
	int64_t since_ms = b->state != BREAKER_CLOSED ? b->incident.since_ms : b->stuck_since_ms;
	int64_t told_ms = b->reminded_ms > since_ms ? b->reminded_ms : since_ms;
	if (remind_ms == 0 || since_ms == 0 || now_ms - told_ms < remind_ms)
		return false;
	b->reminded_ms = now_ms;
	return true;
}

void breaker_count_fallback(struct breaker *b)
{
	b->totals.fallbacks++;
}

static bool is_slow(const struct step *s, const struct call *call)
{
	return s->policy->slow_ms > 0 && call->duration_us > s->policy->slow_ms * US_PER_MS;
}

void breaker_excuse(struct call *call, const struct load *load)
{
	if (load->needed_open == NULL || !outcome_is_failure(call->outcome))
		return;
	call->outcome = OUTCOME_IGNORED;
	call->cause = IGNORED_NEEDED_OPEN;
}

static void count_totals(const struct step *s, const struct call *call)
{
	struct breaker *b = s->b;
	b->last_exit = call->exit;
	b->last_outcome = call->outcome;
	b->last_cause = call->cause;
	b->last_duration_us = call->duration_us;
	recent_add(&b->recent, call->outcome, is_slow(s, call));
	b->stuck_since_ms = 0;
	b->totals.retries += call->retries;
	b->totals.fallbacks += call->fallback;
	if (call->outcome == OUTCOME_IGNORED) {
		b->totals.ignored++;
		b->ignored_streak++;
		return;
	}
	b->ignored_streak = 0;
	if (outcome_is_failure(call->outcome)) {
		b->totals.failures++;
		b->totals.timeouts += call->outcome == OUTCOME_TIMEOUT;
		b->last_failure_wall_ms = s->moment->at.wall_ms;
	} else {
		b->totals.successes++;
		b->failures_at_success = b->totals.failures;
		b->last_success_wall_ms = s->moment->at.wall_ms;
	}
	b->totals.slow += is_slow(s, call);
	latency_add(&b->latency, call->duration_us);
}

static bool reaches(int64_t part, int64_t whole, int64_t rate_ppm)
{
	return rate_ppm > 0 && part * POLICY_PPM >= rate_ppm * whole;
}

int64_t breaker_calls_per_false_trip(const struct breaker *b, const struct policy *policy)
{
	int64_t gap_us = cadence_gap_us(&b->cadence);
	int64_t period_ms = policy->false_trips_ms / policy->false_trips;
	return gap_us > 0 ? period_ms * US_PER_MS / gap_us + 1 : 0;
}

/* With --failures auto: a healthy service gets the statistic as high as that less often than --false-trips allows. */
static struct reason cusum_rule(const struct step *s)
{
	const struct cusum *c = &s->b->cusum;
	int64_t calls = breaker_calls_per_false_trip(s->b, s->policy);
	if (c->failures < CUSUM_LEAST_FAILURES || calls == 0)
		return (struct reason){.kind = REASON_NONE};
	int64_t length = cusum_run_length(c);
	if (length < calls && c->level < CUSUM_LEVEL_MAX)
		return (struct reason){.kind = REASON_NONE};
	return (struct reason){.kind = REASON_CUSUM, .a = c->failures, .b = c->calls, .c = length};
}

/* The streak, or with --within the failures of the last while, reached --failures. */
static struct reason failures_rule(const struct step *s)
{
	const struct policy *p = s->policy;
	int64_t count = s->b->streak;
	if (p->within_ms > 0)
		count = window_failures_within(&s->b->window, p, s->now_ms);
	if (p->failures <= 0 || count < p->failures)
		return (struct reason){.kind = REASON_NONE};
	enum reason_kind kind = p->within_ms > 0 ? REASON_WITHIN : REASON_CONSECUTIVE;
	return (struct reason){.kind = kind, .a = count, .b = p->within_ms};
}

/* The window holds enough calls, and the share of failures, or of slow calls, reached its limit. */
static struct reason rate_rules(const struct step *s)
{
	const struct policy *p = s->policy;
	struct window_counts w = window_count(&s->b->window, p, s->now_ms);
	if (w.calls < policy_min_calls(p))
		return (struct reason){.kind = REASON_NONE};
	if (reaches(w.failures, w.calls, p->failure_rate_ppm))
		return (struct reason){.kind = REASON_FAILURE_RATE, .a = w.failures, .b = w.calls};
	if (p->slow_ms > 0 && reaches(w.slow, w.calls, p->slow_rate_ppm))
		return (struct reason){.kind = REASON_SLOW_RATE, .a = w.slow, .b = w.calls};
	return (struct reason){.kind = REASON_NONE};
}

static void open_by_rule(const struct step *s, const struct reason *reason)
{
	passage_open(s, policy_open_period_ms(s->policy, s->b->reopenings, s->moment->chance), reason);
}

static void set_said(struct reason *reason, const struct call *call)
{
	size_t length = call->said != NULL ? strnlen(call->said, sizeof(reason->text) - 1) : 0;
	if (length > 0)
		memcpy(reason->text, call->said, length);
	reason->text[length] = '\0';
}

/* The service has said when to come back: then, at the latest after --open-max. */
static void open_as_asked(const struct step *s, const struct call *call)
{
	const struct policy *p = s->policy;
	int64_t most_ms = p->open_max_ms > p->open_for_ms ? p->open_max_ms : p->open_for_ms;
	int64_t period_ms = call->retry_after_ms < most_ms ? call->retry_after_ms : most_ms;
	struct reason reason = {.kind = REASON_RETRY_AFTER, .a = period_ms};
	set_said(&reason, call);
	passage_open(s, period_ms, &reason);
}

static bool is_asked_to_wait(const struct call *call)
{
	return outcome_is_failure(call->outcome) && call->retry_after_ms > 0;
}

static void record_closed(const struct step *s, const struct call *call)
{
	struct breaker *b = s->b;
	bool failed = outcome_is_failure(call->outcome);
	bool slow = is_slow(s, call);
	b->streak = failed ? b->streak + 1 : 0;
	if (b->streak <= 1)
		b->streak_since_wall_ms = failed ? s->moment->at.wall_ms : 0;
	window_fit(&b->window, s->policy);
	window_add(&b->window, s->now_ms, failed, slow);
	cusum_add(&b->cusum, failed);
	if (!failed && !slow)
		return;
	/* CLOSED, a failure whose service asks to be left alone -> OPEN for that long */
	if (is_asked_to_wait(call)) {
		open_as_asked(s, call);
		return;
	}
	struct reason reason = failed && s->policy->failures == POLICY_AUTO ? cusum_rule(s) : failures_rule(s);
	if (reason.kind == REASON_NONE)
		reason = rate_rules(s);
	set_said(&reason, call);
	/* CLOSED, a trip rule is met -> OPEN */
	if (reason.kind != REASON_NONE)
		open_by_rule(s, &reason);
}

static void trial_succeeded(const struct step *s)
{
	struct breaker *b = s->b;
	struct reason reason = {.kind = REASON_TRIALS_SUCCEEDED, .a = ++b->trial_successes};
	/* HALF_OPEN, enough successful trial calls -> CLOSED */
	if (b->trial_successes >= s->policy->successes)
		passage_close(s, &reason);
}

static void trial_failed(const struct step *s, const struct call *call)
{
	struct breaker *b = s->b;
	struct reason reason = {.kind = REASON_TRIALS_FAILED, .a = ++b->trial_failures};
	b->incident.trial_failures++;
	/* HALF_OPEN, a failure whose service asks to be left alone -> OPEN for that long */
	if (is_asked_to_wait(call)) {
		b->reopenings++;
		open_as_asked(s, call);
		return;
	}
	if (b->trial_failures < s->policy->probe_failures)
		return;
	set_said(&reason, call);
	/* HALF_OPEN, too many failed trial calls -> OPEN, for longer each time */
	b->reopenings++;
	open_by_rule(s, &reason);
}

static void record_trial(const struct step *s, const struct call *call)
{
	if (outcome_is_failure(call->outcome) || is_slow(s, call))
		trial_failed(s, call);
	else
		trial_succeeded(s);
}

static void record_state(const struct step *s, const struct call *call)
{
	switch (s->b->state) {
	case BREAKER_CLOSED:
		record_closed(s, call);
		break;
	case BREAKER_HALF_OPEN:
		record_trial(s, call);
		break;
	case BREAKER_OPEN: /* no call is admitted into an open generation */
		break;
	}
}

void breaker_record(struct breaker *b, const struct policy *policy, const struct moment *moment,
                    const struct call *call, struct journal *journal)
{
	struct step s = passage_begin(b, policy, moment, journal);
	passage_settle_mode(&s);
	passage_touch(&s);
	cadence_note(&b->cadence, s.now_ms);
	count_totals(&s, call);
	if (b->mode == MODE_DISABLED)
		return;
	struct event *event = passage_append(&s, EVENT_CALL);
	event->outcome = call->outcome;
	event->cause = call->cause;
	event->duration_us = call->duration_us;
	set_said(&event->reason, call);
	event->generation = call->generation;
	if (call->outcome != OUTCOME_IGNORED && call->generation == b->generation)
		record_state(&s, call);
}

void breaker_observe(struct breaker *b, const struct policy *policy, const struct moment *moment,
                     const struct call *call, struct journal *journal)
{
	struct step s = passage_begin(b, policy, moment, journal);
	passage_settle(&s);
	struct call observed = *call;
	observed.generation = b->generation;
	breaker_record(b, policy, moment, &observed, journal);
}
