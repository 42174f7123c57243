/*
 * describe.h: the way back: describes a policy in the words of the options.
 */
#ifndef CBRUN_SETTINGS_DESCRIBE_H
#define CBRUN_SETTINGS_DESCRIBE_H

#include "settings/options.h"

enum { DESCRIBE_VALUE_SIZE = 48 };

/* Writes the value of a policy row as the option takes it; a flag as true or false. */
void describe_value(const struct option_row *row, const struct settings *settings, char text[DESCRIBE_VALUE_SIZE]);

enum { DESCRIBE_SIZE = 512 };

/*
 * In which options two policies differ, the second one named by a word: "failures
 * 5 (here: 3), open-for 30s (here: 1m)"; "" if in none.
 */
void describe_difference(const struct policy *policy, const char *word, const struct policy *other,
                         char text[DESCRIBE_SIZE]);

/* Where a value comes from: "default", "preset cron", "FILE:LINE", "environment", "command line". */
void describe_origin(const struct origin *origin, char *text, size_t size);

#endif
