/*
 * portrait.h: one breaker in full, in the manner of systemctl: its state, since when
 * and why, what happens next, what runs, and what has happened.
 */
#ifndef CBRUN_REPORT_PORTRAIT_H
#define CBRUN_REPORT_PORTRAIT_H

#include "report/sketch.h"
#include "report/snapshot.h"

enum { PORTRAIT_EVENTS = 10, PORTRAIT_CALLS = 8 };

/* A call that is running. */
struct portrait_call {
	int64_t pid;    /* 0 = not known */
	int64_t age_ms; /* -1 = not known */
	bool trial;
};

/* What its history comes to. Zeroed, it is that of nothing. */
struct past {
	struct array changes; /* struct sketch_change, oldest first */
	int64_t known_ms;     /* wall time of the oldest event that is kept; 0 = there is none */
	int64_t last_seq;     /* of the newest */
	struct event events[PORTRAIT_EVENTS]; /* the last ones; number n of all is at n % PORTRAIT_EVENTS */
	size_t event_count;                   /* of all */
};

struct portrait {
	struct snapshot s;
	char difference[512]; /* in what the policy differs from the reader's own settings; "" = in nothing */
	struct portrait_call calls[PORTRAIT_CALLS]; /* some of s.load.running */
	size_t call_count;
	struct past past;
};

/* Takes notice of an event; they come oldest first. False if out of memory. */
bool past_add(struct past *past, const struct event *event);

void past_free(struct past *past);

/* Takes notice of a call that is running. */
void portrait_add_call(struct portrait *p, const struct portrait_call *call);

/* Prints it. False if out of memory. */
bool portrait_print(FILE *out, struct portrait *p, const struct style *style);

#endif
