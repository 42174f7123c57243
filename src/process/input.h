/*
 * input.h: standard input that each of several attempts reads from its start.
 *
 * One `struct input` serves all attempts of a call. A file is rewound before
 * each attempt. A pipe can be read only once, so cbrun reads it, keeps what it
 * has read, and feeds it to each attempt through a pipe of its own. Anything
 * else, such as a terminal, the command reads itself.
 *
 * Nothing here waits. The supervisor polls, so that a slow reader or writer
 * never delays a signal or a time limit.
 */
#ifndef CBRUN_PROCESS_INPUT_H
#define CBRUN_PROCESS_INPUT_H

#include "base/message.h"
#include "process/spool.h"

#include <poll.h>

enum input_mode {
	INPUT_ALONE,  /* the command reads cbrun's own */
	INPUT_REWIND, /* a file: set back before each attempt */
	INPUT_SPOOL,  /* a pipe: read once, kept, and fed to each attempt */
};

struct input {
	const struct message_sink *sink;
	enum input_mode mode;
	off_t start;          /* INPUT_REWIND: the offset to go back to */
	struct spool spooled; /* INPUT_SPOOL: what has been read so far */
	bool at_end;          /* there is no more to read */
	bool partial;         /* some of it could not be kept: there can be no further attempt */
	int64_t fed;          /* how many bytes of `spooled` this attempt has got */
	int feed;             /* our end of the pipe to the command; -1 = none */
	int child;            /* its end, which becomes its standard input; -1 = it has cbrun's own */
};

/* Starts with INPUT_ALONE. The sink must outlive the input. */
void input_init(struct input *input, const struct message_sink *sink);

/*
 * Makes the input one that can be replayed. Returns false if it cannot be, and
 * the command reads cbrun's own: then the input need not be given to it.
 */
bool input_replay(struct input *input);

/* Before an attempt: rewinds, or makes the pipe. Returns false with errno set; then no pipe is open. */
bool input_open(struct input *input);

/* After the command was started, or failed to start: closes its end of the pipe. */
void input_started(struct input *input);

enum { INPUT_POLLS = 2 };

/* Fills `polls` with what to wait for; returns how many. 0: there is nothing to move, now or later. */
int input_polls(struct input *input, struct pollfd polls[INPUT_POLLS]);

/* Moves bytes where poll(2) said that it can be done. `polls` is what input_polls() filled. */
void input_move(struct input *input, const struct pollfd *polls, int count);

/* After the command has ended: closes our end of the pipe. */
void input_ended(struct input *input);

/* Closes the pipe and frees what was kept. */
void input_free(struct input *input);

#endif
