/*
 * chart.h: a breaker's bins as a drawing: its states, outcomes and durations,
 * each in a lane of its own. Nothing is shown by colour alone.
 */
#ifndef CBRUN_REPORT_PAGE_CHART_H
#define CBRUN_REPORT_PAGE_CHART_H

#include "report/page/survey.h"

#include <stdio.h>

/* Writes what all charts have in common; once, before the first. */
void chart_print_grid(FILE *out, const struct survey *s);

/* Writes an <svg>, which is as wide as there is room. */
void chart_print(FILE *out, const struct survey *s, const struct survey_breaker *sb);

/* Writes the explanation of all charts. */
void chart_print_legend(FILE *out);

#endif
