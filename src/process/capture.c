/* capture.c: from the command's output, by way of a spool, to cbrun's own. */
#include "process/capture.h"

#include "process/pipe.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

void capture_init(struct capture *c, const struct message_sink *sink)
{
	*c = (struct capture){
		.sink = sink,
		.outputs = {-1, -1},
		.child = {-1, -1},
		.held = {.fd = -1},
		.kept = {.fd = -1},
	};
}

bool capture_together(void)
{
	struct stat out;
	struct stat err;
	return fstat(STDOUT_FILENO, &out) == 0 && fstat(STDERR_FILENO, &err) == 0 &&
	       out.st_dev == err.st_dev && out.st_ino == err.st_ino;
}

static bool holds(const struct capture *c, int output)
{
	return c->hold && (output == 1 || c->together);
}

static bool has_block(struct capture *c)
{
	if (c->block == NULL)
		c->block = malloc(CAPTURE_BLOCK);
	return c->block != NULL;
}

bool capture_open(struct capture *c)
{
	spool_free(&c->kept);
	c->fault = CAPTURE_WHOLE;
	if (!c->hold && !c->keep)
		return true;
	if (!has_block(c))
		return false;
	/* what is kept must be told from standard error; then the order is that of reading */
	c->one_pipe = holds(c, 0) && !c->keep;
	bool ok = (c->one_pipe || !(c->keep || holds(c, 0)) ||
	           pipe_from_child(&c->outputs[0], &c->child[0])) &&
	          (!c->hold || pipe_from_child(&c->outputs[1], &c->child[1]));
	if (ok)
		return true;
	capture_started(c);
	capture_finish(c);
	return false;
}

void capture_descriptors(const struct capture *c, int descriptors[2])
{
	descriptors[0] = c->child[c->one_pipe ? 1 : 0];
	descriptors[1] = c->child[1];
}

void capture_started(struct capture *c)
{
	for (int i = 0; i < 2; i++)
		pipe_close(&c->child[i]);
}

static int descriptor_of(int output)
{
	return output == 0 ? STDOUT_FILENO : STDERR_FILENO;
}

/* The next piece of what is no longer held back. NULL: there is none left. */
static struct piece *next_released(struct capture *c)
{
	if (c->piece.length > 0)
		return &c->piece;
	if (spool_read(&c->held, c->released, &c->piece, sizeof(c->piece)) == sizeof(c->piece)) {
		c->released += (int64_t)sizeof(c->piece);
		return &c->piece;
	}
	spool_free(&c->held);
	c->released = 0;
	c->piece.length = 0;
	return NULL;
}

/* Finds what goes out next: first what was held back, then what was read last. NULL: nothing. */
static struct piece *next_piece(struct capture *c)
{
	struct piece *released = c->hold ? NULL : next_released(c);
	if (released != NULL)
		return released;
	return c->latest.length > 0 ? &c->latest : NULL;
}

int capture_leaving(struct capture *c)
{
	const struct piece *piece = next_piece(c);
	return piece != NULL ? descriptor_of(piece->output) : -1;
}

/* Nobody takes this output. Closing the pipe tells the command, as it would learn without cbrun. */
static void give_up(struct capture *c, int output)
{
	if (errno != EPIPE && !c->broken[output])
		message_send(c->sink, MESSAGE_NORMAL, "cannot write to standard %s: %s",
		             output == 0 ? "output" : "error", strerror(errno));
	c->broken[output] = true;
	pipe_close(&c->outputs[output]);
}

/* Copies the start of a piece. Returns how many bytes; 0 or less if the file does not give them back. */
static ssize_t peek(const struct capture *c, const struct piece *piece, char *bytes, size_t size)
{
	size_t length = piece->length < size ? piece->length : size;
	if (piece != &c->latest)
		return spool_read(&c->held, c->released, bytes, length);
	memcpy(bytes, c->block, length);
	return (ssize_t)length;
}

/* Takes off the start of a piece that has gone out. */
static void advance(struct capture *c, struct piece *piece, ssize_t length)
{
	piece->length -= (uint32_t)length;
	if (piece == &c->latest)
		memmove(c->block, c->block + length, piece->length);
	else
		c->released += length;
}

/*
 * Writes some of the next piece. cbrun's own output may block, but a pipe that
 * poll(2) calls writable takes PIPE_BUF bytes without doing so.
 */
