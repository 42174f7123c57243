/* test_breaker_journal.c: totals, history, generations, and who did what. */
#include "story.h"
#include "suites.h"

#include <string.h>

static void a_fresh_breaker_has_seen_nothing(struct unit *u)
{
	struct story s;
	story_begin(&s, u, UNIT_HERE, "failures=3");
	story_go_on(&s,
	            "0 peek -> closed mode=normal generation=1 streak=0 window-calls=0 within=0 reason=none\n"
	            "0 peek -> retry=-1 since=0 last-exit=-1 last-seq=0 latencies=0 reopenings=0");
	static const struct totals none;
	CHECK(u, memcmp(&s.b.totals, &none, sizeof(none)) == 0);
	CHECK_INT(u, s.b.last_success_wall_ms, 0);
	CHECK_INT(u, s.b.last_failure_wall_ms, 0);
	CHECK(u, memcmp(&s.b.policy, &s.policy, sizeof(s.policy)) == 0);
	CHECK(u, memcmp(&s.b.other_policy, &s.policy, sizeof(s.policy)) == 0);
	struct moment moment = story_moment(&s);
	CHECK_INT(u, s.b.timeline.clock_ms, moment.at.boot_ms);
	CHECK(u, memcmp(&s.b.timeline.anchor, &moment.at, sizeof(moment.at)) == 0);
}

static void totals_count_every_call_once(struct unit *u)
{
	STORY(u, "failures=9 slow=10ms",
	      "0 ok -> successes=1 failures=0 timeouts=0 ignored=0 slow=0\n"
	      "1 fail -> successes=1 failures=1 timeouts=0 ignored=0 slow=0\n"
	      "2 timeout -> successes=1 failures=2 timeouts=1 ignored=0 slow=0\n"
	      "3 ignore -> successes=1 failures=2 timeouts=1 ignored=1 slow=0\n"
	      "4 ok took=11 -> successes=2 slow=1\n"
	      "5 fail took=11 -> failures=3 slow=2\n"
	      "6 timeout took=11 -> failures=4 timeouts=2 slow=3 rejected=0 latencies=6\n");
}

static void rejections_are_counted_apart(struct unit *u)
{
	STORY(u, "failures=1 probes=1 open-for=1s max-concurrent=1",
	      "0 begin a; 0 ok -> closed reject rejected=1\n"
	      "1 end a fail -> open\n"
	      "2 ok -> open reject rejected=2 failures=1 successes=0 window-calls=1 last-exit=1 latencies=1\n"
	      "1001 begin b; 1001 fail -> half-open reject rejected=3 failures=1\n");
}

static void retries_and_fallbacks_are_counted(struct unit *u)
{
	struct story s;
	story_begin(&s, u, UNIT_HERE, "failures=9");
	struct moment moment = story_moment(&s);
	struct journal journal = {.count = 0};
	struct call call = {.generation = 1, .outcome = OUTCOME_FAILURE, .retries = 3, .fallback = true};
	breaker_record(&s.b, &s.policy, &moment, &call, &journal);
	CHECK_INT(u, s.b.totals.retries, 3);
	CHECK_INT(u, s.b.totals.fallbacks, 1);
	CHECK_INT(u, s.b.totals.failures, 1);
	CHECK_INT(u, s.b.streak, 1);
	call = (struct call){.generation = 1, .outcome = OUTCOME_IGNORED, .retries = 2};
	breaker_record(&s.b, &s.policy, &moment, &call, &journal);
	CHECK_INT(u, s.b.totals.retries, 5);
	CHECK_INT(u, s.b.totals.fallbacks, 1);
	breaker_count_fallback(&s.b);
	CHECK_INT(u, s.b.totals.fallbacks, 2);
}

static void transitions_are_counted_by_where_they_lead(struct unit *u)
{
	STORY(u, "failures=1 open-for=1s successes=1",
	      "0 fail -> openings=1 half-openings=0 closings=0\n"
	      "1000 fail -> openings=2 half-openings=1 closings=0\n"
	      "2000 ok -> closed openings=2 half-openings=2 closings=1\n"
	      "2001 reset -> closings=2\n"
	      "2002 trip 9 -> openings=3\n");
}

static void the_last_call_is_remembered(struct unit *u)
{
	struct story s;
	story_begin(&s, u, UNIT_HERE, "failures=9");
	story_go_on(&s, "10 ok -> last-exit=0; 20 timeout -> last-exit=124; 30 ignore -> last-exit=127");
	CHECK_INT(u, s.b.last_success_wall_ms, STORY_WALL_MS + 10);
	CHECK_INT(u, s.b.last_failure_wall_ms, STORY_WALL_MS + 20);
	story_go_on(&s, "40 fail -> last-exit=1; 50 ok");
	CHECK_INT(u, s.b.last_failure_wall_ms, STORY_WALL_MS + 40);
	CHECK_INT(u, s.b.last_success_wall_ms, STORY_WALL_MS + 50);
}

