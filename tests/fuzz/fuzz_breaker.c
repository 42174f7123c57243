/*
 * fuzz_breaker.c: a policy, and then a sequence of calls, acts and leaps of
 * time, all drawn from the bytes. After each step the rules hold, and what
 * would be stored can be read again.
 */
#include "fuzz/fuzz.h"

#include "store/codec.h"
#include "unit/walk.h"

#include <stdio.h>
#include <string.h>

static void check_record(const struct breaker *b)
{
	static struct breaker again;
	static uint8_t bytes[CODEC_BREAKER_SIZE];
	static uint8_t bytes_again[CODEC_BREAKER_SIZE];
	size_t length = codec_encode_breaker(b, bytes);
	HOLDS(length <= sizeof(bytes));
	HOLDS(codec_decode_breaker(&again, bytes, length) == CODEC_OK);
	HOLDS(codec_encode_breaker(&again, bytes_again) == length);
	HOLDS(memcmp(bytes, bytes_again, length) == 0);
}

static void check_events(const struct journal *journal)
{
	struct event again;
	uint8_t bytes[CODEC_EVENT_SIZE];
	for (int i = 0; i < journal->count; i++) {
		size_t length = codec_encode_event(&journal->events[i], bytes);
		HOLDS(length <= sizeof(bytes));
		HOLDS(codec_decode_event(&again, bytes, length));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct walk w;
	struct unit u = {0};
	struct rng rng = {.bytes = data, .left = size};
	walk_begin(&w, &u, &rng);
	while (w.rng.left > 0 && u.failures == 0) {
		walk_step(&w);
		check_record(&w.b);
		check_events(&w.journal);
	}
	fputs(u.notes, stderr);
	HOLDS(u.failures == 0);
	return 0;
}
