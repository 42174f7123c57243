/*
 * decimal.h: decimal numbers as people write them: 5, 12.5, .25. Read without
 * floating point, so that none is off by a bit.
 */
#ifndef CBRUN_BASE_DECIMAL_H
#define CBRUN_BASE_DECIMAL_H

#include <stdbool.h>
#include <stdint.h>

enum { DECIMAL_BILLIONTHS = 1000000000 }; /* of one */

struct decimal {
	int64_t whole;      /* INT64_MAX if it is larger */
	int64_t billionths; /* of the fraction, cut off */
	bool more;          /* something was cut off */
};

/*
 * Reads digits as a whole number; too large for 64 bits is INT64_MAX. Returns
 * the first character after them, or NULL if there is no digit: then *count is
 * as it was.
 */
const char *decimal_read_count(const char *text, int64_t *count);

/*
 * Reads digits with at most one point among them. Returns the first character
 * after the number, or NULL if there is no digit.
 */
const char *decimal_read(const char *text, struct decimal *d);

/*
 * The number in units of 1/unit, `unit` being a power of ten up to
 * DECIMAL_BILLIONTHS; INT64_MAX if that is too large for 64 bits. -1 if it is
 * not a whole number of units.
 */
int64_t decimal_in_units(const struct decimal *d, int64_t unit);

#endif
