/*
 * settings.h: `cbrun config`: settings with their values and origins.
 */
#ifndef CBRUN_REPORT_SETTINGS_H
#define CBRUN_REPORT_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct setting_line {
	const char *option;
	const char *value; /* NULL = not set */
	char origin[256];
};

struct settings_report {
	const char *name; /* the breaker's, or NULL */
	struct setting_line lines[64];
	size_t count;
	char warnings[4][512];
	size_t warning_count;
};

/* A table: option, value, origin. Warnings are not in it. */
void settings_print_text(FILE *out, const struct settings_report *report);

/* One JSON object, warnings included. False if out of memory. */
bool settings_print_json(FILE *out, const struct settings_report *report);

#endif
