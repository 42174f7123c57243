/*
 * survey.h: what breakers went through in a period, gathered event by event.
 *
 * Nothing that is kept of a breaker grows with its history: its calls and states go
 * into a fixed number of bins, and only the newest of all incidents are kept.
 */
#ifndef CBRUN_REPORT_PAGE_SURVEY_H
#define CBRUN_REPORT_PAGE_SURVEY_H

#include "base/array.h"
#include "breaker/breaker.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	SURVEY_BINS = 60,
	SURVEY_LISTED = 1000, /* incidents that are kept */
	SURVEY_WEEKDAYS = 7,
	SURVEY_HOURS = 24,
};

/* The states that a person wants to tell apart, the worst last. */
enum survey_state {
	SURVEY_UNKNOWN, /* not recorded, or there was no such breaker yet */
	SURVEY_CLOSED,
	SURVEY_DISABLED,
	SURVEY_HALF_OPEN,
	SURVEY_OPEN,
};
enum { SURVEY_STATES = SURVEY_OPEN + 1 };

/* The one that a state is, but for what somebody disabled. */
enum survey_state survey_state_of(enum breaker_state state);

/* One of SURVEY_BINS equal parts of the period. */
struct survey_bin {
	uint32_t successes;
	uint32_t failures;
	uint32_t ignored;
	float sum_ms;     /* how long those took that succeeded or failed */
	float longest_ms;
	enum survey_state state; /* the worst */
};

struct survey_breaker {
	char *name;
	/* as it is now */
	enum survey_state state;
	int64_t since_ms; /* since when it is in its state; times are in milliseconds since 1970 */
	bool down;        /* it keeps calls from running: breaker_is_down() */
	bool shadow;      /* it never does */
	char *mode;       /* "held"; NULL: it is as always */
	char *reason;     /* why it is in that state, as words but raw; NULL = there is none, or it is well */
	int64_t last_seq; /* events behind that are newer than all this */
	struct incident *incident; /* that is going on; NULL = none is */
	/* in the period */
	int64_t recorded_since_ms; /* what was before is no longer known; 0 = all is */
	int64_t successes;
	int64_t failures; /* timeouts among them */
	int64_t timeouts;
	int64_t ignored;
	int64_t incidents; /* that lie in it, even in part */
	int64_t rejected;  /* by these */
	int64_t down_ms;   /* open or half-open, even in shadow mode */
	int64_t median_us; /* of the calls that succeeded or failed */
	int64_t p95_us;
	int64_t longest_us;
	struct survey_bin *bins; /* SURVEY_BINS */
};

struct survey_incident {
	size_t breaker;    /* its place among them */
	int64_t since_ms;
	int64_t length_ms; /* so far, if it is not over */
	int64_t rejected;
	int64_t exit;      /* of the call before; -1 = there was none, or it is not known */
	bool over;
	char *cause;       /* in words but raw; "" = no longer known */
	char *ending;      /* of one that is over, the same */
};

/* Zeroed, but for the period, it is empty. */
struct survey {
	int64_t from_ms;
	int64_t to_ms;
	struct array breakers;  /* struct survey_breaker */
	struct array incidents; /* struct survey_incident, not more than twice SURVEY_LISTED */
	struct survey_breaker **order; /* from the worst on; see survey_settle() */
	/* sums */
	size_t down;     /* breakers that are so now: breaker_is_down() */
	int64_t successes;
	int64_t failures;
	int64_t ignored;
	int64_t incident_count; /* of all, listed or not */
	int64_t rejected;
	int64_t down_ms; /* but for those in shadow mode */
	int64_t failed_at[SURVEY_WEEKDAYS][SURVEY_HOURS]; /* local time, from Monday on */
	int64_t called_at[SURVEY_WEEKDAYS][SURVEY_HOURS]; /* those included */
};

/* Adds a breaker as it is at that moment. False if out of memory. */
bool survey_add(struct survey *s, const char *name, const struct breaker *b, const struct instant *at);

/* Going through the events of one breaker. */
struct survey_pass {
	struct survey *survey;
	size_t breaker;
	bool full; /* out of memory */
	bool begun;
	bool known;       /* the state is; else no transition was seen yet */
	enum survey_state state;
	int64_t since_ms; /* since when */
	int64_t open_ms;  /* when it opened from closed; 0 = that was not seen, or it is closed */
	struct reason cause;
	int64_t exit;
	int64_t quarter;  /* the last quarter of an hour of a call, and where that lies in the week */
	int hour_of_week;
	struct latency latency;
};

/* Begins with the breaker of that number. One pass each, whether it has events or not. */
void survey_begin(struct survey_pass *p, struct survey *s, size_t breaker);

/* Takes the next event. False if out of memory. */
bool survey_take(struct survey_pass *p, const struct event *event);

/* Ends it. False if out of memory. */
bool survey_end(struct survey_pass *p);

/* After the last: puts breakers and incidents in order. False if out of memory. */
bool survey_settle(struct survey *s);

/* The breaker of that number. */
struct survey_breaker *survey_breaker_at(const struct survey *s, size_t number);

/* Forgets and frees all but the period. */
void survey_free(struct survey *s);

#endif
