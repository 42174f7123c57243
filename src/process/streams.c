/* streams.c: pumps between cbrun and its command. */
#include "process/streams.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BLOCK = 64 * 1024 };

void streams_init(struct streams *s, const struct message_sink *sink)
{
	memset(s, 0, sizeof(*s));
	s->sink = sink;
	s->feed = -1;
	s->outputs[0] = s->outputs[1] = -1;
	s->child[0] = s->child[1] = s->child[2] = -1;
	s->spooled.fd = s->held.fd = s->kept.fd = -1;
}

void streams_replay_input(struct streams *s)
{
	struct stat status;
	if (fstat(STDIN_FILENO, &status) != 0)
		return;
	s->input_start = lseek(STDIN_FILENO, 0, SEEK_CUR);
	if (S_ISREG(status.st_mode) && s->input_start >= 0)
		s->input = INPUT_REWIND;
	else if (S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode))
		s->input = INPUT_SPOOL;
}

static void close_end(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* A pipe: our end does not block, the child's does. */
static bool make_pipe(int *ours, int *childs, bool child_writes)
{
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) != 0)
		return false;
	*ours = ends[child_writes ? 0 : 1];
	*childs = ends[child_writes ? 1 : 0];
	return fcntl(*ours, F_SETFL, O_NONBLOCK) == 0;
}

bool streams_open(struct streams *s)
{
	bool ok = true;
	s->fed = 0;
	spool_free(&s->kept);
	s->keep_failed = false;
	if ((s->hold || s->keep) && s->block == NULL)
		ok = (s->block = malloc(BLOCK)) != NULL;
	if (s->input == INPUT_REWIND)
		lseek(STDIN_FILENO, s->input_start, SEEK_SET);
	if (ok && s->input == INPUT_SPOOL)
		ok = make_pipe(&s->feed, &s->child[0], false);
	if (ok && (s->hold || s->keep))
		ok = make_pipe(&s->outputs[0], &s->child[1], true);
	if (ok && s->hold)
		ok = make_pipe(&s->outputs[1], &s->child[2], true);
	int failure = errno;
	if (!ok) {
		streams_started(s);
		streams_finish(s);
	}
	errno = failure;
	return ok;
}

void streams_started(struct streams *s)
{
	for (int i = 0; i < 3; i++)
		close_end(&s->child[i]);
}

/* --- output --- */

static int descriptor_of(int output)
{
	return output == 0 ? STDOUT_FILENO : STDERR_FILENO;
}

/* Finds what goes out next: first what was held, then what was read last. */
static struct piece *next_piece(struct streams *s)
{
	if (s->hold)
		return NULL;
	if (s->piece.length > 0)
		return &s->piece;
	if (spool_read(&s->held, s->released, &s->piece, sizeof(s->piece)) == sizeof(s->piece)) {
		s->released += (int64_t)sizeof(s->piece);
		return &s->piece;
	}
	spool_free(&s->held);
	s->released = 0;
	s->piece.length = 0;
	return s->latest.length > 0 ? &s->latest : NULL;
}

int streams_leaving(struct streams *s)
{
	const struct piece *piece = next_piece(s);
	return piece != NULL ? descriptor_of(piece->output) : -1;
}

/* Nobody takes this output: the command shall learn it as it would have without us. */
static void give_up(struct streams *s, int output)
{
	if (errno != EPIPE && !s->broken[output])
		message_send(s->sink, MESSAGE_NORMAL, "cannot write to standard %s: %s",
		             output == 0 ? "output" : "error", strerror(errno));
	s->broken[output] = true;
	close_end(&s->outputs[output]);
}

