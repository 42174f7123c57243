/* passage.c: transition() is the one way from state to state. */
#include "breaker/passage.h"

#include <string.h>

struct step passage_begin(struct breaker *b, const struct policy *policy, const struct moment *moment,
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

void passage_touch(const struct step *s)
{
	timeline_move(&s->b->timeline, s->now_ms, &s->moment->at);
	note_policy(s->b, s->policy);
}

void passage_set_reason(struct reason *reason, enum reason_kind kind, int64_t number)
{
	reason->kind = kind;
	reason->a = number;
	reason->b = reason->c = 0;
	reason->text[0] = '\0';
	reason->by[0] = '\0';
}

struct event *passage_append(const struct step *s, enum event_kind kind)
{
	struct event *event = &s->journal->events[s->journal->count++];
	/* field by field: clearing the large texts would be most of a call's cost */
	event->kind = kind;
	event->outcome = OUTCOME_SUCCESS;
	event->cause = IGNORED_UNKNOWN;
	event->exit = s->b->last_exit;
	event->duration_us = 0;
	event->incident_ms = event->incident_rejected = 0;
	event->host[0] = '\0';
	event->from = event->to = BREAKER_CLOSED;
	passage_set_reason(&event->reason, REASON_NONE, 0);
	event->seq = ++s->b->last_seq;
	event->wall_ms = s->moment->at.wall_ms;
	event->generation = s->b->generation;
	return event;
}

static void begin_incident(const struct step *s, const struct reason *reason)
{
	struct incident *incident = &s->b->incident;
	incident->since_ms = s->now_ms;
	incident->since_wall_ms = s->moment->at.wall_ms;
	incident->failing_since_wall_ms = s->b->streak_since_wall_ms;
	incident->reason = *reason;
	incident->exit = s->b->last_exit;
	incident->rejected = 0;
	incident->trial_failures = 0;
}

static void end_incident(struct breaker *b)
{
	struct incident *incident = &b->incident;
	incident->since_ms = incident->since_wall_ms = incident->failing_since_wall_ms = 0;
	passage_set_reason(&incident->reason, REASON_NONE, 0);
	incident->exit = -1;
	incident->rejected = 0;
	incident->trial_failures = 0;
}

/* The one way from state to state: a new generation, a reason, a line of history. */
static void transition(const struct step *s, enum breaker_state to, const struct reason *reason)
{
	struct breaker *b = s->b;
	enum breaker_state from = b->state;
	if (from == BREAKER_CLOSED && to != BREAKER_CLOSED)
		begin_incident(s, reason);
	b->state = to;
	b->generation++;
	b->reason = *reason;
	b->since_wall_ms = s->moment->at.wall_ms;
	b->trial_successes = 0;
	b->trial_failures = 0;
	b->totals.transitions_to[to]++;
	passage_touch(s);
	struct event *event = passage_append(s, EVENT_TRANSITION);
	event->from = from;
	event->to = to;
	event->reason = *reason;
	if (from != BREAKER_CLOSED) {
		event->incident_ms = s->now_ms - b->incident.since_ms;
		event->incident_rejected = b->incident.rejected;
	}
	if (to == BREAKER_CLOSED)
		end_incident(b);
}

void passage_open(const struct step *s, int64_t period_ms, const struct reason *reason)
{
	s->b->open_period_ms = period_ms;
	s->b->open_until_ms = s->now_ms + period_ms;
	transition(s, BREAKER_OPEN, reason);
}

/*
 * What made the CUSUM rise was a false alarm if it opened the breaker and no trial call has failed since; only
 * then is it learned from.
 */
static void settle_suspicion(struct breaker *b, const struct reason *closing)
{
	const struct incident *incident = &b->incident;
	bool alarm = incident->reason.kind == REASON_CUSUM && closing->kind == REASON_TRIALS_SUCCEEDED;
	if (alarm && incident->trial_failures == 0)
		cusum_learn_alarm(&b->cusum);
	else
		cusum_forget(&b->cusum);
}

void passage_close(const struct step *s, const struct reason *reason)
{
	struct breaker *b = s->b;
	b->policy_turns = 0;
	settle_suspicion(b, reason);
	window_clear(&b->window);
	b->streak = 0;
	b->streak_since_wall_ms = 0;
	b->reopenings = 0;
	b->open_until_ms = 0;
	b->open_period_ms = 0;
	transition(s, BREAKER_CLOSED, reason);
}

void passage_settle_mode(const struct step *s)
{
	struct breaker *b = s->b;
	if (breaker_mode_at(b, s->now_ms) == b->mode)
		return;
	struct reason reason = breaker_reason_at(b, s->now_ms);
	int64_t since_wall_ms = breaker_since_wall_ms(b, &s->moment->at);
	b->mode = MODE_NORMAL;
	b->disabled_until_ms = b->disabled_for_ms = 0;
	passage_close(s, &reason);
	b->since_wall_ms = since_wall_ms;
}

void passage_settle(const struct step *s)
{
	struct breaker *b = s->b;
	passage_settle_mode(s);
	if (b->state != BREAKER_OPEN || breaker_state_at(b, s->now_ms) != BREAKER_HALF_OPEN)
		return;
	struct reason reason = breaker_reason_at(b, s->now_ms);
	int64_t since_wall_ms = breaker_since_wall_ms(b, &s->moment->at);
	/* OPEN, deadline passed -> HALF_OPEN */
	transition(s, BREAKER_HALF_OPEN, &reason);
	b->since_wall_ms = since_wall_ms;
}
