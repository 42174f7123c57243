/*
 * lines.h: lines of text to be printed later, each once.
 */
#ifndef CBRUN_BASE_LINES_H
#define CBRUN_BASE_LINES_H

#include "base/array.h"

#include <stdbool.h>

/* Zeroed, it is empty. Owns its lines. */
struct lines {
	struct array texts; /* char * */
};

/* Adds a line, unless it is there already. Without memory it is lost. */
__attribute__((format(printf, 2, 3))) void lines_add(struct lines *lines, const char *format, ...);

/* The line of that number, counting from 0; NULL after the last. It belongs to the lines. */
const char *lines_get(const struct lines *lines, size_t number);

/* Forgets all but the first so many. */
void lines_cut(struct lines *lines, size_t count);

/* Forgets and frees all. */
void lines_free(struct lines *lines);

#endif
