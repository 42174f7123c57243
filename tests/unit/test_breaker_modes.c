/* test_breaker_modes.c: what operators do by hand, and the shadow. */
#include "story.h"
#include "suites.h"

static void trip_opens_for_the_given_time(struct unit *u)
{
	STORY(u, "open-factor=2x",
	      "0 trip 500 -> open retry=500 period=500 reason=tripped a=500 b=0\n"
	      "0 peek -> open mode=normal reopenings=0 generation=2 streak=0\n"
	      "499 ok -> open reject why=tripped told-retry=1\n"
	      "500 ok -> half-open trial\n");
}

static void trip_replaces_an_earlier_deadline(struct unit *u)
{
	STORY(u, "failures=1 open-for=1s",
	      "0 fail -> open retry=1000 generation=2\n"
	      "100 trip 50 -> open retry=50 since=100 generation=3 journal=open>open\n"
	      "149 peek -> open\n"
	      "150 peek -> half-open\n");
	STORY(u, "failures=1 open-for=1s",
	      "0 fail; 100 trip 5000 -> open retry=5000\n"
	      "1000 peek -> open retry=4100\n");
}

static void trip_neither_grows_nor_ends_the_growth(struct unit *u)
{
	STORY(u, "failures=1 open-for=1s open-factor=2x",
	      "0 fail; 1000 fail -> open period=2000 reopenings=1\n"
	      "3000 trip 700 -> open period=700 reopenings=1 journal=open>half-open,half-open>open\n"
	      "3700 fail -> open period=4000 reopenings=2\n");
}

static void trip_takes_no_jitter(struct unit *u)
{
	STORY(u, "jitter=100%", "0 chance 4294967295; 0 trip 500 -> open period=500 retry=500\n");
}

static void a_trip_of_no_length_is_half_open_at_once(struct unit *u)
{
	STORY(u, "", "5 trip 0 -> half-open stored=open since=5; 5 ok -> half-open trial\n");
}

static void trip_keeps_the_window_and_hides_it(struct unit *u)
{
	STORY(u, "failures=3",
	      "0 fail; 1 fail -> closed streak=2\n"
	      "2 trip 100 -> open streak=2 window-failures=2\n"
	      "102 fail -> open reason=trials-failed\n");
}

static void hold_stays_open_until_reset(struct unit *u)
{
	STORY(u, "failures=1 open-for=1s",
	      "0 hold -> open mode=held reason=held retry=-1 generation=2\n"
	      "1 ok -> open reject why=held told-retry=-1\n"
	      "99999999 peek -> open same since=0 needs-load=0\n"
	      "99999999 ok -> open reject rejected=2\n"
	      "100000000 reset -> closed mode=normal reason=reset journal=open>closed\n"
	      "100000000 ok -> closed\n");
}

static void hold_stops_the_deadline_of_an_open_breaker(struct unit *u)
{
	STORY(u, "failures=1 open-for=1s",
	      "0 fail -> open\n"
	      "500 hold -> open mode=held retry=-1 journal=open>open since=500\n"
	      "1000 peek -> open\n"
	      "9000 ok -> open reject\n"
	      "9001 hold -> open mode=held since=9001 journal=open>open\n");
}

static void hold_past_the_deadline_settles_first(struct unit *u)
{
	STORY(u, "failures=1 open-for=1s",
	      "0 fail; 1500 hold -> open mode=held journal=open>half-open,half-open>open generation=4\n");
}

static void a_held_breaker_cannot_be_tripped(struct unit *u)
{
	STORY(u, "",
	      "0 hold; 1 trip 5 -> open refused same mode=held\n"
	      "9 ok -> open reject why=held\n");
}

static void disable_ends_a_hold(struct unit *u)
{
	STORY(u, "",
	      "0 hold; 5 disable -> closed mode=disabled reason=disabled\n"
	      "6 ok -> closed plain\n"
	      "7 enable -> closed mode=normal reason=enabled\n"
	      "8 trip 5 -> open mode=normal\n");
}

static void reset_closes_and_clears(struct unit *u)
{
	STORY(u, "failures=1 open-for=1s open-factor=2x within=9s",
	      "0 fail; 1000 fail -> open reopenings=1 period=2000\n"
	      "1500 reset -> closed streak=0 window-calls=0 within=0 reopenings=0 period=0 reason=reset\n"
	      "1501 fail -> open period=1000\n");
	STORY(u, "failures=2",
	      "0 fail -> streak=1\n"
	      "1 reset -> closed streak=0 window-calls=0 generation=2 journal=closed>closed\n"
	      "2 fail -> closed streak=1\n");
}

