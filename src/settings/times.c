/* times.c: day, time of the day, zone, each of which may be missing. */
#include "settings/times.h"

#include "base/units.h"
#include "settings/values.h"

#include <string.h>
#include <time.h>

enum { SECONDS_PER_MINUTE = 60, MS_DIGITS = 3, FIRST_YEAR = 1900 };

/* A text on its way to a moment. */
struct reading {
	const char *rest;
	struct tm parts; /* local, or of the zone */
	int64_t ms;
	bool zoned;
	int64_t zone_s; /* east of Greenwich */
};

/* So many digits as a number from `least` to `most`. */
static bool read_number(struct reading *r, int digits, int least, int most, int *number)
{
	int value = 0;
	for (int i = 0; i < digits; i++) {
		if (r->rest[i] < '0' || r->rest[i] > '9')
			return false;
		value = 10 * value + (r->rest[i] - '0');
	}
	r->rest += digits;
	*number = value;
	return value >= least && value <= most;
}

static bool skip(struct reading *r, const char *any_of)
{
	bool found = *r->rest != '\0' && strchr(any_of, *r->rest) != NULL;
	r->rest += found;
	return found;
}

static bool skip_word(struct reading *r, const char *word)
{
	size_t length = strlen(word);
	bool found = strncmp(r->rest, word, length) == 0;
	r->rest += found ? length : 0;
	return found;
}

/* Thousandths; what is finer is cut off. */
static bool read_fraction(struct reading *r)
{
	int digits = 0;
	for (; *r->rest >= '0' && *r->rest <= '9'; r->rest++)
		if (digits++ < MS_DIGITS)
			r->ms = 10 * r->ms + (*r->rest - '0');
	for (int i = digits; i < MS_DIGITS; i++)
		r->ms *= 10;
	return digits > 0;
}

/* 14:00, 14:00:30, 14:00:30.5 */
static bool read_clock(struct reading *r)
{
	struct tm *t = &r->parts;
	if (!read_number(r, 2, 0, 23, &t->tm_hour) || !skip(r, ":") || !read_number(r, 2, 0, 59, &t->tm_min))
		return false;
	if (!skip(r, ":"))
		return true;
	return read_number(r, 2, 0, 60, &t->tm_sec) && (!skip(r, ".") || read_fraction(r));
}

/* Z, +01:00, +0100, +01; with a space before it as date(1) and git have it. */
static bool read_zone(struct reading *r)
{
	int hours = 0;
	int minutes = 0;
	skip(r, " ");
	r->zoned = true;
	if (skip(r, "Zz"))
		return true;
	bool west = *r->rest == '-';
	if (!skip(r, "+-") || !read_number(r, 2, 0, 23, &hours))
		return false;
	if ((skip(r, ":") || *r->rest != '\0') && !read_number(r, 2, 0, 59, &minutes))
		return false;
	r->zone_s = (hours * SECONDS_PER_MINUTE + minutes) * SECONDS_PER_MINUTE * (west ? -1 : 1);
	return true;
}

static int days_of_month(const struct tm *t)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int year = t->tm_year + FIRST_YEAR;
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
	return days[t->tm_mon] + (t->tm_mon == 1 && leap);
}

/* 2026-11-28 */
static bool read_date(struct reading *r)
{
	struct tm *t = &r->parts;
	if (!read_number(r, 4, 1970, 9999, &t->tm_year) || !skip(r, "-") || !read_number(r, 2, 1, 12, &t->tm_mon) ||
	    !skip(r, "-"))
		return false;
	t->tm_year -= FIRST_YEAR;
	t->tm_mon--;
	return read_number(r, 2, 1, 31, &t->tm_mday) && t->tm_mday <= days_of_month(t);
}

/* What may stand behind a day: nothing, or a time and perhaps its zone. */
static bool read_rest_of_day(struct reading *r)
{
	if (*r->rest == '\0')
		return true;
	if (!skip(r, " Tt") || !read_clock(r))
		return false;
	return *r->rest == '\0' || read_zone(r);
}

static int64_t moment_of(struct reading *r)
{
	int64_t seconds;
	r->parts.tm_isdst = -1;
	if (r->zoned)
		seconds = timegm(&r->parts) - r->zone_s;
	else
		seconds = mktime(&r->parts);
	return seconds * MS_PER_S + r->ms;
}

static struct reading begin(const char *text, int64_t now_wall_ms)
{
	struct reading r = {.rest = text};
	time_t now = (time_t)(now_wall_ms / MS_PER_S);
	localtime_r(&now, &r.parts);
	r.parts.tm_hour = r.parts.tm_min = r.parts.tm_sec = 0;
	return r;
}

static bool parse_day(const char *text, int64_t now_wall_ms, int64_t *moment)
{
	struct reading r = begin(text, now_wall_ms);
	bool yesterday = skip_word(&r, "yesterday");
	r.parts.tm_mday -= yesterday;
	if (!yesterday && !skip_word(&r, "today") && !read_date(&r))
		return false;
	if (!read_rest_of_day(&r) || *r.rest != '\0')
		return false;
	*moment = moment_of(&r);
	return true;
}

/* A time that is still ahead today was yesterday: nothing is known of what will be. */
static bool parse_clock(const char *text, int64_t now_wall_ms, int64_t *moment)
{
	struct reading r = begin(text, now_wall_ms);
	if (!read_clock(&r) || *r.rest != '\0')
		return false;
	struct reading before = r;
	before.parts.tm_mday--;
	int64_t today_ms = moment_of(&r);
	*moment = today_ms <= now_wall_ms ? today_ms : moment_of(&before);
	return true;
}

bool times_parse(const char *text, int64_t now_wall_ms, int64_t *wall_ms)
{
	int64_t moment;
	if (value_duration_ms(text, &moment))
		moment = now_wall_ms - moment;
	else if (strcmp(text, "now") == 0)
		moment = now_wall_ms;
	else if (!parse_day(text, now_wall_ms, &moment) && !parse_clock(text, now_wall_ms, &moment))
		return false;
	*wall_ms = moment > 0 ? moment : 1;
	return true;
}
