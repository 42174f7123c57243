/* supposed.c: from transitions and trial calls to the calls that did not run. */
#include "replay/supposed.h"

/* What somebody did by hand says nothing of the service. */
static bool is_by_rule(enum reason_kind kind)
{
	return kind == REASON_CONSECUTIVE || kind == REASON_WITHIN || kind == REASON_FAILURE_RATE || kind == REASON_SLOW_RATE ||
	       kind == REASON_CUSUM || kind == REASON_RETRY_AFTER || kind == REASON_TRIALS_FAILED;
}

static void begin_period(struct supposed *s, const struct event *opening)
{
	s->by_rule = is_by_rule(opening->reason.kind);
	s->from_ms = opening->wall_ms;
	s->rejected = 0;
}

/* Now a trial call has to tell how it was. */
static void end_period(struct supposed *s, const struct event *transition)
{
	bool asked = s->by_rule && transition->to == BREAKER_HALF_OPEN;
	s->rejected = asked ? transition->incident_rejected - s->rejected_before : 0;
	s->until_ms = transition->wall_ms;
	s->generation = transition->generation;
	s->by_rule = false;
}

static void note_transition(struct supposed *s, const struct event *event)
{
	if (event->to == BREAKER_OPEN)
		begin_period(s, event);
	else
		end_period(s, event);
	s->rejected_before = event->incident_rejected;
}

static bool fill(struct supposed *s, struct recording *recording, const struct event *trial)
{
	int64_t count = s->rejected;
	int64_t failing = outcome_is_failure(trial->outcome) ? count : (count + 1) / 2;
	int64_t left = SUPPOSED_MAX - s->count;
	s->rejected = 0;
	for (int64_t i = 0; i < count && i < left; i++) {
		int64_t at_ms = s->from_ms + (s->until_ms - s->from_ms) * (i + 1) / (count + 1);
		if (!recording_suppose(recording, at_ms, i < failing ? OUTCOME_FAILURE : OUTCOME_SUCCESS))
			return false;
		s->count++;
	}
	return true;
}

bool supposed_add(struct supposed *s, struct recording *recording, const struct event *event)
{
	if (event->kind == EVENT_TRANSITION)
		note_transition(s, event);
	else if (s->rejected > 0 && event->generation == s->generation && event->outcome != OUTCOME_IGNORED)
		return fill(s, recording, event);
	return true;
}
