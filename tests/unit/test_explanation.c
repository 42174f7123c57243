/* test_explanation.c: what is found of an incident in a breaker's history. */
#include "report/explanation.h"

#include "base/array.h"
#include "policies.h"
#include "suites.h"

#include <string.h>

/* 2020-01-01 */
#define START INT64_C(1577836800000)

/* A breaker's life, and its history. */
struct life {
	struct unit *u;
	struct policy policy;
	struct breaker b;
	struct array events; /* struct event */
	int64_t now_ms;
	struct load load;
};

static struct moment now(const struct life *l)
{
	return (struct moment){.at = {.boot_ms = l->now_ms, .wall_ms = START + l->now_ms}};
}

static void begin(struct life *l, struct unit *u, const char *policy)
{
	*l = (struct life){.u = u, .policy = policy_of(u, policy)};
	struct moment moment = now(l);
	breaker_init(&l->b, &l->policy, &moment.at);
}

static void keep(struct life *l, const struct journal *journal)
{
	for (int i = 0; i < journal->count; i++) {
		struct event *event = array_append(&l->events, sizeof(*event));
		CHECK(l->u, event != NULL);
		if (event != NULL)
			*event = journal->events[i];
	}
}

/* A call at that time, which ends so at once if it is let in. */
static void call(struct life *l, int64_t at_ms, enum outcome outcome, int64_t exit)
{
	struct journal journal = {0};
	l->now_ms = at_ms;
	struct moment moment = now(l);
	struct admission a = breaker_admit(&l->b, &l->policy, &moment, &l->load, &journal);
	struct call ended = {.generation = a.generation, .outcome = outcome, .exit = exit, .duration_us = 1000};
	keep(l, &journal);
	journal.count = 0;
	if (a.run)
		breaker_record(&l->b, &l->policy, &moment, &ended, &journal);
	keep(l, &journal);
}

static void fail(struct life *l, int64_t at_ms, int64_t exit)
{
	call(l, at_ms, OUTCOME_FAILURE, exit);
}

static void succeed(struct life *l, int64_t at_ms)
{
	call(l, at_ms, OUTCOME_SUCCESS, 0);
}

static void trip(struct life *l, int64_t at_ms, int64_t period_ms)
{
	struct journal journal = {0};
	struct reason why = {.text = "maintenance", .by = "alice"};
	l->now_ms = at_ms;
	struct moment moment = now(l);
	CHECK(l->u, breaker_trip(&l->b, period_ms, &moment, &why, &journal));
	keep(l, &journal);
}

/* Asks of its events from that one on, the others being forgotten. */
static struct explanation explain(struct life *l, int64_t at_wall_ms, size_t from)
{
	struct explanation e = {.name = "api", .breaker = &l->b, .now = now(l).at, .at_wall_ms = at_wall_ms};
	const struct event *events = l->events.items;
	explanation_make(&e, &l->load, events + from, l->events.count - from);
	return e;
}

static void end(struct life *l)
{
	array_free(&l->events);
}

/* Opened at 3 s, a failed trial call at 14 s, open until 24 s. */
static void tell_of_an_outage(struct life *l, struct unit *u)
{
	begin(l, u, "failures=3 open-for=10s successes=2");
	fail(l, 100, 1);
	succeed(l, 500);
	fail(l, 1000, 2);
	call(l, 1500, OUTCOME_IGNORED, 127);
	fail(l, 2000, 3);
	fail(l, 3000, 4);
	succeed(l, 4000);
	succeed(l, 5000);
	fail(l, 14000, 5);
	succeed(l, 15000);
}

static void the_runs_of_a_streak_are_those_that_count(struct unit *u)
{
	struct life l;
	tell_of_an_outage(&l, u);
	struct explanation e = explain(&l, 0, 0);
	const struct explanation_incident *i = &e.incident;
	CHECK(u, i->found && i->recorded && !i->over);
	CHECK_INT(u, i->opening.wall_ms, START + 3000);
	CHECK_INT(u, i->run_count, 3);
	CHECK_INT(u, i->runs[0].exit, 2);
	CHECK_INT(u, i->runs[1].exit, 3);
	CHECK_INT(u, i->runs[2].exit, 4);
	CHECK_INT(u, i->first_wall_ms, START + 1000);
	end(&l);
}

