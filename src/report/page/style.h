/*
 * style.h: how the page looks.
 */
#ifndef CBRUN_REPORT_PAGE_STYLE_H
#define CBRUN_REPORT_PAGE_STYLE_H

#include <stdio.h>

/* Writes the style sheet: for wide and narrow screens, light and dark, and paper. */
void style_print(FILE *out);

#endif
