/* test_breaker_time.c: reboots and stepped clocks, as a breaker sees them. */
#include "story.h"
#include "suites.h"

enum { HOUR_MS = 3600000 };

static void a_wall_step_changes_nothing(struct unit *u)
{
	STORY(u, "failures=1 open-for=30s",
	      "0 fail -> open\n"
	      "10000 wall 3600000 -> open retry=20000\n"
	      "11000 ok -> open reject told-retry=19000\n"
	      "12000 wall -7200000 -> open retry=18000\n"
	      "29999 ok -> open reject told-retry=1\n"
	      "30000 peek -> half-open\n");
}

static void a_wall_step_neither_opens_nor_renews(struct unit *u)
{
	STORY(u, "failures=2 within=10s failure-rate=100% window=60s min-calls=3",
	      "0 fail -> closed within=1\n"
	      "1000 wall -3600000 -> closed within=1 window-calls=1\n"
	      "9999 peek -> within=1\n"
	      "10000 peek -> within=0 window-calls=1\n"
	      "11000 wall 7200000 -> closed window-calls=1\n"
	      "11000 fail -> closed within=1 window-calls=2\n"
	      "60000 wall -999999999 -> window-calls=1\n");
}

static void a_half_open_time_is_dated_on_the_wall(struct unit *u)
{
	STORY(u, "failures=1 open-for=1s",
	      "0 fail -> open since=0\n"
	      "500 wall 60000 -> open since=0\n"
	      "1500 peek -> half-open since=61000\n"
	      "2000 begin a -> half-open stored=half-open since=61000\n");
}

static void a_reboot_goes_on_by_wall_time(struct unit *u)
{
	STORY(u, "failures=1 open-for=30s",
	      "0 fail -> open\n"
	      "10000 ok -> open reject\n"
	      "12000 reboot -> open retry=18000\n"
	      "29999 ok -> open reject told-retry=1\n"
	      "30000 peek -> half-open\n");
	STORY(u, "failures=1 open-for=30s",
	      "0 fail -> open\n"
	      "99999999 reboot -> half-open since=30000\n");
}

static void a_reboot_with_the_clock_set_forward_ends_the_period(struct unit *u)
{
	STORY(u, "failures=1 open-for=30s",
	      "0 fail -> open\n"
	      "5000 reboot; 5000 wall 20000 -> open retry=5000\n"
	      "5000 wall 5000 -> half-open\n"
	      "5000 ok -> half-open trial\n");
}

static void a_deadline_further_ahead_than_the_period_has_passed(struct unit *u)
{
	STORY(u, "failures=1 open-for=30s",
	      "1000 fail -> open\n"
	      "2000 reboot; 2000 wall -1001 -> half-open\n"
	      "2000 ok -> half-open trial\n");
	STORY(u, "failures=1 open-for=30s",
	      "1000 fail -> open\n"
	      "2000 reboot; 2000 wall -3600000 -> half-open stored=open retry=-1\n"
	      "2000 begin a -> half-open trial journal=open>half-open\n"
	      "2001 end a fail -> open retry=30000\n"
	      "32000 peek -> open retry=1\n"
	      "32001 peek -> half-open\n");
}

static void a_deadline_as_far_ahead_as_the_period_has_not_passed(struct unit *u)
{
	STORY(u, "failures=1 open-for=30s",
	      "1000 fail -> open\n"
	      "2000 ok -> open reject told-retry=29000\n"
	      "3000 reboot; 3000 wall -2000 -> open retry=29000\n"
	      "3000 wall -1 -> half-open\n");
}

static void a_clock_set_back_a_little_does_not_run_backward(struct unit *u)
{
	STORY(u, "failures=1 open-for=30s",
	      "0 fail -> open\n"
	      "10000 ok -> open reject told-retry=20000\n"
	      "11000 reboot; 11000 wall -5000 -> open retry=20000\n"
	      "11000 ok -> open reject told-retry=20000\n"
	      "12000 ok -> open reject told-retry=19000\n"
	      "30999 ok -> open reject told-retry=1\n"
	      "31000 ok -> half-open trial\n");
}

