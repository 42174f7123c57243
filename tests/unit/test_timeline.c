/* test_timeline.c: the timeline, the breaker's own clock. */
#include "breaker/timeline.h"

#include "suites.h"

/* The machine at some time of boot 7: its boot clock shows 50 s. */
static const struct instant anchor = {.boot_ms = 50000, .wall_ms = 1700000000000, .boot_id = 7};

static struct instant later(int64_t boot_ms, int64_t wall_ms)
{
	struct instant at = anchor;
	at.boot_ms += boot_ms;
	at.wall_ms += wall_ms;
	return at;
}

static struct instant rebooted(int64_t boot_ms, int64_t wall_ms)
{
	struct instant at = {.boot_ms = boot_ms, .wall_ms = anchor.wall_ms + wall_ms, .boot_id = 8};
	return at;
}

static void starts_at_the_boot_clock(struct unit *u)
{
	struct timeline t = timeline_start(&anchor);
	CHECK_INT(u, t.clock_ms, 50000);
	CHECK_INT(u, timeline_read(&t, &anchor), 50000);
}

static void follows_the_boot_clock_within_a_boot(struct unit *u)
{
	struct timeline t = timeline_start(&anchor);
	struct instant at = later(1, 1);
	CHECK_INT(u, timeline_read(&t, &at), 50001);
	at = later(86400000, 86400000);
	CHECK_INT(u, timeline_read(&t, &at), 86450000);
}

static void ignores_wall_steps_within_a_boot(struct unit *u)
{
	struct timeline t = timeline_start(&anchor);
	struct instant at = later(1000, -86400000);
	CHECK_INT(u, timeline_read(&t, &at), 51000);
	at = later(1000, 86400000);
	CHECK_INT(u, timeline_read(&t, &at), 51000);
	at = later(0, 5);
	CHECK_INT(u, timeline_read(&t, &at), 50000);
}

static void goes_on_by_the_wall_across_boots(struct unit *u)
{
	struct timeline t = timeline_start(&anchor);
	struct instant at = rebooted(10, 90000);
	CHECK_INT(u, timeline_read(&t, &at), 140000);
	at = rebooted(99999999, 0); /* its boot clock does not matter */
	CHECK_INT(u, timeline_read(&t, &at), 50000);
}

static void shows_a_wall_clock_set_back_across_boots(struct unit *u)
{
	struct timeline t = timeline_start(&anchor);
	struct instant at = rebooted(10, -20000);
	CHECK_INT(u, timeline_read(&t, &at), 30000);
}

static void a_boot_clock_far_behind_is_another_one(struct unit *u)
{
	struct timeline t = timeline_start(&anchor);
	struct instant at = later(-1, 5000);
	CHECK_INT(u, timeline_read(&t, &at), 50000);
	at = later(-60000, 5000); /* a reading that a minute of sleep has kept from being used */
	CHECK_INT(u, timeline_read(&t, &at), 50000);
	at = later(-60001, 5000);
	CHECK_INT(u, timeline_read(&t, &at), 55000);
}

static void goes_on_from_where_it_was_moved(struct unit *u)
{
	struct timeline t = timeline_start(&anchor);
	struct instant at = rebooted(10, -20000);
	timeline_move(&t, 60000, &at);
	CHECK_INT(u, t.clock_ms, 60000);
	CHECK_INT(u, timeline_read(&t, &at), 60000);
	at = rebooted(510, 99999);
	CHECK_INT(u, timeline_read(&t, &at), 60500);
	at = later(1, -19000); /* the boot before: by the wall again */
	CHECK_INT(u, timeline_read(&t, &at), 61000);
}

static void trusts_no_boot_that_is_not_known(struct unit *u)
{
	struct instant unknown = {.boot_ms = 50000, .wall_ms = anchor.wall_ms};
	struct timeline t = timeline_start(&unknown);
	struct instant at = {.boot_ms = 60000, .wall_ms = anchor.wall_ms + 86400000};
	CHECK_INT(u, timeline_read(&t, &at), 86450000);
}

static void reading_moves_nothing(struct unit *u)
{
	struct timeline t = timeline_start(&anchor);
	struct instant at = later(777, 777);
	timeline_read(&t, &at);
	CHECK_INT(u, timeline_read(&t, &anchor), 50000);
}

static void survives_many_boots(struct unit *u)
{
	struct timeline t = timeline_start(&anchor);
	struct instant at = anchor;
	for (uint64_t boot = 8; boot < 1008; boot++) {
		at = (struct instant){.boot_ms = 100, .wall_ms = at.wall_ms + 1000, .boot_id = boot};
		timeline_move(&t, timeline_read(&t, &at), &at);
		at.boot_ms += 500;
		at.wall_ms += 500;
	}
	CHECK_INT(u, timeline_read(&t, &at), 50000 + 1000 * 1000 + 999 * 500 + 500);
}

const struct unit_test timeline_tests[] = {
	{"timeline: starts at the boot clock", starts_at_the_boot_clock},
	{"timeline: follows the boot clock within a boot", follows_the_boot_clock_within_a_boot},
	{"timeline: ignores wall steps within a boot", ignores_wall_steps_within_a_boot},
	{"timeline: goes on by the wall across boots", goes_on_by_the_wall_across_boots},
	{"timeline: shows a wall clock that was set back across boots",
         shows_a_wall_clock_set_back_across_boots},
	{"timeline: goes by the wall where a boot is not known", trusts_no_boot_that_is_not_known},
	{"timeline: a boot clock more than a minute behind is another boot's",
         a_boot_clock_far_behind_is_another_one},
	{"timeline: goes on from where it was moved to", goes_on_from_where_it_was_moved},
	{"timeline: reading moves nothing", reading_moves_nothing},
	{"timeline: adds up over many boots", survives_many_boots},
	{NULL, NULL},
};