static void reset_of_a_half_open_breaker(struct unit *u)
{
	STORY(u, "failures=1 open-for=1s probes=1",
	      "0 fail; 1000 begin a -> half-open\n"
	      "1001 reset -> closed journal=half-open>closed trial-successes=0\n"
	      "1002 end a fail -> closed streak=0 window-calls=0\n");
	STORY(u, "failures=1 open-for=1s",
	      "0 fail; 1000 reset -> closed journal=open>half-open,half-open>closed generation=4\n");
}

static void disabled_runs_everything_and_counts_totals_alone(struct unit *u)
{
	STORY(u, "failures=1 max-concurrent=1 slow=10ms slow-rate=1% min-calls=1",
	      "0 disable -> closed mode=disabled needs-load=1\n"
	      "1 begin a -> closed plain same call-generation=2\n"
	      "1 begin b -> closed reject why=concurrency-limit running=1\n"
	      "2 end a fail took=11 -> closed failures=1 slow=1 streak=0 window-calls=0 journal=\n"
	      "3 ok -> closed successes=1 window-calls=0 journal= last-exit=0\n"
	      "4 timeout -> closed timeouts=1 failures=2 latencies=3 last-exit=124 journal=\n"
	      "5 ignore -> closed ignored=1 journal=\n"
	      "6 observe fail -> closed failures=3 streak=0 journal=\n"
	      "7 fail; 8 fail; 9 fail; 10 fail -> closed rejected=1 openings=0\n");
}

static void disabled_stays_until_enable(struct unit *u)
{
	STORY(u, "failures=1",
	      "0 disable -> closed mode=disabled generation=2\n"
	      "1 trip 5 -> closed refused same\n"
	      "2 hold -> closed refused same\n"
	      "3 reset -> closed mode=disabled generation=3 reason=disabled\n"
	      "4 disable -> closed mode=disabled generation=4\n"
	      "5 fail -> closed mode=disabled\n"
	      "6 enable -> closed mode=normal reason=enabled generation=5 journal=closed>closed\n"
	      "7 fail -> open\n");
}

static void disabled_for_a_time_is_enabled_by_it(struct unit *u)
{
	STORY(u, "failures=1 open-for=1s",
	      "0 disable 100 -> closed mode=disabled enabled-after=100\n"
	      "99 fail -> closed mode=disabled enabled-after=1 journal=\n"
	      "100 peek -> closed mode=normal reason=disable-over enabled-after=-1 since=100 same\n"
	      "100 enable -> closed refused same\n"
	      "150 begin a -> closed plain generation=3 since=100 journal=closed>closed\n"
	      "160 end a fail -> open journal=fail,closed>open\n");
	STORY_ENDINGS(u, "failures=1 open-for=1s", "0 disable 100; 50 begin a -> closed plain\n",
	              "99 end a fail -> closed mode=disabled failures=1 journal=\n"
	              /* it was let in before, so it is counted in the totals and the history alone */
	              "100 end a fail -> closed mode=normal failures=1 streak=0 journal=closed>closed,fail\n"
	              "100 observe fail -> open journal=closed>closed,fail,closed>open\n"
	              "100 trip 5 -> open journal=closed>closed,closed>open\n"
	              "100 hold -> open mode=held journal=closed>closed,closed>open\n"
	              "100 reset -> closed mode=normal reason=reset journal=closed>closed,closed>closed\n"
	              "60 disable -> closed mode=disabled enabled-after=-1\n"
	              "60 disable 10; 70 peek -> closed mode=normal\n"
	              "60 reset; 100 peek -> closed mode=normal\n");
}

static void disabling_clears(struct unit *u)
{
	STORY(u, "failures=2 open-for=1s",
	      "0 fail -> streak=1 window-calls=1\n"
	      "1 disable -> closed streak=0 window-calls=0\n"
	      "2 enable; 3 fail -> closed streak=1\n"
	      "4 fail -> open\n"
	      "5 disable -> closed journal=open>closed retry=-1 reopenings=0\n"
	      "6 ok -> closed\n");
}

static void only_a_disabled_breaker_can_be_enabled(struct unit *u)
{
	STORY(u, "failures=1 open-for=1s",
	      "0 enable -> closed refused same\n"
	      "1 fail; 2 enable -> open refused same\n"
	      "1001 enable -> half-open refused same stored=open\n"
	      "1002 begin a; 1003 enable -> half-open refused same stored=half-open\n"
	      "1004 hold; 1005 enable -> open refused same mode=held\n");
}

static void calls_across_disabling_are_not_counted_in(struct unit *u)
{
	STORY(u, "failures=1",
	      "0 begin a; 0 begin b -> closed call-generation=1\n"
	      "1 disable -> closed\n"
	      "2 end a fail -> closed failures=1 journal=\n"
	      "3 begin c -> closed call-generation=2\n"
	      "4 enable -> closed generation=3\n"
	      "5 end b fail -> closed failures=2 streak=0 journal=fail\n"
	      "6 end c fail -> closed failures=3 streak=0 journal=fail\n"
	      "7 fail -> open\n");
}

