/* test_breaker_half_open.c: trial calls, their permits, and what they decide. */
#include "story.h"
#include "suites.h"

static void lets_so_many_trial_calls_run_at_once(struct unit *u)
{
	STORY(u, "failures=1 open-for=1s probes=2",
	      "0 fail -> open\n"
	      "1000 begin a -> half-open trial trials=1\n"
	      "1000 begin b -> half-open trial trials=2\n"
	      "1001 begin c -> half-open reject why=trial-limit told-a=2 told-retry=-1 rejected=1\n"
	      "1002 end a ok -> half-open trials=1 trial-successes=1\n"
	      "1002 begin c -> half-open trial trials=2\n"
	      "1003 begin d -> half-open reject\n");
}

static void one_probe_is_one_at_a_time(struct unit *u)
{
	STORY(u, "failures=1 open-for=1s probes=1 successes=9",
	      "0 fail; 1000 begin a -> half-open trial\n"
	      "1000 ok -> half-open reject\n"
	      "1001 end a ok -> half-open\n"
	      "1001 ok -> half-open trial trial-successes=2\n"
	      "1001 ok -> half-open trial trial-successes=3\n");
}

static void enough_successes_close_it(struct unit *u)
{
	STORY(u, "failures=1 open-for=1s successes=3",
	      "0 fail -> open\n"
	      "1000 ok -> half-open trial-successes=1 generation=3\n"
	      "1001 ok -> half-open trial-successes=2\n"
	      "1002 ok -> closed reason=trials-succeeded a=3 generation=4 journal=ok,half-open>closed\n"
	      "1002 peek -> closed streak=0 window-calls=0 reopenings=0 trial-successes=0 since=1002\n");
}

static void one_success_can_be_enough(struct unit *u)
{
	STORY(u, "failures=1 open-for=1s successes=1",
	      "0 fail -> open\n"
	      "1000 ok -> closed journal=open>half-open,ok,half-open>closed generation=4\n");
}

static void a_failure_reopens_it(struct unit *u)
{
	STORY(u, "failures=5 open-for=1s",
	      "0 trip 1000 -> open\n"
	      "1000 fail -> open reason=trials-failed a=1 retry=1000 reopenings=1\n"
	      "2000 timeout -> open reopenings=2 journal=open>half-open,timeout,half-open>open\n");
}

static void so_many_failures_reopen_it(struct unit *u)
{
	STORY(u, "failures=1 open-for=1s probe-failures=3 successes=9",
	      "0 fail -> open\n"
	      "1000 fail -> half-open trial-failures=1\n"
	      "1001 fail -> half-open trial-failures=2\n"
	      "1002 ok -> half-open trial-failures=2 trial-successes=1\n"
	      "1003 fail -> open reason=trials-failed a=3 trial-failures=0\n");
}

static void failures_between_do_not_matter(struct unit *u)
{
	STORY(u, "failures=1 open-for=1s probe-failures=3 successes=2",
	      "0 fail -> open\n"
	      "1000 ok -> half-open trial-successes=1\n"
	      "1001 fail -> half-open trial-successes=1\n"
	      "1002 fail -> half-open trial-successes=1\n"
	      "1003 ok -> closed\n");
}

static void each_half_open_period_counts_afresh(struct unit *u)
{
	STORY(u, "failures=1 open-for=1s probe-failures=2 successes=2",
	      "0 fail -> open\n"
	      "1000 ok -> half-open trial-successes=1\n"
	      "1001 fail; 1002 fail -> open trial-successes=0 trial-failures=0\n"
	      "2002 ok -> half-open trial-successes=1\n"
	      "2003 fail -> half-open trial-failures=1\n"
	      "2004 ok -> closed\n");
}

static void a_slow_trial_call_is_a_failed_one(struct unit *u)
{
	STORY(u, "failures=1 open-for=1s slow=100ms successes=1",
	      "0 fail -> open\n"
	      "1000 ok took=100.001 -> open reason=trials-failed reopenings=1 successes=1 slow=1\n"
	      "2000 ok took=100 -> closed\n");
	STORY(u, "failures=1 open-for=1s slow=100ms probe-failures=2",
	      "0 fail; 1000 ok took=101 -> half-open trial-failures=1 trial-successes=0\n"
	      "1001 fail took=101 -> open reason=trials-failed a=2\n");
}

static void an_ignored_trial_call_gives_its_permit_back(struct unit *u)
{
	STORY(u, "failures=1 open-for=1s probes=1 successes=1 slow=10ms",
	      "0 fail; 1000 begin a -> half-open trials=1\n"
	      "1001 begin b -> half-open reject\n"
	      "1002 end a ignore took=999 -> half-open trials=0 trial-successes=0 trial-failures=0\n"
	      "1002 begin b -> half-open trial\n"
	      "1003 end b ok -> closed\n");
}

static void a_killed_trial_call_leaves_no_permit(struct unit *u)
{
	STORY(u, "failures=1 open-for=1s probes=1",
	      "0 fail; 1000 begin a -> half-open trial\n"
	      "1001 vanish a -> half-open same\n"
	      "1002 begin b -> half-open trial trials=1\n");
}

