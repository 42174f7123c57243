/*
 * trace.h: reads a trace, line by line: TIME EVENT [DURATION]
 *
 * TIME is in seconds and does not decrease. EVENT is how a call ends (ok, fail,
 * timeout, ignore), and DURATION then how many seconds it takes; or it is an
 * act (peek, trip, hold, reset, disable, enable). A comment begins with "#".
 * The caller opens the trace and gets its lines.
 */
#ifndef CBRUN_REPLAY_TRACE_H
#define CBRUN_REPLAY_TRACE_H

#include "base/error.h"
#include "replay/replay.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How far a trace has been read. Begin with the name alone. */
struct trace {
	const char *name; /* for messages; belongs to the caller */
	int64_t line;     /* number of the last line read, from 1 */
	int64_t last_ms;  /* the latest time so far */
};

enum trace_kind { TRACE_NOTHING, TRACE_CALL, TRACE_ACT };

struct trace_event {
	enum trace_kind kind;
	int64_t at_ms;
	int64_t line;
	enum outcome outcome; /* of a call */
	int64_t duration_ms;  /* of a call; 0 if the line has none */
	enum replay_act act;  /* of an act */
};

/*
 * Reads the next line, of `length` bytes and a NUL, which is cut into words on
 * the way. An empty line, or one with a comment alone, is TRACE_NOTHING. On
 * false the error names trace and line, and the event means nothing.
 */
bool trace_read(struct trace *trace, char *text, size_t length, struct trace_event *event,
                struct error *error);

/* Plays the event on the replay. False if out of memory, see replay_call(). */
bool trace_play(const struct trace_event *event, struct replay *r);

/*
 * Reads seconds as a decimal number, as milliseconds, rounded to the nearest;
 * more than ten years is ten years. False if it is none: then *ms is as it was.
 */
bool trace_seconds_ms(const char *text, int64_t *ms);

#endif
