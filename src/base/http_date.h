/*
 * http_date.h: reads a time as HTTP writes it: Wed, 21 Oct 2026 07:28:00 GMT.
 */
#ifndef CBRUN_BASE_HTTP_DATE_H
#define CBRUN_BASE_HTTP_DATE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Reads an IMF-fixdate of RFC 9110, which is all of the text. Whether the day of the
 * week fits is not looked at. Writes the time in milliseconds since 1970. False if it
 * is none, such as on the 30th of February.
 */
bool http_date_read(const char *text, int64_t *wall_ms);

#endif
