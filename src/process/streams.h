/*
 * streams.h: what goes between cbrun and the command, where cbrun stands
 * between them at all: standard input that several attempts must each get
 * whole, and standard output and error that are held back or kept.
 *
 * A `struct streams` serves all attempts of one call. Where nothing of that is
 * asked for, the command has cbrun's own descriptors and this file does nothing.
 */
#ifndef CBRUN_PROCESS_STREAMS_H
#define CBRUN_PROCESS_STREAMS_H

#include "base/message.h"
#include "process/spool.h"

#include <poll.h>

enum stream_input {
	INPUT_ALONE,  /* the command reads cbrun's own */
	INPUT_REWIND, /* a file: back to where it was, for each attempt */
	INPUT_SPOOL,  /* a pipe: read once, kept, and fed to each attempt */
};

struct streams {
	enum message_level level;
	/* input */
	enum stream_input input;
	off_t input_start;    /* INPUT_REWIND */
	struct spool spooled; /* INPUT_SPOOL: what has been read so far */
	bool input_ended;     /* no more will come */
	int64_t fed;          /* bytes that this attempt has got */
	int feed;             /* to the command; -1 = none */
	/* output */
	bool hold;         /* keep both until streams_release() */
	bool keep;         /* keep what goes to standard output, to serve it again */
	int outputs[2];    /* from the command: standard output, standard error; -1 = none */
	struct spool held; /* records: stream, length, bytes */
	struct spool kept; /* standard output of this attempt */
	bool keep_failed;  /* it was too much, or could not be kept */
	/* for the child: what becomes its descriptors 0, 1, 2; -1 = its own */
	int child[3];
};

enum { STREAMS_KEEP_LIMIT = 16 * 1024 * 1024 };

/* Nothing in between, until streams_replay_input(), `hold` or `keep` ask for it. */
void streams_init(struct streams *s, enum message_level level);

/* Sees to it that each of several attempts gets the whole standard input. */
void streams_replay_input(struct streams *s);

/* Before an attempt: makes the pipes. False with errno set if that is impossible; then none is open. */
bool streams_open(struct streams *s);

/* After the command was started, or was not: closes its ends of the pipes. */
void streams_started(struct streams *s);

enum { STREAMS_POLLS = 4 };

/* Fills `polls` with what is to be waited for; returns how many. */
int streams_polls(const struct streams *s, struct pollfd polls[STREAMS_POLLS]);

/* Moves bytes where poll() said it is possible. */
void streams_move(struct streams *s, const struct pollfd polls[STREAMS_POLLS], int count);

/* After the command has ended: takes what is still in the pipes, and closes them. */
void streams_finish(struct streams *s);

/* Writes what was held back, in its order, each piece to its own stream. */
void streams_release(struct streams *s);

/* Frees everything, what is held included. */
void streams_free(struct streams *s);

#endif
