/*
 * identity.h: who is running this process.
 */
#ifndef CBRUN_BASE_IDENTITY_H
#define CBRUN_BASE_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Whether this process has the rights of root. Costs no system call; nothing here changes who it is. */
bool identity_is_root(void);

/*
 * Whether it has rights that its caller lacks, as a set-user-ID program: then the
 * environment is the caller's, and must be ignored.
 */
bool identity_is_raised(void);

/* Writes the user's name; "uid N" if the password file has none. */
void identity_name(uid_t uid, char *text, size_t size);

/*
 * For the record of an operator's acts: writes the user's name, "uid N" if the password file has none, and after it
 * the user who called sudo.
 */
void identity_format(char *text, size_t size);

#endif
