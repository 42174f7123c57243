/*
 * page.h: a survey as one page of HTML, which needs nothing else: no request, no
 * script. It is well-formed XML, too.
 */
#ifndef CBRUN_REPORT_PAGE_PAGE_H
#define CBRUN_REPORT_PAGE_PAGE_H

#include "report/page/survey.h"

#include <stdio.h>

/* Writes the page. `host` is where the breakers are. What could not be written, the file tells. */
void page_print(FILE *out, const struct survey *s, const char *host);

#endif
