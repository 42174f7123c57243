/*
 * codec.h: a breaker and its events as bytes, the same for every engine.
 *
 * Numbers are zigzag varints in the order of the walk in codec.c, behind a
 * format byte. Only what is in use is written: a default breaker takes some
 * 200 bytes, the largest window 2,500 more. Bytes from a store are foreign:
 * decoding checks every number against its bounds.
 */
#ifndef CBRUN_STORE_CODEC_H
#define CBRUN_STORE_CODEC_H

#include "breaker/breaker.h"

#include <stddef.h>

enum { CODEC_BREAKER_SIZE = 24 * 1024, CODEC_EVENT_SIZE = 512 };

/* Writes the breaker to `bytes`; returns the length. It always fits. */
size_t codec_encode_breaker(const struct breaker *b, uint8_t bytes[CODEC_BREAKER_SIZE]);

enum codec_result {
	CODEC_OK,
	CODEC_NEWER,   /* a later version wrote it: it is whole, and cannot be read */
	CODEC_DAMAGED, /* it is no breaker's */
};

/* Reads a breaker. If the answer is not CODEC_OK, *b is unusable. */
enum codec_result codec_decode_breaker(struct breaker *b, const uint8_t *bytes, size_t length);

/* The same for an event; its seq is the engine's key and is not written. */
size_t codec_encode_event(const struct event *event, uint8_t bytes[CODEC_EVENT_SIZE]);
bool codec_decode_event(struct event *event, const uint8_t *bytes, size_t length);

/* Events in a row, each with its seq. Writes one; returns the length. */
size_t codec_append_event(const struct event *event, uint8_t bytes[CODEC_EVENT_SIZE]);

/* Reads the first and moves on to the next. False at the end, or, with *length > 0, if the rest is no event.
 */
bool codec_next_event(struct event *event, const uint8_t **bytes, size_t *length);

#endif
