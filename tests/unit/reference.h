/*
 * reference.h: a second breaker, written from the contract alone, to compare
 * the real one with.
 *
 * It shares no code with the program. It is meant to be plainly right and may
 * be slow: it keeps every outcome of a trace and counts them afresh whenever a
 * rule asks.
 */
#ifndef CBRUN_UNIT_REFERENCE_H
#define CBRUN_UNIT_REFERENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The options of a guarded run that `simulate` takes; times in milliseconds, shares in percent. */
struct ref_policy {
	int64_t failures; /* -1 = auto */
	int64_t false_trips_in; /* of auto: one in so long */
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

/*
 * What `simulate` says to a trace of `count` lines. Writes at most two outputs
 * for each line to `out`, which must have room for them, and returns how many.
 */
size_t ref_simulate(const struct ref_policy *policy, const struct ref_line *lines, size_t count,
                    struct ref_output *out, struct ref_summary *summary);

#endif
