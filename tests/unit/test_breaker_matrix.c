/*
 * test_breaker_matrix.c: every state against every event. Each test brings a
 * breaker into one state; each line after that is one ending of the story.
 *
 * In all of them call `o` began in an earlier generation, so that its end is stale.
 */
#include "story.h"
#include "suites.h"

#define POLICY                                                                                               \
	"failures=2 failure-rate=0% slow=100ms slow-rate=50% min-calls=2 open-for=1s "                       \
	"probes=1 successes=2 probe-failures=2"

static void meet_closed(struct unit *u)
{
	STORY_ENDINGS(
		u, POLICY,
		"0 begin o -> closed generation=1\n"
		"0 reset -> closed generation=2\n"
		"1 fail -> closed streak=1 window-calls=1\n"
		"1 begin a -> closed\n",
		"2 begin b -> closed plain same told-retry=-1 why=none call-generation=2\n"
		"2 end a ok -> closed streak=0 window-calls=2 window-failures=1 successes=1 journal=ok\n"
		"2 end a fail -> open reason=consecutive retry=1000 failures=2 journal=fail,closed>open\n"
		"2 end a timeout -> open reason=consecutive timeouts=1 journal=timeout,closed>open\n"
		"2 end a ignore -> closed streak=1 window-calls=1 ignored=1 journal=ignore\n"
		"2 end a ok took=101 -> open reason=slow-rate streak=0 slow=1 journal=ok,closed>open\n"
		"2 end o ok -> closed streak=1 window-calls=1 successes=1 journal=ok\n"
		"2 end o fail -> closed streak=1 window-calls=1 failures=2 journal=fail\n"
		"2 end o timeout -> closed streak=1 window-calls=1 timeouts=1 journal=timeout\n"
		"2 end o ignore -> closed streak=1 window-calls=1 ignored=1 journal=ignore\n"
		"2 end o ok took=101 -> closed streak=1 window-calls=1 slow=1 journal=ok\n"
		"2 observe ok -> closed streak=0 window-calls=2 successes=1 journal=ok\n"
		"2 observe fail -> open reason=consecutive journal=fail,closed>open\n"
		"2 observe timeout -> open reason=consecutive timeouts=1 journal=timeout,closed>open\n"
		"2 observe ignore -> closed streak=1 window-calls=1 ignored=1 journal=ignore\n"
		"2 observe ok took=101 -> open reason=slow-rate slow=1 journal=ok,closed>open\n"
		"2 trip 500 -> open retry=500 reason=tripped streak=1 journal=closed>open\n"
		"2 hold -> open mode=held retry=-1 reason=held streak=1 journal=closed>open\n"
		"2 reset -> closed streak=0 window-calls=0 reason=reset generation=3 journal=closed>closed\n"
		"2 disable -> closed mode=disabled streak=0 window-calls=0 journal=closed>closed\n"
		"2 enable -> closed refused same\n"
		"999999999 peek -> closed same streak=1 window-calls=1 retry=-1 since=0\n"
		"999999999 fail -> open reason=consecutive\n");
}

static void meet_open(struct unit *u)
{
	STORY_ENDINGS(
		u, POLICY,
		"0 begin o -> closed\n"
		"0 fail; 10 fail -> open retry=1000 generation=2 window-calls=2\n",
		"500 begin a -> open reject why=consecutive told-retry=510 rejected=1 journal=\n"
		"500 record ok -> open retry=510 window-calls=2 streak=2 trial-successes=0 journal=ok\n"
		"500 record fail -> open retry=510 window-calls=2 streak=2 trial-failures=0 journal=fail\n"
		"500 record timeout -> open retry=510 timeouts=1 window-calls=2 streak=2 journal=timeout\n"
		"500 record ignore -> open retry=510 ignored=1 window-calls=2 journal=ignore\n"
		"500 record ok took=101 -> open retry=510 slow=1 window-calls=2 window-slow=0 journal=ok\n"
		"500 end o ok -> open retry=510 successes=1 window-calls=2 streak=2 journal=ok\n"
		"500 end o fail -> open retry=510 failures=3 window-calls=2 streak=2 journal=fail\n"
		"500 end o timeout -> open retry=510 timeouts=1 window-calls=2 streak=2 journal=timeout\n"
		"500 end o ignore -> open retry=510 ignored=1 window-calls=2 journal=ignore\n"
		"500 end o ok took=101 -> open retry=510 slow=1 window-calls=2 window-slow=0 journal=ok\n"
		"500 observe ok -> open retry=510 successes=1 window-calls=2 streak=2 journal=ok\n"
		"500 observe fail -> open retry=510 failures=3 window-calls=2 streak=2 journal=fail\n"
		"500 observe timeout -> open retry=510 timeouts=1 window-calls=2 journal=timeout\n"
		"500 observe ignore -> open retry=510 ignored=1 window-calls=2 journal=ignore\n"
		"500 observe ok took=101 -> open retry=510 slow=1 window-calls=2 journal=ok\n"
		"500 trip 300 -> open retry=300 period=300 reason=tripped journal=open>open\n"
		"500 hold -> open mode=held retry=-1 journal=open>open\n"
		"500 reset -> closed streak=0 window-calls=0 retry=-1 journal=open>closed\n"
		"500 disable -> closed mode=disabled streak=0 window-calls=0 journal=open>closed\n"
		"500 enable -> open refused same\n"
		"1009 peek -> open same retry=1\n"
		"1009 begin a -> open reject told-retry=1\n"
		"1009 observe ok -> open retry=1 trial-successes=0 journal=ok\n"
		"1010 peek -> half-open same retry=-1\n");
}

