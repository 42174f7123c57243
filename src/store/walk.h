/*
 * walk.h: numbers and texts as bytes, one walk for both directions; for
 * codec.c. Inline, since each call of a guarded run walks twice.
 */
#ifndef CBRUN_STORE_WALK_H
#define CBRUN_STORE_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Bounds that leave room to calculate in. */
#define ANY_MIN    (-(INT64_C(1) << 52))
#define ANY_MAX    (INT64_C(1) << 52)

struct codec {
	bool reading;
	bool bad;    /* reading: the bytes ended early, or a number was out of bounds */
	bool beyond; /* reading: a limit, or a choice, was above what this version knows */
	int format;  /* of what is read or written */
	const uint8_t *in;
	const uint8_t *end;
	uint8_t *out;
};

static inline void put(struct codec *c, uint64_t value)
{
	for (; value >= 0x80; value >>= 7)
		*c->out++ = (uint8_t)(value | 0x80);
	*c->out++ = (uint8_t)value;
}

static inline uint64_t get(struct codec *c)
{
	uint64_t value = 0;
	for (unsigned shift = 0; shift < 64; shift += 7) {
		if (c->in == c->end)
			break;
		uint8_t byte = *c->in++;
		value |= (uint64_t)(byte & 0x7F) << shift;
		if (byte < 0x80)
			return value;
	}
	c->bad = true;
	return 0;
}

/*
 * One number between min and max. Read out of bounds, it is min and the codec is
 * bad. Written out of bounds, it is the nearer bound: what grows past its bound
 * stays there, and the record can still be read.
 */
static inline void number(struct codec *c, int64_t *value, int64_t min, int64_t max)
{
	if (!c->reading) {
		int64_t kept = *value < min ? min : *value > max ? max : *value;
		put(c, ((uint64_t)kept << 1) ^ (uint64_t)(kept >> 63));
		return;
	}
	uint64_t raw = get(c);
	*value = (int64_t)(raw >> 1) ^ -(int64_t)(raw & 1);
	if (*value < min || *value > max) {
		c->bad = true;
		*value = min;
	}
}

/* A number whose bound another version may have raised. Read above it, it is the bound. */
static inline void limit(struct codec *c, int64_t *value, int64_t min, int64_t max)
{
	number(c, value, min, c->reading ? INT64_MAX : max);
	if (*value > max && c->reading) {
		c->beyond = true;
		*value = max;
	}
}

static inline void count(struct codec *c, int64_t *value)
{
	number(c, value, 0, ANY_MAX);
}

static inline void time_ms(struct codec *c, int64_t *value)
{
	number(c, value, ANY_MIN, ANY_MAX);
}

/* A slot of an array, or `end` behind the last: as with choice(). */
static inline int slot_number(struct codec *c, int slot, int end)
{
	int64_t wide = slot;
	number(c, &wide, 0, end);
	return (int)wide;
}

/* An enumeration's value as a number; `value` is what it holds, the answer what it should hold. */
static inline int choice(struct codec *c, int value, int last)
{
	int64_t wide = value;
	limit(c, &wide, 0, last);
	return (int)wide;
}

/* Eight bytes, the lowest first on every machine. */
static inline void word(struct codec *c, uint64_t *value)
{
	uint64_t kept = *value;
	if (c->reading && c->end - c->in < (ptrdiff_t)sizeof(kept)) {
		c->bad = true;
		return;
	}
	if (c->reading)
		*value = 0;
	for (unsigned shift = 0; shift < 64; shift += 8) {
		if (c->reading)
			*value |= (uint64_t)*c->in++ << shift;
		else
			*c->out++ = (uint8_t)(kept >> shift);
	}
}

static inline void bytes(struct codec *c, void *data, size_t length)
{
	if (!c->reading) {
		memcpy(c->out, data, length);
		c->out += length;
	} else if ((size_t)(c->end - c->in) < length) {
		c->bad = true;
	} else {
		memcpy(data, c->in, length);
		c->in += length;
	}
}

static inline void string(struct codec *c, char *text, size_t size)
{
	int64_t length = c->reading ? 0 : (int64_t)strlen(text);
	number(c, &length, 0, (int64_t)size - 1);
	bytes(c, text, (size_t)length);
	if (!c->reading)
		return;
	text[length] = '\0';
	c->bad = c->bad || strlen(text) != (size_t)length;
}

#endif
