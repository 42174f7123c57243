/* streams.c: pumps between cbrun and its command. */
#include "process/streams.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BLOCK = 64 * 1024 };

/* How a piece of held output begins. */
struct piece {
	int fd; /* 1 or 2 */
	uint32_t length;
};

void streams_init(struct streams *s, enum message_level level)
{
	memset(s, 0, sizeof(*s));
	s->level = level;
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

static void close_all(struct streams *s)
{
	close_end(&s->feed);
	for (int i = 0; i < 2; i++)
		close_end(&s->outputs[i]);
	streams_started(s);
}

bool streams_open(struct streams *s)
{
	bool ok = true;
	s->fed = 0;
	spool_free(&s->kept);
	s->keep_failed = false;
	if (s->input == INPUT_REWIND)
		lseek(STDIN_FILENO, s->input_start, SEEK_SET);
	if (s->input == INPUT_SPOOL)
		ok = make_pipe(&s->feed, &s->child[0], false);
	if (ok && (s->hold || s->keep))
		ok = make_pipe(&s->outputs[0], &s->child[1], true);
	if (ok && s->hold)
		ok = make_pipe(&s->outputs[1], &s->child[2], true);
	int failure = errno;
	if (!ok)
		close_all(s);
	errno = failure;
	return ok;
}

void streams_started(struct streams *s)
{
	for (int i = 0; i < 3; i++)
		close_end(&s->child[i]);
}

int streams_polls(const struct streams *s, struct pollfd polls[STREAMS_POLLS])
{
	int count = 0;
	for (int i = 0; i < 2; i++)
		if (s->outputs[i] >= 0)
			polls[count++] = (struct pollfd){.fd = s->outputs[i], .events = POLLIN};
	if (s->feed < 0)
		return count;
	bool more_to_feed = s->fed < s->spooled.size;
	/* events 0: only to learn that the command has closed its input */
	polls[count++] = (struct pollfd){.fd = s->feed, .events = more_to_feed ? POLLOUT : 0};
	if (!more_to_feed && !s->input_ended)
		polls[count++] = (struct pollfd){.fd = STDIN_FILENO, .events = POLLIN};
	return count;
}

static void write_all(int fd, const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t written = write(fd, bytes, length);
		if (written < 0 && errno == EAGAIN) {
			struct pollfd writable = {.fd = fd, .events = POLLOUT};
			poll(&writable, 1, -1);
		} else if (written < 0 && errno != EINTR) {
			return; /* a broken pipe: nobody reads */
		} else if (written > 0) {
			bytes += written;
			length -= (size_t)written;
		}
	}
}

/* What cannot be held back any longer is passed on, so that nothing is lost. */
static void stop_holding(struct streams *s)
{
	message_print(s->level, MESSAGE_NORMAL, "cannot hold back output: %s; passing it on",
	              strerror(errno));
	streams_release(s);
	s->hold = false;
}

static void hold_piece(struct streams *s, int fd, const char *bytes, size_t length)
{
	struct piece piece = {.fd = fd, .length = (uint32_t)length};
	int64_t before = s->held.size;
	if (spool_append(&s->held, &piece, sizeof(piece)) && spool_append(&s->held, bytes, length))
		return;
	s->held.size = before; /* the head of a piece that did not fit */
	if (s->held.in_memory > before)
		s->held.in_memory = before;
	stop_holding(s);
	write_all(fd, bytes, length);
}

static void keep_bytes(struct streams *s, const char *bytes, size_t length)
{
	bool fits = s->kept.size + (int64_t)length <= STREAMS_KEEP_LIMIT;
	if (!s->keep_failed)
		s->keep_failed = !fits || !spool_append(&s->kept, bytes, length);
}

/* Takes what one output has; false at its end. */
static bool take_output(struct streams *s, int i, size_t *taken)
{
	char bytes[BLOCK];
	int fd = i == 0 ? STDOUT_FILENO : STDERR_FILENO;
	ssize_t length = read(s->outputs[i], bytes, sizeof(bytes));
	*taken = length > 0 ? (size_t)length : 0;
	if (length < 0)
		return errno == EAGAIN || errno == EINTR;
	if (length == 0)
		return false;
	if (i == 0 && s->keep)
		keep_bytes(s, bytes, (size_t)length);
	if (s->hold)
		hold_piece(s, fd, bytes, (size_t)length);
	else
		write_all(fd, bytes, (size_t)length);
	return true;
}

/* Reads more of the real standard input, for this attempt and the next ones. */
static void read_input(struct streams *s)
{
	char bytes[BLOCK];
	ssize_t length = read(STDIN_FILENO, bytes, sizeof(bytes));
	if (length < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (length > 0 && spool_append(&s->spooled, bytes, (size_t)length))
		return;
	if (length > 0)
		message_print(s->level, MESSAGE_NORMAL, "cannot keep standard input for another attempt: %s",
		              strerror(errno));
	s->input_ended = true;
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

void streams_move(struct streams *s, const struct pollfd polls[STREAMS_POLLS], int count)
{
	size_t taken;
	for (int i = 0; i < count; i++) {
		const struct pollfd *p = &polls[i];
		if (p->revents == 0)
			continue;
		for (int output = 0; output < 2; output++)
			if (p->fd == s->outputs[output] && !take_output(s, output, &taken))
				close_end(&s->outputs[output]);
		if (p->fd == STDIN_FILENO)
			read_input(s);
		else if (p->fd == s->feed && (p->revents & POLLERR) != 0)
			close_end(&s->feed); /* the command has closed its input */
		else if (p->fd == s->feed)
			feed_input(s);
	}
	if (s->feed >= 0 && s->input_ended && s->fed == s->spooled.size)
		close_end(&s->feed);
}

void streams_finish(struct streams *s)
{
	for (int i = 0; i < 2; i++) {
		size_t taken = 1;
		while (s->outputs[i] >= 0 && taken > 0)
			if (!take_output(s, i, &taken))
				break;
	}
	close_all(s);
}

void streams_release(struct streams *s)
{
	char bytes[BLOCK];
	struct piece piece;
	int64_t offset = 0;
	while (spool_read(&s->held, offset, &piece, sizeof(piece)) == sizeof(piece)) {
		offset += (int64_t)sizeof(piece);
		while (piece.length > 0) {
			size_t want = piece.length < sizeof(bytes) ? piece.length : sizeof(bytes);
			ssize_t length = spool_read(&s->held, offset, bytes, want);
			if (length <= 0)
				break;
			write_all(piece.fd, bytes, (size_t)length);
			offset += length;
			piece.length -= (uint32_t)length;
		}
	}
	spool_free(&s->held);
}

void streams_free(struct streams *s)
{
	close_all(s);
	spool_free(&s->spooled);
	spool_free(&s->held);
	spool_free(&s->kept);
}
