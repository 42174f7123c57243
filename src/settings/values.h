/*
 * values.h: the grammar of option values, the same on the command line, in the
 * environment and in configuration files.
 *
 * Each parser returns false if the text is not of its form; then *value is
 * untouched. The reason is left to the caller, who knows bounds and names.
 */
#ifndef CBRUN_SETTINGS_VALUES_H
#define CBRUN_SETTINGS_VALUES_H

#include "breaker/outcome.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A whole number: decimal digits only. Too large for 64 bits is INT64_MAX. */
bool value_count(const char *text, int64_t *value);

/* Whether the text is a plain decimal number: 5, 12.5. */
bool value_is_number(const char *text);

/*
 * DUR: 10, 1.5h, 200ms, 1m30s. Without a unit, seconds. Milliseconds, rounded
 * up so that a tiny duration is not none; more than ten years is ten years.
 */
bool value_duration_ms(const char *text, int64_t *value);

/* PCT: 0 to 100 with up to four decimals, `%` optional. Parts per million. */
bool value_percent_ppm(const char *text, int64_t *value);

/* X: a decimal number with up to three decimals. Thousandths. */
bool value_factor_milli(const char *text, int64_t *value);

/* N or DUR: without a unit a number of calls, kind WINDOW_CALLS; with one, milliseconds. */
bool value_window(const char *text, int64_t *kind, int64_t *size);

/* N/DUR: so many times in so long, 2/30d. Both at least one. */
bool value_often(const char *text, int64_t *times, int64_t *ms);

/* A signal: TERM, SIGTERM, sigterm or 15; RTMIN+1 too. */
bool value_signal(const char *text, int64_t *value);

/* LIST: 1,5-7,SIGSEGV,signal,timeout,any. */
bool value_list(const char *text, struct outcome_list *value);

/* NAME: 1 to 128 bytes of A-Za-z0-9._:/@+- and not starting with "-". */
bool value_is_name(const char *text);

/* Whether these are names with commas between. */
bool value_is_names(const char *text);

/* Whether it would be a name but for * and ?, of which it has at least one. */
bool value_is_glob(const char *text);

#endif
