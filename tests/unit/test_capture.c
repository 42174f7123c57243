/* test_capture.c: output between a command and cbrun, where the test plays the command. */
#include "process/capture.h"

#include "suites.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void ignore(void *context, enum message_level needed, const char *text)
{
	(void)context, (void)needed, (void)text;
}

static const struct message_sink deaf = {.take = ignore};

static void say(struct unit *u, const struct capture *c, int output, const char *text)
{
	CHECK_INT(u, write(c->child[output], text, strlen(text)), (ssize_t)strlen(text));
}

/* Moves what can be moved at once. */
static void move(struct capture *c)
{
	struct pollfd polls[CAPTURE_POLLS];
	int count = capture_polls(c, polls);
	if (poll(polls, (nfds_t)count, 0) > 0)
		capture_move(c, polls, count);
}

static void nothing_asked_for_is_no_pipe(struct unit *u)
{
	struct capture c;
	struct pollfd polls[CAPTURE_POLLS];
	capture_init(&c, &deaf);
	CHECK(u, capture_open(&c));
	CHECK_INT(u, c.child[0], -1);
	CHECK_INT(u, c.child[1], -1);
	CHECK_INT(u, capture_polls(&c, polls), 0);
	capture_free(&c);
}

static void held_output_leaves_once_it_is_released(struct unit *u)
{
	struct capture c;
	struct pollfd polls[CAPTURE_POLLS];
	capture_init(&c, &deaf);
	c.hold = true;
	CHECK(u, capture_open(&c));
	CHECK_INT(u, c.child[0], -1);
	CHECK_INT(u, capture_polls(&c, polls), 1);
	say(u, &c, 1, "first");
	move(&c);
	CHECK_INT(u, capture_leaving(&c), -1);
	capture_release(&c);
	CHECK_INT(u, capture_leaving(&c), STDERR_FILENO);
	CHECK_INT(u, capture_polls(&c, polls), 1);
	CHECK_INT(u, polls[0].fd, STDERR_FILENO);
	capture_drop(&c);
	CHECK_INT(u, capture_leaving(&c), -1);
	capture_free(&c);
}

static void one_file_is_one_pipe_unless_a_part_is_kept(struct unit *u)
{
	for (int keep = 0; keep <= 1; keep++) {
		struct capture c;
		struct pollfd polls[CAPTURE_POLLS];
		int descriptors[2];
		capture_init(&c, &deaf);
		c.hold = c.together = true;
		c.keep = keep == 1;
		CHECK(u, capture_open(&c));
		capture_descriptors(&c, descriptors);
		CHECK_INT(u, descriptors[0] != descriptors[1], keep);
		CHECK_INT(u, capture_polls(&c, polls), keep + 1);
		say(u, &c, 1, "first");
		move(&c);
		CHECK_INT(u, capture_leaving(&c), -1);
		capture_free(&c);
	}
}

static void kept_output_is_the_last_attempts(struct unit *u)
{
	struct capture c;
	struct pollfd polls[CAPTURE_POLLS];
	char bytes[16];
	capture_init(&c, &deaf);
	c.keep = true;
	for (int attempt = 1; attempt <= 2; attempt++) {
		char text[16];
		snprintf(text, sizeof(text), "attempt %d", attempt);
		CHECK(u, capture_open(&c));
		CHECK_INT(u, c.child[1], -1);
		say(u, &c, 0, text);
		move(&c);
		/* it passes through: until it is out, nothing more is read */
		CHECK_INT(u, capture_polls(&c, polls), 1);
		CHECK_INT(u, polls[0].fd, STDOUT_FILENO);
		capture_drop(&c);
		capture_started(&c);
		capture_finish(&c);
	}
	CHECK_INT(u, spool_read(&c.kept, 0, bytes, sizeof(bytes)), 9);
	CHECK(u, memcmp(bytes, "attempt 2", 9) == 0);
	CHECK_INT(u, c.fault, CAPTURE_UNFINISHED);
	capture_free(&c);
}

static void the_end_of_what_is_held_can_be_had_beforehand(struct unit *u)
{
	struct capture c;
	char bytes[16];
	capture_init(&c, &deaf);
	c.hold = c.together = true;
	CHECK(u, capture_open(&c));
	CHECK_INT(u, capture_tail(&c, bytes, sizeof(bytes)), 0);
	static const char *const pieces[] = {"first", "second", "third"};
	for (int i = 0; i < 3; i++) {
		say(u, &c, 1, pieces[i]);
		move(&c);
	}
	CHECK_INT(u, capture_tail(&c, bytes, sizeof(bytes)), 16);
	CHECK(u, memcmp(bytes, "firstsecondthird", 16) == 0);
	CHECK_INT(u, capture_tail(&c, bytes, 8), 8);
	CHECK(u, memcmp(bytes, "ondthird", 8) == 0);
	CHECK_INT(u, capture_tail(&c, bytes, 5), 5);
	CHECK(u, memcmp(bytes, "third", 5) == 0);
	capture_free(&c);
}

static void what_descendants_write_after_the_end_is_not_waited_for(struct unit *u)
{
	struct capture c;
	capture_init(&c, &deaf);
	c.hold = true;
	CHECK(u, capture_open(&c));
	say(u, &c, 1, "command");
	capture_ended(&c);
	say(u, &c, 1, "descendant");
	CHECK(u, capture_take_rest(&c));
	CHECK_INT(u, c.held.size, sizeof(struct piece) + strlen("command"));
	CHECK(u, !capture_take_rest(&c));
	capture_free(&c);
}

const struct unit_test capture_tests[] = {
	{"where no output is captured, there is no pipe", nothing_asked_for_is_no_pipe},
	{"output that is held back leaves once it is released, the earliest first",
         held_output_leaves_once_it_is_released},
	{"where both are one file there is one pipe, unless one of them is kept",
         one_file_is_one_pipe_unless_a_part_is_kept},
	{"output that is kept is that of the last attempt", kept_output_is_the_last_attempts},
	{"the end of what is held back can be had beforehand", the_end_of_what_is_held_can_be_had_beforehand},
	{"what descendants write after the end of a command is left in the pipe",
         what_descendants_write_after_the_end_is_not_waited_for},
	{0},
};
