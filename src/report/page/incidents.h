/*
 * incidents.h: the incidents of a survey: the newest are kept.
 */
#ifndef CBRUN_REPORT_PAGE_INCIDENTS_H
#define CBRUN_REPORT_PAGE_INCIDENTS_H

#include "report/page/survey.h"

/* Adds one, with a copy of the reasons in words. NULL: not known. False if out of memory. */
bool incidents_add(struct survey *s, const struct survey_incident *incident, const struct reason *cause,
                   const struct reason *ending);

/* Puts them in order, those that go on and then the newest first, and drops what is too much. */
void incidents_settle(struct survey *s);

/* Forgets them all. */
void incidents_free(struct survey *s);

/* The reason in words, raw, for the caller to free; NULL if out of memory. */
char *incidents_words(const struct reason *reason);

#endif
