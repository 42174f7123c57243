/* test_hints.c: lines from a command that the test plays. */
#include "process/hints.h"

#include "suites.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What was told. */
struct told {
	int lines;
	char last[256];
};

static void note_line(void *context, enum message_level needed, const char *text)
{
	struct told *told = context;
	if (needed == MESSAGE_VERBOSE)
		told->lines++;
	snprintf(told->last, sizeof(told->last), "%s", text);
}

static void say(struct unit *u, struct hints *h, const char *text)
{
	CHECK_INT(u, write(h->child, text, strlen(text)), strlen(text));
}

/* Moves what there is at once. */
static void move(struct hints *h)
{
	struct pollfd polls[HINTS_POLLS];
	int count = hints_polls(h, polls);
	if (count > 0 && poll(polls, (nfds_t)count, 0) > 0)
		hints_move(h, polls);
}

/* A command that says all that, and ends. */
static struct hints said(struct unit *u, struct told *told, const char *text)
{
	static struct message_sink sink;
	struct hints h;
	sink = (struct message_sink){note_line, told};
	*told = (struct told){.lines = 0};
	hints_init(&h, &sink);
	CHECK(u, hints_open(&h));
	say(u, &h, text);
	hints_started(&h);
	hints_ended(&h);
	return h;
}

static void each_kind_of_line_is_heeded(struct unit *u)
{
	struct told told;
	struct hints h = said(u, &told, "outcome failure\nretry-after 1.5\nreason too many requests\n");
	CHECK_INT(u, h.outcome, HINT_FAILURE);
	CHECK_INT(u, h.retry_after_ms, 1500);
	CHECK_STR(u, h.reason, "too many requests");
	CHECK_INT(u, told.lines, 0);
	h = said(u, &told, "outcome success\r\n");
	CHECK_INT(u, h.outcome, HINT_SUCCESS);
	h = said(u, &told, "outcome  ignored");
	CHECK_INT(u, h.outcome, HINT_IGNORED);
	CHECK_INT(u, h.ours, -1);
}

static void the_last_line_of_a_kind_counts(struct unit *u)
{
	struct told told;
	struct hints h =
		said(u, &told,
	             "outcome failure\nreason a\nretry-after 9\noutcome ignored\nreason b\nretry-after 0\n");
	CHECK_INT(u, h.outcome, HINT_IGNORED);
	CHECK_STR(u, h.reason, "b");
	CHECK_INT(u, h.retry_after_ms, 0);
}

static void retry_after_may_be_a_time(struct unit *u)
{
	struct told told;
	struct hints h = said(u, &told, "retry-after Fri, 31 Dec 9999 23:59:59 GMT\n");
	CHECK(u, h.retry_after_ms > 0 && h.retry_after_ms < INT64_C(300000000000000));
	CHECK_INT(u, told.lines, 0);
	h = said(u, &told, "retry-after 9\nretry-after Thu, 01 Jan 1970 00:00:00 GMT\n");
	CHECK_INT(u, h.retry_after_ms, 0);
	CHECK_INT(u, told.lines, 0);
}

static void other_lines_are_told_and_ignored(struct unit *u)
{
	static const char *const lines[] = {"",
	                                    "outcome",
	                                    "outcome fail",
	                                    "outcomes failure",
	                                    "OUTCOME failure",
	                                    "retry-after soon",
	                                    "retry-after -1",
	                                    "retry-after 1s",
	                                    "retry-after Wed, 21 Oct 2026 07:28:00",
	                                    "reason",
	                                    "hello"};
	struct told told;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		char text[64];
		snprintf(text, sizeof(text), "%s\n", lines[i]);
		struct hints h = said(u, &told, text);
		CHECK_INT(u, h.outcome, HINT_NONE);
		CHECK_INT(u, h.retry_after_ms, 0);
		CHECK_STR(u, h.reason, "");
		CHECK_INT(u, told.lines, 1);
	}
	CHECK_STR(u, told.last, "the command wrote a line that is not a hint: 'hello'");
}

static void not_every_wrong_line_is_told(struct unit *u)
{
	struct told told;
	struct hints h = said(u, &told, "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\noutcome success\n");
	CHECK_INT(u, told.lines, 8);
	CHECK_INT(u, h.outcome, HINT_SUCCESS);
}

static void a_line_that_is_too_long_is_none(struct unit *u)
{
	struct told told;
	char text[HINTS_LINE_SIZE + 32];
	memset(text, 'x', sizeof(text));
	memcpy(text, "reason ", 7);
	memcpy(text + HINTS_LINE_SIZE, "\noutcome failure", 17);
	struct hints h = said(u, &told, text);
	CHECK_STR(u, h.reason, "");
	CHECK_INT(u, told.lines, 1);
	CHECK_INT(u, h.outcome, HINT_FAILURE);
	memcpy(text + HINTS_LINE_SIZE - 1, "\n", 2);
	h = said(u, &told, text);
	CHECK_INT(u, strlen(h.reason), REASON_TEXT_SIZE - 1);
	CHECK_INT(u, told.lines, 0);
}

static void a_huge_number_of_seconds_is_for_ever(struct unit *u)
{
	struct told told;
	struct hints h = said(u, &told, "retry-after 99999999999999999999\n");
	CHECK_INT(u, h.retry_after_ms, INT64_MAX);
}

static void lines_come_in_pieces(struct unit *u)
{
	struct hints h;
	struct told told = {.lines = 0};
	struct message_sink sink = {note_line, &told};
	hints_init(&h, &sink);
	CHECK(u, hints_open(&h));
	say(u, &h, "outcome fai");
	move(&h);
	CHECK_INT(u, h.outcome, HINT_NONE);
	say(u, &h, "lure\nretry-");
	move(&h);
	CHECK_INT(u, h.outcome, HINT_FAILURE);
	say(u, &h, "after 2");
	hints_started(&h);
	move(&h);
	move(&h);
	CHECK_INT(u, h.ours, -1);
	hints_ended(&h);
	CHECK_INT(u, h.retry_after_ms, 2000);
}

static void the_next_attempt_starts_anew(struct unit *u)
{
	struct told told;
	struct hints h = said(u, &told, "outcome failure\nreason a\nretry-after 9\n");
	CHECK(u, hints_open(&h));
	hints_started(&h);
	hints_ended(&h);
	CHECK_INT(u, h.outcome, HINT_NONE);
	CHECK_INT(u, h.retry_after_ms, 0);
	CHECK_STR(u, h.reason, "");
}

const struct unit_test hints_tests[] = {
	{"hints: each kind of line is heeded", each_kind_of_line_is_heeded},
	{"hints: the last line of a kind counts", the_last_line_of_a_kind_counts},
	{"hints: retry-after may be a time, which is never before now", retry_after_may_be_a_time},
	{"hints: other lines are told and ignored", other_lines_are_told_and_ignored},
	{"hints: not every wrong line is told", not_every_wrong_line_is_told},
	{"hints: a line that is too long is none", a_line_that_is_too_long_is_none},
	{"hints: a huge number of seconds is for ever", a_huge_number_of_seconds_is_for_ever},
	{"hints: lines come in pieces", lines_come_in_pieces},
	{"hints: the next attempt starts anew", the_next_attempt_starts_anew},
	{NULL, NULL},
};
