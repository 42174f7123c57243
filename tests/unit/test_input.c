/* test_input.c: input that was read once, fed to a command that the test plays. */
#include "process/input.h"

#include "suites.h"

#include <string.h>
#include <unistd.h>

static const char text[] = "what the pipe had";

/* Input of which all has been read. */
static struct input read_already(struct unit *u)
{
	struct input input;
	input_init(&input, NULL);
	input.mode = INPUT_SPOOL;
	input.at_end = true;
	CHECK(u, spool_append(&input.spooled, text, strlen(text)));
	return input;
}

/* Moves what can be moved at once. Returns how many descriptors there were to wait for. */
static int move(struct input *input)
{
	struct pollfd polls[INPUT_POLLS];
	int count = input_polls(input, polls);
	if (poll(polls, (nfds_t)count, 0) > 0)
		input_move(input, polls, count);
	return count;
}

static void each_attempt_gets_the_whole(struct unit *u)
{
	struct input input = read_already(u);
	char bytes[2 * sizeof(text)];
	for (int attempt = 1; attempt <= 3; attempt++) {
		CHECK(u, input_open(&input));
		CHECK_INT(u, move(&input), 1);
		CHECK_INT(u, move(&input), 0);
		CHECK_INT(u, read(input.child, bytes, sizeof(bytes)), strlen(text));
		CHECK(u, memcmp(bytes, text, strlen(text)) == 0);
		CHECK_INT(u, read(input.child, bytes, sizeof(bytes)), 0);
		input_started(&input);
		input_ended(&input);
	}
	input_free(&input);
}

static void a_command_that_closes_its_input_is_fed_no_more(struct unit *u)
{
	struct input input = read_already(u);
	CHECK(u, input_open(&input));
	input_started(&input);
	CHECK_INT(u, move(&input), 1);
	CHECK_INT(u, move(&input), 0);
	CHECK_INT(u, input.fed, 0);
	CHECK_INT(u, input.feed, -1);
	input_free(&input);
}

static void a_pipe_that_is_full_stays_open(struct unit *u)
{
	static const char block[4096];
	struct input input = read_already(u);
	CHECK(u, input_open(&input));
	while (write(input.feed, block, sizeof(block)) > 0)
		continue;
	struct pollfd poll = {.fd = input.feed, .revents = POLLOUT}; /* somebody else has filled it since */
	input_move(&input, &poll, 1);
	CHECK_INT(u, input.feed, poll.fd);
	CHECK_INT(u, input.fed, 0);
	input_free(&input);
}

static void what_the_command_reads_itself_is_no_pipe(struct unit *u)
{
	struct input input;
	input_init(&input, NULL);
	CHECK(u, input_open(&input));
	CHECK_INT(u, input.child, -1);
	CHECK_INT(u, move(&input), 0);
	input_free(&input);
}

const struct unit_test input_tests[] = {
	{"each attempt gets the whole input, and then its end", each_attempt_gets_the_whole},
	{"a command that closes its input is fed no more", a_command_that_closes_its_input_is_fed_no_more},
	{"a pipe to the command that is full stays open", a_pipe_that_is_full_stays_open},
	{"where the command reads the input itself, there is no pipe",
         what_the_command_reads_itself_is_no_pipe},
	{0},
};
