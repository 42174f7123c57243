/* test_breaker_incident.c: what is kept of the time in which a breaker is not closed, of what the service said, and of
 * what a call needs. */
#include "story.h"
#include "suites.h"

static void an_incident_lasts_until_it_closes(struct unit *u)
{
	STORY(u, "failures=2 open-for=1s successes=1",
	      "   0 ok   -> closed down-since=-1 incident=none streak-since=-1\n"
	      "  10 fail -> closed streak-since=10 down-since=-1\n"
	      "  20 timeout -> open streak-since=10 down-since=20 failing-since=10 incident=consecutive\n"
	      "  20 peek -> open incident-exit=124\n"
	      "  30 fail -> open reject incident-rejected=1\n"
	      "1020 fail -> open reopenings=1 down-since=20 incident=consecutive incident-exit=124\n"
	      "1030 fail -> open reject incident-rejected=2 incident-trial-failures=1\n"
	      "2020 ok   -> closed down-since=-1 failing-since=-1 incident=none incident-rejected=0 incident-exit=-1\n"
	      "2020 peek -> closed incident-trial-failures=0\n");
}

static void the_closing_tells_of_it(struct unit *u)
{
	STORY(u, "failures=1 open-for=1s successes=1",
	      "   5 fail -> open journal=fail,closed>open told-incident=0 told-rejected=0\n"
	      "  10 fail -> reject; 20 fail -> open reject rejected=2\n"
	      "1100 begin a -> half-open trial told-incident=1095 told-rejected=2\n"
	      "1100 end a ok -> closed journal=ok,half-open>closed told-incident=1095 told-rejected=2\n"
	      "1200 fail; 1201 reset -> closed told-incident=1 told-rejected=0\n"
	      "1300 reset -> closed told-incident=0\n");
}

/* Stepping the wall clock moves no duration. */
static void its_length_is_not_the_wall_clocks(struct unit *u)
{
	STORY(u, "failures=1 open-for=1s successes=1",
	      "   0 fail -> open\n"
	      "  10 wall -3600000 -> open\n"
	      "1000 ok   -> closed told-incident=1000\n");
}

static void by_hand_is_an_incident_too(struct unit *u)
{
	STORY(u, "failures=9",
	      "0 hold -> open incident=held down-since=0 failing-since=-1 incident-exit=-1\n"
	      "1 fail -> open reject incident-rejected=1\n"
	      "2 reset -> closed incident=none\n");
}

static void ignored_calls_are_counted_until_one_counts(struct unit *u)
{
	STORY(u, "",
	      "0 ignore; 1 ignore -> closed ignored-streak=2 last-exit=127\n"
	      "2 ok -> closed ignored-streak=0\n"
	      "3 ignore; 4 fail -> closed ignored-streak=0 failures-at-success=0\n"
	      "5 ok -> closed failures-at-success=1\n");
}

static void the_service_may_ask_to_be_left_alone(struct unit *u)
{
	STORY(u, "failures=5 open-for=1s open-max=10s successes=1",
	      "    0 fail retry-after=4000 -> open period=4000 retry=4000 reason=retry-after\n"
	      " 3999 ok   -> open reject\n"
	      " 4000 fail retry-after=2500 -> open period=2500 reopenings=1 reason=retry-after incident=retry-after\n"
	      " 6500 ok   -> closed\n"
	      " 6501 ok retry-after=4000 -> closed\n"
	      " 6502 ignore retry-after=4000 -> closed\n"
	      " 6503 fail retry-after=60000 -> open period=10000\n");
	STORY(u, "failures=5 open-for=20s open-max=10s", "0 timeout retry-after=60000 -> open period=20000\n");
}

static void asking_opens_a_half_open_breaker_at_once(struct unit *u)
{
	STORY(u, "failures=1 open-for=1s open-max=9s probes=3 probe-failures=3",
	      "   0 fail -> open\n"
	      "1000 fail -> half-open trial-failures=1\n"
	      "1001 fail retry-after=3000 -> open period=3000\n");
}

