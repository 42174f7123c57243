/* test_breaker_policies.c: callers with different policies share one breaker. */
#include "policies.h"
#include "story.h"
#include "suites.h"

#include <string.h>

static void each_caller_judges_by_its_own_policy(struct unit *u)
{
	STORY(u, "failures=5",
	      "0 fail; 1 fail -> closed streak=2\n"
	      "2 policy failures=3; 2 ignore -> closed streak=2\n"
	      "3 fail -> open reason=consecutive a=3\n");
	STORY(u, "failures=3",
	      "0 fail; 1 fail -> closed streak=2\n"
	      "2 policy failures=9; 2 fail; 3 fail -> closed streak=4\n"
	      "4 policy failures=3; 4 ok -> closed streak=0\n");
}

static void a_patient_caller_does_not_open_for_an_impatient_one(struct unit *u)
{
	STORY(u, "failures=9",
	      "0 fail; 1 fail; 2 fail -> closed\n"
	      "3 policy failures=2; 3 peek -> closed\n"
	      "4 begin a -> closed plain\n"
	      "5 policy failures=9; 5 end a fail -> closed streak=4\n"
	      "6 policy failures=2; 6 fail -> open a=5\n");
}

static void the_period_is_that_of_the_one_who_opens(struct unit *u)
{
	STORY(u, "failures=2 open-for=1s",
	      "0 fail -> closed\n"
	      "1 policy open-for=5s; 1 fail -> open retry=5000\n"
	      "2 policy open-for=1ms; 2 ok -> open reject told-retry=4999\n"
	      "5001 policy open-for=100ms open-factor=3x; 5001 fail -> open period=300\n");
}

static void trial_limits_are_those_of_the_one_who_asks(struct unit *u)
{
	STORY(u, "failures=1 open-for=1s probes=3",
	      "0 fail; 1000 begin a; 1000 begin b -> half-open trials=2\n"
	      "1001 policy probes=2; 1001 begin c -> half-open reject why=trial-limit told-a=2\n"
	      "1001 policy probes=3; 1001 begin c -> half-open trial trials=3\n"
	      "1002 policy probes=1; 1002 end a ok -> half-open trials=2\n"
	      "1003 begin d -> half-open reject\n");
}

static void concurrency_limits_are_those_of_the_one_who_asks(struct unit *u)
{
	STORY(u, "max-concurrent=2",
	      "0 begin a; 0 begin b -> closed\n"
	      "1 begin c -> closed reject\n"
	      "2 policy max-concurrent=0; 2 begin c -> closed running=3\n"
	      "3 policy max-concurrent=4; 3 begin d -> closed running=4\n"
	      "4 begin e -> closed reject told-a=4\n");
}

static void the_shadow_falls_on_its_own_caller_alone(struct unit *u)
{
	STORY(u, "failures=1 open-for=1s",
	      "0 fail -> open\n"
	      "1 ok -> open reject rejected=1\n"
	      "2 policy shadow=1; 2 ok -> open why=consecutive rejected=1\n"
	      "3 policy shadow=0; 3 ok -> open reject rejected=2\n");
	STORY(u, "failures=1 open-for=1s shadow=1 probes=1",
	      "0 fail; 1000 begin a; 1000 begin b -> half-open trials=1\n"
	      "1001 policy shadow=0; 1001 begin c -> half-open reject why=trial-limit told-a=1\n");
}

static void a_larger_count_window_goes_on_from_a_smaller(struct unit *u)
{
	STORY(u, "failures=0 failure-rate=100% window=3 min-calls=3",
	      "0 fail; 1 ok; 2 fail; 3 ok -> closed window-calls=3 window-failures=1\n"
	      "4 policy window=10 min-calls=10; 4 ok -> closed window-calls=4 window-failures=1\n"
	      "5 fail -> closed window-calls=5 window-failures=2\n"
	      "6 policy window=2; 6 peek -> window-calls=2 window-failures=1\n"
	      "7 policy failure-rate=100% min-calls=2; 7 fail -> open reason=failure-rate a=2 b=2\n");
}

static void count_and_time_windows_live_side_by_side(struct unit *u)
{
	STORY(u, "failures=0 failure-rate=100% window=4 min-calls=4",
	      "0 fail -> closed window-calls=1\n"
	      "1 policy window=60s min-calls=9; 1 fail -> closed window-calls=1\n"
	      "2 policy window=4; 2 peek -> window-calls=2\n"
	      "3 fail -> closed window-calls=3\n"
	      "4 policy window=60s; 4 peek -> window-calls=2\n"
	      "59999 peek -> window-calls=2\n"
	      "60003 peek -> window-calls=0\n"
	      "60003 policy window=4 min-calls=4; 60003 fail -> open a=4 b=4\n");
}

