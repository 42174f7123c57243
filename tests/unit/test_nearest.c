/* test_nearest.c: the word that was meant. */
#include "suites.h"

#include "base/nearest.h"

#include <string.h>

/* Which of "status", "reset", "remove", "rename" is nearest, "" for none. */
static const char *found(const char *typed, size_t farthest)
{
	struct nearest n;
	nearest_begin(&n, typed, farthest);
	nearest_try(&n, "status");
	nearest_try(&n, "reset");
	nearest_try(&n, "remove");
	nearest_try(&n, "rename");
	return n.word != NULL ? n.word : "";
}

static void each_kind_of_mistake_is_one(struct unit *u)
{
	CHECK_STR(u, found("status", 0), "status");
	CHECK_STR(u, found("statsu", 1), "status"); /* swapped */
	CHECK_STR(u, found("stauts", 1), "status");
	CHECK_STR(u, found("tsatus", 1), "status");
	CHECK_STR(u, found("statu", 1), "status"); /* left out */
	CHECK_STR(u, found("statuss", 1), "status");
	CHECK_STR(u, found("ststus", 1), "status"); /* another key */
	CHECK_STR(u, found("statsu", 0), "");
}

static void two_mistakes_are_two(struct unit *u)
{
	CHECK_STR(u, found("sttus", 1), "status");
	CHECK_STR(u, found("stts", 1), "");
	CHECK_STR(u, found("stts", 2), "status");
	CHECK_STR(u, found("", 4), "");
	CHECK_STR(u, found("", 5), "reset");
}

static void the_nearest_counts_and_of_equals_the_first(struct unit *u)
{
	CHECK_STR(u, found("renove", 2), "remove");
	CHECK_STR(u, found("renmae", 2), "rename");
	CHECK_STR(u, found("reXXXe", 3), "remove");
}

static void what_is_very_long_is_like_none(struct unit *u)
{
	CHECK_STR(u, found("statusstatusstatusstatusstatusstatus", 1000), "");
}

const struct unit_test nearest_tests[] = {
	{"nearest: what is left out, typed twice, swapped or exchanged is one mistake", each_kind_of_mistake_is_one},
	{"nearest: a word with more mistakes is another word", two_mistakes_are_two},
	{"nearest: the nearest word counts, of equals the first", the_nearest_counts_and_of_equals_the_first},
	{"nearest: what is very long is like no word", what_is_very_long_is_like_none},
	{NULL, NULL},
};
