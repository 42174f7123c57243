/* test_breaker_open.c: an open breaker, its deadline, and how long it stays open. */
#include "policies.h"
#include "story.h"
#include "suites.h"

static void rejects_until_the_deadline(struct unit *u)
{
	STORY(u, "failures=1 open-for=1s",
	      "100 fail -> open retry=1000 period=1000 since=100\n"
	      "100 ok -> open reject why=consecutive told-retry=1000\n"
	      "600 begin a -> open reject told-retry=500 rejected=2\n"
	      "1099 ok -> open reject told-retry=1 rejected=3\n"
	      "1100 ok -> half-open trial told-retry=-1 rejected=3\n");
}

static void is_half_open_at_the_deadline_without_a_write(struct unit *u)
{
	STORY(u, "failures=1 open-for=1s",
	      "0 fail -> open\n"
	      "999 peek -> open same stored=open retry=1 since=0 needs-load=0 reason=consecutive a=1\n"
	      "1000 peek -> half-open same stored=open retry=-1 since=1000 reason=deadline a=1000\n"
	      "99999 peek -> half-open same stored=open generation=2 needs-load=1 since=1000\n");
}

static void the_first_call_after_the_deadline_settles_it(struct unit *u)
{
	STORY(u, "failures=1 open-for=1s",
	      "0 fail -> open generation=2\n"
	      "1500 begin a -> half-open trial stored=half-open journal=open>half-open call-generation=3\n"
	      "1500 peek -> half-open generation=3 reason=deadline a=1000 since=1000\n"
	      "1600 begin b -> half-open trial same since=1000\n");
}

static void rejections_do_not_move_the_deadline(struct unit *u)
{
	STORY(u, "failures=1 open-for=10ms",
	      "0 fail; 1 ok -> open reject\n"
	      "5 ok -> open reject retry=5\n"
	      "9 fail -> open reject retry=1 window-calls=1 failures=1 rejected=3\n"
	      "10 peek -> half-open\n");
}

static void outcomes_of_earlier_calls_do_not_count(struct unit *u)
{
	STORY(u, "failures=1 open-for=1s",
	      "0 begin a; 0 begin b; 0 begin c -> closed\n"
	      "1 end a fail -> open retry=1000 window-failures=1\n"
	      "2 end b fail -> open retry=999 window-failures=1 failures=2 streak=1 journal=fail\n"
	      "3 end c ok -> open retry=998 window-calls=1 successes=1 streak=1 journal=ok\n");
}

static void each_reopening_lasts_longer(struct unit *u)
{
	STORY(u, "failures=1 open-for=1s open-factor=2x",
	      "0 fail -> open period=1000 reopenings=0\n"
	      "1000 fail -> open period=2000 reopenings=1 retry=2000 reason=trials-failed\n"
	      "2999 peek -> open retry=1\n"
	      "3000 fail -> open period=4000 reopenings=2\n"
	      "7000 fail -> open period=8000 reopenings=3\n");
}

static void growth_ends_at_the_cap(struct unit *u)
{
	STORY(u, "failures=1 open-for=1s open-factor=3x open-max=5s",
	      "0 fail -> open period=1000\n"
	      "1000 fail -> open period=3000\n"
	      "4000 fail -> open period=5000\n"
	      "9000 fail -> open period=5000 reopenings=3\n"
	      "14000 fail -> open period=5000 reopenings=4\n");
}

static void the_cap_is_never_below_the_first_period(struct unit *u)
{
	STORY(u, "failures=1 open-for=10s open-factor=2x open-max=5s",
	      "0 fail -> open period=10000\n"
	      "10000 fail -> open period=10000\n"
	      "20000 fail -> open period=10000 reopenings=2\n");
}

static void without_a_factor_it_does_not_grow(struct unit *u)
{
	STORY(u, "failures=1 open-for=10ms",
	      "0 fail; 10 fail; 20 fail -> open period=10 reopenings=2\n"
	      "29 peek -> open\n"
	      "30 peek -> half-open\n");
}

