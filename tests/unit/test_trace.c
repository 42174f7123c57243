/* test_trace.c: the lines of a trace, good and bad. */
#include "replay/trace.h"

#include "policies.h"
#include "suites.h"

#include <stdio.h>
#include <string.h>

/* Reads one line, as getline() gives it. */
static bool read_line(struct trace *trace, const char *line, struct trace_event *event, struct error *error)
{
	char text[512];
	snprintf(text, sizeof(text), "%s\n", line);
	return trace_read(trace, text, strlen(text), event, error);
}

static void check_call(struct unit *u, const char *line, enum outcome outcome, int64_t at_ms,
                       int64_t duration_ms)
{
	struct trace trace = {.name = "t"};
	struct trace_event event;
	struct error error = {0};
	CHECK(u, read_line(&trace, line, &event, &error));
	CHECK_STR(u, error.text, "");
	CHECK_INT(u, event.kind, TRACE_CALL);
	CHECK_INT(u, event.outcome, outcome);
	CHECK_INT(u, event.at_ms, at_ms);
	CHECK_INT(u, event.duration_ms, duration_ms);
}

static void a_call_has_a_time_an_outcome_and_perhaps_a_duration(struct unit *u)
{
	check_call(u, "0 ok", OUTCOME_SUCCESS, 0, 0);
	check_call(u, "1.5 fail 2.25", OUTCOME_FAILURE, 1500, 2250);
	check_call(u, "\t.5\ttimeout   30 \r", OUTCOME_TIMEOUT, 500, 30000);
	check_call(u, "7 ignore # it says nothing", OUTCOME_IGNORED, 7000, 0);
	check_call(u, "7 ok 1#2 3", OUTCOME_SUCCESS, 7000, 1000);
}

static void times_are_rounded_and_have_a_limit(struct unit *u)
{
	check_call(u, "0.0004999 ok 0.0005", OUTCOME_SUCCESS, 0, 1);
	check_call(u, "0.9995 ok", OUTCOME_SUCCESS, 1000, 0);
	check_call(u, "99999999999999999999 ok 316224001", OUTCOME_SUCCESS, POLICY_MAX_MS, POLICY_MAX_MS);
}

static void every_act_has_its_word(struct unit *u)
{
	struct trace trace = {.name = "t"};
	struct error error;
	char line[64];
	for (int act = REPLAY_PEEK; act <= REPLAY_ENABLE; act++) {
		struct trace_event event;
		snprintf(line, sizeof(line), "%d %s", act, replay_act_name((enum replay_act)act));
		CHECK(u, read_line(&trace, line, &event, &error));
		CHECK_INT(u, event.kind, TRACE_ACT);
		CHECK_INT(u, event.act, act);
		CHECK_INT(u, event.at_ms, act * 1000);
		CHECK_INT(u, event.line, act + 1);
	}
}

static void empty_lines_and_comments_are_counted(struct unit *u)
{
	static const char *const lines[] = {"", " \t\r", "# 1 ok", "  #", "0 ok"};
	struct trace trace = {.name = "t"};
	struct trace_event event;
	struct error error;
	for (int i = 0; i < 5; i++) {
		CHECK(u, read_line(&trace, lines[i], &event, &error));
		CHECK_INT(u, event.kind, i < 4 ? TRACE_NOTHING : TRACE_CALL);
		CHECK_INT(u, event.line, i + 1);
	}
}

/* What is wrong with the third line, after one at 5 s and a comment. */
static void check_error(struct unit *u, const char *line, const char *want)
{
	struct trace trace = {.name = "a trace"};
	struct trace_event event;
	struct error error = {.kind = ERROR_SYSTEM};
	CHECK(u, read_line(&trace, "5 ok", &event, &error));
	CHECK(u, read_line(&trace, "# then", &event, &error));
	CHECK(u, !read_line(&trace, line, &event, &error));
	CHECK_INT(u, error.kind, ERROR_USAGE);
	CHECK_STR(u, error.text, want);
}

static void an_error_names_the_line_and_the_word(struct unit *u)
{
	check_error(u, "soon ok", "a trace, line 3: expected a time in seconds, not 'soon'");
	check_error(u, "-1 ok", "a trace, line 3: expected a time in seconds, not '-1'");
	check_error(u, "6s ok", "a trace, line 3: expected a time in seconds, not '6s'");
	check_error(u, "4.999 ok", "a trace, line 3: this time is before the line above: '4.999'");
	check_error(u, "6", "a trace, line 3: expected an event behind '6'");
	check_error(u, "6 #ok", "a trace, line 3: expected an event behind '6'");
	check_error(u, "6 ok 1 2", "a trace, line 3: nothing may follow the duration, but here is '2'");
	check_error(u, "6 peek 1", "a trace, line 3: only calls have a duration, not 'peek'");
	check_error(u, "6 ok 1m", "a trace, line 3: expected a duration in seconds, not '1m'");
	check_error(
		u, "6 success",
		"a trace, line 3: expected ok, fail, timeout, ignore, peek, trip, hold, reset, disable or "
		"enable, not 'success'");
}

static void a_nul_byte_is_an_error(struct unit *u)
{
	struct trace trace = {.name = "t"};
	struct trace_event event;
	struct error error;
	char text[] = "0 ok\0 1\n";
	CHECK(u, !trace_read(&trace, text, sizeof(text) - 1, &event, &error));
	CHECK_STR(u, error.text, "t, line 1: a NUL byte behind '0 ok'");
}

static void events_are_played_on_a_replay(struct unit *u)
{
	static const char *const lines[] = {"0 fail", "# then", "1 ok", "2 reset", "3 ok 5"};
	struct policy policy = policy_of(u, "failures=1");
	struct trace trace = {.name = "t"};
	struct error error;
	struct replay r = {0};
	replay_begin(&r, &policy, 0, NULL, NULL);
	for (int i = 0; i < 5; i++) {
		struct trace_event event;
		CHECK(u, read_line(&trace, lines[i], &event, &error));
		CHECK(u, trace_play(&event, &r));
	}
	const struct replay_tally *tally = replay_end(&r);
	CHECK_INT(u, tally->run, 2);
	CHECK_INT(u, tally->rejected, 1);
	CHECK_INT(u, tally->open_ms, 2000);
	CHECK_INT(u, r.now_ms, 8000);
	replay_free(&r);
}

const struct unit_test trace_tests[] = {
	{"trace: a call has a time, an outcome and perhaps a duration",
         a_call_has_a_time_an_outcome_and_perhaps_a_duration},
	{"trace: times are rounded to the millisecond, and have a limit", times_are_rounded_and_have_a_limit},
	{"trace: every act has its word", every_act_has_its_word},
	{"trace: empty lines and comments are nothing, but are counted",
         empty_lines_and_comments_are_counted},
	{"trace: an error names the line and the word", an_error_names_the_line_and_the_word},
	{"trace: a NUL byte is an error", a_nul_byte_is_an_error},
	{"trace: events are played on a replay", events_are_played_on_a_replay},
	{NULL, NULL},
};
