/* test_times.c: moments as people write them. */
#include "settings/times.h"

#include "base/clock.h"
#include "suites.h"

#include <stdlib.h>
#include <time.h>

/* Saturday 2026-11-28 14:30:15 UTC */
#define NOW INT64_C(1795876215000)

static void in_zone(const char *zone)
{
	setenv("TZ", zone, 1);
	tzset();
}

static void is(struct unit *u, const char *text, const char *want)
{
	int64_t moment = -1;
	char got[CLOCK_TEXT_SIZE] = "none";
	if (times_parse(text, NOW, &moment))
		clock_format_utc(moment, got);
	CHECK_STR(u, got, want);
}

static void durations_are_so_long_ago(struct unit *u)
{
	is(u, "0", "2026-11-28T14:30:15.000Z");
	is(u, "15", "2026-11-28T14:30:00.000Z");
	is(u, "2h", "2026-11-28T12:30:15.000Z");
	is(u, "1d30m", "2026-11-27T14:00:15.000Z");
	is(u, "250ms", "2026-11-28T14:30:14.750Z");
	is(u, "now", "2026-11-28T14:30:15.000Z");
}

static void a_zone_counts(struct unit *u)
{
	in_zone("XXX-5:30");
	is(u, "2026-11-28T14:00:00Z", "2026-11-28T14:00:00.000Z");
	is(u, "2026-11-28t14:00:00.5z", "2026-11-28T14:00:00.500Z");
	is(u, "2026-11-28 14:00:00.123456+01:00", "2026-11-28T13:00:00.123Z");
	is(u, "2026-11-28 14:00 -0330", "2026-11-28T17:30:00.000Z");
	is(u, "2026-11-28 14:00+02", "2026-11-28T12:00:00.000Z");
	is(u, "2024-02-29T00:00+14:00", "2024-02-28T10:00:00.000Z");
	in_zone("UTC");
}

static void without_a_zone_times_are_local(struct unit *u)
{
	in_zone("XXX-5:30"); /* where it is 20:00:15 */
	is(u, "2026-11-28 14:00", "2026-11-28T08:30:00.000Z");
	is(u, "2026-11-28T14:00:01", "2026-11-28T08:30:01.000Z");
	is(u, "2026-11-28", "2026-11-27T18:30:00.000Z");
	is(u, "today", "2026-11-27T18:30:00.000Z");
	is(u, "yesterday", "2026-11-26T18:30:00.000Z");
	is(u, "yesterday 06:00", "2026-11-27T00:30:00.000Z");
	is(u, "today 21:00", "2026-11-28T15:30:00.000Z");
	in_zone("CET-1CEST,M3.5.0,M10.5.0/3");
	is(u, "2026-07-01 12:00", "2026-07-01T10:00:00.000Z");
	is(u, "2026-12-01 12:00", "2026-12-01T11:00:00.000Z");
	in_zone("UTC");
}

static void a_time_alone_was_last_today_or_yesterday(struct unit *u)
{
	is(u, "14:30", "2026-11-28T14:30:00.000Z");
	is(u, "14:30:15", "2026-11-28T14:30:15.000Z");
	is(u, "14:30:16", "2026-11-27T14:30:16.000Z");
	is(u, "00:00", "2026-11-28T00:00:00.000Z");
	is(u, "23:59", "2026-11-27T23:59:00.000Z");
}

static void what_is_no_time_is_refused(struct unit *u)
{
	static const char *const texts[] = {
		"", " ", "tomorrow", "x", "14:0", "24:00", "14:60", "14:00Z", "2026-11", "2026-13-01", "2026-11-31",
		"2026-00-10", "2026-02-29", "26-11-28", "2026-11-28 ", "2026-11-28 14", "2026-11-28 14:00:00.",
		"2026-11-28 14:00+1", "2026-11-28Z", "2026-11-28 14:00 x", "2026-11-28 14:00+02:", "today 14",
		"todays", "-2h", "1969-12-31", "2h ago", "now 14:00", "2026-11-28  14:00", "14:00 ",
	};
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		int64_t moment = 42;
		if (times_parse(texts[i], NOW, &moment))
			unit_fail(u, UNIT_HERE, "'%s' is a time", texts[i]);
		CHECK_INT(u, moment, 42);
	}
}

static void no_time_is_before_1970(struct unit *u)
{
	in_zone("XXX-14");
	is(u, "1970-01-01", "1970-01-01T00:00:00.001Z");
	is(u, "1970-01-01T00:00Z", "1970-01-01T00:00:00.001Z");
	in_zone("UTC");
}

const struct unit_test times_tests[] = {
	{"times: durations are so long ago", durations_are_so_long_ago},
	{"times: a zone counts", a_zone_counts},
	{"times: without a zone they are local", without_a_zone_times_are_local},
	{"times: a time alone was last today or yesterday", a_time_alone_was_last_today_or_yesterday},
	{"times: what is none is refused", what_is_no_time_is_refused},
	{"times: none is before 1970", no_time_is_before_1970},
	{NULL, NULL},
};
