/*
 * why.h: an explanation in plain sentences, and as JSON.
 */
#ifndef CBRUN_REPORT_WHY_H
#define CBRUN_REPORT_WHY_H

#include "report/explanation.h"

#include <stdbool.h>
#include <stdio.h>

/* Writes it for people. */
void why_print_text(FILE *out, const struct explanation *e);

/* Writes it as one object of JSON, and a newline. False if out of memory, or it cannot be written. */
bool why_print_json(FILE *out, const struct explanation *e);

#endif
