/*
 * apply.h: turns one option's text into its value in the settings.
 */
#ifndef CBRUN_SETTINGS_APPLY_H
#define CBRUN_SETTINGS_APPLY_H

#include "base/error.h"
#include "settings/options.h"

/* A value on its way into the settings. */
struct value {
	const struct option_row *row;
	const char *text; /* NULL if none was given on the command line; must outlive the settings */
	struct origin origin;
};

/* Parses the value into its field, and notes where it comes from. False says what is wrong, and where it stands. */
bool apply_value(struct settings *settings, const struct value *v, struct error *error);

enum { APPLY_VARIABLE_SIZE = 40 };

/* The variable of the environment for an option: CBRUN_OPEN_FOR. */
void apply_variable_name(const struct option_row *row, char name[APPLY_VARIABLE_SIZE]);

#endif
