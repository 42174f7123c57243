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

/* Holds `text` back as one piece of standard error. */
static void hold(struct unit *u, struct capture *c, const char *text, uint32_t length)
{
	struct piece piece = {.output = 1, .length = length};
	CHECK(u, spool_append(&c->held, &piece, sizeof(piece)));
	CHECK(u, spool_append(&c->held, text, strlen(text)));
}

static void what_was_dropped_takes_nothing_of_what_comes_later(struct unit *u)
{
	struct capture c;
	capture_init(&c, &deaf);
	hold(u, &c, "dropped", 7);
	CHECK_INT(u, capture_leaving(&c), STDERR_FILENO); /* it begins to go out */
	capture_drop(&c);
	CHECK_INT(u, c.held.size, 0);
	c.hold = true;
	hold(u, &c, "held", 4);
	CHECK_INT(u, capture_leaving(&c), -1);
	capture_release(&c);
	CHECK_INT(u, capture_leaving(&c), STDERR_FILENO);
	CHECK_INT(u, c.piece.length, 4);
	CHECK_INT(u, c.released, sizeof(struct piece));
	capture_free(&c);
}

static void what_is_not_given_back_is_lost_once(struct unit *u)
{
	struct capture c;
	struct pollfd out = {.fd = STDERR_FILENO, .events = POLLOUT, .revents = POLLOUT};
	capture_init(&c, &deaf);
	hold(u, &c, "", 10);
	CHECK_INT(u, capture_leaving(&c), STDERR_FILENO);
	capture_move(&c, &out, 1);
	CHECK_INT(u, capture_leaving(&c), -1);
	capture_free(&c);
}

/* Reads what the capture wrote to standard error while `fd` was in its place. */
static ssize_t let_out(struct capture *c, char *bytes, size_t size)
{
	int ends[2];
	int kept = dup(STDERR_FILENO);
	if (pipe(ends) != 0 || dup2(ends[1], STDERR_FILENO) < 0)
		return -1;
	for (int i = 0; i < 10 && capture_leaving(c) >= 0; i++)
		move(c);
	dup2(kept, STDERR_FILENO);
	close(kept);
	close(ends[1]);
	ssize_t length = read(ends[0], bytes, size);
	close(ends[0]);
	return length;
}

static void every_byte_leaves_however_it_came(struct unit *u)
{
	enum { LONG = 4097 };
	static char text[LONG + 1];
	static char bytes[2 * LONG];
	struct capture c;
	capture_init(&c, &deaf);
	memset(text, 'x', LONG);
	hold(u, &c, "a", 1);
	hold(u, &c, text, LONG);
	hold(u, &c, "bc", 2);
	CHECK_INT(u, let_out(&c, bytes, sizeof(bytes)), LONG + 3);
	CHECK(u, bytes[0] == 'a' && memcmp(bytes + 1, text, LONG) == 0 &&
	                 memcmp(bytes + 1 + LONG, "bc", 2) == 0);
	CHECK(u, capture_put(&c, 0, "rest", 4));
	c.latest.output = 1;
	CHECK_INT(u, let_out(&c, bytes, sizeof(bytes)), 4);
	CHECK_INT(u, capture_leaving(&c), -1);
	capture_free(&c);
}

static void the_rest_of_both_outputs_is_taken(struct unit *u)
{
	struct capture c;
	capture_init(&c, &deaf);
	c.hold = c.keep = c.together = true;
	CHECK(u, capture_open(&c));
	say(u, &c, 0, "o");
	say(u, &c, 1, "e");
	capture_ended(&c);
	CHECK(u, capture_take_rest(&c) && capture_take_rest(&c) && !capture_take_rest(&c));
	CHECK_INT(u, c.held.size, 2 * (sizeof(struct piece) + 1));
	CHECK_INT(u, c.kept.size, 1);
	/* what nobody wants is left in the pipe */
	say(u, &c, 0, "more");
	say(u, &c, 1, "more");
	capture_ended(&c);
	capture_drop(&c);
	CHECK(u, !capture_take_rest(&c));
	CHECK_INT(u, c.kept.size, 1);
	capture_free(&c);
}

static void too_much_is_not_kept(struct unit *u)
{
	static char block[CAPTURE_BLOCK];
	struct capture c;
	capture_init(&c, &deaf);
	c.keep = true;
	CHECK(u, capture_open(&c));
	for (int64_t size = 0; size <= CAPTURE_KEEP_LIMIT; size += (int64_t)sizeof(block)) {
		CHECK_INT(u, c.fault, CAPTURE_WHOLE);
		CHECK_INT(u, write(c.child[0], block, sizeof(block)), sizeof(block));
		move(&c);
		capture_drop(&c);
	}
	CHECK_INT(u, c.kept.size, CAPTURE_KEEP_LIMIT);
	CHECK_INT(u, c.fault, CAPTURE_TOO_MUCH);
	capture_started(&c);
	capture_finish(&c);
	CHECK_INT(u, c.fault, CAPTURE_TOO_MUCH);
	CHECK(u, capture_open(&c)); /* the next attempt begins anew */
	CHECK_INT(u, c.fault, CAPTURE_WHOLE);
	CHECK_INT(u, c.kept.size, 0);
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
	{"output that was dropped takes nothing of what is held back later",
         what_was_dropped_takes_nothing_of_what_comes_later},
	{"output that was held back and cannot be read again is lost, and the rest goes on",
         what_is_not_given_back_is_lost_once},
	{"output leaves byte by byte as it came", every_byte_leaves_however_it_came},
	{"what a command has left of both outputs is taken, unless nobody wants it",
         the_rest_of_both_outputs_is_taken},
	{"output that is more than what is kept is not kept at all", too_much_is_not_kept},
	{0},
};
