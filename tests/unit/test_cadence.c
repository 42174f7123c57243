/* test_cadence.c: how often a breaker is called. */
#include "suites.h"

#include "breaker/cadence.h"

#define MINUTE INT64_C(60000)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

/* Calls at an even pace, from one time to another; the last one is not made. */
static void call_every(struct cadence *c, int64_t gap_ms, int64_t from_ms, int64_t to_ms)
{
	for (int64_t at_ms = from_ms; at_ms < to_ms; at_ms += gap_ms)
		cadence_note(c, at_ms);
}

static void few_calls_tell_nothing(struct unit *u)
{
	struct cadence c = {0};
	CHECK_INT(u, cadence_expected_ms(&c), 0);
	call_every(&c, HOUR, 0, CADENCE_ENOUGH * HOUR);
	CHECK_INT(u, c.calls, CADENCE_ENOUGH);
	CHECK_INT(u, cadence_expected_ms(&c), 0);
	cadence_note(&c, CADENCE_ENOUGH * HOUR);
	CHECK_INT(u, cadence_expected_ms(&c), 76 * MINUTE);
}

static void an_even_pace_is_its_mean(struct unit *u)
{
	struct cadence c = {0};
	call_every(&c, 5 * MINUTE, 1000, DAY);
	CHECK_INT(u, c.mean_ms, 5 * MINUTE);
	CHECK_INT(u, c.longest_ms, 5 * MINUTE);
	CHECK_INT(u, cadence_expected_ms(&c), 7 * MINUTE + 15000);
}

/* Every five minutes from eight to five on weekdays, for three weeks; the first day is a Monday. */
static void nights_and_weekends_are_known(struct unit *u)
{
	struct cadence c = {0};
	for (int day = 0; day < 21; day++)
		if (day % 7 < 5)
			call_every(&c, 5 * MINUTE, day * DAY + 8 * HOUR, day * DAY + 17 * HOUR);
	int64_t weekend_ms = 63 * HOUR + 5 * MINUTE;
	CHECK(u, cadence_expected_ms(&c) >= weekend_ms);
	CHECK(u, cadence_expected_ms(&c) < 2 * weekend_ms);
	CHECK_INT(u, c.mean_ms / MINUTE, 5);
}

/* A pause that does not come again is forgotten, after two spans at the latest. */
static void an_old_pause_is_forgotten(struct unit *u)
{
	struct cadence c = {0};
	call_every(&c, HOUR, 0, 2 * DAY);
	call_every(&c, HOUR, 5 * DAY, 7 * DAY);
	CHECK(u, cadence_expected_ms(&c) > 3 * DAY);
	call_every(&c, HOUR, 7 * DAY, 22 * DAY);
	CHECK_INT(u, cadence_expected_ms(&c), 76 * MINUTE);
}

static void a_new_pace_is_learned(struct unit *u)
{
	struct cadence c = {0};
	call_every(&c, MINUTE, 0, DAY);
	call_every(&c, HOUR, DAY, 8 * DAY);
	CHECK(u, c.mean_ms > HOUR * 9 / 10 && c.mean_ms <= HOUR);
}

const struct unit_test cadence_tests[] = {
	{"cadence: few calls tell nothing", few_calls_tell_nothing},
	{"cadence: an even pace is its mean", an_even_pace_is_its_mean},
	{"cadence: nights and weekends are known", nights_and_weekends_are_known},
	{"cadence: an old pause is forgotten", an_old_pause_is_forgotten},
	{"cadence: a new pace is learned", a_new_pace_is_learned},
	{NULL, NULL},
};
