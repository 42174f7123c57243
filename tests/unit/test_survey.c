/* test_survey.c: the survey: bins, sums, states and incidents, event by event. */
#include "report/page/survey.h"

#include "rng.h"
#include "suites.h"

#include <string.h>

enum { MINUTE_MS = 60000, SPAN_MS = SURVEY_BINS * MINUTE_MS };

/* The period has bins of a minute. */
static const int64_t from_ms = INT64_C(1700000000000);

static struct instant end_of_period(void)
{
	return (struct instant){.boot_ms = SPAN_MS, .wall_ms = from_ms + SPAN_MS, .boot_id = 1};
}

static struct breaker new_breaker(int64_t last_seq)
{
	static const struct policy policy = {.failures = 5, .window_size = 100, .open_for_ms = 1000, .probes = 1,
	                                     .successes = 1, .probe_failures = 1};
	struct instant at = {.boot_ms = 1, .wall_ms = from_ms, .boot_id = 1};
	struct breaker b;
	breaker_init(&b, &policy, &at);
	b.last_seq = last_seq;
	return b;
}

static struct event call_at(int64_t seq, int64_t ms, enum outcome outcome, int64_t duration_us)
{
	return (struct event){.kind = EVENT_CALL, .seq = seq, .wall_ms = from_ms + ms, .outcome = outcome,
	                      .duration_us = duration_us, .exit = outcome == OUTCOME_SUCCESS ? 0 : 7};
}

static struct event change_at(int64_t seq, int64_t ms, enum breaker_state from, enum breaker_state to,
                              enum reason_kind why)
{
	return (struct event){.kind = EVENT_TRANSITION, .seq = seq, .wall_ms = from_ms + ms, .from = from, .to = to,
	                      .exit = -1, .reason = {.kind = why, .a = 3}};
}

/* The survey of one breaker with these events; it is as `b`. */
static struct survey survey_of(struct unit *u, const struct breaker *b, const struct event *events, size_t count)
{
	struct survey s = {.from_ms = from_ms, .to_ms = from_ms + SPAN_MS};
	struct survey_pass p;
	struct instant at = end_of_period();
	CHECK(u, survey_add(&s, "api", b, &at));
	survey_begin(&p, &s, 0);
	for (size_t i = 0; i < count; i++)
		CHECK(u, survey_take(&p, &events[i]));
	CHECK(u, survey_end(&p));
	CHECK(u, survey_settle(&s));
	return s;
}

static struct survey_incident *incident_at(const struct survey *s, size_t number)
{
	return (struct survey_incident *)s->incidents.items + number;
}

static void counts_agree(struct unit *u)
{
	enum { CALLS = 500 };
	static struct event events[CALLS];
	struct rng rng = {.state = unit_seed(29)};
	struct breaker b = new_breaker(CALLS);
	struct survey_bin bins[SURVEY_BINS] = {0};
	int64_t failures = 0;
	int64_t ms = -SPAN_MS / 4;
	for (int i = 0; i < CALLS; i++) {
		ms += rng_below(&rng, SPAN_MS / CALLS * 2);
		ms = ms < SPAN_MS ? ms : SPAN_MS - 1;
		events[i] = call_at(i + 1, ms, (enum outcome)rng_below(&rng, OUTCOME_IGNORED + 1), 1000 * (i + 1));
		if (ms < 0)
			continue;
		struct survey_bin *bin = &bins[ms / MINUTE_MS];
		bool failed = events[i].outcome == OUTCOME_FAILURE || events[i].outcome == OUTCOME_TIMEOUT;
		bin->ignored += events[i].outcome == OUTCOME_IGNORED;
		bin->successes += events[i].outcome == OUTCOME_SUCCESS;
		bin->failures += failed;
		failures += failed;
	}
	struct survey s = survey_of(u, &b, events, CALLS);
	const struct survey_breaker *sb = survey_breaker_at(&s, 0);
	int64_t at_hours = 0;
	for (int i = 0; i < SURVEY_BINS; i++) {
		CHECK_INT(u, sb->bins[i].successes, bins[i].successes);
		CHECK_INT(u, sb->bins[i].failures, bins[i].failures);
		CHECK_INT(u, sb->bins[i].ignored, bins[i].ignored);
	}
	for (int i = 0; i < SURVEY_WEEKDAYS * SURVEY_HOURS; i++)
		at_hours += s.failed_at[i / SURVEY_HOURS][i % SURVEY_HOURS];
	CHECK_INT(u, sb->failures, failures);
	CHECK_INT(u, s.failures, failures);
	CHECK_INT(u, at_hours, failures);
	survey_free(&s);
}