static void let_out(struct capture *c)
{
	char bytes[PIPE_BUF];
	struct piece *piece = next_piece(c);
	if (piece == NULL)
		return;
	ssize_t length = peek(c, piece, bytes, sizeof(bytes));
	if (length <= 0) {
		capture_drop(c);
		return;
	}
	ssize_t written = write(descriptor_of(piece->output), bytes, (size_t)length);
	if (written < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (written < 0) {
		give_up(c, piece->output);
		written = length;
	}
	advance(c, piece, written);
}

/* Adds what was read last to what is held. Returns false, with errno set, if there is no room. */
static bool hold_latest(struct capture *c)
{
	int64_t before = c->held.size;
	if (spool_append(&c->held, &c->latest, sizeof(c->latest)) &&
	    spool_append(&c->held, c->block, c->latest.length)) {
		c->latest.length = 0;
		return true;
	}
	spool_truncate(&c->held, before); /* the head may have fitted where the bytes did not */
	return false;
}

static void keep_latest(struct capture *c)
{
	bool fits = c->kept.size + (int64_t)c->latest.length <= CAPTURE_KEEP_LIMIT;
	if (c->fault == CAPTURE_WHOLE && !(fits && spool_append(&c->kept, c->block, c->latest.length)))
		c->fault = CAPTURE_TOO_MUCH;
}

/* Reads at most `limit` bytes of an output; closes it at its end. Returns how many it has read. */
static int take_output(struct capture *c, int output, int limit)
{
	ssize_t length = read(c->outputs[output], c->block, limit < CAPTURE_BLOCK ? (size_t)limit : CAPTURE_BLOCK);
	if (length < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (length <= 0) {
		pipe_close(&c->outputs[output]);
		return 0;
	}
	c->latest = (struct piece){.output = output, .length = (uint32_t)length};
	if (output == 0 && c->keep)
		keep_latest(c);
	if (holds(c, output) && !hold_latest(c)) {
		/* rather seen too early than lost */
		message_send(c->sink, MESSAGE_NORMAL, "cannot hold back output: %s; passing it on",
		             strerror(errno));
		c->hold = false;
	}
	return (int)length;
}

int capture_polls(struct capture *c, struct pollfd polls[CAPTURE_POLLS])
{
	int count = 0;
	int leaving = capture_leaving(c);
	if (leaving >= 0) {
		polls[0] = (struct pollfd){.fd = leaving, .events = POLLOUT};
		return 1;
	}
	for (int i = 0; i < 2; i++)
		if (c->outputs[i] >= 0)
			polls[count++] = (struct pollfd){.fd = c->outputs[i], .events = POLLIN};
	return count;
}

static void move(struct capture *c, int fd)
{
	if (fd == STDOUT_FILENO || fd == STDERR_FILENO)
		let_out(c);
	else if (capture_leaving(c) < 0) /* the other output may have filled the block meanwhile */
		take_output(c, fd == c->outputs[0] ? 0 : 1, CAPTURE_BLOCK);
}

void capture_move(struct capture *c, const struct pollfd *polls, int count)
{
	for (int i = 0; i < count; i++)
		if (polls[i].revents != 0)
			move(c, polls[i].fd);
}

void capture_ended(struct capture *c)
{
	for (int i = 0; i < 2; i++)
		if (c->outputs[i] < 0 || ioctl(c->outputs[i], FIONREAD, &c->rest[i]) != 0)
			c->rest[i] = 0;
}

bool capture_take_rest(struct capture *c)
{
	for (int i = 0; i < 2; i++) {
		int taken = c->rest[i] > 0 && c->outputs[i] >= 0 ? take_output(c, i, c->rest[i]) : 0;
		c->rest[i] -= taken;
		if (taken > 0)
			return true;
	}
	return false;
}

void capture_finish(struct capture *c)
{
	if (c->outputs[0] >= 0 && c->fault == CAPTURE_WHOLE)
		c->fault = CAPTURE_UNFINISHED;
	for (int i = 0; i < 2; i++)
		pipe_close(&c->outputs[i]);
}

bool capture_put(struct capture *c, int output, const void *bytes, size_t length)
{
	if (!has_block(c))
		return false;
	memcpy(c->block, bytes, length);
	c->latest = (struct piece){.output = output, .length = (uint32_t)length};
	return true;
}

/* The piece that begins at that offset of what is held. */
static bool held_piece(const struct capture *c, int64_t offset, struct piece *piece)
{
	return spool_read(&c->held, offset, piece, sizeof(*piece)) == sizeof(*piece);
}

size_t capture_tail(const struct capture *c, char *bytes, size_t size)
{
	struct piece piece;
	int64_t skip = -(int64_t)size;
	size_t used = 0;
	for (int64_t at = 0; held_piece(c, at, &piece); at += (int64_t)(sizeof(piece) + piece.length))
		skip += piece.length;
	for (int64_t at = 0; held_piece(c, at, &piece); at += (int64_t)(sizeof(piece) + piece.length)) {
		int64_t skipped = skip <= 0 ? 0 : skip < piece.length ? skip : piece.length;
		ssize_t length = spool_read(&c->held, at + (int64_t)sizeof(piece) + skipped, bytes + used,
		                            piece.length - (size_t)skipped);
		skip -= skipped;
		used += length > 0 ? (size_t)length : 0;
	}
	return used;
}

void capture_release(struct capture *c)
{
	c->hold = false;
}

void capture_drop(struct capture *c)
{
	spool_free(&c->held);
	c->released = 0;
	c->piece.length = c->latest.length = 0;
	c->rest[0] = c->rest[1] = 0;
}

void capture_free(struct capture *c)
{
	capture_started(c);
	capture_finish(c);
	spool_free(&c->held);
	spool_free(&c->kept);
	free(c->block);
	c->block = NULL;
}
