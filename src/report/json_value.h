/*
 * json_value.h: what the machine-readable forms have in common. Their names are a
 * contract: "schema": 1 stays; names may be added, but none may change its
 * meaning.
 */
#ifndef CBRUN_REPORT_JSON_VALUE_H
#define CBRUN_REPORT_JSON_VALUE_H

#include "breaker/journal.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

/*
 * Text of foreign origin as a JSON string. What JSON cannot show, or would not
 * escape, is escaped as for people.
 */
json_t *json_value_text(const char *text);

/* The reason in words; null if there is none. */
json_t *json_value_reason(const struct reason *reason);

/* Who brought it about; "cbrun" if nobody else did. */
json_t *json_value_by(const struct reason *reason);

/* RFC 3339; null for 0, which is never. */
json_t *json_value_time(int64_t wall_ms);

/* value / unit; null below 0, which is unknown. */
json_t *json_value_seconds(int64_t value, int64_t unit);

/* Writes and frees an object. False if it is NULL, for want of memory, or cannot be written. */
bool json_value_print(FILE *out, json_t *object);

#endif
