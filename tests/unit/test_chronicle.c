/* test_chronicle.c: the events of several breakers as one history. */
#include "report/chronicle.h"

#include "suites.h"

#include <stdio.h>

static void add(struct unit *u, struct chronicle *c, size_t breaker, int64_t seq, int64_t wall_ms)
{
	struct event event = {.kind = seq % 2 == 0 ? EVENT_TRANSITION : EVENT_CALL, .generation = seq, .wall_ms = wall_ms};
	CHECK(u, chronicle_add(c, breaker, &event));
}

/* "BREAKER#NUMBER ..." of the entries. */
static void holds(struct unit *u, struct chronicle *c, const char *want)
{
	char text[256] = "";
	size_t used = 0;
	size_t breaker;
	struct event event;
	CHECK(u, chronicle_settle(c));
	while (chronicle_next(c, &breaker, &event) && used < sizeof(text))
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%zu#%lld", used > 0 ? " " : "", breaker,
		                         (long long)event.generation);
	CHECK_STR(u, text, want);
	chronicle_free(c);
}

static void several_are_in_the_order_of_time(struct unit *u)
{
	struct chronicle c = {.many = true};
	add(u, &c, 0, 1, 50);
	add(u, &c, 0, 2, 70);
	add(u, &c, 1, 7, 20);
	add(u, &c, 1, 8, 70);
	add(u, &c, 1, 9, 70);
	add(u, &c, 2, 1, 60);
	holds(u, &c, "1#7 0#1 2#1 0#2 1#8 1#9");
}

/* The wall clock may have been set back. */
static void one_keeps_its_own_order(struct unit *u)
{
	struct chronicle c = {.many = false};
	add(u, &c, 0, 1, 50);
	add(u, &c, 0, 2, 20);
	holds(u, &c, "0#1 0#2");
}

static void bounds_are_included(struct unit *u)
{
	struct chronicle c = {.since_ms = 20, .until_ms = 30};
	add(u, &c, 0, 1, 19);
	add(u, &c, 0, 2, 20);
	add(u, &c, 0, 3, 30);
	add(u, &c, 0, 4, 31);
	holds(u, &c, "0#2 0#3");
	c = (struct chronicle){.transitions = true, .since_ms = 20};
	add(u, &c, 0, 2, 10);
	add(u, &c, 0, 3, 20);
	add(u, &c, 0, 4, 20);
	holds(u, &c, "0#4");
}

/* However many there are, and whatever comes last. */
static void a_limit_keeps_the_newest_and_bounds_the_memory(struct unit *u)
{
	struct chronicle c = {.limit = 3, .many = true};
	for (int64_t i = 1; i <= 1000; i++)
		add(u, &c, 0, i, i);
	for (int64_t i = 1; i <= 1000; i++)
		add(u, &c, 1, i, i - 500);
	add(u, &c, 2, 1, 999);
	CHECK(u, c.entries.capacity < 200);
	holds(u, &c, "0#999 2#1 0#1000");
}

static void an_event_comes_back_as_it_was(struct unit *u)
{
	struct chronicle c = {.limit = 1};
	struct event given = {
		.kind = EVENT_TRANSITION,
		.wall_ms = 8,
		.generation = 9,
		.exit = -1,
		.outcome = OUTCOME_IGNORED,
		.cause = IGNORED_NO_VERDICT,
		.duration_us = INT64_C(1) << 40,
		.from = BREAKER_HALF_OPEN,
		.to = BREAKER_OPEN,
		.reason = {.kind = REASON_TRIPPED, .a = 1, .b = INT64_MAX, .text = "maintenance", .by = "alice"},
	};
	struct event got;
	size_t breaker;
	for (int i = 0; i < 200; i++)
		CHECK(u, chronicle_add(&c, 3, &given));
	CHECK(u, chronicle_settle(&c));
	CHECK(u, chronicle_next(&c, &breaker, &got) && !chronicle_next(&c, &breaker, &given));
	CHECK_INT(u, breaker, 3);
	CHECK(u, got.kind == given.kind && got.outcome == given.outcome && got.cause == given.cause);
	CHECK(u, got.from == given.from && got.to == given.to && got.reason.kind == given.reason.kind);
	CHECK_INT(u, got.wall_ms, 8);
	CHECK_INT(u, got.generation, 9);
	CHECK_INT(u, got.exit, -1);
	CHECK_INT(u, got.duration_us, given.duration_us);
	CHECK_INT(u, got.reason.a, 1);
	CHECK_INT(u, got.reason.b, INT64_MAX);
	CHECK_STR(u, got.reason.text, "maintenance");
	CHECK_STR(u, got.reason.by, "alice");
	chronicle_free(&c);
}

const struct unit_test chronicle_tests[] = {
	{"chronicle: an event comes back as it was", an_event_comes_back_as_it_was},
	{"chronicle: several breakers are in the order of time", several_are_in_the_order_of_time},
	{"chronicle: one breaker keeps its own order", one_keeps_its_own_order},
	{"chronicle: the bounds are included", bounds_are_included},
	{"chronicle: a limit keeps the newest, and bounds the memory", a_limit_keeps_the_newest_and_bounds_the_memory},
	{NULL, NULL},
};
