/* load.c: reading answers. */
#include "store/redis/load.h"

#include "base/units.h"
#include "store/redis/surroundings.h"

#include <stdlib.h>

enum { LAST_SECOND = INT32_MAX }; /* far beyond it, the numbers of a breaker have no room */

void load_ask(struct words *words, const struct keys *keys, const char *token)
{
	keys_add(keys, KEYS_BREAKER, KEYS_EVENTS, words);
	words_add(words, "load");
	words_add(words, "");
	words_add(words, token);
}

bool load_is_answer(const redisReply *reply)
{
	if (reply->type != REDIS_REPLY_ARRAY || reply->elements != LOAD_ITEMS)
		return false;
	for (int i = 0; i < LOAD_ITEMS; i++) {
		bool number = i == LOAD_DONE || i == LOAD_RUNNING || i == LOAD_TRIALS;
		if (reply->element[i]->type != (number ? REDIS_REPLY_INTEGER : REDIS_REPLY_STRING))
			return false;
	}
	return true;
}

enum codec_result load_breaker(const redisReply *answer, struct breaker *b)
{
	const redisReply *record = answer->element[LOAD_RECORD];
	return codec_decode_breaker(b, (const uint8_t *)record->str, record->len);
}

/*
 * The server has a clock of the wall only. If it is set back or forward, that is as if the server had been started
 * anew: see timeline.h.
 */
bool load_time(const redisReply *seconds, const redisReply *microseconds, struct instant *now)
{
	int64_t s = load_number(seconds);
	int64_t us = load_number(microseconds);
	if (s < 0 || s > INT64_C(16) * LAST_SECOND || us < 0 || us >= US_PER_S)
		return false;
	int64_t ms = surroundings_time_ms(s * MS_PER_S + us / US_PER_MS);
	*now = (struct instant){.boot_ms = ms, .wall_ms = ms};
	return true;
}

const char *load_bytes(const redisReply *reply)
{
	return reply->type == REDIS_REPLY_STRING ? reply->str : NULL;
}

int64_t load_number(const redisReply *reply)
{
	char *end;
	if (reply->type == REDIS_REPLY_INTEGER)
		return reply->integer;
	if (load_bytes(reply) == NULL || reply->len == 0)
		return -1;
	long long number = strtoll(reply->str, &end, 10);
	return *end == '\0' ? number : -1;
}
