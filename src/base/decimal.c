/* decimal.c: digit by digit. */
#include "base/decimal.h"

#include <stddef.h>

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* value * 10 + digit, staying at INT64_MAX once it is there. */
static int64_t append_digit(int64_t value, char digit)
{
	if (value > (INT64_MAX - 9) / 10)
		return INT64_MAX;
	return value * 10 + (digit - '0');
}

const char *decimal_read_count(const char *text, int64_t *count)
{
	const char *start = text;
	int64_t value = 0;
	for (; is_digit(*text); text++)
		value = append_digit(value, *text);
	if (text == start)
		return NULL;
	*count = value;
	return text;
}

/* Reads the digits after the point, if any; returns where they end. */
static const char *read_fraction(const char *text, struct decimal *d)
{
	int64_t worth = DECIMAL_BILLIONTHS / 10;
	for (; is_digit(*text); text++, worth /= 10) {
		d->billionths += (*text - '0') * worth;
		d->more = d->more || (worth == 0 && *text != '0');
	}
	return text;
}

const char *decimal_read(const char *text, struct decimal *d)
{
	*d = (struct decimal){0};
	const char *end = decimal_read_count(text, &d->whole);
	const char *point = end != NULL ? end : text;
	if (*point != '.')
		return end;
	const char *fraction = point + 1;
	const char *fraction_end = read_fraction(fraction, d);
	/* a point needs a digit on one side at least */
	return end != NULL || fraction_end > fraction ? fraction_end : NULL;
}

int64_t decimal_in_units(const struct decimal *d, int64_t unit)
{
	int64_t step = DECIMAL_BILLIONTHS / unit;
	if (d->more || d->billionths % step != 0)
		return -1;
	if (d->whole > INT64_MAX / unit - 1)
		return INT64_MAX;
	return d->whole * unit + d->billionths / step;
}
