/* test_breaker_closed.c: a closed breaker, what enters its window, and what opens it. */
#include "story.h"
#include "suites.h"

static void runs_every_call(struct unit *u)
{
	STORY(u, "",
	      "0 begin a -> closed plain same told-retry=-1 why=none call-generation=1\n"
	      "0 begin b -> closed plain same\n"
	      "5 end b ok -> closed streak=0 window-calls=1 window-failures=0 successes=1\n"
	      "7 end a fail -> closed streak=1 window-calls=2 window-failures=1 failures=1\n");
}

static void opens_at_the_nth_failure_in_a_row(struct unit *u)
{
	STORY(u, "failures=3",
	      "0 fail -> closed streak=1\n"
	      "1 fail -> closed streak=2\n"
	      "2 fail -> open streak=3 reason=consecutive a=3 retry=30000 generation=2\n");
	STORY(u, "failures=1", "0 fail -> open reason=consecutive a=1\n");
}

static void counts_timeouts_as_failures(struct unit *u)
{
	STORY(u, "failures=2",
	      "0 timeout -> closed streak=1 failures=1 timeouts=1 window-failures=1\n"
	      "1 fail -> open failures=2 timeouts=1\n");
}

static void a_success_ends_the_streak(struct unit *u)
{
	STORY(u, "failures=3",
	      "0 fail -> closed streak=1\n"
	      "1 fail -> closed streak=2\n"
	      "2 ok -> closed streak=0\n"
	      "3 fail; 4 fail -> closed streak=2\n"
	      "5 fail -> open\n");
}

static void a_slow_success_ends_the_streak_too(struct unit *u)
{
	STORY(u, "failures=2 slow=100ms",
	      "0 fail -> closed streak=1\n"
	      "1 ok took=101 -> closed streak=0 slow=1\n"
	      "2 fail -> closed streak=1\n");
}

static void an_ignored_outcome_is_neutral(struct unit *u)
{
	STORY(u, "failures=2 slow=10ms slow-rate=1% min-calls=1 failure-rate=0%",
	      "0 fail -> closed streak=1 window-calls=1\n"
	      "1 ignore -> closed streak=1 window-calls=1 ignored=1 successes=0 failures=1\n"
	      "2 ignore took=9999 -> closed streak=1 window-calls=1 slow=0 latencies=1\n"
	      "3 fail -> open reason=consecutive a=2\n");
}

static void one_failure_may_be_enough_within_a_time(struct unit *u)
{
	STORY(u, "failures=1 within=1s failure-rate=0%", "0 ok -> closed; 1 fail -> open reason=within a=1\n");
	STORY(u, "failures=1 within=1ms failure-rate=0%", "0 ok -> closed; 1 fail -> open reason=within a=1\n");
}

static void failures_zero_turns_the_rule_off(struct unit *u)
{
	STORY(u, "failures=0 failure-rate=100% min-calls=4",
	      "0 ok; 1 fail; 2 fail; 3 fail; 4 fail; 5 fail -> closed streak=5\n");
	STORY(u, "failures=0 within=10s failure-rate=0%", "0 fail; 1 fail; 2 fail -> closed\n");
}

static void within_counts_failures_whatever_succeeded_between(struct unit *u)
{
	STORY(u, "failures=3 within=1000ms failure-rate=0%",
	      "0 fail -> closed within=1\n"
	      "100 ok -> closed within=1 streak=0\n"
	      "200 fail -> closed within=2\n"
	      "300 ok; 400 ok -> closed\n"
	      "999 fail -> open reason=within a=3 b=1000\n");
}

static void a_failure_as_old_as_within_is_out(struct unit *u)
{
	STORY(u, "failures=2 within=1000ms failure-rate=0%",
	      "0 fail -> closed within=1\n"
	      "999 peek -> within=1\n"
	      "1000 peek -> within=0\n"
	      "1000 fail -> closed within=1\n"
	      "1999 fail -> open\n");
}

static void within_replaces_the_streak(struct unit *u)
{
	STORY(u, "failures=2 within=10ms failure-rate=0%",
	      "0 fail; 10 fail; 20 fail; 30 fail -> closed streak=4 within=1\n");
}

static void opens_when_the_failure_rate_is_reached(struct unit *u)
{
	STORY(u, "failures=0 failure-rate=50% min-calls=4",
	      "0 ok; 1 ok; 2 fail -> closed\n"
	      "3 fail -> open reason=failure-rate a=2 b=4\n");
	STORY(u, "failures=0 failure-rate=51% min-calls=4",
	      "0 ok; 1 ok; 2 fail; 3 fail -> closed window-calls=4 window-failures=2\n"
	      "4 fail -> open reason=failure-rate a=3 b=5\n");
}

