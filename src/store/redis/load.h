/*
 * load.h: loads a breaker from a server: the question, and the items of the
 * answer, which is that of script_step.
 */
#ifndef CBRUN_STORE_REDIS_LOAD_H
#define CBRUN_STORE_REDIS_LOAD_H

#include "breaker/breaker.h"
#include "store/codec.h"
#include "store/redis/keys.h"

#include <hiredis/hiredis.h>

enum load_item {
	LOAD_DONE,
	LOAD_SECONDS,
	LOAD_MICROSECONDS,
	LOAD_VERSION,
	LOAD_ID,
	LOAD_RECORD, /* empty: there is no breaker */
	LOAD_RUNNING,
	LOAD_TRIALS,
	LOAD_HELD,
	LOAD_ONLY,
	LOAD_ITEMS, /* how many there are */
};

/* Adds the question; the token is that of the permit that the caller holds, or "". */
void load_ask(struct words *words, const struct keys *keys, const char *token);

/* Whether it is such an answer: then each item but LOAD_DONE, LOAD_RUNNING and LOAD_TRIALS is a text, and these are numbers. */
bool load_is_answer(const redisReply *reply);

/* The breaker in it. */
enum codec_result load_breaker(const redisReply *answer, struct breaker *b);

/* The server's time, in two items or in the answer to TIME: seconds and microseconds. False if it is not a time. */
bool load_time(const redisReply *seconds, const redisReply *microseconds, struct instant *now);

/* The bytes of an answer; NULL if it has none. */
const char *load_bytes(const redisReply *reply);

/* A number in an answer, as such or as text; -1 if there is none. */
int64_t load_number(const redisReply *reply);

#endif
