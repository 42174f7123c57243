/*
 * page.h: a survey as one page of HTML, which loads nothing and has no script. It
 * is also well-formed XML.
 */
#ifndef CBRUN_REPORT_PAGE_PAGE_H
#define CBRUN_REPORT_PAGE_PAGE_H

#include "report/page/survey.h"

#include <stdio.h>

/* Writes the page. `host` is where the breakers are. Whether that worked, ferror(3) tells. */
void page_print(FILE *out, const struct survey *s, const char *host);

#endif
