/*
 * sha1.h: the digest by which a Redis server knows a script. Do not use it for
 * security.
 */
#ifndef CBRUN_BASE_SHA1_H
#define CBRUN_BASE_SHA1_H

#include <stddef.h>

enum { SHA1_TEXT_SIZE = 40 + 1 };

/* Writes the digest of `length` bytes as lower-case hexadecimal digits. */
void sha1_format(const void *bytes, size_t length, char text[SHA1_TEXT_SIZE]);

#endif