static void a_trial_call_holds_its_permit_across_changes(struct unit *u)
{
	STORY(u, "failures=1 open-for=1s probes=2",
	      "0 fail; 1000 begin a; 1000 begin b -> half-open trials=2\n"
	      "1001 end b fail -> open trials=1\n"
	      "2001 begin c -> half-open trial trials=2\n"
	      "2002 begin d -> half-open reject why=trial-limit\n"
	      "2003 end a ok -> half-open trials=1 trial-successes=0 successes=1\n"
	      "2003 begin d -> half-open trial trials=2\n");
}

static void old_trial_calls_can_fill_a_new_half_open_period(struct unit *u)
{
	STORY(u, "failures=1 open-for=1s probes=1",
	      "0 fail; 1000 begin a -> half-open trials=1\n"
	      "1001 trip 500 -> open trials=1\n"
	      "1501 ok -> half-open reject why=trial-limit told-a=1 journal=open>half-open rejected=1\n"
	      "1502 end a fail -> half-open trial-failures=0 journal=fail\n"
	      "1502 ok -> half-open trial\n");
}

static void a_call_of_the_closed_time_holds_no_trial_permit(struct unit *u)
{
	STORY(u, "failures=1 open-for=1s probes=1",
	      "0 begin a; 0 begin b; 1 fail -> open running=2 trials=0\n"
	      "1001 begin c -> half-open trial running=3 trials=1\n"
	      "1002 end a ok -> half-open trial-successes=0\n"
	      "1003 end b fail -> half-open trial-failures=0\n");
}

static void trial_calls_enter_no_window(struct unit *u)
{
	STORY(u, "failures=2 open-for=1s within=1s probe-failures=9 successes=9 slow=10ms",
	      "0 fail; 1 fail -> open window-calls=2 window-failures=2 within=2\n"
	      "1001 fail -> half-open window-calls=2 within=0 streak=2\n"
	      "1002 ok -> half-open window-calls=2 window-failures=2 streak=2\n"
	      "1003 ok took=11 -> half-open window-calls=2 window-slow=0\n");
}

static void the_concurrency_limit_holds_for_trial_calls(struct unit *u)
{
	STORY(u, "failures=1 open-for=1s probes=3 max-concurrent=2",
	      "0 begin a; 1 fail -> open running=1\n"
	      "1001 begin b -> half-open trial running=2\n"
	      "1002 begin c -> half-open reject why=concurrency-limit told-a=2\n"
	      "1003 end a ok -> half-open\n"
	      "1003 begin c -> half-open trial trials=2\n"
	      "1004 vanish b; 1004 vanish c; 1004 policy probes=2 max-concurrent=2\n"
	      "1005 begin d; 1005 begin e -> half-open trial trials=2\n"
	      "1006 begin f -> half-open reject why=trial-limit told-a=2\n");
}

static void the_decision_belongs_to_the_present_period(struct unit *u)
{
	STORY(u, "failures=1 open-for=1s probes=3 successes=1",
	      "0 fail; 1000 begin a; 1000 begin b -> half-open generation=3\n"
	      "1001 end a ok -> closed generation=4\n"
	      "1002 end b fail -> closed generation=4 streak=0 window-calls=0 failures=2 journal=fail\n");
}

const struct unit_test breaker_half_open_tests[] = {
	{"half-open: lets --probes trial calls run at once", lets_so_many_trial_calls_run_at_once},
	{"half-open: one probe is one at a time", one_probe_is_one_at_a_time},
	{"half-open: --successes successes close it and clear everything", enough_successes_close_it},
	{"half-open: one call can settle, succeed and close", one_success_can_be_enough},
	{"half-open: a failure or a timeout reopens it", a_failure_reopens_it},
	{"half-open: --probe-failures failures reopen it", so_many_failures_reopen_it},
	{"half-open: failures between the successes do not matter", failures_between_do_not_matter},
	{"half-open: each period counts afresh", each_half_open_period_counts_afresh},
	{"half-open: a slow trial call is a failed one", a_slow_trial_call_is_a_failed_one},
	{"half-open: an ignored trial call gives its permit back",
         an_ignored_trial_call_gives_its_permit_back},
	{"half-open: a killed trial call leaves no permit", a_killed_trial_call_leaves_no_permit},
	{"half-open: a trial call holds its permit across reopening",
         a_trial_call_holds_its_permit_across_changes},
	{"half-open: old trial calls can fill a new half-open period",
         old_trial_calls_can_fill_a_new_half_open_period},
	{"half-open: a call from the closed time holds no trial permit",
         a_call_of_the_closed_time_holds_no_trial_permit},
	{"half-open: trial calls enter no window and no streak", trial_calls_enter_no_window},
	{"half-open: the concurrency limit holds for trial calls too",
         the_concurrency_limit_holds_for_trial_calls},
	{"half-open: a trial call that ends after the closing decides nothing",
         the_decision_belongs_to_the_present_period},
	{NULL, NULL},
};
