/* test_pipe.c: pipes, and where there is no descriptor for them. */
#include "suites.h"

#include "process/capture.h"
#include "process/pipe.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

static const struct message_sink deaf;

/* Leaves so many descriptors free; returns the limit that was there. */
static struct rlimit leave_free(int count)
{
	struct rlimit before;
	getrlimit(RLIMIT_NOFILE, &before);
	struct rlimit few = before;
	int free = 0;
	for (few.rlim_cur = 0; free < count || fcntl((int)few.rlim_cur, F_GETFD) >= 0; few.rlim_cur++)
		free += fcntl((int)few.rlim_cur, F_GETFD) < 0;
	setrlimit(RLIMIT_NOFILE, &few);
	return before;
}

static void only_our_end_does_not_block(struct unit *u)
{
	int ours = -1;
	int child_end = -1;
	char byte = 0;
	for (int from_child = 0; from_child <= 1; from_child++) {
		CHECK(u, from_child == 1 ? pipe_from_child(&ours, &child_end) : pipe_to_child(&ours, &child_end));
		CHECK(u, (fcntl(ours, F_GETFL) & O_NONBLOCK) != 0);
		CHECK(u, (fcntl(child_end, F_GETFL) & O_NONBLOCK) == 0);
		CHECK(u,
		      (fcntl(ours, F_GETFD) & FD_CLOEXEC) != 0 && (fcntl(child_end, F_GETFD) & FD_CLOEXEC) != 0);
		CHECK_INT(u, write(from_child == 1 ? child_end : ours, "x", 1), 1);
		CHECK_INT(u, read(from_child == 1 ? ours : child_end, &byte, 1), 1);
		CHECK_INT(u, byte, 'x');
		int closed = ours;
		errno = EPIPE;
		pipe_close(&ours);
		pipe_close(&child_end);
		CHECK_INT(u, errno, EPIPE);
		CHECK_INT(u, ours, -1);
		CHECK_INT(u, fcntl(closed, F_GETFD), -1);
	}
}

static void without_descriptors_there_is_none(struct unit *u)
{
	for (int free = 0; free <= 1; free++) {
		int ours = 7;
		int child_end = 7;
		struct rlimit before = leave_free(free);
		errno = 0;
		bool made = pipe_to_child(&ours, &child_end);
		int failure = errno;
		setrlimit(RLIMIT_NOFILE, &before);
		CHECK(u, !made);
		CHECK_INT(u, failure, EMFILE);
		CHECK_INT(u, ours, -1);
		CHECK_INT(u, child_end, -1);
	}
}

static void of_two_pipes_there_are_both_or_none(struct unit *u)
{
	for (int free = 0; free <= 4; free++) {
		struct capture c;
		capture_init(&c, &deaf);
		c.hold = c.keep = c.together = true;
		struct rlimit before = leave_free(free);
		errno = 0;
		bool open = capture_open(&c);
		int failure = errno;
		setrlimit(RLIMIT_NOFILE, &before);
		CHECK_INT(u, open, free == 4);
		CHECK(u, open || failure == EMFILE);
		for (int i = 0; i < 2 && !open; i++) {
			CHECK_INT(u, c.outputs[i], -1);
			CHECK_INT(u, c.child[i], -1);
		}
		capture_free(&c);
	}
}

const struct unit_test pipe_tests[] = {
	{"a pipe to or from a command does not block at our end alone", only_our_end_does_not_block},
	{"without a free descriptor there is no pipe", without_descriptors_there_is_none},
	{"of the two pipes of a capture there are both or none", of_two_pipes_there_are_both_or_none},
	{0},
};