/* Writes some of the next piece; so little that it does not wait once poll() has said it is possible. */
static void let_out(struct streams *s)
{
	char bytes[PIPE_BUF];
	struct piece *piece = next_piece(s);
	if (piece == NULL)
		return;
	ssize_t length = piece->length < sizeof(bytes) ? (ssize_t)piece->length : (ssize_t)sizeof(bytes);
	if (piece == &s->latest)
		memcpy(bytes, s->block, (size_t)length);
	else
		length = spool_read(&s->held, s->released, bytes, (size_t)length);
	if (length <= 0) { /* the disk does not give back what it took */
		streams_drop(s);
		return;
	}
	ssize_t written = write(descriptor_of(piece->output), bytes, (size_t)length);
	if (written < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (written < 0) {
		give_up(s, piece->output);
		written = length;
	}
	piece->length -= (uint32_t)written;
	if (piece == &s->latest)
		memmove(s->block, s->block + written, piece->length);
	else
		s->released += written;
}

/* Adds what was read last to what is held. False: there is no room for it. */
static bool hold_latest(struct streams *s)
{
	int64_t before = s->held.size;
	if (spool_append(&s->held, &s->latest, sizeof(s->latest)) &&
	    spool_append(&s->held, s->block, s->latest.length)) {
		s->latest.length = 0;
		return true;
	}
	spool_truncate(&s->held, before); /* the head of a piece that did not fit */
	return false;
}

static void keep_latest(struct streams *s)
{
	bool fits = s->kept.size + (int64_t)s->latest.length <= STREAMS_KEEP_LIMIT;
	if (!s->keep_failed)
		s->keep_failed = !fits || !spool_append(&s->kept, s->block, s->latest.length);
}

/* Takes at most `limit` bytes of what an output has; closes it at its end. Returns how many. */
static int take_output(struct streams *s, int i, int limit)
{
	ssize_t length = read(s->outputs[i], s->block, limit < BLOCK ? (size_t)limit : BLOCK);
	if (length < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (length <= 0) {
		close_end(&s->outputs[i]);
		return 0;
	}
	s->latest = (struct piece){.output = i, .length = (uint32_t)length};
	if (i == 0 && s->keep)
		keep_latest(s);
	if (s->hold && !hold_latest(s)) {
		/* what cannot be held back is passed on, so that nothing is lost */
		message_send(s->sink, MESSAGE_NORMAL, "cannot hold back output: %s; passing it on",
		             strerror(errno));
		s->hold = false;
	}
	return (int)length;
}

void streams_release(struct streams *s)
{
	s->hold = false;
}

void streams_drop(struct streams *s)
{
	spool_free(&s->held);
	s->released = 0;
	s->piece.length = s->latest.length = 0;
	s->rest[0] = s->rest[1] = 0;
}

/* --- input --- */

/* Passes on to this attempt alone what cannot be kept. It has got all before, which can be forgotten. */
static void pass_input(struct streams *s, const char *bytes, size_t length)
{
	if (!s->input_partial)
		message_send(s->sink, MESSAGE_NORMAL,
		             "cannot keep standard input for another attempt: %s; there will be none",
		             strerror(errno));
	s->input_partial = true;
	spool_truncate(&s->spooled, 0);
	s->fed = 0;
	s->input_ended = !spool_append(&s->spooled, bytes, length);
}

/* Reads more of the real standard input, for this attempt and the next ones. */
static void read_input(struct streams *s)
{
	char bytes[BLOCK];
	ssize_t length = read(STDIN_FILENO, bytes, sizeof(bytes));
	if (length < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (length <= 0) {
		s->input_ended = true;
		return;
	}
	if (s->input_partial || !spool_append(&s->spooled, bytes, (size_t)length))
		pass_input(s, bytes, (size_t)length);
}

static void feed_input(struct streams *s)
{
	char bytes[BLOCK];
	ssize_t length = spool_read(&s->spooled, s->fed, bytes, sizeof(bytes));
	ssize_t written = length > 0 ? write(s->feed, bytes, (size_t)length) : 0;
	if (written > 0)
		s->fed += written;
	else if (length < 0 || (written < 0 && errno != EAGAIN && errno != EINTR))
		close_end(&s->feed);
}

/* --- both --- */

int streams_polls(struct streams *s, struct pollfd polls[STREAMS_POLLS])
{
	int count = 0;
	int leaving = streams_leaving(s);
	if (leaving >= 0)
		polls[count++] = (struct pollfd){.fd = leaving, .events = POLLOUT};
	for (int i = 0; i < 2 && leaving < 0; i++)
		if (s->outputs[i] >= 0)
			polls[count++] = (struct pollfd){.fd = s->outputs[i], .events = POLLIN};
	bool more_to_feed = s->fed < s->spooled.size;
	if (s->input_ended && !more_to_feed)
		close_end(&s->feed);
	if (s->feed < 0)
		return count;
	/* events 0: only to learn that the command has closed its input */
	polls[count++] = (struct pollfd){.fd = s->feed, .events = more_to_feed ? POLLOUT : 0};
	if (!more_to_feed)
		polls[count++] = (struct pollfd){.fd = STDIN_FILENO, .events = POLLIN};
	return count;
}

static void move(struct streams *s, const struct pollfd *p)
{
	if (p->fd == STDIN_FILENO)
		read_input(s);
	else if (p->fd == s->feed && (p->revents & POLLERR) != 0)
		close_end(&s->feed); /* the command has closed its input */
	else if (p->fd == s->feed)
		feed_input(s);
	else if (p->fd == STDOUT_FILENO || p->fd == STDERR_FILENO)
		let_out(s);
	else if (streams_leaving(s) < 0) /* else the other output was quicker */
		take_output(s, p->fd == s->outputs[0] ? 0 : 1, BLOCK);
}

void streams_move(struct streams *s, const struct pollfd *polls, int count)
{
	for (int i = 0; i < count; i++)
		if (polls[i].revents != 0)
			move(s, &polls[i]);
}

void streams_ended(struct streams *s)
{
	close_end(&s->feed);
	for (int i = 0; i < 2; i++)
		if (s->outputs[i] < 0 || ioctl(s->outputs[i], FIONREAD, &s->rest[i]) != 0)
			s->rest[i] = 0;
}

bool streams_take_rest(struct streams *s)
{
	for (int i = 0; i < 2; i++) {
		int taken = s->rest[i] > 0 && s->outputs[i] >= 0 ? take_output(s, i, s->rest[i]) : 0;
		s->rest[i] -= taken;
		if (taken > 0)
			return true;
	}
	return false;
}

void streams_finish(struct streams *s)
{
	close_end(&s->feed);
	for (int i = 0; i < 2; i++)
		close_end(&s->outputs[i]);
}

void streams_free(struct streams *s)
{
	streams_started(s);
	streams_finish(s);
	spool_free(&s->spooled);
	spool_free(&s->held);
	spool_free(&s->kept);
	free(s->block);
	s->block = NULL;
}
