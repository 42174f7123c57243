/* sha1.c: RFC 3174. */
#include "base/sha1.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { BLOCK = 64, LENGTH_SIZE = 8, ROUNDS = 80, WORDS = 5 };

static uint32_t rotate(uint32_t value, unsigned count)
{
	return value << count | value >> (32 - count);
}

/* The function and the constant of a round. */
static uint32_t mix(int round, const uint32_t v[WORDS])
{
	if (round < 20)
		return ((v[1] & v[2]) | (~v[1] & v[3])) + 0x5A827999;
	if (round < 40)
		return (v[1] ^ v[2] ^ v[3]) + 0x6ED9EBA1;
	if (round < 60)
		return ((v[1] & v[2]) | (v[1] & v[3]) | (v[2] & v[3])) + 0x8F1BBCDC;
	return (v[1] ^ v[2] ^ v[3]) + 0xCA62C1D6;
}

static void take_block(uint32_t state[WORDS], const uint8_t block[BLOCK])
{
	uint32_t w[ROUNDS];
	uint32_t v[WORDS];
	for (int i = 0; i < 16; i++)
		w[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 |
		       (uint32_t)block[4 * i + 2] << 8 | block[4 * i + 3];
	for (int i = 16; i < ROUNDS; i++)
		w[i] = rotate(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
	memcpy(v, state, sizeof(v));
	for (int i = 0; i < ROUNDS; i++) {
		uint32_t next = rotate(v[0], 5) + mix(i, v) + v[4] + w[i];
		v[4] = v[3];
		v[3] = v[2];
		v[2] = rotate(v[1], 30);
		v[1] = v[0];
		v[0] = next;
	}
	for (int i = 0; i < WORDS; i++)
		state[i] += v[i];
}

/* The last bytes, a one bit, zeros, and the length in bits. */
static void take_end(uint32_t state[WORDS], const uint8_t *rest, size_t left, size_t length)
{
	uint8_t end[2 * BLOCK] = {0};
	size_t size = left + 1 + LENGTH_SIZE <= BLOCK ? BLOCK : 2 * BLOCK;
	memcpy(end, rest, left);
	end[left] = 0x80;
	for (unsigned i = 0; i < LENGTH_SIZE; i++)
		end[size - 1 - i] = (uint8_t)((uint64_t)length * 8 >> 8 * i);
	take_block(state, end);
	if (size > BLOCK)
		take_block(state, end + BLOCK);
}

void sha1_format(const void *bytes, size_t length, char text[SHA1_TEXT_SIZE])
{
	uint32_t state[WORDS] = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
	const uint8_t *next = bytes;
	size_t left = length;
	for (; left >= BLOCK; left -= BLOCK, next += BLOCK)
		take_block(state, next);
	take_end(state, next, left, length);
	for (int i = 0; i < WORDS; i++)
		snprintf(text + 8 * i, SHA1_TEXT_SIZE - 8 * (size_t)i, "%08x", state[i]);
}