/* Past the deadline, and nobody has written it down: each step begins with open>half-open. */
static void meet_half_open_by_time(struct unit *u)
{
	STORY_ENDINGS(
		u, POLICY,
		"0 begin o -> closed\n"
		"0 fail; 10 fail -> open generation=2\n"
		"1010 peek -> half-open stored=open retry=-1 since=1010\n",
		"1010 begin a -> half-open trial stored=half-open journal=open>half-open call-generation=3\n"
		"1010 record ok -> half-open stored=open trial-successes=0 successes=1 journal=ok\n"
		"1010 record fail -> half-open stored=open trial-failures=0 failures=3 journal=fail\n"
		"1010 end o ok -> half-open stored=open trial-successes=0 successes=1 journal=ok\n"
		"1010 end o fail -> half-open stored=open trial-failures=0 failures=3 journal=fail\n"
		"1010 end o timeout -> half-open trial-failures=0 timeouts=1 window-calls=2 journal=timeout\n"
		"1010 end o ignore -> half-open trial-failures=0 ignored=1 window-calls=2 journal=ignore\n"
		"1010 end o ok took=101 -> half-open trial-failures=0 slow=1 window-calls=2 journal=ok\n"
		"1010 observe ok -> half-open stored=half-open trial-successes=1 journal=open>half-open,ok\n"
		"1010 observe fail -> half-open trial-failures=1 journal=open>half-open,fail\n"
		"1010 observe timeout -> half-open trial-failures=1 journal=open>half-open,timeout\n"
		"1010 observe ignore -> half-open trial-failures=0 ignored=1 journal=open>half-open,ignore\n"
		"1010 observe ok took=101 -> half-open trial-failures=1 slow=1 journal=open>half-open,ok\n"
		"1010 policy successes=1; 1010 observe ok -> closed half-openings=1 closings=1\n"
		"1010 policy probe-failures=1; 1010 observe fail -> open reopenings=1\n"
		"1010 trip 300 -> open retry=300 journal=open>half-open,half-open>open\n"
		"1010 hold -> open mode=held journal=open>half-open,half-open>open\n"
		"1010 reset -> closed window-calls=0 journal=open>half-open,half-open>closed\n"
		"1010 disable -> closed mode=disabled journal=open>half-open,half-open>closed\n"
		"1010 enable -> half-open refused same stored=open\n"
		"999999 peek -> half-open same stored=open since=1010\n"
		"999999 begin a -> half-open trial since=1010\n");
}

