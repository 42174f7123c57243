/*
 * replay.h: a breaker driven through time: the same rules as in a guarded run,
 * without store, process or waiting.
 *
 * Calls and acts come in order of time. Each step that follows from them is
 * shown to a visitor, if there is one; the tally is their sum.
 * Nothing is printed here. Times are milliseconds since the replay began.
 *
 *     struct replay r = {0};
 *     replay_begin(&r, &policy, seed, NULL, NULL);
 *     ... replay_call(&r, ...) and replay_act(&r, ...) ...
 *     const struct replay_tally *tally = replay_end(&r);
 *     replay_free(&r);
 *
 * To try one policy after another, begin again after the end: the replay keeps
 * its memory.
 */
#ifndef CBRUN_REPLAY_REPLAY_H
#define CBRUN_REPLAY_REPLAY_H

#include "breaker/breaker.h"
#include "replay/running.h"

#include <stdbool.h>
#include <stdint.h>

/* What may happen to a breaker besides calls. */
enum replay_act {
	REPLAY_PEEK, /* nothing: the visitor is shown the state */
	REPLAY_TRIP, /* for the policy's open_for_ms */
	REPLAY_HOLD,
	REPLAY_RESET,
	REPLAY_DISABLE,
	REPLAY_ENABLE,
};

enum replay_step_kind {
	REPLAY_CALL_STARTED, /* or was rejected: see the admission */
	REPLAY_CALL_ENDED,
	REPLAY_ACTED,
};

/* One step, as a visitor sees it. */
struct replay_step {
	enum replay_step_kind kind;
	int64_t at_ms;
	int64_t line;                      /* of the call or act, as the caller numbers them */
	const struct admission *admission; /* of a call that started, until the visitor returns; else NULL */
	enum outcome outcome;              /* of a call that ended */
	enum replay_act act;               /* which act it was */
	enum breaker_state state;          /* after the step */
	int64_t retry_after_ms; /* after the step, until a trial call is let in; -1: not open, or held */
	const struct journal *journal; /* what it brought forth, until the visitor returns */
};

/* Called for each step, in the order of time. */
typedef void replay_visitor(void *context, const struct replay_step *step);

/* What a replay adds up to. */
struct replay_tally {
	int64_t calls; /* run and rejected */
	int64_t run;
	int64_t rejected;
	int64_t failures_run; /* timeouts among them */
	int64_t failures_avoided;
	int64_t successes_rejected;
	int64_t opened;    /* reopenings among them */
	int64_t incidents; /* openings of a closed breaker */
	int64_t open_ms; /* up to each deadline; a half-open breaker is not open */
};

/* Zeroed, it is ready for replay_begin(). The fields are the replay's own. */
struct replay {
	struct policy policy;
	struct breaker breaker;
	struct running running;
	struct load load;
	struct journal journal; /* of the step under way */
	uint64_t random;        /* the state of the generator */
	int64_t now_ms;
	int64_t open_from_ms; /* while the breaker is stored as open */
	int64_t open_until_ms;
	struct replay_tally tally;
	replay_visitor *visit;
	void *context;
};

/*
 * Begins with a fresh breaker at time 0. The policy is copied; `seed` is for
 * the jitter. `visit` may be NULL. Ends a replay that is under way, without
 * its running calls.
 */
void replay_begin(struct replay *r, const struct policy *policy, uint64_t seed, replay_visitor *visit,
                  void *context);

/*
 * A call that asks at at_ms, no earlier than any call or act before. If it is
 * admitted it ends duration_ms later, with that outcome. `line` is for the
 * visitor. False if out of memory: then the replay can only be begun again or
 * freed.
 */
bool replay_call(struct replay *r, int64_t at_ms, int64_t line, enum outcome outcome, int64_t duration_ms);

/* An act at at_ms, no earlier than any call or act before. One that the mode forbids changes nothing. */
void replay_act(struct replay *r, int64_t at_ms, int64_t line, enum replay_act act);

/*
 * Ends the calls that are running, and the replay: it can only be begun again
 * or freed. Returns what it adds up to, which is the replay's, until then.
 */
const struct replay_tally *replay_end(struct replay *r);

/* Frees what the replay holds. It may begin again. */
void replay_free(struct replay *r);

/* "peek", "trip", "hold", "reset", "disable", "enable". */
const char *replay_act_name(enum replay_act act);

#endif