static void what_came_since_is_counted(struct unit *u)
{
	struct life l;
	tell_of_an_outage(&l, u);
	struct explanation e = explain(&l, 0, 0);
	CHECK_INT(u, e.incident.rejected, 3);
	CHECK_INT(u, e.incident.trials_failed, 1);
	CHECK_INT(u, e.incident.last_trial_failed.exit, 5);
	CHECK_INT(u, e.incident.trials_succeeded, 0);
	CHECK_INT(u, e.incident.reopenings, 1);
	CHECK_INT(u, e.retry_after_ms, 9000);
	CHECK_INT(u, e.admission.reason.kind, REASON_TRIALS_FAILED);
	succeed(&l, 24000);
	e = explain(&l, 0, 0);
	CHECK_INT(u, e.state, BREAKER_HALF_OPEN);
	CHECK_INT(u, e.incident.trials_succeeded, 1);
	end(&l);
}

static void an_incident_that_is_over_is_told_with_its_end(struct unit *u)
{
	struct life l;
	tell_of_an_outage(&l, u);
	succeed(&l, 24000);
	succeed(&l, 25000);
	fail(&l, 26000, 9);
	struct explanation e = explain(&l, 0, 0);
	CHECK_INT(u, e.state, BREAKER_CLOSED);
	CHECK(u, e.incident.over);
	CHECK_INT(u, e.incident.closing.wall_ms, START + 25000);
	CHECK_INT(u, e.incident.closing.incident_ms, 22000);
	CHECK_INT(u, e.incident.rejected, 3);
	CHECK_INT(u, e.incident.trials_succeeded, 2);
	CHECK_INT(u, e.incident.trials_failed, 1);
	end(&l);
}

static void a_time_finds_the_incident_then_or_before(struct unit *u)
{
	struct life l;
	tell_of_an_outage(&l, u);
	succeed(&l, 24000);
	succeed(&l, 25000);
	for (int i = 0; i < 3; i++)
		fail(&l, 50000 + i, 8);
	CHECK(u, !explain(&l, START + 2999, 0).incident.found);
	struct explanation e = explain(&l, START + 3000, 0);
	CHECK(u, e.incident.over && e.at_incident);
	CHECK_INT(u, e.incident.opening.wall_ms, START + 3000);
	e = explain(&l, START + 40000, 0);
	CHECK(u, e.incident.over && !e.at_incident);
	CHECK_INT(u, e.incident.opening.wall_ms, START + 3000);
	e = explain(&l, START + 50002, 0);
	CHECK(u, !e.incident.over && e.at_incident);
	CHECK_INT(u, e.incident.runs[0].exit, 8);
	end(&l);
}

static void of_many_runs_the_last_are_told(struct unit *u)
{
	struct life l;
	begin(&l, u, "failures=9 open-for=10s");
	for (int i = 1; i <= 9; i++)
		fail(&l, 1000 * i, i);
	struct explanation e = explain(&l, 0, 0);
	CHECK_INT(u, e.incident.run_count, EXPLANATION_RUNS);
	CHECK_INT(u, e.incident.runs[0].exit, 5);
	CHECK_INT(u, e.incident.runs[4].exit, 9);
	CHECK_INT(u, e.incident.first_wall_ms, START + 1000);
	end(&l);
}

static void slow_runs_are_those_of_the_slow_rate(struct unit *u)
{
	struct life l;
	begin(&l, u, "failures=0 failure-rate=0 slow=1ms slow-rate=50% min-calls=3");
	succeed(&l, 1000);
	for (int i = 0; i < 3; i++) {
		struct journal journal = {0};
		l.now_ms = 2000 + i;
		struct moment moment = now(&l);
		struct call slow = {.generation = 1, .outcome = OUTCOME_SUCCESS, .exit = i, .duration_us = 2000};
		breaker_record(&l.b, &l.policy, &moment, &slow, &journal);
		keep(&l, &journal);
	}
	struct explanation e = explain(&l, 0, 0);
	CHECK_INT(u, e.incident.opening.reason.kind, REASON_SLOW_RATE);
	CHECK_INT(u, e.incident.run_count, 2);
	CHECK_INT(u, e.incident.runs[1].exit, 1);
	end(&l);
}

