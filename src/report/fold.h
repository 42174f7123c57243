/*
 * fold.h: a text on as many lines of a terminal as it needs.
 */
#ifndef CBRUN_REPORT_FOLD_H
#define CBRUN_REPORT_FOLD_H

#include <stddef.h>
#include <stdio.h>

struct fold {
	size_t width;  /* of a line, in columns */
	size_t indent; /* of all lines but the first, less than that */
};

/*
 * Prints an escaped text (text_escape()) from that column on. Breaks lines at spaces, within a word only if it is
 * longer than a line, and never within a character or an escape. Returns the column after the text.
 */
size_t fold_print(FILE *out, const char *text, size_t column, const struct fold *fold);

/* Prints escaped lines, each with its end, in the same way; one that begins with spaces continues two columns further in. Cuts up `text`. */
void fold_print_lines(FILE *out, char *text, size_t width);

#endif
