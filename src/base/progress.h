/*
 * progress.h: tells a person at a terminal what is being done, and how far it is:
 * one line on standard error, which is overwritten and wiped at the end. Prints
 * nothing before a second has passed, and nothing where there is no terminal.
 */
#ifndef CBRUN_BASE_PROGRESS_H
#define CBRUN_BASE_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

/* The fields are the progress's own. */
struct progress {
	const char *what; /* NULL: nothing is shown */
	int64_t begun_us; /* on the boot clock */
	int64_t next_us;  /* when it is shown next */
	bool shown;
};

/* `what` is borrowed: "checking the store". If `wanted` is false, or nobody looks, all of this does nothing. */
void progress_begin(struct progress *p, const char *what, bool wanted);

/* Reports how much of the whole is done; 0 means that the whole is unknown. Cheap, but not free. */
void progress_tell(struct progress *p, int64_t done, int64_t whole);

/* Wipes the line: at the end, and before anything else is written to the terminal. */
void progress_wipe(struct progress *p);

#endif
