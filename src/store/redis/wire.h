/*
 * wire.h: a connection to a server: commands out, replies in, all of it until a
 * deadline on the boot clock. libhiredis formats the commands and parses
 * the replies; the socket is ours, so that a server which hangs, or sends a byte
 * now and then, holds nobody up, a broken connection raises no signal, and no
 * command inherits it.
 */
#ifndef CBRUN_STORE_REDIS_WIRE_H
#define CBRUN_STORE_REDIS_WIRE_H

#include "store/redis/address.h"

#include <hiredis/hiredis.h>
#include <stddef.h>
#include <stdint.h>

/* Zeroed but for `fd`, which is -1, it is closed. */
struct wire {
	int fd;
	redisReader *reader;
	char *out; /* commands that wait to be sent */
	size_t length;
	size_t capacity;
	size_t taken; /* bytes that came since the last command was sent */
};

/* Connects. False with errno set; ETIMEDOUT: the deadline; EHOSTUNREACH: there is no host of that name. */
bool wire_open(struct wire *w, const struct address *address, int64_t deadline_us);

/* Closes it, and forgets what waits. */
void wire_close(struct wire *w);

/* Adds a command to those that wait. False if out of memory. */
bool wire_queue(struct wire *w, int count, const char **words, const size_t *lengths);

/* Sends what waits. False with errno set. */
bool wire_flush(struct wire *w, int64_t deadline_us);

/*
 * The next reply, which the caller gives to freeReplyObject(). NULL with errno set:
 * ECONNRESET: the server has closed the connection; EPROTO: it sends what is no reply, or no end of it.
 */
redisReply *wire_next(struct wire *w, int64_t deadline_us);

#endif