static void slow_calls_do_not_open_for_one_who_does_not_look(struct unit *u)
{
	STORY(u, "failures=0 failure-rate=0% slow=10ms slow-rate=100% min-calls=9",
	      "0 ok took=11; 1 ok took=11 -> closed window-slow=2\n"
	      "2 policy slow=0 slow-rate=1% min-calls=1; 2 fail took=11 -> closed window-calls=3\n"
	      "3 policy slow=10ms; 3 fail -> open reason=slow-rate a=2 b=4\n");
}

static void within_begins_to_count_when_first_asked(struct unit *u)
{
	STORY(u, "failures=4 failure-rate=0%",
	      "0 fail; 1 fail -> closed streak=2\n"
	      "2 policy within=1s failures=2; 2 fail -> closed within=1 streak=3\n"
	      "3 policy within=0 failures=9; 3 fail; 3 ok -> closed\n"
	      "4 policy within=1s failures=3; 4 fail -> open reason=within a=3\n");
}

static void the_last_callers_policy_is_kept(struct unit *u)
{
	struct story s;
	story_begin(&s, u, UNIT_HERE, "failures=7");
	CHECK_INT(u, s.b.policy.failures, 7);
	story_go_on(&s,
	            "0 policy failures=6; 0 fail -> closed; 1 policy failures=4; 1 begin a -> closed same");
	CHECK_INT(u, s.b.policy.failures, 6);
	story_go_on(&s, "2 trip 100 -> open; 3 policy open-for=5s; 3 ok -> open reject");
	CHECK(u, memcmp(&s.b.policy, &s.policy, sizeof(s.policy)) == 0);
	story_go_on(&s, "4 policy probes=9; 4 reset -> closed");
	CHECK_INT(u, s.b.policy.probes, 3);
}

static void a_policy_that_comes_back_shows_two_callers(struct unit *u)
{
	STORY(u, "failures=9",
	      "0 ok; 1 ok -> policy-turns=0\n"
	      "2 policy failures=8; 2 ok; 3 ok -> policy-turns=0\n"
	      "4 policy failures=9; 4 ok; 5 ok -> policy-turns=1\n"
	      "6 policy failures=8; 6 ok -> policy-turns=2\n"
	      "7 trip 100 -> policy-turns=2\n"
	      "8 policy failures=9; 8 ok -> open reject policy-turns=3\n"
	      "9 policy failures=7; 9 peek -> policy-turns=3\n"
	      "10 ok -> open reject policy-turns=0\n"
	      "11 policy failures=9; 11 ok -> open reject policy-turns=1\n");
}

static void a_hundred_calls_in_agreement_end_the_disagreement(struct unit *u)
{
	struct story s;
	story_begin(&s, u, UNIT_HERE, "failures=9");
	story_go_on(&s, "0 ok; 1 policy failures=8; 1 ok; 2 policy failures=9; 2 ok -> policy-turns=1");
	for (int i = 0; i < 99; i++)
		story_go_on(&s, "3 ok -> policy-turns=1");
	story_go_on(&s, "4 ok -> policy-turns=0");
}

static void closing_ends_the_disagreement(struct unit *u)
{
	STORY(u, "failures=9",
	      "0 ok; 1 policy failures=8; 1 ok; 2 policy failures=9; 2 ok -> policy-turns=1\n"
	      "3 trip 100 -> policy-turns=1; 4 reset -> closed policy-turns=0\n");
}

const struct unit_test breaker_policies_tests[] = {
	{"two policies: each caller judges by its own", each_caller_judges_by_its_own_policy},
	{"two policies: a patient caller does not open for an impatient one",
         a_patient_caller_does_not_open_for_an_impatient_one},
	{"two policies: the period is that of the one who opens", the_period_is_that_of_the_one_who_opens},
	{"two policies: the trial limit is that of the one who asks",
         trial_limits_are_those_of_the_one_who_asks},
	{"two policies: the concurrency limit is that of the one who asks",
         concurrency_limits_are_those_of_the_one_who_asks},
	{"two policies: the shadow falls on its own caller alone", the_shadow_falls_on_its_own_caller_alone},
	{"two policies: a larger count window goes on from a smaller",
         a_larger_count_window_goes_on_from_a_smaller},
	{"two policies: count and time windows live side by side", count_and_time_windows_live_side_by_side},
	{"two policies: slow calls do not open for one who gives no --slow",
         slow_calls_do_not_open_for_one_who_does_not_look},
	{"two policies: --within begins to count when first asked", within_begins_to_count_when_first_asked},
	{"two policies: the last caller's is kept", the_last_callers_policy_is_kept},
	{"two policies: one that comes back shows that two callers disagree",
         a_policy_that_comes_back_shows_two_callers},
	{"two policies: a hundred calls in agreement end the disagreement",
         a_hundred_calls_in_agreement_end_the_disagreement},
	{"two policies: closing ends the disagreement", closing_ends_the_disagreement},
	{NULL, NULL},
};