static void nothing_runs_while_what_it_needs_is_open(struct unit *u)
{
	STORY(u, "failures=1 open-for=1s",
	      "   0 needs net; 1 ok -> closed reject why=needed-open told-retry=1000 incident-rejected=0\n"
	      "   2 needs; 3 ok -> closed\n"
	      "   4 fail -> open\n"
	      "   5 needs net; 6 ok -> open reject why=consecutive told-retry=998\n"
	      "1004 begin a -> half-open reject why=needed-open told-retry=1000\n"
	      "1005 needs; 1006 begin a -> half-open trial\n");
	STORY(u, "failures=1 shadow=1", "0 needs net; 1 begin a -> closed plain why=needed-open call-generation=0\n");
	STORY(u, "failures=1", "0 needs net; 1 disable -> closed mode=disabled; 2 ok -> closed\n");
}

static void every_call_is_one_of_the_cadence(struct unit *u)
{
	STORY(u, "failures=1 open-for=1s",
	      "0 ok; 1 ignore -> called=2\n"
	      "2 fail -> open called=3\n"
	      "3 ok -> open reject called=4\n"
	      "4 observe fail -> open called=5\n"
	      "5 trip 10; 6 peek -> open called=5\n");
}

/* Whether it is time to remind, at that millisecond of the boot. */
static bool reminds(struct breaker *b, int64_t now_ms)
{
	struct instant at = {.boot_ms = now_ms, .wall_ms = 1000000 + now_ms, .boot_id = 1};
	return breaker_remind(b, 100, &at);
}

static void who_was_told_of_the_beginning_is_reminded(struct unit *u)
{
	struct breaker b;
	struct journal journal = {0};
	struct policy policy = {.failures = 1, .open_for_ms = 1000000, .open_max_ms = 1000000, .probes = 1,
	                        .min_calls = 1, .window_size = 1, .open_factor_milli = POLICY_MILLI,
	                        .successes = 1, .probe_failures = 1};
	struct moment moment = {.at = {.boot_ms = 1000, .wall_ms = 1001000, .boot_id = 1}};
	struct call call = {.generation = 1, .outcome = OUTCOME_FAILURE, .exit = 1};
	breaker_init(&b, &policy, &moment.at);
	CHECK(u, !reminds(&b, 5000)); /* it is closed */
	breaker_record(&b, &policy, &moment, &call, &journal);
	CHECK(u, !reminds(&b, 1099));
	CHECK(u, reminds(&b, 1100));
	CHECK(u, !reminds(&b, 1100)); /* one of many */
	CHECK(u, !reminds(&b, 1199));
	CHECK(u, reminds(&b, 1250));
	CHECK(u, !reminds(&b, 1349));
	CHECK(u, !breaker_remind(&b, 0, &(struct instant){.boot_ms = 90000, .boot_id = 1})); /* never */
}

static void a_limit_that_lets_nothing_in_is_noted_until_a_call_ends(struct unit *u)
{
	STORY(u, "failures=5 max-concurrent=1",
	      "10 begin a -> closed plain stuck-since=0\n"
	      "20 begin b -> closed reject why=concurrency-limit told-a=1 stuck-since=5000020\n"
	      "30 begin b -> closed reject why=concurrency-limit stuck-since=5000020\n"
	      "40 end a ok -> closed stuck-since=0\n");
}

const struct unit_test breaker_incident_tests[] = {
	{"incident: an incident lasts until the breaker closes", an_incident_lasts_until_it_closes},
	{"incident: the closing tells how long it was and what it cost", the_closing_tells_of_it},
	{"incident: its length is not the wall clock's", its_length_is_not_the_wall_clocks},
	{"incident: one by hand is an incident too", by_hand_is_an_incident_too},
	{"incident: ignored calls are counted until one counts", ignored_calls_are_counted_until_one_counts},
	{"incident: the service may ask to be left alone", the_service_may_ask_to_be_left_alone},
	{"incident: asking opens a half-open breaker at once", asking_opens_a_half_open_breaker_at_once},
	{"incident: nothing runs while what it needs is open", nothing_runs_while_what_it_needs_is_open},
	{"incident: every call is one of the cadence", every_call_is_one_of_the_cadence},
	{"incident: who was told of the beginning is reminded", who_was_told_of_the_beginning_is_reminded},
	{"incident: a limit that lets nothing in is noted until a call ends",
	 a_limit_that_lets_nothing_in_is_noted_until_a_call_ends},
	{NULL, NULL},
};
