/* pass.c: from a breaker's events to bins, sums and incidents. */
#include "base/clock.h"
#include "base/units.h"
#include "report/page/incidents.h"
#include "report/page/survey.h"

enum { MEDIAN = 500, P95 = 950, QUARTER_MS = 15 * 60 * MS_PER_S };

void survey_begin(struct survey_pass *p, struct survey *s, size_t breaker)
{
	*p = (struct survey_pass){.survey = s, .breaker = breaker, .quarter = -1};
}

static struct survey_breaker *own(const struct survey_pass *p)
{
	return survey_breaker_at(p->survey, p->breaker);
}

/* Where a moment lies among the bins. A clock that was set back leaves events in what is the future now. */
static int bin_of(const struct survey *s, int64_t wall_ms)
{
	int64_t span_ms = s->to_ms - s->from_ms;
	if (wall_ms <= s->from_ms || span_ms <= 0)
		return 0;
	if (wall_ms >= s->to_ms)
		return SURVEY_BINS - 1;
	return (int)((wall_ms - s->from_ms) * SURVEY_BINS / span_ms);
}

/* It was in that state from then to then. */
static void note_state(struct survey_pass *p, int64_t from_ms, int64_t to_ms, enum survey_state state)
{
	const struct survey *s = p->survey;
	struct survey_breaker *sb = own(p);
	if (from_ms < s->from_ms)
		from_ms = s->from_ms;
	if (to_ms > s->to_ms)
		to_ms = s->to_ms;
	if (from_ms > to_ms)
		return;
	if (state == SURVEY_OPEN || state == SURVEY_HALF_OPEN)
		sb->down_ms += to_ms - from_ms;
	/* a bin is not in the state that ends where it begins */
	for (int i = bin_of(s, from_ms); i <= bin_of(s, to_ms > from_ms ? to_ms - 1 : to_ms); i++)
		if (sb->bins[i].state < state)
			sb->bins[i].state = state;
}

static bool is_over(int64_t end_ms, const struct survey *s)
{
	return end_ms < s->from_ms;
}

static bool note_incident(struct survey_pass *p, const struct survey_incident *incident,
                          const struct reason *cause, const struct reason *ending)
{
	struct survey_breaker *sb = own(p);
	sb->incidents++;
	sb->rejected += incident->rejected;
	return incidents_add(p->survey, incident, cause, ending);
}

/* The event has closed it again. */
static bool end_incident(struct survey_pass *p, const struct event *e)
{
	bool seen = p->open_ms != 0;
	struct survey_incident incident = {
		.breaker = p->breaker,
		.since_ms = seen ? p->open_ms : e->wall_ms - e->incident_ms,
		.length_ms = e->incident_ms,
		.rejected = e->incident_rejected,
		.exit = seen ? p->exit : -1,
		.over = true,
	};
	if (incident.length_ms == 0 && seen && e->wall_ms > p->open_ms) /* a history that does not say it */
		incident.length_ms = e->wall_ms - p->open_ms;
	p->open_ms = 0;
	return is_over(e->wall_ms, p->survey) || note_incident(p, &incident, seen ? &p->cause : NULL, &e->reason);
}

/*
 * When the state before has ended: where time alone has ended it, earlier than
 * the call that came upon that.
 */
static int64_t end_of_state(const struct survey_pass *p, const struct event *e)
{
	int64_t end_ms = p->since_ms + e->reason.a;
	bool by_time = e->reason.kind == REASON_DEADLINE || e->reason.kind == REASON_DISABLE_OVER;
	return p->known && by_time && end_ms < e->wall_ms ? end_ms : e->wall_ms;
}

static bool take_transition(struct survey_pass *p, const struct event *e)
{
	int64_t end_ms = end_of_state(p, e);
	bool was_disabled = e->reason.kind == REASON_ENABLED || e->reason.kind == REASON_DISABLE_OVER;
	if (!p->known)
		p->state = was_disabled ? SURVEY_DISABLED : survey_state_of(e->from);
	note_state(p, p->since_ms, end_ms, p->state);
	p->known = true;
	p->since_ms = end_ms;
	p->state = e->reason.kind == REASON_DISABLED ? SURVEY_DISABLED : survey_state_of(e->to);
	if (e->from == BREAKER_CLOSED && e->to != BREAKER_CLOSED) {
		p->open_ms = e->wall_ms;
		p->cause = e->reason;
		p->exit = e->exit;
	}
	return e->from == BREAKER_CLOSED || e->to != BREAKER_CLOSED || end_incident(p, e);
}

