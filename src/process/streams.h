/*
 * streams.h: what goes between cbrun and the command, where cbrun stands
 * between them at all: standard input that several attempts must each get
 * whole, and standard output and error that are held back or kept.
 *
 * A `struct streams` serves all attempts of one call. Where nothing of that is
 * asked for, the command has cbrun's own descriptors and this file does nothing.
 * Nothing here waits: whoever supervises the command polls, so that neither a
 * slow reader nor a slow writer keeps a signal or a time limit from its work.
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

/* How a piece of output begins in the spool; and what is left of it on its way out. */
struct piece {
	int output; /* 0: standard output, 1: standard error */
	uint32_t length;
};

struct streams {
	const struct message_sink *sink;
	/* input */
	enum stream_input input;
	off_t input_start;    /* INPUT_REWIND */
	struct spool spooled; /* INPUT_SPOOL: what has been read so far */
	bool input_ended;     /* no more will come */
	bool input_partial;   /* some of it could not be kept: no further attempt can have all */
	int64_t fed;          /* bytes of `spooled` that this attempt has got */
	int feed;             /* to the command; -1 = none */
	/* output, in its order: `held`, then `block` */
	bool hold;           /* nothing goes out until streams_release() */
	bool keep;           /* keep what goes to standard output, to serve it again */
	int outputs[2];      /* from the command: standard output, standard error; -1 = none */
	int rest[2];         /* after its end: bytes of them that are still to be taken */
	bool broken[2];      /* ours cannot be written to; that has been said */
	struct spool held;   /* pieces */
	int64_t released;    /* bytes of `held` that have gone out */
	struct piece piece;  /* the piece of `held` that is going out */
	char *block;         /* what was read last and is not held; NULL until it is needed */
	struct piece latest; /* what of it is still to go out */
	struct spool kept;   /* standard output of this attempt */
	bool keep_failed;    /* it was too much, or could not be kept */
	/* for the child: what becomes its descriptors 0, 1, 2; -1 = its own */
	int child[3];
};

enum { STREAMS_KEEP_LIMIT = 16 * 1024 * 1024 };

/* Nothing in between, until streams_replay_input(), `hold` or `keep` ask for it. */
void streams_init(struct streams *s, const struct message_sink *sink);

/* Sees to it that each of several attempts gets the whole standard input. */
void streams_replay_input(struct streams *s);

/* Before an attempt: makes the pipes. False with errno set if that is impossible; then none is open. */
bool streams_open(struct streams *s);

/* After the command was started, or was not: closes its ends of the pipes. */
void streams_started(struct streams *s);

enum { STREAMS_POLLS = 4 };

/* Fills `polls` with what is to be waited for; returns how many. */
int streams_polls(struct streams *s, struct pollfd polls[STREAMS_POLLS]);

/* Moves bytes where poll() said it is possible. */
void streams_move(struct streams *s, const struct pollfd *polls, int count);

/* After the command has ended: no more input, and of output no more than it has left in the pipes. */
void streams_ended(struct streams *s);

/* Takes some of that rest; false if there is none. */
bool streams_take_rest(struct streams *s);

/* Closes the pipes. */
void streams_finish(struct streams *s);

/* From here on, what was held back goes out as streams_polls() and streams_move() are called. */
void streams_release(struct streams *s);

/* The descriptor that what is on its way out waits for; -1: there is nothing. */
int streams_leaving(struct streams *s);

/* Forgets what was to go out, and what is left in the pipes of a command that has ended. */
void streams_drop(struct streams *s);

/* Frees everything, what is held included. */
void streams_free(struct streams *s);

#endif
