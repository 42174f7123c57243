/*
 * style.h: what the reader's terminal can show.
 */
#ifndef CBRUN_REPORT_STYLE_H
#define CBRUN_REPORT_STYLE_H

#include <stdbool.h>
#include <stddef.h>

struct style {
	bool colour;
	bool utf8;    /* else signs are ASCII */
	size_t width; /* in columns; 0 = nobody knows, and nothing is cut */
};

#define STYLE_RED    "\033[31m"
#define STYLE_GREEN  "\033[32m"
#define STYLE_YELLOW "\033[33m"
#define STYLE_FAINT  "\033[2m"
#define STYLE_BOLD   "\033[1m"
#define STYLE_END    "\033[0m"

#endif
