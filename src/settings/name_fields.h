/*
 * name_fields.h: fields in a breaker's name, filled from the words of the
 * command that it guards: {host} and {command}.
 */
#ifndef CBRUN_SETTINGS_NAME_FIELDS_H
#define CBRUN_SETTINGS_NAME_FIELDS_H

#include "base/error.h"

#include <stdbool.h>

enum { NAME_FIELDS_SIZE = 256 };

/* Whether the text has a field, or what begins like one. */
bool name_fields_in(const char *text);

/*
 * Fills the fields of `text` from the command, which ends with NULL. False if
 * there is a field of another name, or what comes out is no name.
 */
bool name_fields_fill(const char *text, char *const *command, char name[NAME_FIELDS_SIZE],
                      struct error *error);

/*
 * The host that a command talks to, judging by its words: that of the first
 * argument that is a URL or user@host; failing that, since much looks like it, of
 * the first that is host:path or host::module, or user@host right after an option.
 * In lower case, without user, port and brackets; '_' for what no name can hold.
 * "none" if there is none. Longer ones are cut.
 */
void name_fields_host(char *const *command, char host[NAME_FIELDS_SIZE]);

#endif
