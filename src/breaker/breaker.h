/*
 * breaker.h: the circuit breaker itself, as a value and its rules.
 *
 * Pure: no I/O, no clock, no allocation. Time and chance come in as a
 * moment, running calls as a load; what happened comes out in a journal. The
 * same code serves a guarded run, `simulate` and the tests.
 *
 * A call is two steps: breaker_admit() before it, breaker_record() after it.
 * Between them the breaker may go through any number of other steps; the
 * admission's generation tells breaker_record() whether the call still counts.
 */
#ifndef CBRUN_BREAKER_BREAKER_H
#define CBRUN_BREAKER_BREAKER_H

#include "breaker/cadence.h"
#include "breaker/cusum.h"
#include "breaker/journal.h"
#include "breaker/timeline.h"
#include "breaker/latency.h"
#include "breaker/outcome.h"
#include "breaker/policy.h"
#include "breaker/recent.h"
#include "breaker/window.h"

#include <stdbool.h>
#include <stdint.h>

/* Beside the state: what an operator has decided. (Shadow is the policy's.) */
enum breaker_mode { MODE_NORMAL, MODE_HELD, MODE_DISABLED };

struct totals {
	int64_t successes;
	int64_t failures; /* timeouts among them */
	int64_t timeouts;
	int64_t slow;
	int64_t ignored;
	int64_t rejected;
	int64_t retries;
	int64_t fallbacks;
	int64_t transitions_to[3]; /* by enum breaker_state */
};

/* From when the breaker ceased to be closed until it closes again. */
struct incident {
	int64_t since_ms;      /* on the breaker's clock */
	int64_t since_wall_ms; /* 0: there is none */
	int64_t failing_since_wall_ms; /* the first of the failures in a row that led to it; 0 = none did */
	struct reason reason;  /* why it opened first */
	int64_t exit;          /* how the call before that ended; -1 = there was none */
	int64_t rejected;      /* calls since */
	int64_t trial_failures;
};

struct breaker {
	enum breaker_state state; /* as stored; see breaker_state_at() */
	enum breaker_mode mode;   /* as stored; see breaker_mode_at() */
	int64_t disabled_until_ms; /* disabled: the deadline, on the breaker's clock; 0 = until it is enabled */
	int64_t disabled_for_ms;   /* how long that is in all; 0 = until it is enabled */
	int64_t generation; /* 1, 2, 3, ...: a new one with each transition; 0 is no generation */
	struct timeline timeline;
	struct reason reason;    /* why it is in this state */
	int64_t since_wall_ms;   /* when it entered this state; see breaker_since_wall_ms() */
	int64_t open_until_ms;   /* open: the deadline, on the breaker's clock */
	int64_t open_period_ms;  /* open: how long it was opened for */
	int64_t reopenings;      /* from half-open, since it was last closed */
	struct incident incident;
	int64_t streak;          /* failures in a row */
	int64_t streak_since_wall_ms; /* the first of them, if there is one */
	int64_t ignored_streak;  /* calls ignored since one counted */
	int64_t trial_successes; /* of this half-open period */
	int64_t trial_failures;
	struct totals totals;
	struct latency latency;
	int64_t last_success_wall_ms; /* 0 = never, as the two below */
	int64_t last_failure_wall_ms;
	int64_t last_exit;          /* exit status of the last call; -1 = none yet */
	enum outcome last_outcome;  /* its outcome */
	enum ignored_cause last_cause;
	int64_t last_duration_us;
	int64_t recent;             /* how the last calls ended, see recent_at() */
	int64_t failures_at_success; /* totals.failures when a call succeeded last */
	int64_t stuck_since_ms; /* since when the limit of running calls has let none in, and none has ended; 0 = it has not */
	int64_t reminded_ms;    /* when breaker_remind() last said so; 0 = never */
	struct cadence cadence;
	struct cusum cusum;
	int64_t last_seq;           /* number of the last event */
	struct policy policy;       /* of the last call */
	struct policy other_policy; /* the one before it, if there was another */
	int64_t policy_turns;       /* how often calls went back from one of the two to the other */
	int64_t policy_agreed;      /* steps since then in which the policy stayed the same */
	struct window window;       /* last, being the largest */
};

/* When a step happens, and a random number for the jitter, uniform over its range. */
struct moment {
	struct instant at;
	uint32_t chance;
};

/* What a call meets: the breaker's calls that are running, counted from the permits they hold, and what it needs. */
struct load {
	int64_t trials;
	int64_t running;         /* trial calls among them */
	int64_t pid;             /* of the one that is running; 0 = there are others, or it is not known */
	const char *needed_open; /* the name of a breaker that is needed and open; NULL: there is none */
	int64_t needed_retry_ms; /* its breaker_retry_after_ms() */
};

struct admission {
	bool run;
	bool trial;               /* the call needs a trial permit */
	bool changed;             /* the breaker was changed and must be kept */
	int64_t generation;       /* for breaker_record(); 0: the call may not touch the state */
	enum breaker_state state; /* after the step */
	struct reason reason;     /* why it was, or under shadow would have been, rejected */
	int64_t retry_after_ms;   /* until a trial call is let in; -1 = unknown */
	int64_t running_pid;      /* the load's */
};

