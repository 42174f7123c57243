/*
 * markup.h: values as HTML that is also XML, so that readers of either can read the page.
 */
#ifndef CBRUN_REPORT_PAGE_MARKUP_H
#define CBRUN_REPORT_PAGE_MARKUP_H

#include <stdint.h>
#include <stdio.h>

/* A text from outside: what is no text for people is escaped as for a terminal, and then what HTML wants escaped. */
void markup_text(FILE *out, const char *text);

/* The same for a breaker's name, which may be broken after its punctuation. Not in an attribute or a title. */
void markup_name(FILE *out, const char *name);

/* A whole number with commas: 12,345. */
void markup_count(FILE *out, int64_t count);

/* part of whole in percent: 2.6 %; nothing if the whole is 0. */
void markup_percent(FILE *out, int64_t part, int64_t whole);

/* "1 run", "2 runs". */
void markup_counted(FILE *out, int64_t count, const char *noun);

/* How long something took. */
void markup_span(FILE *out, int64_t ms);

/* A moment, in local time, as a <time>. */
void markup_time(FILE *out, int64_t wall_ms);

/* A number with its name, in a <dl>: between these two its value. */
void markup_begin_sum(FILE *out, const char *name);
void markup_end_sum(FILE *out);

/* One that is a count; and one of failures, with their share of the calls. */
void markup_sum(FILE *out, const char *name, int64_t count);
void markup_failures(FILE *out, const char *name, int64_t failures, int64_t calls);

#endif