static void closing_ends_the_growth(struct unit *u)
{
	STORY(u, "failures=1 open-for=1s open-factor=2x successes=1",
	      "0 fail; 1000 fail -> open period=2000 reopenings=1\n"
	      "3000 ok -> closed reopenings=0 streak=0 window-calls=0\n"
	      "3001 fail -> open period=1000 reopenings=0\n"
	      "4001 fail -> open period=2000 reopenings=1\n");
}

static void jitter_lengthens_within_its_bounds(struct unit *u)
{
	STORY(u, "failures=1 open-for=1s jitter=25%", "0 chance 0; 0 fail -> open period=1000 retry=1000\n");
	STORY(u, "failures=1 open-for=1s jitter=25%", "0 chance 4294967295; 0 fail -> open period=1250\n");
	STORY(u, "failures=1 open-for=1s jitter=100%", "0 chance 4294967295; 0 fail -> open period=2000\n");
	STORY(u, "failures=1 open-for=1s jitter=50%", "0 chance 2147483648; 0 fail -> open period=1250\n");
	STORY(u, "failures=1 open-for=1s jitter=0%", "0 chance 4294967295; 0 fail -> open period=1000\n");
}

static void jitter_is_drawn_once(struct unit *u)
{
	STORY(u, "failures=1 open-for=1s jitter=50%",
	      "0 chance 4294967295; 0 fail -> open period=1500 retry=1500\n"
	      "1 chance 0; 1 ok -> open reject told-retry=1499\n"
	      "2 chance 99999; 2 ok -> open reject told-retry=1498\n"
	      "1499 peek -> open retry=1\n"
	      "1500 chance 7 -> half-open\n");
}

static void jitter_is_drawn_for_each_opening(struct unit *u)
{
	STORY(u, "failures=1 open-for=1s open-factor=2x jitter=50%",
	      "0 chance 4294967295; 0 fail -> open period=1500\n"
	      "1500 chance 0; 1500 fail -> open period=2000\n"
	      "3500 chance 4294967295; 3500 fail -> open period=6000\n");
}

static void a_period_of_many_years_is_kept(struct unit *u)
{
	struct story s;
	story_begin(&s, u, UNIT_HERE, "failures=1 open-factor=10x jitter=100%");
	s.policy.open_for_ms = POLICY_MAX_MS;
	s.policy.open_max_ms = POLICY_MAX_MS;
	story_go_on(&s, "0 chance 4294967295; 0 fail -> open");
	CHECK_INT(u, s.b.open_period_ms, 2 * POLICY_MAX_MS);
	s.now_ms = 2 * POLICY_MAX_MS - 1;
	struct moment moment = story_moment(&s);
	CHECK_INT(u, breaker_retry_after_ms(&s.b, breaker_now_ms(&s.b, &moment.at)), 1);
	s.now_ms++;
	moment = story_moment(&s);
	CHECK_INT(u, breaker_state_at(&s.b, breaker_now_ms(&s.b, &moment.at)), BREAKER_HALF_OPEN);
}

const struct unit_test breaker_open_tests[] = {
	{"open: rejects until the deadline, and says how long", rejects_until_the_deadline},
	{"open: is half-open at the deadline though nobody writes",
         is_half_open_at_the_deadline_without_a_write},
	{"open: the first call after the deadline settles it, since the deadline",
         the_first_call_after_the_deadline_settles_it},
	{"open: rejections do not move the deadline and are in no window",
         rejections_do_not_move_the_deadline},
	{"open: outcomes of earlier calls do not count", outcomes_of_earlier_calls_do_not_count},
	{"open: each reopening lasts longer by the factor", each_reopening_lasts_longer},
	{"open: growth ends at the cap", growth_ends_at_the_cap},
	{"open: the cap is never below --open-for", the_cap_is_never_below_the_first_period},
	{"open: without a factor it does not grow", without_a_factor_it_does_not_grow},
	{"open: closing ends the growth", closing_ends_the_growth},
	{"open: jitter lengthens, from nothing to its percentage", jitter_lengthens_within_its_bounds},
	{"open: jitter is drawn once and stays", jitter_is_drawn_once},
	{"open: jitter is drawn anew for each opening", jitter_is_drawn_for_each_opening},
	{"open: a period of many years is kept to the millisecond", a_period_of_many_years_is_kept},
	{NULL, NULL},
};
