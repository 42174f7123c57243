/*
 * preset.h: named sets of values.
 */
#ifndef CBRUN_SETTINGS_PRESET_H
#define CBRUN_SETTINGS_PRESET_H

/* One value of a preset. */
struct preset_value {
	const char *name; /* of an option */
	const char *text;
};

/* The presets' names, NULL-terminated, in the order of their numbers. */
extern const char *const preset_names[];

/* The values of a preset by its number, ended by one without a name. */
const struct preset_value *preset_values(int preset);

#endif
