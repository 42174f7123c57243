/*
 * trust.h: whether root may rely on a file, that is, whether nobody else can change it or put another one
 * in its place. Other users always may: what they run has only their own rights.
 */
#ifndef CBRUN_BASE_TRUST_H
#define CBRUN_BASE_TRUST_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

/* What is wrong, and with which file, link or directory. */
struct trust_fault {
	char path[PATH_MAX];
	int failure; /* errno, if it cannot be looked at; then the rest means nothing */
	uid_t owner;
	mode_t mode;
};

/*
 * As root: whether the file, each directory above it and each link on the way belong to root, and others can write
 * neither the file nor a directory; a sticky directory they may, since nobody can replace another's file there.
 * What is missing is fine. As any other user: always true. If not, *fault says why.
 */
bool trust_path(const char *path, struct trust_fault *fault);

/* The same for a file in a directory that was looked at. A link is not followed. */
bool trust_file(const char *path, struct trust_fault *fault);

/* The same for what fstat() said of an open file; `path` is what it is called. */
bool trust_status(const struct stat *status, const char *path, struct trust_fault *fault);

enum { TRUST_TEXT_SIZE = 640 };

/* Writes "`subject` belongs to uid 5, not to root; chown it", or whatever else is wrong. Returns text. */
char *trust_explain(const struct trust_fault *fault, const char *subject, char text[TRUST_TEXT_SIZE]);

#endif
