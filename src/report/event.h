/*
 * event.h: an event of `cbrun history`.
 */
#ifndef CBRUN_REPORT_EVENT_H
#define CBRUN_REPORT_EVENT_H

#include "breaker/journal.h"

#include <stdbool.h>
#include <stdio.h>

/* Writes a line for people. It says of which breaker it is, unless name is NULL. */
void event_print_text(FILE *out, const char *name, const struct event *event);

/* Writes a line of JSON, with the name if there is one. False if out of memory, or it cannot be written. */
bool event_print_json(FILE *out, const char *name, const struct event *event);

#endif