static void latency_is_kept_of_calls_that_count(struct unit *u)
{
	struct story s;
	story_begin(&s, u, UNIT_HERE, "failures=9");
	story_go_on(&s, "0 ok took=10; 1 fail took=20; 2 ignore took=4000 -> latencies=2");
	CHECK_INT(u, s.b.latency.max_us, 20000);
	CHECK_INT(u, s.b.latency.sum_us, 30000);
}

static void a_call_event_tells_the_call(struct unit *u)
{
	struct story s;
	story_begin(&s, u, UNIT_HERE, "failures=1");
	story_go_on(&s, "0 begin a; 7 begin b; 8 end b fail took=1.5 -> open journal=fail,closed>open");
	const struct event *call = &s.journal.events[0];
	CHECK_INT(u, call->kind, EVENT_CALL);
	CHECK_INT(u, call->seq, 1);
	CHECK_INT(u, call->wall_ms, STORY_WALL_MS + 8);
	CHECK_INT(u, call->generation, 1);
	CHECK_INT(u, call->outcome, OUTCOME_FAILURE);
	CHECK_INT(u, call->exit, 1);
	CHECK_INT(u, call->duration_us, 1500);
	story_go_on(&s, "9 end a timeout -> open journal=timeout last-seq=3");
	CHECK_INT(u, call->generation, 1); /* the one it began in */
	CHECK_INT(u, call->outcome, OUTCOME_TIMEOUT);
	CHECK_INT(u, call->exit, 124);
	CHECK_INT(u, call->seq, 3);
}

static void a_transition_event_tells_the_transition(struct unit *u)
{
	struct story s;
	story_begin(&s, u, UNIT_HERE, "failures=1 open-for=1s");
	story_go_on(&s, "5 fail -> open");
	const struct event *turn = &s.journal.events[1];
	CHECK_INT(u, turn->kind, EVENT_TRANSITION);
	CHECK_INT(u, turn->seq, 2);
	CHECK_INT(u, turn->wall_ms, STORY_WALL_MS + 5);
	CHECK_INT(u, turn->generation, 2); /* the one it starts */
	CHECK_INT(u, turn->from, BREAKER_CLOSED);
	CHECK_INT(u, turn->to, BREAKER_OPEN);
	CHECK_INT(u, turn->reason.kind, REASON_CONSECUTIVE);
	CHECK_INT(u, turn->reason.a, 1);
	CHECK_STR(u, turn->reason.by, "");
	CHECK_STR(u, turn->reason.text, "");
}

/* The story's acts give "lunch" as the reason, ann as who, and nonsense as kind and numbers. */
static void acts_record_who_and_why(struct unit *u)
{
	static const struct {
		const char *step;
		enum reason_kind kind;
		int64_t a;
	} acts[] = {
		{"1 trip 77 -> open", REASON_TRIPPED, 77},
		{"2 hold -> open", REASON_HELD, 0},
		{"3 reset -> closed", REASON_RESET, 0},
		{"4 disable -> closed", REASON_DISABLED, 0},
		{"5 enable -> closed last-seq=5", REASON_ENABLED, 0},
	};
	struct story s;
	story_begin(&s, u, UNIT_HERE, "");
	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++) {
		story_go_on(&s, acts[i].step);
		const struct reason *reason = &s.journal.events[0].reason;
		CHECK_INT(u, reason->kind, acts[i].kind);
		CHECK_INT(u, reason->a, acts[i].a);
		CHECK_INT(u, reason->b, 0);
		CHECK_STR(u, reason->text, "lunch");
		CHECK_STR(u, reason->by, "ann");
		CHECK_INT(u, s.b.reason.kind, acts[i].kind);
		CHECK_STR(u, s.b.reason.by, "ann");
	}
}

static void a_rejection_tells_who_tripped(struct unit *u)
{
	struct story s;
	story_begin(&s, u, UNIT_HERE, "");
	story_go_on(&s, "0 trip 77; 1 ok -> open reject why=tripped told-a=77 told-retry=76");
	CHECK_STR(u, s.admission.reason.text, "lunch");
	CHECK_STR(u, s.admission.reason.by, "ann");
	CHECK_INT(u, s.admission.state, BREAKER_OPEN);
	story_go_on(&s, "77 ok -> half-open reason=deadline a=77");
	CHECK_STR(u, s.b.reason.text, "");
	CHECK_STR(u, s.b.reason.by, "");
	CHECK_INT(u, s.admission.state, BREAKER_HALF_OPEN);
}

