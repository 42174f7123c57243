/*
 * rows.h: the part of the page that shows the breakers, each with its present state,
 * its chart and its numbers.
 */
#ifndef CBRUN_REPORT_PAGE_ROWS_H
#define CBRUN_REPORT_PAGE_ROWS_H

#include "report/page/survey.h"

#include <stdio.h>

/* Writes that section. */
void rows_print(FILE *out, const struct survey *s);

#endif