static void meet_half_open_as_stored(struct unit *u)
{
	STORY_ENDINGS(
		u, POLICY,
		"0 begin o -> closed\n"
		"0 fail; 10 fail -> open generation=2\n"
		"1010 begin a -> half-open trial generation=3 since=1010 reason=deadline\n",
		"1011 begin b -> half-open reject why=trial-limit told-retry=-1 rejected=1\n"
		"1011 end a ok -> half-open trial-successes=1 successes=1 window-calls=2 journal=ok\n"
		"1011 end a fail -> half-open trial-failures=1 window-calls=2 streak=2 journal=fail\n"
		"1011 end a timeout -> half-open trial-failures=1 timeouts=1 window-calls=2 journal=timeout\n"
		"1011 end a ignore -> half-open trial-failures=0 trial-successes=0 ignored=1 journal=ignore\n"
		"1011 end a ok took=101 -> half-open trial-failures=1 trial-successes=0 slow=1 journal=ok\n"
		"1011 end a ok took=100 -> half-open trial-failures=0 trial-successes=1 slow=0\n"
		"1011 end a ok; 1012 ok -> closed reason=trials-succeeded a=2 window-calls=0 streak=0\n"
		"1011 end a fail; 1012 fail -> open reason=trials-failed a=2 retry=1000 reopenings=1\n"
		"1011 vanish a; 1012 begin b -> half-open trial\n"
		"1011 end o ok -> half-open trial-successes=0 successes=1 window-calls=2 journal=ok\n"
		"1011 end o fail -> half-open trial-failures=0 failures=3 window-calls=2 journal=fail\n"
		"1011 end o timeout -> half-open trial-failures=0 timeouts=1 journal=timeout\n"
		"1011 end o ignore -> half-open trial-failures=0 ignored=1 journal=ignore\n"
		"1011 end o ok took=101 -> half-open trial-failures=0 slow=1 journal=ok\n"
		"1011 observe ok -> half-open trial-successes=1 journal=ok\n"
		"1011 observe fail -> half-open trial-failures=1 journal=fail\n"
		"1011 observe timeout -> half-open trial-failures=1 journal=timeout\n"
		"1011 observe ignore -> half-open trial-failures=0 journal=ignore\n"
		"1011 observe ok took=101 -> half-open trial-failures=1 journal=ok\n"
		"1011 trip 300 -> open retry=300 reason=tripped journal=half-open>open\n"
		"1011 hold -> open mode=held retry=-1 journal=half-open>open\n"
		"1011 reset -> closed window-calls=0 journal=half-open>closed\n"
		"1011 disable -> closed mode=disabled journal=half-open>closed\n"
		"1011 enable -> half-open refused same\n"
		"999999999 peek -> half-open same since=1010\n");
}

static void meet_held(struct unit *u)
{
	STORY_ENDINGS(u, POLICY,
	              "0 begin o -> closed\n"
	              "0 fail; 10 hold -> open mode=held generation=2 window-calls=1\n",
	              "20 begin a -> open reject why=held told-retry=-1 rejected=1\n"
	              "20 record ok -> open mode=held successes=1 window-calls=1 streak=1 journal=ok\n"
	              "20 record fail -> open mode=held failures=2 window-calls=1 streak=1 journal=fail\n"
	              "20 end o ok -> open mode=held successes=1 window-calls=1 streak=1 journal=ok\n"
	              "20 end o fail -> open mode=held failures=2 window-calls=1 streak=1 journal=fail\n"
	              "20 end o timeout -> open mode=held timeouts=1 window-calls=1 journal=timeout\n"
	              "20 end o ignore -> open mode=held ignored=1 window-calls=1 journal=ignore\n"
	              "20 end o ok took=101 -> open mode=held slow=1 window-calls=1 journal=ok\n"
	              "20 observe ok -> open mode=held successes=1 trial-successes=0 journal=ok\n"
	              "20 observe fail -> open mode=held failures=2 trial-failures=0 journal=fail\n"
	              "20 observe timeout -> open mode=held timeouts=1 journal=timeout\n"
	              "20 observe ignore -> open mode=held ignored=1 journal=ignore\n"
	              "20 observe ok took=101 -> open mode=held slow=1 journal=ok\n"
	              "20 trip 300 -> open mode=held refused same\n"
	              "20 hold -> open mode=held since=20 journal=open>open generation=3\n"
	              "20 reset -> closed mode=normal window-calls=0 streak=0 journal=open>closed\n"
	              "20 disable -> closed mode=disabled journal=open>closed\n"
	              "20 enable -> open mode=held refused same\n"
	              "999999999 peek -> open same retry=-1 since=10\n"
	              "999999999 begin a -> open reject why=held\n"
	              "999999999 observe ok -> open mode=held trial-successes=0 journal=ok\n");
}

static void meet_disabled(struct unit *u)
{
	STORY_ENDINGS(u, POLICY,
	              "0 begin o -> closed\n"
	              "0 fail; 10 disable -> closed mode=disabled generation=2 window-calls=0 streak=0\n"
	              "10 begin a; 10 begin b -> closed plain\n",
	              "20 begin c -> closed plain same why=none told-retry=-1 call-generation=2\n"
	              "20 end a ok -> closed successes=1 window-calls=0 journal=\n"
	              "20 end a fail; 20 end b fail -> closed failures=3 streak=0 window-calls=0 journal=\n"
	              "20 end a timeout; 20 end b timeout -> closed timeouts=2 streak=0 journal=\n"
	              "20 end a ignore -> closed ignored=1 journal=\n"
	              "20 end a ok took=101; 20 end b ok took=101 -> closed slow=2 window-calls=0 journal=\n"
	              "20 end o ok -> closed successes=1 journal=\n"
	              "20 end o fail -> closed failures=2 streak=0 journal=\n"
	              "20 observe ok -> closed successes=1 window-calls=0 journal=\n"
	              "20 observe fail; 20 observe fail -> closed failures=3 streak=0 journal=\n"
	              "20 observe timeout -> closed timeouts=1 streak=0 journal=\n"
	              "20 observe ignore -> closed ignored=1 journal=\n"
	              "20 observe ok took=101 -> closed slow=1 journal=\n"
	              "20 trip 300 -> closed mode=disabled refused same\n"
	              "20 hold -> closed mode=disabled refused same\n"
	              "20 reset -> closed mode=disabled generation=3 reason=disabled journal=closed>closed\n"
	              "20 disable -> closed mode=disabled generation=3 journal=closed>closed\n"
	              "20 enable -> closed mode=normal generation=3 reason=enabled journal=closed>closed\n"
	              "999999999 peek -> closed mode=disabled same\n");
}

