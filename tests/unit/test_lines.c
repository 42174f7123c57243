/* test_lines.c: lines of text that somebody shall be told later. */
#include "suites.h"

#include "base/lines.h"

static void lines_come_back_in_their_order(struct unit *u)
{
	struct lines lines = {0};
	CHECK(u, lines_get(&lines, 0) == NULL);
	for (int i = 0; i < 100; i++)
		lines_add(&lines, "line %d", i);
	CHECK_STR(u, lines_get(&lines, 0), "line 0");
	CHECK_STR(u, lines_get(&lines, 99), "line 99");
	CHECK(u, lines_get(&lines, 100) == NULL);
	lines_free(&lines);
}

static void a_line_is_told_once(struct unit *u)
{
	struct lines lines = {0};
	lines_add(&lines, "%s", "the disk is full");
	lines_add(&lines, "%s", "the clock went back");
	lines_add(&lines, "the disk is %s", "full");
	CHECK_STR(u, lines_get(&lines, 0), "the disk is full");
	CHECK_STR(u, lines_get(&lines, 1), "the clock went back");
	CHECK(u, lines_get(&lines, 2) == NULL);
	lines_free(&lines);
}

static void freed_there_are_none(struct unit *u)
{
	struct lines lines = {0};
	lines_add(&lines, "first");
	lines_free(&lines);
	CHECK(u, lines_get(&lines, 0) == NULL);
	lines_add(&lines, "first");
	CHECK_STR(u, lines_get(&lines, 0), "first");
	lines_free(&lines);
}

static void cut_there_are_so_many(struct unit *u)
{
	struct lines lines = {0};
	for (int i = 0; i < 3; i++)
		lines_add(&lines, "line %d", i);
	lines_cut(&lines, 4);
	CHECK_STR(u, lines_get(&lines, 2), "line 2");
	lines_cut(&lines, 1);
	CHECK_STR(u, lines_get(&lines, 0), "line 0");
	CHECK(u, lines_get(&lines, 1) == NULL);
	lines_add(&lines, "line 2");
	CHECK_STR(u, lines_get(&lines, 1), "line 2");
	lines_free(&lines);
}

const struct unit_test lines_tests[] = {
	{"lines: they come back in their order", lines_come_back_in_their_order},
	{"lines: the same line is told once", a_line_is_told_once},
	{"lines: freed, there are none, and more can be added", freed_there_are_none},
	{"lines: cut, the first are left, and what was cut off can come again", cut_there_are_so_many},
	{NULL, NULL},
};
