/*
 * identity.h: who is running this process, for the record of an operator's acts.
 */
#ifndef CBRUN_BASE_IDENTITY_H
#define CBRUN_BASE_IDENTITY_H

#include <stddef.h>

/*
 * Writes the user's name, "uid N" if the password file has none, and behind it
 * the user that sudo was called by.
 */
void identity_format(char *text, size_t size);

#endif
