/* explanation.c: finding an incident in the history, and what belongs to it. */
#include "report/explanation.h"

#include "base/units.h"

#include <string.h>

/* A breaker's history. */
struct history {
	const struct event *events;
	size_t count;
};

bool explanation_is_by_hand(const struct reason *reason)
{
	switch ((int)reason->kind) {
	case REASON_TRIPPED:
	case REASON_HELD:
	case REASON_RESET:
	case REASON_DISABLED:
	case REASON_ENABLED:
		return true;
	default:
		return false;
	}
}

static bool is_opening(const struct event *e)
{
	return e->kind == EVENT_TRANSITION && e->from == BREAKER_CLOSED && e->to != BREAKER_CLOSED;
}

static bool is_closing(const struct event *e)
{
	return e->kind == EVENT_TRANSITION && e->to == BREAKER_CLOSED;
}

static bool is_failure(const struct event *e)
{
	return e->kind == EVENT_CALL && outcome_is_failure(e->outcome);
}

/* --- what led to it --- */

/* How many of the runs before it the rule has counted; 0: no rule opened it. */
static int64_t counted(const struct reason *reason)
{
	switch ((int)reason->kind) {
	case REASON_CONSECUTIVE:
	case REASON_WITHIN:
	case REASON_FAILURE_RATE:
	case REASON_SLOW_RATE:
	case REASON_CUSUM:
		return reason->a;
	case REASON_RETRY_AFTER:
		return 1;
	default:
		return 0;
	}
}

/* Whether the run is one of those that the rule counts. */
static bool counts(const struct explanation *e, const struct event *opening, const struct event *run)
{
	int64_t slow_ms = e->breaker->policy.slow_ms;
	if (run->kind != EVENT_CALL || run->generation != opening->generation - 1)
		return false;
	if (opening->reason.kind == REASON_SLOW_RATE)
		return run->outcome != OUTCOME_IGNORED && slow_ms > 0 && run->duration_us > slow_ms * US_PER_MS;
	return is_failure(run);
}

/* Goes back from the opening, which has that place in the history. */
static void find_runs(struct explanation *e, const struct history *h, size_t place)
{
	struct explanation_incident *i = &e->incident;
	int64_t left = counted(&i->opening.reason);
	size_t found[EXPLANATION_RUNS];
	while (place-- > 0 && left > 0) {
		const struct event *run = &h->events[place];
		if (run->kind == EVENT_TRANSITION)
			break;
		if (!counts(e, &i->opening, run))
			continue;
		if (i->run_count < EXPLANATION_RUNS)
			found[i->run_count++] = place;
		i->first_wall_ms = run->wall_ms;
		left--;
	}
	for (size_t n = 0; n < i->run_count; n++)
		i->runs[n] = h->events[found[i->run_count - 1 - n]];
}

/* --- what came of it --- */

static void note_act(struct explanation_incident *i, const struct event *act)
{
	if (i->act_count == EXPLANATION_ACTS) {
		memmove(i->acts, i->acts + 1, (EXPLANATION_ACTS - 1) * sizeof(i->acts[0]));
		i->act_count--;
	}
	i->acts[i->act_count++] = *act;
}

static void note_transition(struct explanation_incident *i, const struct event *event, int64_t *trial_generation)
{
	if (event->to == BREAKER_HALF_OPEN)
		*trial_generation = event->generation;
	if (explanation_is_by_hand(&event->reason))
		note_act(i, event);
	else if (event->from == BREAKER_HALF_OPEN && event->to == BREAKER_OPEN)
		i->reopenings++;
}

static void note_trial(struct explanation_incident *i, const struct event *run)
{
	if (is_failure(run)) {
		i->trials_failed++;
		i->last_trial_failed = *run;
	}
	i->trials_succeeded += run->outcome == OUTCOME_SUCCESS;
}

/* From behind the opening to the closing, or to the end. */
static void follow(struct explanation *e, const struct history *h, size_t place)
{
	struct explanation_incident *i = &e->incident;
	int64_t trial_generation = -1;
	int64_t shadowed = 0; /* runs that were let in only because of --shadow */
	for (; place < h->count && !i->over; place++) {
		const struct event *event = &h->events[place];
		i->over = is_closing(event);
		if (i->over)
			i->closing = *event;
		else if (event->kind == EVENT_TRANSITION)
			note_transition(i, event, &trial_generation);
		else if (event->generation == trial_generation)
			note_trial(i, event);
		shadowed += event->kind == EVENT_CALL && event->generation == 0;
	}
	i->rejected = shadowed + (i->over ? i->closing.incident_rejected : e->breaker->incident.rejected);
}