static void states_fill_bins(struct unit *u)
{
	struct breaker b = new_breaker(4);
	struct event events[] = {
		call_at(1, 5 * MINUTE_MS, OUTCOME_FAILURE, 1000),
		change_at(2, 10 * MINUTE_MS, BREAKER_CLOSED, BREAKER_OPEN, REASON_CONSECUTIVE),
		change_at(3, 30 * MINUTE_MS, BREAKER_OPEN, BREAKER_HALF_OPEN, REASON_DEADLINE),
		change_at(4, 40 * MINUTE_MS, BREAKER_HALF_OPEN, BREAKER_CLOSED, REASON_TRIALS_SUCCEEDED),
	};
	events[1].exit = 7;
	events[2].reason.a = 5 * MINUTE_MS; /* so long it was open; that somebody came took longer */
	events[3].incident_ms = 30 * MINUTE_MS;
	events[3].incident_rejected = 9;
	struct survey s = survey_of(u, &b, events, 4);
	const struct survey_breaker *sb = survey_breaker_at(&s, 0);
	CHECK_INT(u, sb->bins[4].state, SURVEY_UNKNOWN);
	CHECK_INT(u, sb->bins[5].state, SURVEY_CLOSED);
	CHECK_INT(u, sb->bins[9].state, SURVEY_CLOSED);
	CHECK_INT(u, sb->bins[10].state, SURVEY_OPEN);
	CHECK_INT(u, sb->bins[14].state, SURVEY_OPEN);
	CHECK_INT(u, sb->bins[15].state, SURVEY_HALF_OPEN);
	CHECK_INT(u, sb->bins[39].state, SURVEY_HALF_OPEN);
	CHECK_INT(u, sb->bins[40].state, SURVEY_CLOSED);
	CHECK_INT(u, sb->bins[SURVEY_BINS - 1].state, SURVEY_CLOSED);
	CHECK_INT(u, sb->down_ms, 30 * MINUTE_MS);
	CHECK_INT(u, sb->recorded_since_ms, 0);
	CHECK_INT(u, s.incident_count, 1);
	CHECK_INT(u, incident_at(&s, 0)->since_ms, from_ms + 10 * MINUTE_MS);
	CHECK_INT(u, incident_at(&s, 0)->rejected, 9);
	CHECK_INT(u, incident_at(&s, 0)->exit, 7);
	CHECK_STR(u, incident_at(&s, 0)->cause, "3 consecutive failures");
	CHECK_STR(u, incident_at(&s, 0)->ending, "3 successful trial calls");
	survey_free(&s);
}

static void a_lost_beginning_is_told(struct unit *u)
{
	struct breaker b = new_breaker(101);
	struct event events[] = {
		change_at(100, 20 * MINUTE_MS, BREAKER_HALF_OPEN, BREAKER_CLOSED, REASON_TRIALS_SUCCEEDED),
		call_at(101, 25 * MINUTE_MS, OUTCOME_SUCCESS, 1000),
		call_at(102, 26 * MINUTE_MS, OUTCOME_SUCCESS, 1000), /* newer than what is known of the breaker */
	};
	events[0].incident_ms = 50 * MINUTE_MS;
	struct survey s = survey_of(u, &b, events, 3);
	const struct survey_breaker *sb = survey_breaker_at(&s, 0);
	CHECK_INT(u, sb->recorded_since_ms, from_ms + 20 * MINUTE_MS);
	CHECK_INT(u, sb->successes, 1);
	CHECK_INT(u, sb->bins[19].state, SURVEY_UNKNOWN);
	CHECK_INT(u, incident_at(&s, 0)->since_ms, from_ms - 30 * MINUTE_MS);
	CHECK_INT(u, incident_at(&s, 0)->length_ms, 50 * MINUTE_MS);
	CHECK_STR(u, incident_at(&s, 0)->cause, "");
	survey_free(&s);
}