static void a_held_breaker_stays_held_whatever_the_clock(struct unit *u)
{
	STORY(u, "",
	      "0 hold -> open mode=held\n"
	      "1 reboot; 1 wall -3600000 -> open retry=-1\n"
	      "1 ok -> open reject\n"
	      "2 wall 999999999 -> open\n"
	      "3 reboot -> open mode=held\n"
	      "3 ok -> open reject why=held\n");
}

static void a_reboot_makes_no_old_outcome_new(struct unit *u)
{
	STORY(u, "failures=2 within=10s failure-rate=0%",
	      "0 fail -> closed within=1\n"
	      "6000 ok -> closed within=1\n"
	      "7000 reboot; 7000 wall -3600000 -> closed within=1\n"
	      "7000 ok -> closed within=1\n"
	      "10999 peek -> within=1\n"
	      "11000 peek -> within=0\n"
	      "11000 fail -> closed within=1\n");
	STORY(u, "failures=2 within=10s failure-rate=0%",
	      "0 fail -> closed\n"
	      "9999 reboot -> within=1\n"
	      "10000 peek -> within=0\n");
}

static void a_closed_breaker_is_not_opened_by_the_clock(struct unit *u)
{
	STORY(u, "failures=2 failure-rate=0%",
	      "0 fail -> closed streak=1\n"
	      "1 wall 999999999 -> closed same\n"
	      "2 reboot; 2 wall -1999999999 -> closed same\n"
	      "3 ok -> closed streak=0 since=0\n");
}

static void the_clock_never_runs_backward(struct unit *u)
{
	struct story s;
	story_begin(&s, u, UNIT_HERE, "failures=1 open-for=1s");
	static const char *const steps[] = {"0 ok", "5 wall -9999", "6 reboot", "6 ok", "7 wall 86400000",
	                                    "8 ok", "9 reboot",     "9 wall 1", "9 ok", "9 wall -86400000"};
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		story_go_on(&s, steps[i]);
		struct moment moment = story_moment(&s);
		CHECK(u, breaker_now_ms(&s.b, &moment.at) >= s.b.timeline.clock_ms);
	}
}

static void reading_the_clock_changes_nothing(struct unit *u)
{
	struct story s;
	story_begin(&s, u, UNIT_HERE, "failures=1 open-for=1s");
	story_go_on(&s, "0 fail -> open");
	struct moment moment = story_moment(&s);
	int64_t begun_ms = breaker_now_ms(&s.b, &moment.at);
	moment.at.boot_ms += HOUR_MS;
	CHECK_INT(u, breaker_now_ms(&s.b, &moment.at), begun_ms + HOUR_MS);
	moment = story_moment(&s);
	CHECK_INT(u, breaker_now_ms(&s.b, &moment.at), begun_ms);
}

const struct unit_test breaker_time_tests[] = {
	{"time: within a boot a wall step changes no deadline", a_wall_step_changes_nothing},
	{"time: within a boot a wall step makes no outcome old or new", a_wall_step_neither_opens_nor_renews},
	{"time: a half-open time is dated by the wall as it is now", a_half_open_time_is_dated_on_the_wall},
	{"time: across a reboot periods go on by wall time", a_reboot_goes_on_by_wall_time},
	{"time: a reboot with the clock set forward ends the period",
         a_reboot_with_the_clock_set_forward_ends_the_period},
	{"time: a deadline further ahead than the period counts as passed",
         a_deadline_further_ahead_than_the_period_has_passed},
	{"time: a deadline as far ahead as the period has not passed",
         a_deadline_as_far_ahead_as_the_period_has_not_passed},
	{"time: a reboot with the clock set back a little holds nothing open longer",
         a_clock_set_back_a_little_does_not_run_backward},
	{"time: a held breaker stays held whatever the clock", a_held_breaker_stays_held_whatever_the_clock},
	{"time: a reboot makes no old outcome new", a_reboot_makes_no_old_outcome_new},
	{"time: a closed breaker is not opened by the clock", a_closed_breaker_is_not_opened_by_the_clock},
	{"time: the breaker's clock never shows less than at its last step", the_clock_never_runs_backward},
	{"time: reading the clock changes nothing", reading_the_clock_changes_nothing},
	{NULL, NULL},
};
