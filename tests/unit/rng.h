/*
 * rng.h: random numbers for tests, the same on every machine for the same seed
 * (splitmix64); or numbers read from bytes, so that a fuzzer can choose them.
 */
#ifndef CBRUN_UNIT_RNG_H
#define CBRUN_UNIT_RNG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rng {
	uint64_t state;       /* start it with the seed */
	const uint8_t *bytes; /* if not NULL, the numbers come from these, and are 0 once they are used up */
	size_t left;          /* how many bytes there still are */
};

/* The number that the next bytes make. */
static inline uint64_t rng_read(struct rng *rng, int bytes)
{
	uint64_t value = 0;
	for (; bytes > 0 && rng->left > 0; bytes--, rng->left--)
		value = value << 8 | *rng->bytes++;
	return value;
}

static inline uint64_t rng_next(struct rng *rng)
{
	if (rng->bytes != NULL)
		return rng_read(rng, 8);
	uint64_t z = rng->state += UINT64_C(0x9e3779b97f4a7c15);
	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

/* From 0 to n - 1; n is positive. */
static inline int64_t rng_below(struct rng *rng, int64_t n)
{
	if (rng->bytes != NULL)
		return (int64_t)(rng_read(rng, n <= 256 ? 1 : 4) % (uint64_t)n);
	return (int64_t)(rng_next(rng) % (uint64_t)n);
}

/* From low to high, both included. */
static inline int64_t rng_between(struct rng *rng, int64_t low, int64_t high)
{
	return low + rng_below(rng, high - low + 1);
}

/* True in so many of a thousand cases. */
static inline bool rng_permille(struct rng *rng, int permille)
{
	return rng_below(rng, 1000) < permille;
}

#endif
