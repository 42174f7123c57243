/*
 * text.h: making foreign bytes safe to show.
 */
#ifndef CBRUN_BASE_TEXT_H
#define CBRUN_BASE_TEXT_H

#include <stddef.h>

/*
 * Copies `in` to `out` (at most size bytes with the NUL), with control
 * characters and bytes that are no valid UTF-8 as \n, \t, \e or \xHH, and a
 * backslash doubled. What does not fit is cut off at a character, and the end
 * then shows as "...". Returns out.
 */
char *text_escape(const char *in, char *out, size_t size);

/* The length in bytes of the valid UTF-8 character at `in`; 0 if there is none. */
size_t text_utf8_length(const char *in);

/* How many columns a UTF-8 text takes, counting each character as one. */
size_t text_columns(const char *text);

#endif
