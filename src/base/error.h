/*
 * error.h: why something failed, made where the knowledge is and printed once
 * at the edge.
 *
 * A function that can fail returns bool and takes a `struct error *` last. On
 * false the error is set; on true it is untouched.
 */
#ifndef CBRUN_BASE_ERROR_H
#define CBRUN_BASE_ERROR_H

#include <stdbool.h>

enum error_kind {
	ERROR_USAGE,      /* the command line, or a setting, makes no sense */
	ERROR_STORE,      /* the store cannot be used */
	ERROR_NO_BREAKER, /* no breaker of that name */
	ERROR_REFUSED,    /* the breaker's mode does not allow the act */
	ERROR_SYSTEM,     /* a system call failed */
};

enum { ERROR_TEXT_SIZE = 1024 };

struct error {
	enum error_kind kind;
	char text[ERROR_TEXT_SIZE]; /* one line: the act, the object, the cause, the remedy */
};

/* Sets the error and returns false, so that failing is one line. */
__attribute__((format(printf, 3, 4))) bool error_set(struct error *error, enum error_kind kind,
                                                     const char *format, ...);

/* The same, with ": " and the text of `error_number` (an errno) at the end. */
__attribute__((format(printf, 4, 5))) bool error_set_errno(struct error *error, enum error_kind kind,
                                                           int error_number, const char *format, ...);

#endif
