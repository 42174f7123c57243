/*
 * journal.h: what happened to a breaker: the reasons it gives, and the journal
 * in which the core hands calls and transitions to whoever keeps history.
 */
#ifndef CBRUN_BREAKER_JOURNAL_H
#define CBRUN_BREAKER_JOURNAL_H

#include "breaker/outcome.h"

#include <stdint.h>

enum breaker_state { BREAKER_CLOSED, BREAKER_OPEN, BREAKER_HALF_OPEN };

/* Why a breaker is in its state, or why a call was rejected. In brackets: what a, b, c hold. */
enum reason_kind {
	REASON_NONE,
	REASON_CONSECUTIVE,       /* a failures in a row */
	REASON_WITHIN,            /* a failures within b ms */
	REASON_FAILURE_RATE,      /* a failures of b calls */
	REASON_SLOW_RATE,         /* a slow calls of b */
	REASON_DEADLINE,          /* the open period of a ms is over */
	REASON_TRIALS_SUCCEEDED,  /* a successful trial calls */
	REASON_TRIALS_FAILED,     /* a failed trial calls */
	REASON_TRIPPED,           /* by hand, for a ms */
	REASON_HELD,              /* by hand, until reset */
	REASON_RESET,             /* by hand */
	REASON_DISABLED,          /* by hand */
	REASON_ENABLED,           /* by hand */
	REASON_TRIAL_LIMIT,       /* rejected: a trial calls are running */
	REASON_CONCURRENCY_LIMIT, /* rejected: a commands are running, of at most b */
	REASON_HEALTH_CHECK,      /* rejected: the health check failed, or (a = 1) could not be run */
	REASON_RETRY_AFTER,       /* the service asked to be left alone for a ms */
	REASON_NEEDED_OPEN,       /* rejected: the breaker in `text`, which is needed, is open */
	REASON_DISABLE_OVER,      /* it was disabled for a ms, which are over */
	REASON_CUSUM,             /* a failures of the last b calls, which in health happens once in c calls */
};
enum { REASON_KINDS = REASON_CUSUM + 1 };

enum { REASON_TEXT_SIZE = 256, REASON_BY_SIZE = 64 };

struct reason {
	enum reason_kind kind;
	int64_t a;
	int64_t b;
	int64_t c;
	char text[REASON_TEXT_SIZE]; /* what a person, or the command, gave as the reason; "" = nothing. Raw bytes. */
	char by[REASON_BY_SIZE];     /* who acted by hand; "" = the breaker itself */
};

enum event_kind { EVENT_CALL, EVENT_TRANSITION };

enum { EVENT_HOST_SIZE = 64 + 1 };

struct event {
	enum event_kind kind;
	int64_t seq;     /* 1, 2, 3, ... within a breaker */
	int64_t wall_ms; /* when it happened */
	int64_t generation;
	int64_t exit;          /* of the call, or of the last one before the transition; -1 = there was none */
	struct reason reason;  /* of the transition; of a call only the text, what the command said */
	char host[EVENT_HOST_SIZE]; /* where it happened; "" = the store is one machine's. Raw bytes, and the engine's own. */
	/* a call */
	enum outcome outcome;
	enum ignored_cause cause;
	int64_t duration_us;
	/* a transition */
	enum breaker_state from;
	enum breaker_state to;
	int64_t incident_ms;       /* how long the breaker had not been closed; 0 = it was */
	int64_t incident_rejected; /* calls rejected meanwhile */
};

/* What one step of a breaker brought forth. A step is at most a call and two transitions. */
enum { JOURNAL_SIZE = 3 };

struct journal {
	int count;
	struct event events[JOURNAL_SIZE];
};

/* Whether the journal holds a transition. */
bool journal_has_transition(const struct journal *journal);

#endif
