/*
 * tables.h: the parts of the page that are tables.
 */
#ifndef CBRUN_REPORT_PAGE_TABLES_H
#define CBRUN_REPORT_PAGE_TABLES_H

#include "report/page/survey.h"

#include <stdio.h>

/* Writes the section of the incidents. */
void tables_print_incidents(FILE *out, const struct survey *s);

/* Writes the section of the failures by hour and weekday. */
void tables_print_week(FILE *out, const struct survey *s);

#endif
