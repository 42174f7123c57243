/*
 * frame.h: a text drawn over the one that a terminal shows.
 */
#ifndef CBRUN_REPORT_FRAME_H
#define CBRUN_REPORT_FRAME_H

#include <stddef.h>
#include <stdio.h>

/*
 * Draws the lines of a text from the terminal's first one on, each over what was there, and erases the rest,
 * all in one synchronised update. No line is longer than `width` columns, and there are no more than `height`
 * of them; where some are left out, the last one says how many. 0: there is no such limit.
 */
void frame_print(FILE *out, const char *text, size_t width, size_t height);

#endif