static void a_rate_waits_for_enough_calls(struct unit *u)
{
	STORY(u, "failures=0 failure-rate=1% min-calls=10",
	      "0 fail; 1 fail; 2 fail; 3 fail; 4 fail; 5 fail; 6 fail; 7 fail\n"
	      "8 fail -> closed window-calls=9\n"
	      "9 fail -> open a=10 b=10\n");
	STORY(u, "failures=0 failure-rate=1% min-calls=1", "0 fail -> open a=1 b=1\n");
}

static void min_calls_is_clamped_to_a_count_window(struct unit *u)
{
	STORY(u, "failures=0 failure-rate=100% min-calls=10 window=3",
	      "0 fail; 1 fail -> closed\n"
	      "2 fail -> open reason=failure-rate a=3 b=3\n");
	STORY(u, "failures=0 failure-rate=100% min-calls=10 window=3s",
	      "0 fail; 1 fail; 2 fail; 3 fail; 4 fail; 5 fail; 6 fail; 7 fail\n"
	      "8 fail -> closed window-calls=9\n"
	      "9 fail -> open a=10 b=10\n");
}

static void a_fast_success_never_opens(struct unit *u)
{
	/* the fourth call makes the window large enough, and the rate has long been reached */
	STORY(u, "failures=0 failure-rate=50% min-calls=4",
	      "0 fail; 1 fail; 2 fail\n"
	      "3 ok -> closed window-calls=4 window-failures=3\n"
	      "4 ok; 5 ok -> closed window-calls=6 window-failures=3\n"
	      "6 fail -> open reason=failure-rate a=4 b=7\n");
	STORY(u, "failures=0 failure-rate=0% slow=10ms slow-rate=50% min-calls=2",
	      "0 ok took=11 -> closed\n"
	      "1 ok took=10 -> closed window-calls=2 window-slow=1\n");
}

static void a_count_window_forgets_the_oldest_call(struct unit *u)
{
	STORY(u, "failures=0 failure-rate=75% min-calls=4 window=4",
	      "0 fail; 1 fail; 2 ok; 3 ok -> closed window-failures=2\n"
	      "4 fail -> closed window-calls=4 window-failures=2\n"
	      "5 fail -> closed window-calls=4 window-failures=2\n"
	      "6 fail -> open reason=failure-rate a=3 b=4\n");
}

static void a_time_window_forgets_what_is_as_old_as_itself(struct unit *u)
{
	STORY(u, "failures=0 failure-rate=100% min-calls=2 window=60s",
	      "0 fail -> window-calls=1\n"
	      "59999 peek -> window-calls=1\n"
	      "60000 peek -> window-calls=0\n"
	      "60000 fail -> closed window-calls=1\n"
	      "119999 fail -> open a=2 b=2\n");
}

static void slow_is_strictly_longer(struct unit *u)
{
	STORY(u, "failures=0 failure-rate=0% slow=100ms slow-rate=100% min-calls=1",
	      "0 ok took=100 -> closed window-slow=0 slow=0\n"
	      "1 ok took=99.999 -> closed window-slow=0\n");
	STORY(u, "failures=0 failure-rate=0% slow=100ms slow-rate=100% min-calls=1",
	      "0 ok took=100.001 -> open slow=1 reason=slow-rate a=1 b=1\n");
}

static void opens_when_the_slow_rate_is_reached(struct unit *u)
{
	STORY(u, "failures=0 failure-rate=0% slow=100ms slow-rate=50% min-calls=4",
	      "0 ok; 1 ok; 2 ok took=101 -> closed window-slow=1\n"
	      "3 ok took=101 -> open reason=slow-rate a=2 b=4\n");
	STORY(u, "failures=0 failure-rate=0% slow=100ms slow-rate=51% min-calls=4",
	      "0 ok; 1 ok; 2 ok took=101; 3 ok took=101 -> closed window-slow=2\n");
}

static void slow_failures_count_as_slow_too(struct unit *u)
{
	STORY(u, "failures=0 failure-rate=0% slow=100ms slow-rate=100% min-calls=3",
	      "0 fail took=101 -> closed slow=1 window-slow=1\n"
	      "1 ok took=101 -> closed\n"
	      "2 timeout took=101 -> open reason=slow-rate a=3 b=3\n");
}

static void a_fast_failure_can_bring_the_slow_rule(struct unit *u)
{
	STORY(u, "failures=0 failure-rate=0% slow=100ms slow-rate=50% min-calls=2",
	      "0 ok took=101 -> closed\n"
	      "1 fail -> open reason=slow-rate a=1 b=2\n");
}

static void slow_off_makes_no_call_slow(struct unit *u)
{
	STORY(u, "failures=0 slow=0 slow-rate=1% min-calls=1",
	      "0 ok took=99999 -> closed slow=0 window-slow=0\n"
	      "1 ok took=99999; 2 ok took=99999 -> closed slow=0\n");
	STORY(u, "failures=0 failure-rate=0% slow=1ms slow-rate=0% min-calls=1",
	      "0 ok took=99999 -> closed slow=1 window-slow=1\n");
}