static void meet_shadow_open(struct unit *u)
{
	STORY_ENDINGS(u, POLICY " shadow=1",
	              "0 begin o -> closed\n"
	              "0 fail; 10 fail -> open retry=1000 generation=2\n"
	              "20 begin a -> open plain same why=consecutive call-generation=0 told-retry=990\n",
	              "500 end a ok -> open retry=510 successes=1 window-calls=2 streak=2 journal=ok\n"
	              "500 end a fail -> open retry=510 failures=3 window-calls=2 streak=2 journal=fail\n"
	              "500 end a timeout -> open timeouts=1 window-calls=2 journal=timeout\n"
	              "500 end a ignore -> open ignored=1 window-calls=2 journal=ignore\n"
	              "500 end a ok took=101 -> open slow=1 window-calls=2 journal=ok\n"
	              "500 end o fail -> open retry=510 failures=3 window-calls=2 journal=fail\n"
	              "500 observe fail -> open retry=510 failures=3 window-calls=2 journal=fail\n"
	              "500 trip 300 -> open retry=300 journal=open>open\n"
	              "500 hold -> open mode=held journal=open>open\n"
	              "500 reset -> closed journal=open>closed\n"
	              "500 reset; 501 end a fail -> closed streak=0 window-calls=0\n"
	              "500 disable -> closed mode=disabled journal=open>closed\n"
	              "500 enable -> open refused same\n"
	              "1009 begin b -> open plain same why=consecutive told-retry=1\n"
	              "1010 begin b -> half-open trial why=none journal=open>half-open\n"
	              "1010 end a ok -> half-open stored=open trial-successes=0 journal=ok\n");
}

static void meet_shadow_half_open(struct unit *u)
{
	STORY_ENDINGS(
		u, POLICY " shadow=1",
		"0 begin o -> closed\n"
		"0 fail; 10 fail -> open\n"
		"1010 begin a -> half-open trial trials=1\n"
		"1010 begin b -> half-open plain same why=trial-limit call-generation=0 trials=1 running=3\n",
		"1011 end b ok -> half-open trial-successes=0 successes=1 journal=ok\n"
		"1011 end b fail -> half-open trial-failures=0 failures=3 journal=fail\n"
		"1011 end b timeout -> half-open trial-failures=0 timeouts=1 journal=timeout\n"
		"1011 end b ignore -> half-open ignored=1 journal=ignore\n"
		"1011 end b ok took=101 -> half-open trial-failures=0 slow=1 journal=ok\n"
		"1011 end a ok -> half-open trial-successes=1\n"
		"1011 end a ok; 1012 ok -> closed\n"
		"1011 end a fail; 1012 fail -> open reopenings=1\n"
		"1011 end o fail -> half-open trial-failures=0 failures=3\n"
		"1011 observe ok -> half-open trial-successes=1\n"
		"1011 trip 300 -> open\n"
		"1011 hold -> open mode=held\n"
		"1011 reset -> closed\n"
		"1011 disable -> closed mode=disabled\n"
		"1011 enable -> half-open refused same\n"
		"999999 peek -> half-open same\n");
}

const struct unit_test breaker_matrix_tests[] = {
	{"every event meets a closed breaker", meet_closed},
	{"every event meets an open breaker", meet_open},
	{"every event meets a breaker that time has made half-open", meet_half_open_by_time},
	{"every event meets a half-open breaker", meet_half_open_as_stored},
	{"every event meets a held breaker", meet_held},
	{"every event meets a disabled breaker", meet_disabled},
	{"every event meets an open breaker in the shadow", meet_shadow_open},
	{"every event meets a half-open breaker in the shadow", meet_shadow_half_open},
	{NULL, NULL},
};