static void the_journal_is_appended_to(struct unit *u)
{
	struct story s;
	story_begin(&s, u, UNIT_HERE, "failures=1 open-for=1s successes=1");
	story_go_on(&s, "0 fail -> open");
	struct journal journal = {.count = 0};
	s.now_ms = 1000;
	struct moment moment = story_moment(&s);
	struct load load = {0};
	struct admission a = breaker_admit(&s.b, &s.policy, &moment, &load, &journal);
	CHECK_INT(u, journal.count, 1);
	CHECK(u, a.changed);
	struct call call = {.generation = a.generation, .outcome = OUTCOME_SUCCESS};
	breaker_record(&s.b, &s.policy, &moment, &call, &journal);
	CHECK_INT(u, journal.count, 3);
	CHECK_INT(u, journal.events[0].to, BREAKER_HALF_OPEN);
	CHECK_INT(u, journal.events[1].kind, EVENT_CALL);
	CHECK_INT(u, journal.events[2].to, BREAKER_CLOSED);
}

static void an_earlier_event_does_not_pass_for_a_change(struct unit *u)
{
	struct story s;
	story_begin(&s, u, UNIT_HERE, "");
	struct journal journal = {.count = 1};
	struct moment moment = story_moment(&s);
	struct load load = {0};
	struct admission a = breaker_admit(&s.b, &s.policy, &moment, &load, &journal);
	CHECK(u, a.run);
	CHECK(u, !a.changed);
}

static void a_used_journal_leaves_nothing_behind(struct unit *u)
{
	struct story s;
	story_begin(&s, u, UNIT_HERE, "failures=1");
	struct moment moment = story_moment(&s);
	struct call call = {.generation = 1, .outcome = OUTCOME_TIMEOUT};
	struct journal journal;
	memset(&journal, 0x55, sizeof(journal));
	journal.count = 0;
	breaker_record(&s.b, &s.policy, &moment, &call, &journal);
	CHECK_INT(u, journal.count, 2);
	CHECK_INT(u, journal.events[0].reason.kind, REASON_NONE);
	CHECK_STR(u, journal.events[0].reason.text, "");
	CHECK_INT(u, journal.events[0].to, BREAKER_CLOSED);
	CHECK_INT(u, journal.events[1].outcome, OUTCOME_SUCCESS);
	CHECK_INT(u, journal.events[1].exit, 0);
	CHECK_INT(u, journal.events[1].duration_us, 0);
}

static void a_journal_knows_its_transitions(struct unit *u)
{
	struct journal journal = {.count = 0};
	journal.events[0].kind = EVENT_TRANSITION;
	CHECK(u, !journal_has_transition(&journal));
	journal.count = 1;
	CHECK(u, journal_has_transition(&journal));
	journal.events[0].kind = EVENT_CALL;
	CHECK(u, !journal_has_transition(&journal));
	journal.events[1].kind = EVENT_TRANSITION;
	journal.count = 2;
	CHECK(u, journal_has_transition(&journal));
}

static void states_have_names(struct unit *u)
{
	CHECK_STR(u, breaker_state_name(BREAKER_CLOSED), "closed");
	CHECK_STR(u, breaker_state_name(BREAKER_OPEN), "open");
	CHECK_STR(u, breaker_state_name(BREAKER_HALF_OPEN), "half-open");
}

static void generation_zero_never_counts(struct unit *u)
{
	struct story s;
	story_begin(&s, u, UNIT_HERE, "failures=1");
	struct moment moment = story_moment(&s);
	struct call call = {.generation = 0, .outcome = OUTCOME_FAILURE};
	struct journal journal = {.count = 0};
	breaker_record(&s.b, &s.policy, &moment, &call, &journal);
	story_go_on(&s, "0 peek -> closed streak=0 window-calls=0 failures=1");
}

const struct unit_test breaker_journal_tests[] = {
	{"journal: a fresh breaker has seen nothing", a_fresh_breaker_has_seen_nothing},
	{"journal: totals count every call once", totals_count_every_call_once},
	{"journal: rejections are counted apart", rejections_are_counted_apart},
	{"journal: retries and fallbacks are counted, and the call once", retries_and_fallbacks_are_counted},
	{"journal: transitions are counted by where they lead", transitions_are_counted_by_where_they_lead},
	{"journal: the last call is remembered", the_last_call_is_remembered},
	{"journal: latency is kept of calls that count", latency_is_kept_of_calls_that_count},
	{"journal: a call's event tells the call and the generation it began in",
         a_call_event_tells_the_call},
	{"journal: a transition's event tells the transition and the generation it starts",
         a_transition_event_tells_the_transition},
	{"journal: acts by hand record who and why", acts_record_who_and_why},
	{"journal: a rejection tells who tripped, until the deadline", a_rejection_tells_who_tripped},
	{"journal: admission and outcome append to one journal", the_journal_is_appended_to},
	{"journal: an earlier event does not pass for a change", an_earlier_event_does_not_pass_for_a_change},
	{"journal: what it held before leaves nothing behind", a_used_journal_leaves_nothing_behind},
	{"journal: it knows whether it holds a transition", a_journal_knows_its_transitions},
	{"journal: states have names", states_have_names},
	{"journal: an outcome of generation 0 counts in the totals alone", generation_zero_never_counts},
	{NULL, NULL},
};