static void the_rules_are_tried_in_order(struct unit *u)
{
	STORY(u, "failures=2 failure-rate=50% slow=1ms slow-rate=50% min-calls=2",
	      "0 fail took=2; 1 fail took=2 -> open reason=consecutive\n");
	STORY(u, "failures=2 within=1s failure-rate=50% slow=1ms slow-rate=50% min-calls=2",
	      "0 fail took=2; 1 fail took=2 -> open reason=within\n");
	STORY(u, "failures=3 failure-rate=50% slow=1ms slow-rate=50% min-calls=2",
	      "0 fail took=2; 1 fail took=2 -> open reason=failure-rate\n");
	STORY(u, "failures=3 failure-rate=0% slow=1ms slow-rate=50% min-calls=2",
	      "0 fail took=2; 1 fail took=2 -> open reason=slow-rate\n");
}

static void a_slow_success_can_bring_the_failure_rate_rule(struct unit *u)
{
	STORY(u, "failures=0 failure-rate=50% slow=1ms slow-rate=100% min-calls=4",
	      "0 fail; 1 fail; 2 ok -> closed\n"
	      "3 ok took=2 -> open reason=failure-rate a=2 b=4\n");
}

static void the_concurrency_limit_rejects(struct unit *u)
{
	STORY(u, "max-concurrent=2",
	      "0 begin a -> closed\n"
	      "0 begin b -> closed running=2\n"
	      "0 begin c -> closed reject why=concurrency-limit told-a=2 rejected=1 told-retry=-1\n"
	      "1 fail -> closed reject rejected=2 window-calls=0 streak=0\n"
	      "2 end a ok -> closed running=1\n"
	      "2 begin c -> closed running=2\n"
	      "3 vanish b -> closed\n"
	      "3 begin d -> closed running=2\n");
}

static void no_limit_is_no_limit(struct unit *u)
{
	STORY(u, "",
	      "0 peek -> needs-load=0\n"
	      "0 begin a; 0 begin b; 0 begin c; 0 begin d; 0 begin e -> closed running=5\n"
	      "1 policy max-concurrent=9 -> needs-load=1\n");
}

const struct unit_test breaker_closed_tests[] = {
	{"closed: runs every call, and admitting one changes nothing", runs_every_call},
	{"closed: opens at the nth failure in a row", opens_at_the_nth_failure_in_a_row},
	{"closed: counts timeouts as failures", counts_timeouts_as_failures},
	{"closed: a success ends the streak", a_success_ends_the_streak},
	{"closed: a slow success ends the streak too", a_slow_success_ends_the_streak_too},
	{"closed: an ignored outcome is neutral", an_ignored_outcome_is_neutral},
	{"closed: with --failures 1 one failure is enough within a time, too", one_failure_may_be_enough_within_a_time},
	{"closed: --failures 0 turns the rule off, with and without --within",
         failures_zero_turns_the_rule_off},
	{"closed: --within counts failures whatever succeeded between",
         within_counts_failures_whatever_succeeded_between},
	{"closed: a failure exactly as old as --within is out", a_failure_as_old_as_within_is_out},
	{"closed: with --within the streak does not open", within_replaces_the_streak},
	{"closed: opens when the failure rate is reached", opens_when_the_failure_rate_is_reached},
	{"closed: a rate waits for enough calls", a_rate_waits_for_enough_calls},
	{"closed: --min-calls is clamped to a count window, not to a time window",
         min_calls_is_clamped_to_a_count_window},
	{"closed: a fast success never opens it", a_fast_success_never_opens},
	{"closed: a count window forgets the oldest call", a_count_window_forgets_the_oldest_call},
	{"closed: a time window forgets what is as old as itself",
         a_time_window_forgets_what_is_as_old_as_itself},
	{"closed: slow means strictly longer", slow_is_strictly_longer},
	{"closed: opens when the slow rate is reached", opens_when_the_slow_rate_is_reached},
	{"closed: slow failures count as slow too", slow_failures_count_as_slow_too},
	{"closed: a fast failure can bring the slow rule about", a_fast_failure_can_bring_the_slow_rule},
	{"closed: without --slow no call is slow; with --slow-rate 0 none opens",
         slow_off_makes_no_call_slow},
	{"closed: the rules are tried in order: failures, failure rate, slow rate",
         the_rules_are_tried_in_order},
	{"closed: a slow success can bring the failure rate rule about",
         a_slow_success_can_bring_the_failure_rate_rule},
	{"closed: the concurrency limit rejects, and frees with the call that ends or dies",
         the_concurrency_limit_rejects},
	{"closed: without a limit any number runs, and nobody asks for the load", no_limit_is_no_limit},
	{NULL, NULL},
};