/* --- which one --- */

/* The place of the last opening up to that time; `count` if there is none. */
static size_t find_opening(const struct history *h, int64_t at_wall_ms)
{
	for (size_t place = h->count; place-- > 0;)
		if (is_opening(&h->events[place]) && (at_wall_ms == 0 || h->events[place].wall_ms <= at_wall_ms))
			return place;
	return h->count;
}

/* What the breaker itself knows of an incident that began before its history does. */
static void remember(struct explanation *e)
{
	const struct incident *known = &e->breaker->incident;
	struct explanation_incident *i = &e->incident;
	i->found = true;
	i->opening.kind = EVENT_TRANSITION;
	i->opening.from = BREAKER_CLOSED;
	i->opening.to = BREAKER_OPEN;
	i->opening.wall_ms = known->since_wall_ms;
	i->opening.exit = known->exit;
	i->opening.reason = known->reason;
	i->first_wall_ms = known->failing_since_wall_ms;
	if (!explanation_is_by_hand(&e->breaker->reason) || explanation_is_by_hand(&known->reason))
		return;
	i->acts[0].reason = e->breaker->reason;
	i->acts[0].wall_ms = e->breaker->since_wall_ms;
	i->acts[0].to = e->breaker->state;
	i->act_count = 1;
}

static void find_incident(struct explanation *e, const struct history *h)
{
	struct explanation_incident *i = &e->incident;
	const struct incident *known = &e->breaker->incident;
	bool going_on = known->since_wall_ms > 0;
	size_t place = find_opening(h, e->at_wall_ms);
	bool lost = place == h->count && going_on && (e->at_wall_ms == 0 || known->since_wall_ms <= e->at_wall_ms);
	if (lost) {
		remember(e);
		follow(e, h, 0);
	} else if (place < h->count) {
		i->found = i->recorded = true;
		i->opening = h->events[place];
		find_runs(e, h, place);
		follow(e, h, place + 1);
	}
	if (!i->found || i->over)
		return;
	/* it knows of trial runs that were too slow, too, and of those that the history has forgotten */
	i->trials_failed = known->trial_failures > i->trials_failed ? known->trial_failures : i->trials_failed;
	i->reopenings = e->breaker->reopenings > i->reopenings ? e->breaker->reopenings : i->reopenings;
}

/* Asks a copy, without its journal. */
static struct admission ask(const struct explanation *e, const struct load *load)
{
	struct breaker b = *e->breaker;
	struct policy policy = b.policy;
	struct moment moment = {.at = e->now};
	struct journal journal = {0};
	return breaker_admit(&b, &policy, &moment, load, &journal);
}

void explanation_make(struct explanation *e, const struct load *load, const struct event *events, size_t count)
{
	const struct history h = {events, count};
	struct explanation_incident *i = &e->incident;
	int64_t now_ms = breaker_now_ms(e->breaker, &e->now);
	e->state = breaker_state_at(e->breaker, now_ms);
	e->mode = breaker_mode_at(e->breaker, now_ms);
	e->retry_after_ms = breaker_retry_after_ms(e->breaker, now_ms);
	e->admission = ask(e, load);
	memset(i, 0, sizeof(*i));
	find_incident(e, &h);
	e->at_incident = i->found && (!i->over || i->closing.wall_ms > e->at_wall_ms);
	e->recorded_since_wall_ms = 0;
	for (size_t n = 0; n < count && e->recorded_since_wall_ms == 0; n++)
		if (events[n].kind == EVENT_CALL)
			e->recorded_since_wall_ms = events[n].wall_ms;
}

void explanation_set_output(struct explanation *e, int64_t wall_ms, const char *bytes, size_t length)
{
	struct explanation_output *o = &e->output;
	int row = EXPLANATION_LINES;
	o->wall_ms = wall_ms;
	while (length > 0 && row > 0) {
		size_t end = length;
		while (length > 0 && bytes[length - 1] != '\n')
			length--;
		size_t size = end - length < EXPLANATION_LINE_SIZE ? end - length : EXPLANATION_LINE_SIZE - 1;
		if (size > 0) {
			char *line = o->lines[--row];
			memcpy(line, bytes + length, size);
			line[size] = '\0';
		}
		length -= length > 0;
	}
}
