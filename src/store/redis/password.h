/*
 * password.h: the server's password, from the environment or a file.
 */
#ifndef CBRUN_STORE_REDIS_PASSWORD_H
#define CBRUN_STORE_REDIS_PASSWORD_H

#include "base/error.h"

#include <stddef.h>

/*
 * Writes the first line of the file, if one is named, else $CBRUN_REDIS_PASSWORD, else "". As root, a file
 * that another user owns or can write is refused.
 */
bool password_read(const char *file, char *password, size_t size, struct error *error);

#endif
