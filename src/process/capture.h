/*
 * capture.h: the command's standard output and error, where cbrun holds them
 * back until it knows how the call ended, or keeps the output to serve it again.
 *
 * If both are the same file, both are held, and come through one pipe, so that
 * their order is kept. Otherwise standard output is data for somebody else: it
 * passes through at once, and only standard error is held.
 *
 * One `struct capture` serves all attempts of a call. What is held back goes out
 * in the order in which cbrun has read it.
 *
 * Nothing here waits. The supervisor polls, so that a slow reader or writer
 * never delays a signal or a time limit.
 */
#ifndef CBRUN_PROCESS_CAPTURE_H
#define CBRUN_PROCESS_CAPTURE_H

#include "base/message.h"
#include "process/spool.h"

#include <poll.h>

/* The most that is kept of one attempt's standard output, in bytes. */
enum { CAPTURE_KEEP_LIMIT = 16 * 1024 * 1024, CAPTURE_BLOCK = 64 * 1024 };

/* A stretch of output: what precedes its bytes in `held`, and what is left of it while it goes out. */
struct piece {
	int output; /* 0: standard output, 1: standard error */
	uint32_t length;
};

/* What can go wrong with keeping standard output. */
enum capture_fault {
	CAPTURE_WHOLE,
	CAPTURE_TOO_MUCH,   /* or there was no room */
	CAPTURE_UNFINISHED, /* the command has ended, but what it has started may still write */
};

struct capture {
	/* the caller's: what is asked for, before the first attempt */
	bool hold; /* nothing goes out before capture_release(); false from then on, or if there is no room */
	bool keep; /* keep standard output */
	bool together; /* standard output and error are one file; see capture_together() */
	/* and what the last attempt left */
	struct spool kept; /* its standard output */
	enum capture_fault fault; /* why that is not all of it */

	const struct message_sink *sink;
	int outputs[2];      /* our ends of the pipes: standard output, standard error; -1 = none */
	int child[2];        /* the command's ends; -1 = none */
	bool one_pipe;       /* the second one is for both */
	int rest[2];         /* in the end: how many bytes to take from each pipe still */
	bool broken[2];      /* cbrun's own cannot be written, and a message has said so */
	struct spool held;   /* pieces, each followed by its bytes */
	int64_t released;    /* how many bytes of `held` have gone out */
	struct piece piece;  /* the piece of `held` that is going out */
	char *block;         /* what was read last and is not held; NULL until the first capture_open() */
	struct piece latest; /* what of it has still to go out */
};

/* Starts with neither `hold` nor `keep`. The sink must outlive the capture. */
void capture_init(struct capture *capture, const struct message_sink *sink);

/* Whether standard output and error are the same file. */
bool capture_together(void);

/*
 * Before an attempt: forgets what the last one left in `kept`, and makes the
 * pipes. Returns false with errno set; then no pipe is open.
 */
bool capture_open(struct capture *capture);

/* What the command gets as standard output and error: its ends of the pipes; -1 = cbrun's own. */
void capture_descriptors(const struct capture *capture, int descriptors[2]);

/* After the command was started, or failed to start: closes its ends of the pipes. */
void capture_started(struct capture *capture);

enum { CAPTURE_POLLS = 2 };

/*
 * Fills `polls` with what to wait for; returns how many. While something is on
 * its way out nothing more is read.
 */
int capture_polls(struct capture *capture, struct pollfd polls[CAPTURE_POLLS]);

/* Moves bytes where poll(2) said that it can be done. */
void capture_move(struct capture *capture, const struct pollfd *polls, int count);

/*
 * When it is time to end: from here on only what is in the pipes now is read.
 * Descendants may hold them open, and write, for as long as they like.
 */
void capture_ended(struct capture *capture);

/* Reads some of that. Returns false if nothing is left. */
bool capture_take_rest(struct capture *capture);

/* Closes our ends of the pipes. If one is still open, what was kept is incomplete. */
void capture_finish(struct capture *capture);

/*
 * Puts bytes of our own on their way to standard output (0) or error (1), if
 * nothing else is; at most CAPTURE_BLOCK. They go before what is held back. Returns false if out of memory.
 */
bool capture_put(struct capture *capture, int output, const void *bytes, size_t length);

/* Copies the last `size` bytes of what is held back, or all of it if that is less. Returns how many. */
size_t capture_tail(const struct capture *capture, char *bytes, size_t size);

/* Lets go what was held back: capture_polls() and capture_move() send it out. */
void capture_release(struct capture *capture);

/* The descriptor that takes what is next on its way out, 1 or 2; -1 if nothing is. */
int capture_leaving(struct capture *capture);

/* Forgets what has not gone out yet, and what a command that has ended left in the pipes. */
void capture_drop(struct capture *capture);

/* Closes the pipes and frees everything, what is held back included. */
void capture_free(struct capture *capture);

#endif