static void acts_are_told_and_none_of_the_runs_before_them(struct unit *u)
{
	struct life l;
	begin(&l, u, "failures=5 open-for=10s");
	fail(&l, 1000, 1);
	trip(&l, 2000, 60000);
	struct explanation e = explain(&l, 0, 0);
	CHECK_INT(u, e.incident.opening.reason.kind, REASON_TRIPPED);
	CHECK_STR(u, e.incident.opening.reason.by, "alice");
	CHECK_INT(u, e.incident.run_count, 0);
	for (int i = 0; i < 7; i++)
		trip(&l, 3000 + i, 60000 + i);
	e = explain(&l, 0, 0);
	CHECK_INT(u, e.incident.act_count, EXPLANATION_ACTS);
	CHECK_INT(u, e.incident.acts[EXPLANATION_ACTS - 1].reason.a, 60006);
	CHECK_INT(u, e.incident.reopenings, 0);
	end(&l);
}

/* What the history has forgotten, the breaker may still know. */
static void without_its_history_the_breaker_itself_tells(struct unit *u)
{
	struct life l;
	tell_of_an_outage(&l, u);
	struct explanation e = explain(&l, 0, l.events.count);
	CHECK(u, e.incident.found && !e.incident.recorded && !e.incident.over);
	CHECK_INT(u, e.incident.opening.wall_ms, START + 3000);
	CHECK_INT(u, e.incident.opening.reason.kind, REASON_CONSECUTIVE);
	CHECK_INT(u, e.incident.opening.exit, 4);
	CHECK_INT(u, e.incident.first_wall_ms, START + 1000);
	CHECK_INT(u, e.incident.rejected, 3);
	CHECK_INT(u, e.incident.trials_failed, 1);
	CHECK_INT(u, e.incident.reopenings, 1);
	CHECK_INT(u, e.recorded_since_wall_ms, 0);
	trip(&l, 16000, 60000);
	e = explain(&l, 0, l.events.count);
	CHECK_INT(u, e.incident.act_count, 1);
	CHECK_STR(u, e.incident.acts[0].reason.text, "maintenance");
	end(&l);
}

static void what_else_rejects_a_run_is_told(struct unit *u)
{
	struct life l;
	begin(&l, u, "failures=5 max-concurrent=1");
	succeed(&l, 1000);
	l.load = (struct load){.running = 1, .pid = 42};
	struct explanation e = explain(&l, 0, 0);
	CHECK_INT(u, e.admission.reason.kind, REASON_CONCURRENCY_LIMIT);
	CHECK_INT(u, e.admission.running_pid, 42);
	l.load = (struct load){.needed_open = "db", .needed_retry_ms = 7};
	e = explain(&l, 0, 0);
	CHECK_INT(u, e.admission.reason.kind, REASON_NEEDED_OPEN);
	CHECK_STR(u, e.admission.reason.text, "db");
	end(&l);
}

static void the_last_lines_of_an_output_are_taken(struct unit *u)
{
	struct explanation e = {0};
	static const char many[] = "one\ntwo\n\nthree\n\nfour\n";
	explanation_set_output(&e, 5, many, sizeof(many) - 1);
	CHECK_INT(u, e.output.wall_ms, 5);
	CHECK_STR(u, e.output.lines[0], "two");
	CHECK_STR(u, e.output.lines[1], "three");
	CHECK_STR(u, e.output.lines[2], "four");
	struct explanation f = {0};
	explanation_set_output(&f, 5, "alone", 5);
	CHECK_STR(u, f.output.lines[1], "");
	CHECK_STR(u, f.output.lines[2], "alone");
	char wide[1000];
	memset(wide, 'x', sizeof(wide));
	explanation_set_output(&f, 5, wide, sizeof(wide));
	CHECK_INT(u, strlen(f.output.lines[2]), EXPLANATION_LINE_SIZE - 1);
}

const struct unit_test explanation_tests[] = {
	{"explanation: the runs of a streak are those that count", the_runs_of_a_streak_are_those_that_count},
	{"explanation: what came since is counted", what_came_since_is_counted},
	{"explanation: an incident that is over is told with its end", an_incident_that_is_over_is_told_with_its_end},
	{"explanation: a time finds the incident then, or before", a_time_finds_the_incident_then_or_before},
	{"explanation: of many runs the last are told", of_many_runs_the_last_are_told},
	{"explanation: slow runs are those of the slow rate", slow_runs_are_those_of_the_slow_rate},
	{"explanation: acts are told, and none of the runs before them", acts_are_told_and_none_of_the_runs_before_them},
	{"explanation: without its history the breaker itself tells", without_its_history_the_breaker_itself_tells},
	{"explanation: what else rejects a run is told", what_else_rejects_a_run_is_told},
	{"explanation: the last lines of an output are taken", the_last_lines_of_an_output_are_taken},
	{NULL, NULL},
};
