/*
 * server.h: commands for a Redis server, and its answers. The connection is made
 * when it is needed, and made again where that can do no harm. On a Cluster it
 * goes to the node that has the key.
 *
 * Whatever a server does instead of answering as it should becomes an error in
 * words: that it refuses, hangs, closes, sends nonsense, or answers with an error.
 */
#ifndef CBRUN_STORE_REDIS_SERVER_H
#define CBRUN_STORE_REDIS_SERVER_H

#include "store/redis/script.h"
#include "store/redis/wire.h"
#include "store/redis/words.h"

enum { SERVER_PASSWORD_SIZE = 512 };

struct server {
	struct address address;
	struct wire wire;
	char password[SERVER_PASSWORD_SIZE]; /* "" = none */
	int64_t timeout_ms;
	int64_t patience_ms; /* how much of it there is, this time */
	int64_t deadline_us; /* on the boot clock: until when it must have answered */
	int greetings;       /* replies that are to come before the first one that was asked for */
	bool fresh;          /* the connection was made since the waiting began */
};

/* Closed, with an address and nothing else. */
void server_init(struct server *s, int64_t timeout_ms);

/* From here on, the server has the time limit to answer all that it is asked, but not, unless 0, after until_us. */
void server_start_waiting(struct server *s, int64_t until_us);

/*
 * Asks and waits for the answer, which the caller gives to freeReplyObject(). NULL with the error set if there
 * is none, or it is an error. With `again` the question may be repeated on a new connection, because
 * answering it twice does no harm.
 */
redisReply *server_ask(struct server *s, const struct words *words, bool again, struct error *error);

/* The same with a script; `words` are the number of keys, the keys and the arguments. */
redisReply *server_run(struct server *s, const struct script *script, const struct words *words, bool again,
                       struct error *error);

/*
 * For many questions at once: adds one, or one with a script that the server has seen before, and then
 * takes the answers in the same order. An answer may be an error: its type says so.
 */
bool server_queue(struct server *s, const struct words *words, struct error *error);
bool server_queue_script(struct server *s, const struct script *script, const struct words *words,
                         struct error *error);
redisReply *server_next(struct server *s, struct error *error);

/* Sets the error to what the server has answered, and returns false. */
bool server_fail(const struct server *s, const redisReply *reply, struct error *error);

/* Sets the error for an answer of the wrong form. Returns false. */
bool server_fail_oddly(const struct server *s, struct error *error);

void server_close(struct server *s);

#endif
