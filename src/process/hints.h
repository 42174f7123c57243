/*
 * hints.h: what a command reports about its outcome, line by line, through a pipe
 * whose descriptor is in BREAKER_HINT_FD:
 *
 *   outcome success|failure|ignored
 *   retry-after SECONDS, or a time as HTTP writes it
 *   reason TEXT
 *
 * The last line of each kind counts. Any other is reported and ignored. A line
 * longer than HINTS_LINE_SIZE is no hint.
 *
 * Nothing here waits. The supervisor polls, so that a command is never held up
 * by what it says; and when it has ended, only what is there is read.
 */
#ifndef CBRUN_PROCESS_HINTS_H
#define CBRUN_PROCESS_HINTS_H

#include "base/message.h"
#include "breaker/journal.h"

#include <poll.h>
#include <stddef.h>
#include <stdint.h>

enum { HINTS_LINE_SIZE = 512, HINTS_VARIABLE_SIZE = 32 };

struct hints {
	/* what the last attempt has said */
	enum outcome_hint outcome;
	int64_t retry_after_ms;        /* 0 = nothing */
	char reason[REASON_TEXT_SIZE]; /* "" = nothing. Raw bytes */

	const struct message_sink *sink;
	int ours;   /* our end of the pipe; -1 = none */
	int child;  /* the command's end; -1 = none */
	int number; /* which descriptor that becomes: a single digit if one is free, as shells need */
	char variable[HINTS_VARIABLE_SIZE]; /* BREAKER_HINT_FD=number */
	char **environment;                 /* the command's, with that in it */
	char line[HINTS_LINE_SIZE];         /* the one that is being read */
	size_t length;                      /* of it, so far; the size of `line` if it is too long */
	int told;                           /* how many lines were no hints; not all are reported */
};

/* Starts with nothing said, and without a pipe. The sink must outlive the hints. */
void hints_init(struct hints *hints, const struct message_sink *sink);

/*
 * Before an attempt: forgets what the last one said, and makes the pipe. Returns
 * false with errno set; then there is none.
 */
bool hints_open(struct hints *hints);

/* After the command was started, or failed to start: closes its end of the pipe. */
void hints_started(struct hints *hints);

enum { HINTS_POLLS = 1 };

/* Fills `polls` with what to wait for; returns how many. 0: nothing more will come. */
int hints_polls(const struct hints *hints, struct pollfd polls[HINTS_POLLS]);

/* Reads what poll(2) said that there is. */
void hints_move(struct hints *hints, const struct pollfd *polls);

/* After the command has ended: reads what is in the pipe, and closes our end. */
void hints_ended(struct hints *hints);

#endif
