/* input.c: from cbrun's standard input, by way of a spool, to each attempt. */
#include "process/input.h"

#include "process/pipe.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BLOCK = 64 * 1024 };

void input_init(struct input *input, const struct message_sink *sink)
{
	*input = (struct input){.sink = sink, .spooled = {.fd = -1}, .feed = -1, .child = -1};
}

bool input_replay(struct input *input)
{
	struct stat status;
	if (fstat(STDIN_FILENO, &status) != 0)
		return false;
	input->start = lseek(STDIN_FILENO, 0, SEEK_CUR);
	if (S_ISREG(status.st_mode) && input->start >= 0)
		input->mode = INPUT_REWIND;
	else if (S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode))
		input->mode = INPUT_SPOOL;
	return input->mode != INPUT_ALONE;
}

bool input_open(struct input *input)
{
	input->fed = 0;
	switch (input->mode) {
	case INPUT_ALONE:
		break;
	case INPUT_REWIND:
		lseek(STDIN_FILENO, input->start, SEEK_SET);
		break;
	case INPUT_SPOOL:
		return pipe_to_child(&input->feed, &input->child);
	}
	return true;
}

void input_started(struct input *input)
{
	pipe_close(&input->child);
}

/*
 * Gives to this attempt alone what there is no room to keep. This attempt has
 * read everything before it, which therefore can be forgotten.
 */
static void pass_on(struct input *input, const char *bytes, size_t length)
{
	if (!input->partial)
		message_send(input->sink, MESSAGE_NORMAL,
		             "cannot keep standard input for another attempt: %s; there will be none",
		             strerror(errno));
	input->partial = true;
	spool_truncate(&input->spooled, 0);
	input->fed = 0;
	input->at_end = !spool_append(&input->spooled, bytes, length);
}

/* Reads more of cbrun's standard input, for this attempt and those after it. */
static void read_more(struct input *input)
{
	char bytes[BLOCK];
	ssize_t length = read(STDIN_FILENO, bytes, sizeof(bytes));
	if (length < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (length <= 0) {
		input->at_end = true;
		return;
	}
	if (input->partial || !spool_append(&input->spooled, bytes, (size_t)length))
		pass_on(input, bytes, (size_t)length);
}

static void feed_command(struct input *input)
{
	char bytes[BLOCK];
	ssize_t length = spool_read(&input->spooled, input->fed, bytes, sizeof(bytes));
	ssize_t written = length > 0 ? write(input->feed, bytes, (size_t)length) : 0;
	if (written > 0)
		input->fed += written;
	else if (length < 0 || (written < 0 && errno != EAGAIN && errno != EINTR))
		pipe_close(&input->feed);
}

int input_polls(struct input *input, struct pollfd polls[INPUT_POLLS])
{
	bool more_to_feed = input->fed < input->spooled.size;
	if (input->at_end && !more_to_feed)
		pipe_close(&input->feed);
	if (input->feed < 0)
		return 0;
	/* with no events asked for, poll still reports that the command has closed its input */
	polls[0] = (struct pollfd){.fd = input->feed, .events = more_to_feed ? POLLOUT : 0};
	if (more_to_feed)
		return 1;
	polls[1] = (struct pollfd){.fd = STDIN_FILENO, .events = POLLIN};
	return 2;
}

void input_move(struct input *input, const struct pollfd *polls, int count)
{
	for (int i = 0; i < count; i++) {
		if (polls[i].revents == 0)
			continue;
		if (polls[i].fd == STDIN_FILENO)
			read_more(input);
		else if ((polls[i].revents & POLLERR) != 0) /* the command has closed its input */
			pipe_close(&input->feed);
		else
			feed_command(input);
	}
}

void input_ended(struct input *input)
{
	pipe_close(&input->feed);
}

void input_free(struct input *input)
{
	input_started(input);
	input_ended(input);
	spool_free(&input->spooled);
}