static void note_hour(struct survey_pass *p, int64_t wall_ms, bool failed)
{
	struct survey *s = p->survey;
	if (p->quarter != wall_ms / QUARTER_MS) { /* no zone's hours begin elsewhere */
		p->quarter = wall_ms / QUARTER_MS;
		p->hour_of_week = clock_hour_of_week(wall_ms);
	}
	int weekday = p->hour_of_week / SURVEY_HOURS;
	int hour = p->hour_of_week % SURVEY_HOURS;
	s->called_at[weekday][hour]++;
	s->failed_at[weekday][hour] += failed;
}

static void note_duration(struct survey_pass *p, struct survey_bin *bin, int64_t duration_us)
{
	float ms = (float)duration_us / US_PER_MS;
	latency_add(&p->latency, duration_us);
	bin->sum_ms += ms;
	if (bin->longest_ms < ms)
		bin->longest_ms = ms;
}

static void take_call(struct survey_pass *p, const struct event *e)
{
	struct survey_breaker *sb = own(p);
	struct survey_bin *bin = &sb->bins[bin_of(p->survey, e->wall_ms)];
	bool failed = outcome_is_failure(e->outcome);
	note_hour(p, e->wall_ms, failed);
	sb->timeouts += e->outcome == OUTCOME_TIMEOUT;
	if (e->outcome == OUTCOME_IGNORED) {
		sb->ignored++;
		bin->ignored++;
		return;
	}
	sb->failures += failed;
	sb->successes += !failed;
	bin->failures += failed;
	bin->successes += !failed;
	note_duration(p, bin, e->duration_us);
}

bool survey_take(struct survey_pass *p, const struct event *event)
{
	struct survey_breaker *sb = own(p);
	if (event->seq > sb->last_seq)
		return true;
	if (!p->begun) {
		p->begun = true;
		p->since_ms = event->wall_ms;
		if (event->seq > 1 && event->wall_ms > p->survey->from_ms)
			sb->recorded_since_ms = event->wall_ms;
	}
	if (event->kind == EVENT_TRANSITION)
		p->full = p->full || !take_transition(p, event);
	else if (!is_over(event->wall_ms, p->survey))
		take_call(p, event);
	return !p->full;
}

/* What has been since the last event. */
static void note_now(struct survey_pass *p)
{
	const struct survey_breaker *sb = own(p);
	int64_t to_ms = p->survey->to_ms;
	if (!p->known)
		note_state(p, p->begun ? p->since_ms : sb->since_ms, to_ms, sb->state);
	else if (p->state == sb->state)
		note_state(p, p->since_ms, to_ms, p->state);
	else { /* time has ended its state, and nobody has come upon that yet */
		note_state(p, p->since_ms, sb->since_ms, p->state);
		note_state(p, sb->since_ms, to_ms, sb->state);
	}
}

bool survey_end(struct survey_pass *p)
{
	struct survey *s = p->survey;
	struct survey_breaker *sb = own(p);
	const struct incident *now = sb->incident;
	note_now(p);
	if (now != NULL) {
		struct survey_incident incident = {.breaker = p->breaker, .since_ms = now->since_wall_ms,
		                                   .rejected = now->rejected, .exit = now->exit};
		incident.length_ms = s->to_ms > now->since_wall_ms ? s->to_ms - now->since_wall_ms : 0;
		p->full = p->full || !note_incident(p, &incident, &now->reason, NULL);
	}
	sb->median_us = latency_quantile_us(&p->latency, MEDIAN);
	sb->p95_us = latency_quantile_us(&p->latency, P95);
	sb->longest_us = p->latency.max_us;
	s->successes += sb->successes;
	s->failures += sb->failures;
	s->ignored += sb->ignored;
	s->incident_count += sb->incidents;
	s->rejected += sb->rejected;
	s->down_ms += sb->shadow ? 0 : sb->down_ms;
	return !p->full;
}
