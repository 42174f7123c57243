/*
 * text.h: formats values and foreign bytes as text for people.
 */
#ifndef CBRUN_BASE_TEXT_H
#define CBRUN_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Copies `in` to `out` (at most size bytes with the NUL), with control
 * characters, bytes that are no valid UTF-8, separators of lines and what turns
 * the direction of text as \n, \t, \e or \xHH, and a backslash doubled. What does
 * not fit is cut off at a character, and the end then shows as "...". Returns out.
 */
char *text_escape(const char *in, char *out, size_t size);

/*
 * Copies `in` to `out` as it is; what does not fit is cut off at a character, and
 * ends in "...". Returns out.
 */
char *text_cut(const char *in, char *out, size_t size);

/* The text as a message quotes it, cut so that the rest of the message can still be read. */
#define TEXT_BRIEF(text) text_cut(text, (char[TEXT_BRIEF_SIZE]){0}, TEXT_BRIEF_SIZE)
enum { TEXT_BRIEF_SIZE = 128 };

/*
 * Whether a JSON string can show it: valid UTF-8, and no control characters but
 * those below U+0020, which JSON escapes.
 */
bool text_fits_json(const char *in);

/* The length in bytes of the valid UTF-8 character at `in`; 0 if there is none. */
size_t text_utf8_length(const char *in);

/* How many columns a UTF-8 text takes, counting each character as one. */
size_t text_columns(const char *text);

/*
 * Copies `in` to `out`, but no more than that many columns, and no more than fits; if it is cut off, it ends in "..."
 * if there is room for that. Returns out.
 */
char *text_cut_columns(const char *in, char *out, size_t size, size_t columns);

/*
 * The first item of a list with commas between: copies it, as far as it fits, to
 * `item`. Returns where the next one begins; NULL if that was the last.
 */
const char *text_next_item(const char *list, char *item, size_t size);

enum { TEXT_VALUE_SIZE = 48 };

/* A duration as options take it: 250ms, 30s, 1m30s, 1d12h. */
void text_duration(int64_t ms, char text[TEXT_VALUE_SIZE]);

/* The same for a person who waits: from a second on in whole seconds, rounded up. */
void text_wait(int64_t ms, char text[TEXT_VALUE_SIZE]);

/* How long something took or has lasted, for people: its two largest units, cut off there. 250ms, 3s, 1h, 1h02m, 1d02h. */
void text_span(int64_t ms, char text[TEXT_VALUE_SIZE]);

/* value / unit (a power of ten) as a decimal number without zeros at its end: 1, 1.5, 0.001. */
void text_decimal(int64_t value, int64_t unit, char text[TEXT_VALUE_SIZE]);

/* How a usual noun ends if there are so many: "" or "s". */
const char *text_plural(int64_t count);

#endif
