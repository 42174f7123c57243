/*
 * breaker.c: the rules. Each transition goes through transition(); the rule
 * that asks for it stands above the call.
 */
#include "breaker/breaker.h"

#include <string.h>

enum { US_PER_MS = 1000 };

/* One step of a breaker: everything that the rules below need to know of it. */
struct step {
	struct breaker *b;
	const struct policy *policy;
	const struct moment *moment;
	int64_t now_ms;
	struct journal *journal;
};

void breaker_init(struct breaker *b, const struct policy *policy, const struct instant *at)
{
	memset(b, 0, sizeof(*b));
	b->generation = 1;
	b->timeline = timeline_start(at);
	b->since_wall_ms = at->wall_ms;
	b->last_exit = -1;
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
	/* a rejection without a reason is none */
	if (b->state == BREAKER_OPEN && b->reason.kind == REASON_NONE)
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

int64_t breaker_since_wall_ms(const struct breaker *b, const struct instant *at)
{
	int64_t now_ms = breaker_now_ms(b, at);
	if (breaker_state_at(b, now_ms) == b->state)
		return b->since_wall_ms;
	return at->wall_ms - (now_ms - b->open_until_ms);
}

struct reason breaker_reason_at(const struct breaker *b, int64_t now_ms)
{
	if (breaker_state_at(b, now_ms) == b->state)
		return b->reason;
	return (struct reason){.kind = REASON_DEADLINE, .a = b->open_period_ms};
}

int64_t breaker_retry_after_ms(const struct breaker *b, int64_t now_ms)
{
	if (b->mode == MODE_HELD || breaker_state_at(b, now_ms) != BREAKER_OPEN)
		return -1;
	return b->open_until_ms - now_ms;
}

static struct step step_begin(struct breaker *b, const struct policy *policy, const struct moment *moment,
                              struct journal *journal)
{
	struct step s = {.b = b, .policy = policy, .moment = moment, .journal = journal};
	s.now_ms = breaker_now_ms(b, &moment->at);
	return s;
}

/* A policy that comes back after another one shows that two callers disagree. */
static void note_policy(struct breaker *b, const struct policy *policy)
{
	enum { FORGOTTEN_AFTER = 100 };
	if (policy_equal(policy, &b->policy)) {
		if (b->policy_turns > 0 && ++b->policy_agreed >= FORGOTTEN_AFTER)
			b->policy_turns = 0;
		return;
	}
	b->policy_agreed = 0;
	b->policy_turns = policy_equal(policy, &b->other_policy) ? b->policy_turns + 1 : 0;
	b->other_policy = b->policy;
	b->policy = *policy;
}

/* Every step that changes the breaker leaves its clock and its policy up to date. */
static void touch(const struct step *s)
{
	timeline_move(&s->b->timeline, s->now_ms, &s->moment->at);
	note_policy(s->b, s->policy);
}

static void set_reason(struct reason *reason, enum reason_kind kind, int64_t number)
{
	reason->kind = kind;
	reason->a = number;
	reason->b = 0;
	reason->text[0] = '\0';
	reason->by[0] = '\0';
}

static struct event *append(const struct step *s, enum event_kind kind)
{
	struct event *event = &s->journal->events[s->journal->count++];
	/* field by field: clearing the large texts would be most of a call's cost */
	event->kind = kind;
	event->outcome = OUTCOME_SUCCESS;
	event->exit = 0;
	event->duration_us = 0;
	event->from = event->to = BREAKER_CLOSED;
	set_reason(&event->reason, REASON_NONE, 0);
	event->seq = ++s->b->last_seq;
	event->wall_ms = s->moment->at.wall_ms;
	event->generation = s->b->generation;
	return event;
}

/* The one way from state to state: a new generation, a reason, a line of history. */
static void transition(const struct step *s, enum breaker_state to, const struct reason *reason)
{
	struct breaker *b = s->b;
	enum breaker_state from = b->state;
	b->state = to;
	b->generation++;
	b->reason = *reason;
	b->since_wall_ms = s->moment->at.wall_ms;
	b->trial_successes = 0;
	b->trial_failures = 0;
	b->totals.transitions_to[to]++;
	touch(s);
	struct event *event = append(s, EVENT_TRANSITION);
	event->from = from;
	event->to = to;
	event->reason = *reason;
}

static void open_for(const struct step *s, int64_t period_ms, const struct reason *reason)
{
	s->b->open_period_ms = period_ms;
	s->b->open_until_ms = s->now_ms + period_ms;
	transition(s, BREAKER_OPEN, reason);
}

/* Closing clears the window, the streaks and the growth of the open period. */
static void close_and_clear(const struct step *s, const struct reason *reason)
{
	struct breaker *b = s->b;
	b->policy_turns = 0;
	window_clear(&b->window);
	b->streak = 0;
	b->reopenings = 0;
	b->open_until_ms = 0;
	b->open_period_ms = 0;
	transition(s, BREAKER_CLOSED, reason);
}

/* OPEN, deadline passed -> HALF_OPEN: since the deadline, whoever notices it when. */
static void settle(const struct step *s)
{
	struct breaker *b = s->b;
	if (b->state != BREAKER_OPEN || breaker_state_at(b, s->now_ms) != BREAKER_HALF_OPEN)
		return;
	struct reason reason = breaker_reason_at(b, s->now_ms);
	int64_t since_wall_ms = breaker_since_wall_ms(b, &s->moment->at);
	transition(s, BREAKER_HALF_OPEN, &reason);
	b->since_wall_ms = since_wall_ms;
}

/* Whether the breaker, as settled, rejects a call, and why. */
static bool objects(const struct step *s, const struct load *load, struct reason *why)
{
	const struct policy *p = s->policy;
	set_reason(why, REASON_NONE, 0);
	if (s->b->mode == MODE_DISABLED)
		return false;
	if (s->b->state == BREAKER_OPEN)
		*why = s->b->reason;
	else if (s->b->state == BREAKER_HALF_OPEN && load->trials >= p->probes)
		set_reason(why, REASON_TRIAL_LIMIT, load->trials);
	else if (p->max_concurrent > 0 && load->running >= p->max_concurrent)
		set_reason(why, REASON_CONCURRENCY_LIMIT, load->running);
	return why->kind != REASON_NONE;
}

bool breaker_needs_load(const struct breaker *b, const struct policy *policy, const struct instant *at)
{
	if (b->mode == MODE_DISABLED)
		return false;
	enum breaker_state state = breaker_state_at(b, breaker_now_ms(b, at));
	return state == BREAKER_HALF_OPEN || policy->max_concurrent > 0;
}

struct admission breaker_admit(struct breaker *b, const struct policy *policy, const struct moment *moment,
                               const struct load *load, struct journal *journal)
{
	struct step s = step_begin(b, policy, moment, journal);
	int before = journal->count;
	settle(&s);
	struct admission a;
	bool objected = objects(&s, load, &a.reason);
	a.run = !objected || policy->shadow;
	a.trial = !objected && b->state == BREAKER_HALF_OPEN;
	a.generation = objected ? 0 : b->generation;
	a.state = b->state;
	a.retry_after_ms = breaker_retry_after_ms(b, s.now_ms);
	if (!a.run) {
		b->totals.rejected++;
		touch(&s);
	}
	a.changed = !a.run || journal->count > before;
	return a;
}

void breaker_count_fallback(struct breaker *b)
{
	b->totals.fallbacks++;
}

static bool is_slow(const struct step *s, const struct call *call)
{
	return s->policy->slow_ms > 0 && call->duration_us > s->policy->slow_ms * US_PER_MS;
}

static bool is_failure(const struct call *call)
{
	return call->outcome == OUTCOME_FAILURE || call->outcome == OUTCOME_TIMEOUT;
}

static void count_totals(const struct step *s, const struct call *call)
{
	struct breaker *b = s->b;
	b->last_exit = call->exit;
	b->totals.retries += call->retries;
	b->totals.fallbacks += call->fallback;
	if (call->outcome == OUTCOME_IGNORED) {
		b->totals.ignored++;
		return;
	}
	if (is_failure(call)) {
		b->totals.failures++;
		b->totals.timeouts += call->outcome == OUTCOME_TIMEOUT;
		b->last_failure_wall_ms = s->moment->at.wall_ms;
	} else {
		b->totals.successes++;
		b->last_success_wall_ms = s->moment->at.wall_ms;
	}
	b->totals.slow += is_slow(s, call);
	latency_add(&b->latency, call->duration_us);
}

static bool reaches(int64_t part, int64_t whole, int64_t rate_ppm)
{
	return rate_ppm > 0 && part * POLICY_PPM >= rate_ppm * whole;
}

/* The streak, or with --within the failures of the last while, reached --failures. */
static struct reason failures_rule(const struct step *s)
{
	const struct policy *p = s->policy;
	int64_t count = s->b->streak;
	if (p->within_ms > 0)
		count = window_failures_within(&s->b->window, p, s->now_ms);
	if (p->failures == 0 || count < p->failures)
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
	open_for(s, policy_open_period_ms(s->policy, s->b->reopenings, s->moment->chance), reason);
}

static void record_closed(const struct step *s, const struct call *call)
{
	struct breaker *b = s->b;
	bool failed = is_failure(call);
	bool slow = is_slow(s, call);
	b->streak = failed ? b->streak + 1 : 0;
	window_fit(&b->window, s->policy);
	window_add(&b->window, s->now_ms, failed, slow);
	if (!failed && !slow)
		return;
	struct reason reason = failures_rule(s);
	if (reason.kind == REASON_NONE)
		reason = rate_rules(s);
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
		close_and_clear(s, &reason);
}

static void trial_failed(const struct step *s)
{
	struct breaker *b = s->b;
	struct reason reason = {.kind = REASON_TRIALS_FAILED, .a = ++b->trial_failures};
	if (b->trial_failures < s->policy->probe_failures)
		return;
	/* HALF_OPEN, too many failed trial calls -> OPEN, for longer each time */
	b->reopenings++;
	open_by_rule(s, &reason);
}

static void record_trial(const struct step *s, const struct call *call)
{
	if (is_failure(call) || is_slow(s, call))
		trial_failed(s);
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
	struct step s = step_begin(b, policy, moment, journal);
	touch(&s);
	count_totals(&s, call);
	if (b->mode == MODE_DISABLED)
		return;
	struct event *event = append(&s, EVENT_CALL);
	event->outcome = call->outcome;
	event->exit = call->exit;
	event->duration_us = call->duration_us;
	event->generation = call->generation;
	if (call->outcome != OUTCOME_IGNORED && call->generation == b->generation)
		record_state(&s, call);
}

void breaker_observe(struct breaker *b, const struct policy *policy, const struct moment *moment,
                     const struct call *call, struct journal *journal)
{
	struct step s = step_begin(b, policy, moment, journal);
	settle(&s);
	struct call observed = *call;
	observed.generation = b->generation;
	breaker_record(b, policy, moment, &observed, journal);
}

static struct reason by_hand(const struct reason *why, enum reason_kind kind, int64_t number)
{
	struct reason reason = *why;
	reason.kind = kind;
	reason.a = number;
	reason.b = 0;
	return reason;
}

bool breaker_trip(struct breaker *b, int64_t period_ms, const struct moment *moment, const struct reason *why,
                  struct journal *journal)
{
	struct step s = step_begin(b, &b->policy, moment, journal);
	if (b->mode != MODE_NORMAL)
		return false;
	settle(&s);
	/* any state, tripped by hand -> OPEN for that long, without growth */
	struct reason reason = by_hand(why, REASON_TRIPPED, period_ms);
	open_for(&s, period_ms, &reason);
	return true;
}

bool breaker_hold(struct breaker *b, const struct moment *moment, const struct reason *why,
                  struct journal *journal)
{
	struct step s = step_begin(b, &b->policy, moment, journal);
	if (b->mode == MODE_DISABLED)
		return false;
	settle(&s);
	/* any state, held by hand -> OPEN until reset */
	struct reason reason = by_hand(why, REASON_HELD, 0);
	b->mode = MODE_HELD;
	open_for(&s, 0, &reason);
	return true;
}

bool breaker_reset(struct breaker *b, const struct moment *moment, const struct reason *why,
                   struct journal *journal)
{
	struct step s = step_begin(b, &b->policy, moment, journal);
	settle(&s);
	/* any state, reset by hand -> CLOSED; a disabled breaker stays disabled */
	struct reason reason = by_hand(why, REASON_RESET, 0);
	if (b->mode == MODE_HELD)
		b->mode = MODE_NORMAL;
	close_and_clear(&s, &reason);
	return true;
}

bool breaker_disable(struct breaker *b, const struct moment *moment, const struct reason *why,
                     struct journal *journal)
{
	struct step s = step_begin(b, &b->policy, moment, journal);
	settle(&s);
	/* any state, disabled by hand -> CLOSED, and nothing opens it */
	struct reason reason = by_hand(why, REASON_DISABLED, 0);
	b->mode = MODE_DISABLED;
	close_and_clear(&s, &reason);
	return true;
}

bool breaker_enable(struct breaker *b, const struct moment *moment, const struct reason *why,
                    struct journal *journal)
{
	struct step s = step_begin(b, &b->policy, moment, journal);
	if (b->mode != MODE_DISABLED)
		return false;
	/* disabled, enabled by hand -> CLOSED, afresh */
	struct reason reason = by_hand(why, REASON_ENABLED, 0);
	b->mode = MODE_NORMAL;
	close_and_clear(&s, &reason);
	return true;
}
