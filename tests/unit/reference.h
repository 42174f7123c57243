/*
 * reference.h: a second breaker, written from the contract alone, to compare
 * the real one with.
 *
 * It shares no code with the program. It is meant to be plainly right and may
 * be slow: it keeps every outcome of a trace and counts them afresh whenever a
 * rule asks. It goes over a trace as `simulate` does, or step by step.
 */
#ifndef CBRUN_UNIT_REFERENCE_H
#define CBRUN_UNIT_REFERENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The options of a guarded run that `simulate` takes; times in milliseconds, shares in percent. */
struct ref_policy {
	int64_t failures;
	int64_t within; /* 0 = off */
	int64_t failure_rate;
	int64_t min_calls;
	bool window_is_time;
	int64_t window; /* calls, or milliseconds */
	int64_t slow;   /* 0 = off */
	int64_t slow_rate;
	int64_t open_for;
	int64_t open_factor; /* hundredths */
	int64_t open_max;
	int64_t probes;
	int64_t successes;
	int64_t probe_failures;
	int64_t max_concurrent; /* 0 = no limit */
	bool shadow;
};

/* The policy of somebody who gives no option. */
struct ref_policy ref_default_policy(void);

enum ref_event {
	REF_OK,
	REF_FAIL,
	REF_TIMEOUT,
	REF_IGNORE,
	REF_PEEK,
	REF_TRIP,
	REF_HOLD,
	REF_RESET,
	REF_DISABLE,
	REF_ENABLE
};
enum { REF_EVENTS = REF_ENABLE + 1 };

/* The word of an event in a trace. */
const char *ref_event_name(enum ref_event event);

/* A line of a trace. */
struct ref_line {
	int64_t time;
	int64_t duration; /* of a call */
	enum ref_event event;
	int number; /* of the line in its file, from 1 */
};

/* A line of output; fields that the line does not have are NULL, and retry_after -1. */
struct ref_output {
	int64_t time;
	int64_t retry_after;
	int line;
	const char *event;
	const char *decision;
	const char *outcome;
	const char *state;
};

struct ref_summary {
	int64_t calls;
	int64_t run;
	int64_t rejected;
	int64_t failures_run;
	int64_t failures_avoided;
	int64_t successes_rejected;
	int64_t opened;
	int64_t open_time;
};

enum ref_condition { REF_CLOSED, REF_OPEN, REF_HALF_OPEN };

/* Why it is as it is, or why a call is rejected; in brackets the numbers that belong to it. */
enum ref_cause {
	REF_NO_CAUSE,
	REF_IN_A_ROW,         /* [failures] */
	REF_WITHIN,           /* [failures, within] */
	REF_FAILURE_RATE,     /* [failures, calls] */
	REF_SLOW_RATE,        /* [slow calls, calls] */
	REF_DEADLINE,         /* [the period that is over] */
	REF_TRIALS_SUCCEEDED, /* [how many] */
	REF_TRIALS_FAILED,    /* [how many] */
	REF_TRIPPED,          /* [for how long] */
	REF_HELD,
	REF_WAS_RESET,
	REF_DISABLED,
	REF_ENABLED,
	REF_TRIAL_LIMIT,      /* a rejection [trial calls] */
	REF_CONCURRENCY_LIMIT /* a rejection [calls, at most] */
};
enum { REF_CAUSES = REF_CONCURRENCY_LIMIT + 1 };

struct ref_reason {
	enum ref_cause cause;
	int64_t numbers[2];
};

/* An outcome that entered the window. */
struct ref_entry {
	int64_t time;
	bool failed;
	bool slow;
};

/* A call that runs. */
struct ref_running {
	int64_t end;
	const struct ref_line *line;
	int64_t era; /* in which it began; -1 = it ran only because of the shadow */
	bool trial;
};

struct ref_counts {
	int64_t calls;
	int64_t failures;
	int64_t slow;
};

struct ref {
	struct ref_policy policy;
	int64_t now;
	enum ref_condition condition;
	struct ref_reason reason;
	bool held;
	bool disabled;
	int64_t era; /* counts transitions */
	int64_t deadline;
	int64_t period;   /* that leads to it */
	int64_t reopened; /* times since it was last closed */
	int64_t trial_successes;
	int64_t trial_failures;
	struct ref_entry *past; /* every outcome that ever entered the window */
	size_t past_count;
	size_t closed_since; /* past[] before that was cleared */
	struct ref_running *running; /* in the order in which they began */
	size_t running_count;
	struct ref_output *out; /* NULL: there is no trace */
	size_t out_count;
	struct ref_summary sum;
};

/* A breaker that has seen nothing. What it comes to hold is freed by ref_free(). */
struct ref ref_start(const struct ref_policy *policy, int64_t now);
struct ref ref_copy(const struct ref *r);
void ref_free(struct ref *r);

/* Time goes on. An open breaker is half-open from its deadline on. */
void ref_pass_time(struct ref *r, int64_t now);

/* A call wants to begin: whether it runs, until ref_end(), and what speaks against it. */
bool ref_begin(struct ref *r, struct ref_reason *objection);

/* That running call ends, as the line says. */
void ref_end(struct ref *r, size_t which, const struct ref_line *line);

/* Trip, hold, reset, disable or enable; false if it is refused. */
bool ref_act(struct ref *r, enum ref_event event);

/* The failures in a row, counted from the latest outcome back. */
int64_t ref_streak(const struct ref *r);

/* What is in the window. */
struct ref_counts ref_window(const struct ref *r);

/*
 * What `simulate` says to a trace of `count` lines. Writes at most two outputs
 * for each line to `out`, which must have room for them, and returns how many.
 */
size_t ref_simulate(const struct ref_policy *policy, const struct ref_line *lines, size_t count,
                    struct ref_output *out, struct ref_summary *summary);

#endif
