/*
 * progress.h: for a person who waits at a terminal: what is being done, and how
 * far it is. One line on standard error, which is written over and wiped in the
 * end; nothing before a second has passed, nothing where no terminal is.
 */
#ifndef CBRUN_BASE_PROGRESS_H
#define CBRUN_BASE_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

/* The fields are the progress's own. */
struct progress {
	const char *what; /* NULL: nobody is told */
	int64_t begun_us; /* on the boot clock */
	int64_t next_us;  /* when it is told again */
	bool shown;
};

/* `what` is borrowed: "checking the store". If `wanted` is false, or nobody looks, all of this does nothing. */
void progress_begin(struct progress *p, const char *what, bool wanted);

/* So much of the whole is done; where the whole is 0 nobody knows how much there is. Cheap, but no single instruction. */
void progress_tell(struct progress *p, int64_t done, int64_t whole);

/* Wipes the line: at the end, and before anything else is written to the terminal. */
void progress_wipe(struct progress *p);

#endif