static void shadow_rejects_nothing_while_open(struct unit *u)
{
	STORY(u, "failures=1 open-for=1s shadow=1",
	      "0 fail -> open retry=1000\n"
	      "1 begin a -> open plain same why=consecutive told-retry=999 call-generation=0\n"
	      "2 end a ok -> open successes=1 journal=ok streak=1 window-calls=1 rejected=0\n"
	      "3 fail -> open retry=997 failures=2 window-failures=1 reopenings=0\n"
	      "1000 fail -> open trial reopenings=1\n");
}

static void shadow_rejects_nothing_at_the_limits(struct unit *u)
{
	STORY(u, "failures=1 open-for=1s shadow=1 probes=1 max-concurrent=1 successes=1",
	      "0 begin a -> closed why=none running=1\n"
	      "0 begin b -> closed plain why=concurrency-limit call-generation=0 running=2 rejected=0\n"
	      "1 end b fail -> closed streak=0 window-calls=0 failures=1\n"
	      "2 end a fail -> open\n"
	      "1002 begin c -> half-open trial trials=1\n"
	      "1002 begin d -> half-open plain why=trial-limit trials=1 running=2 same\n"
	      "1003 end d fail -> half-open trial-failures=0 journal=fail\n"
	      "1004 end c ok -> closed\n");
}

static void shadow_rejects_nothing_while_held(struct unit *u)
{
	STORY(u, "shadow=1 failures=1",
	      "0 hold -> open mode=held\n"
	      "1 begin a -> open plain same why=held call-generation=0\n"
	      "2 end a fail -> open mode=held failures=1\n"
	      "3 reset; 4 ok -> closed why=none\n");
}

static void shadow_makes_every_transition(struct unit *u)
{
	STORY(u, "failures=2 open-for=1s shadow=1 successes=2",
	      "0 fail; 1 fail -> open openings=1\n"
	      "1001 ok -> half-open trial half-openings=1\n"
	      "1002 ok -> closed closings=1 rejected=0\n");
}

static void manual_acts_start_a_generation_each_time(struct unit *u)
{
	STORY(u, "",
	      "0 trip 9 -> generation=2; 0 trip 9 -> generation=3\n"
	      "0 hold -> generation=4; 0 hold -> generation=5\n"
	      "0 reset -> generation=6; 0 reset -> generation=7; 0 disable -> generation=8\n"
	      "0 disable -> generation=9; 0 enable -> generation=10\n"
	      "0 peek -> closed openings=4 closings=5 half-openings=0\n");
}

const struct unit_test breaker_modes_tests[] = {
	{"by hand: trip opens for the given time", trip_opens_for_the_given_time},
	{"by hand: trip replaces an earlier deadline, shorter or longer", trip_replaces_an_earlier_deadline},
	{"by hand: trip neither grows the open period nor ends its growth",
         trip_neither_grows_nor_ends_the_growth},
	{"by hand: trip takes no jitter", trip_takes_no_jitter},
	{"by hand: a trip of no length is half-open at once", a_trip_of_no_length_is_half_open_at_once},
	{"by hand: trip keeps window and streak as they were", trip_keeps_the_window_and_hides_it},
	{"by hand: hold stays open until reset", hold_stays_open_until_reset},
	{"by hand: hold stops the deadline of an open breaker", hold_stops_the_deadline_of_an_open_breaker},
	{"by hand: hold past the deadline goes by way of half-open", hold_past_the_deadline_settles_first},
	{"by hand: a held breaker cannot be tripped", a_held_breaker_cannot_be_tripped},
	{"by hand: disable ends a hold", disable_ends_a_hold},
	{"by hand: reset closes and clears", reset_closes_and_clears},
	{"by hand: reset of a half-open breaker, settled or not", reset_of_a_half_open_breaker},
	{"disabled: runs everything and counts in the totals alone",
         disabled_runs_everything_and_counts_totals_alone},
	{"disabled: stays so through trip, hold, reset and disable until enable",
         disabled_stays_until_enable},
	{"disabled: for a time, and enabled when that is over", disabled_for_a_time_is_enabled_by_it},
	{"disabled: disabling closes and clears", disabling_clears},
	{"disabled: only a disabled breaker can be enabled", only_a_disabled_breaker_can_be_enabled},
	{"disabled: calls that run across disabling or enabling change no state",
         calls_across_disabling_are_not_counted_in},
	{"shadow: rejects nothing while open, and those calls have no effect",
         shadow_rejects_nothing_while_open},
	{"shadow: rejects nothing at the limits, and those calls have no effect",
         shadow_rejects_nothing_at_the_limits},
	{"shadow: rejects nothing while held", shadow_rejects_nothing_while_held},
	{"shadow: makes every transition", shadow_makes_every_transition},
	{"by hand: each act starts a generation", manual_acts_start_a_generation_each_time},
	{NULL, NULL},
};
