/* wire.c: a socket that never blocks, and poll(2). */
#include "store/redis/wire.h"

#include "base/clock.h"
#include "base/units.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { CHUNK = 16 * 1024, MOST_TAKEN = 32 * 1024 * 1024 };

static bool fail(int failure)
{
	errno = failure;
	return false;
}

/* Waits until the socket is ready, or broken. What came while this process had no turn has come in time. */
static bool await(int fd, short events, int64_t deadline_us)
{
	for (;;) {
		int64_t rest_us = deadline_us - clock_boot_us();
		struct pollfd socket = {.fd = fd, .events = events};
		int ready = poll(&socket, 1, rest_us > 0 ? (int)((rest_us + US_PER_MS - 1) / US_PER_MS) : 0);
		if (ready > 0)
			return true;
		if (ready == 0)
			return fail(ETIMEDOUT);
		if (errno != EINTR)
			return false;
	}
}

static bool finish_connecting(int fd, int64_t deadline_us)
{
	int failure = 0;
	socklen_t size = sizeof(failure);
	if (!await(fd, POLLOUT, deadline_us) || getsockopt(fd, SOL_SOCKET, SO_ERROR, &failure, &size) != 0)
		return false;
	return failure == 0 || fail(failure);
}

/* Returns the socket; -1 with errno set. */
static int connect_to(const struct sockaddr *to, socklen_t length, int64_t deadline_us)
{
	int one = 1;
	int fd = socket(to->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -1;
	if (to->sa_family != AF_UNIX)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (connect(fd, to, length) == 0 || (errno == EINPROGRESS && finish_connecting(fd, deadline_us)))
		return fd;
	int failure = errno;
	close(fd);
	errno = failure;
	return -1;
}

static int connect_locally(const char *path, int64_t deadline_us)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	snprintf(to.sun_path, sizeof(to.sun_path), "%.107s", path); /* address.h lets no longer one in */
	return connect_to((struct sockaddr *)&to, sizeof(to), deadline_us);
}

/* Tries the host's addresses one after the other. */
static int connect_by_name(const struct address *address, int64_t deadline_us)
{
	struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
	struct addrinfo *found = NULL;
	if (getaddrinfo(address->host, address->port, &hints, &found) != 0) {
		errno = EHOSTUNREACH;
		return -1;
	}
	int fd = -1;
	for (const struct addrinfo *a = found; a != NULL && fd < 0; a = a->ai_next)
		fd = connect_to(a->ai_addr, a->ai_addrlen, deadline_us);
	int failure = errno;
	freeaddrinfo(found);
	errno = failure;
	return fd;
}

bool wire_open(struct wire *w, const struct address *address, int64_t deadline_us)
{
	wire_close(w);
	w->fd = address->local ? connect_locally(address->host, deadline_us)
	                       : connect_by_name(address, deadline_us);
	if (w->fd < 0)
		return false;
	w->reader = redisReaderCreate();
	if (w->reader != NULL)
		return true;
	wire_close(w);
	return fail(ENOMEM);
}

void wire_close(struct wire *w)
{
	if (w->fd >= 0)
		close(w->fd);
	if (w->reader != NULL)
		redisReaderFree(w->reader);
	free(w->out);
	*w = (struct wire){.fd = -1};
}

static bool append(struct wire *w, const char *bytes, size_t length)
{
	if (w->capacity - w->length < length) {
		size_t capacity = 2 * (w->capacity + length);
		char *out = realloc(w->out, capacity);
		if (out == NULL)
			return false;
		w->out = out;
		w->capacity = capacity;
	}
	memcpy(w->out + w->length, bytes, length);
	w->length += length;
	return true;
}

bool wire_queue(struct wire *w, int count, const char **words, const size_t *lengths)
{
	char *command = NULL;
	long long length = redisFormatCommandArgv(&command, count, words, lengths);
	bool ok = length >= 0 && append(w, command, (size_t)length);
	if (length >= 0)
		redisFreeCommand(command);
	return ok;
}

bool wire_flush(struct wire *w, int64_t deadline_us)
{
	size_t sent = 0;
	while (sent < w->length) {
		ssize_t count = send(w->fd, w->out + sent, w->length - sent, MSG_NOSIGNAL);
		if (count >= 0)
			sent += (size_t)count;
		else if (errno == EAGAIN ? !await(w->fd, POLLOUT, deadline_us) : errno != EINTR)
			return false;
	}
	w->length = w->taken = 0;
	return true;
}

/* Takes what has arrived. */
static bool receive(struct wire *w, int64_t deadline_us)
{
	char bytes[CHUNK];
	ssize_t count = 0;
	while ((count = recv(w->fd, bytes, sizeof(bytes), 0)) < 0)
		if (errno == EAGAIN ? !await(w->fd, POLLIN, deadline_us) : errno != EINTR)
			return false;
	if (count == 0)
		return fail(ECONNRESET);
	w->taken += (size_t)count;
	if (w->taken > MOST_TAKEN)
		return fail(EPROTO);
	return redisReaderFeed(w->reader, bytes, (size_t)count) == REDIS_OK || fail(EPROTO);
}

redisReply *wire_next(struct wire *w, int64_t deadline_us)
{
	void *reply = NULL;
	for (;;) {
		if (redisReaderGetReply(w->reader, &reply) != REDIS_OK) {
			errno = EPROTO;
			return NULL;
		}
		if (reply != NULL)
			return reply;
		if (!receive(w, deadline_us))
			return NULL;
	}
}
