/*
 * roff.h: text for the manual pages.
 */
#ifndef CBRUN_GENERATE_ROFF_H
#define CBRUN_GENERATE_ROFF_H

#include <stddef.h>

/* Prints characters with those escaped that roff takes for its own. */
void roff_print(const char *text, size_t length);

#endif
