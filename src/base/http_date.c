/* http_date.c: of fixed length, so each part has its place. */
#include "base/http_date.h"

#include "base/units.h"

#include <string.h>
#include <time.h>

enum { DAY = 5, MONTH = 8, YEAR = 12, HOUR = 17, MINUTE = 20, SECOND = 23 };

static const char form[] = "Www, 00 Mmm 0000 00:00:00 GMT";

static bool has_form(const char *text)
{
	size_t length = strnlen(text, sizeof(form));
	if (length != sizeof(form) - 1)
		return false;
	for (size_t i = 0; i < length; i++) {
		bool name = i < 3 || (i >= MONTH && i < MONTH + 3);
		bool fits = form[i] == '0' ? text[i] >= '0' && text[i] <= '9' : text[i] == form[i];
		if (!name && !fits)
			return false;
	}
	return true;
}

/* Which of the names, three letters each, it is; -1 if none. */
static int name_at(const char *text, const char *names)
{
	for (int i = 0; names[3 * i] != '\0'; i++)
		if (memcmp(text, names + 3 * i, 3) == 0)
			return i;
	return -1;
}

static int number_at(const char *text, int digits)
{
	int number = 0;
	for (int i = 0; i < digits; i++)
		number = number * 10 + (text[i] - '0');
	return number;
}

bool http_date_read(const char *text, int64_t *wall_ms)
{
	if (!has_form(text) || name_at(text, "SunMonTueWedThuFriSat") < 0)
		return false;
	const struct tm given = {
		.tm_mday = number_at(text + DAY, 2),
		.tm_mon = name_at(text + MONTH, "JanFebMarAprMayJunJulAugSepOctNovDec"),
		.tm_year = number_at(text + YEAR, 4) - 1900,
		.tm_hour = number_at(text + HOUR, 2),
		.tm_min = number_at(text + MINUTE, 2),
		.tm_sec = number_at(text + SECOND, 2),
	};
	struct tm taken = given; /* timegm() makes 2 March of 30 February */
	if (given.tm_mon < 0 || given.tm_hour > 23 || given.tm_min > 59 || given.tm_sec > 60)
		return false;
	*wall_ms = (int64_t)timegm(&taken) * MS_PER_S;
	return given.tm_sec == 60 || (taken.tm_mday == given.tm_mday && taken.tm_mon == given.tm_mon);
}
