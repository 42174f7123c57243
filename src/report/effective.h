/*
 * effective.h: `cbrun config`: settings with their values and origins.
 */
#ifndef CBRUN_REPORT_EFFECTIVE_H
#define CBRUN_REPORT_EFFECTIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum { EFFECTIVE_WARNINGS = 8 };

struct effective_line {
	const char *option;
	const char *value; /* NULL = not set */
	char origin[256];
};

struct effective_settings {
	const char *name; /* the breaker's, or NULL */
	struct effective_line lines[96];
	size_t count;
	char warnings[EFFECTIVE_WARNINGS][512];
	size_t warning_count;
};

/* A table: option, value, origin. Warnings are not in it. */
void effective_print_text(FILE *out, const struct effective_settings *report);

/* One JSON object, warnings included. False if out of memory. */
bool effective_print_json(FILE *out, const struct effective_settings *report);

#endif
