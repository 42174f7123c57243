/*
 * times.h: TIME: a moment as people write it.
 *
 *     2h                      that long ago, as a DUR
 *     14:00, 14:00:30         the last time it was that: today, or yesterday
 *     today, yesterday, now   the beginning of the day; with a time after it, that time
 *     2026-11-28 14:00        or with a T between; a date alone is its beginning
 *     2026-11-28T14:00:30.5Z  with a zone, as in RFC 3339
 *
 * Without a zone a time is local.
 */
#ifndef CBRUN_SETTINGS_TIMES_H
#define CBRUN_SETTINGS_TIMES_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Reads such a text at that time, both in milliseconds since 1970; never less than
 * 1. False if it is none: then *wall_ms is as it was.
 */
bool times_parse(const char *text, int64_t now_wall_ms, int64_t *wall_ms);

#endif