static void the_disabled_are_not_down(struct unit *u)
{
	struct breaker b = new_breaker(2);
	struct event events[] = {
		change_at(1, 10 * MINUTE_MS, BREAKER_CLOSED, BREAKER_CLOSED, REASON_DISABLED),
		change_at(2, 50 * MINUTE_MS, BREAKER_CLOSED, BREAKER_CLOSED, REASON_DISABLE_OVER),
	};
	events[1].reason.a = 10 * MINUTE_MS;
	struct survey s = survey_of(u, &b, events, 2);
	const struct survey_breaker *sb = survey_breaker_at(&s, 0);
	CHECK_INT(u, sb->bins[10].state, SURVEY_DISABLED);
	CHECK_INT(u, sb->bins[19].state, SURVEY_DISABLED);
	CHECK_INT(u, sb->bins[20].state, SURVEY_CLOSED);
	CHECK_INT(u, sb->down_ms, 0);
	CHECK_INT(u, s.incident_count, 0);
	survey_free(&s);
}

static void in_shadow_nothing_is_down(struct unit *u)
{
	struct breaker b = new_breaker(1);
	struct event event = change_at(1, 50 * MINUTE_MS, BREAKER_CLOSED, BREAKER_OPEN, REASON_CONSECUTIVE);
	b.state = BREAKER_OPEN;
	b.mode = MODE_HELD;
	struct survey s = survey_of(u, &b, &event, 1);
	CHECK_INT(u, s.down, 1);
	survey_free(&s);
	b.policy.shadow = 1;
	s = survey_of(u, &b, &event, 1);
	CHECK_INT(u, s.down, 0);
	CHECK_INT(u, s.down_ms, 0);
	CHECK_INT(u, survey_breaker_at(&s, 0)->state, SURVEY_OPEN);
	survey_free(&s);
}

static void the_newest_incidents_are_kept(struct unit *u)
{
	enum { INCIDENTS = 3 * SURVEY_LISTED, EVENTS = 2 * INCIDENTS };
	static struct event events[EVENTS];
	struct breaker b = new_breaker(EVENTS);
	for (int i = 0; i < INCIDENTS; i++) {
		events[2 * i] = change_at(2 * i + 1, 2 * i + 1, BREAKER_CLOSED, BREAKER_OPEN, REASON_CONSECUTIVE);
		events[2 * i + 1] = change_at(2 * i + 2, 2 * i + 2, BREAKER_OPEN, BREAKER_CLOSED, REASON_RESET);
	}
	struct survey s = survey_of(u, &b, events, EVENTS);
	CHECK_INT(u, s.incident_count, INCIDENTS);
	CHECK_INT(u, s.incidents.count, SURVEY_LISTED);
	CHECK_INT(u, incident_at(&s, 0)->since_ms, from_ms + EVENTS - 1);
	CHECK_INT(u, incident_at(&s, SURVEY_LISTED - 1)->since_ms, from_ms + EVENTS + 1 - 2 * SURVEY_LISTED);
	survey_free(&s);
}

static void a_clock_set_back_loses_no_call(struct unit *u)
{
	struct breaker b = new_breaker(2);
	struct event events[] = {
		call_at(1, 2 * SPAN_MS, OUTCOME_FAILURE, 1000), /* before the clock was set back */
		call_at(2, 30 * MINUTE_MS, OUTCOME_SUCCESS, 1000),
	};
	struct survey s = survey_of(u, &b, events, 2);
	CHECK_INT(u, s.failures, 1);
	CHECK_INT(u, s.successes, 1);
	CHECK_INT(u, survey_breaker_at(&s, 0)->bins[SURVEY_BINS - 1].failures, 1);
	survey_free(&s);
}

const struct unit_test survey_tests[] = {
	{"each call is in its bin, its hour and the sums", counts_agree},
	{"each bin has its worst state, and time itself ends an open one", states_fill_bins},
	{"an incident whose beginning is no longer recorded has its end and its length", a_lost_beginning_is_told},
	{"what is disabled is not down", the_disabled_are_not_down},
	{"nor is what is in shadow mode", in_shadow_nothing_is_down},
	{"of many incidents all are counted, and the newest kept", the_newest_incidents_are_kept},
	{"a clock that was set back loses no call", a_clock_set_back_loses_no_call},
	{NULL, NULL},
};