struct call {
	int64_t generation; /* the admission's */
	enum outcome outcome;
	int64_t exit;        /* the exit status that cbrun passes on */
	int64_t duration_us; /* of the whole call */
	int64_t retries;     /* attempts beyond the first */
	bool fallback;       /* a fallback follows it */
	enum ignored_cause cause; /* of an ignored one */
	int64_t retry_after_ms; /* what the service asked for, if the call failed; 0 = nothing */
	const char *said;       /* what the command said of it; NULL = nothing */
};

/* A fresh closed breaker that has seen nothing. */
void breaker_init(struct breaker *b, const struct policy *policy, const struct instant *at);

/*
 * Whether steps can have made it what it is: for a breaker from a store, whose
 * numbers are within their bounds but may contradict each other. The functions
 * below take none but a sound one.
 */
bool breaker_is_sound(const struct breaker *b);

/* What the breaker's clock shows, in milliseconds; never earlier than at the last step. */
int64_t breaker_now_ms(const struct breaker *b, const struct instant *at);

/* "closed", "open", "half-open". */
const char *breaker_state_name(enum breaker_state state);

/* The state at that time of its clock: open and past the deadline *is* half-open. */
enum breaker_state breaker_state_at(const struct breaker *b, int64_t now_ms);

/* Whether it keeps calls from running, all or all but trial calls. In shadow mode none does. */
bool breaker_is_down(const struct breaker *b, int64_t now_ms);

/* When it entered the state that it is in at that time of its clock, milliseconds since 1970. */
int64_t breaker_since_wall_ms(const struct breaker *b, const struct instant *at);

/* The mode at that time of its clock: disabled, and its time over, *is* normal. */
enum breaker_mode breaker_mode_at(const struct breaker *b, int64_t now_ms);

/* Milliseconds until a disabled breaker is enabled by itself; -1 if it is not disabled, or for good. */
int64_t breaker_enabled_after_ms(const struct breaker *b, int64_t now_ms);

/* Why it is in that state. */
struct reason breaker_reason_at(const struct breaker *b, int64_t now_ms);

/* Milliseconds until an open breaker lets a trial call in; -1 if it is not open, or held. */
int64_t breaker_retry_after_ms(const struct breaker *b, int64_t now_ms);

/*
 * With --failures auto, in how many calls a healthy service may open it once: as many as there are, at the pace that is
 * learned, in the time that --false-trips allows for one. 0: no pace is known yet.
 */
int64_t breaker_calls_per_false_trip(const struct breaker *b, const struct policy *policy);

/* Whether breaker_admit() will look at the load. */
bool breaker_needs_load(const struct breaker *b, const struct policy *policy, const struct instant *at);

/* Decides on one call. `journal` is appended to. */
struct admission breaker_admit(struct breaker *b, const struct policy *policy, const struct moment *moment,
                               const struct load *load, struct journal *journal);

/* A call that failed while a breaker was open which it needs says nothing: it becomes an ignored one. */
void breaker_excuse(struct call *call, const struct load *load);

/*
 * After a rejection, or a trial call that failed: whether somebody who was told
 * of the beginning is to be reminded. So it is if remind_ms have passed since then and
 * since the last time; that it is done now is noted. 0: never.
 */
bool breaker_remind(struct breaker *b, int64_t remind_ms, const struct instant *at);

/* Counts a fallback that runs instead of a rejected call. */
void breaker_count_fallback(struct breaker *b);

/* Counts how an admitted call ended, and draws the consequences. */
void breaker_record(struct breaker *b, const struct policy *policy, const struct moment *moment,
                    const struct call *call, struct journal *journal);

/*
 * Counts a call that ran without asking for admission, as if it had begun and
 * ended at this moment; call->generation is not looked at. While the breaker
 * is open it touches the totals and the history only.
 */
void breaker_observe(struct breaker *b, const struct policy *policy, const struct moment *moment,
                     const struct call *call, struct journal *journal);

/*
 * The operator's acts. `why` carries text and by; its kind and numbers are set
 * here. False, with nothing changed: a disabled breaker cannot be tripped, a
 * held one stays held until reset, and only a disabled one can be enabled. A
 * disabled one that is reset stays disabled, and keeps the reason for that.
 */
bool breaker_trip(struct breaker *b, int64_t period_ms, const struct moment *moment, const struct reason *why,
                  struct journal *journal);
bool breaker_hold(struct breaker *b, const struct moment *moment, const struct reason *why,
                  struct journal *journal);
bool breaker_reset(struct breaker *b, const struct moment *moment, const struct reason *why,
                   struct journal *journal);
/* period_ms 0: until it is enabled. */
bool breaker_disable(struct breaker *b, int64_t period_ms, const struct moment *moment, const struct reason *why,
                     struct journal *journal);
bool breaker_enable(struct breaker *b, const struct moment *moment, const struct reason *why,
                    struct journal *journal);

#endif
