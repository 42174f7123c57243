/*
 * window.h: the recent outcomes that the trip rules look at, in a fixed space.
 *
 * A call window is a ring of two bits a call. A time window is a ring of 60
 * buckets: it never counts an outcome as old as the window, and may drop one
 * up to 1/60 of the window early. A failure log holds the times of the last
 * failures, for `--failures N --within DUR`, exactly.
 *
 * Callers may bring different policies to one breaker. A call window answers
 * for every size up to the largest it was asked to hold; a time window is
 * distributed anew over buckets of another length.
 */
#ifndef CBRUN_BREAKER_WINDOW_H
#define CBRUN_BREAKER_WINDOW_H

#include "breaker/policy.h"

#include <stdbool.h>
#include <stdint.h>

enum { WINDOW_BUCKETS = 60 };

struct window_counts {
	int64_t calls;
	int64_t failures;
	int64_t slow;
};

struct call_window {
	int64_t capacity; /* calls it keeps; 0 = not in use */
	int64_t held;     /* calls it holds, at most capacity */
	int64_t next;     /* ring index of the next call, below capacity */
	int64_t view;     /* the window size that `counts` is for */
	struct window_counts counts;
	uint8_t failed[(POLICY_MAX_WINDOW_CALLS + 7) / 8];
	uint8_t slow[(POLICY_MAX_WINDOW_CALLS + 7) / 8];
};

struct bucket {
	int64_t first_ms; /* when its first outcome came; meaningless while empty */
	struct window_counts counts;
};

struct time_window {
	int64_t length_ms;           /* 0 = not in use */
	int64_t newest;              /* number of the newest bucket: time * 60 / length */
	struct window_counts counts; /* the sum of the live buckets */
	struct bucket buckets[WINDOW_BUCKETS];
};

struct failure_log {
	int64_t capacity; /* failures it keeps; 0 = not in use */
	int64_t held;
	int64_t next;
	int64_t at_ms[POLICY_MAX_WITHIN_FAILURES];
};

struct window {
	struct call_window calls;
	struct time_window time;
	struct failure_log failures;
};

/* Empties every window; which ones are in use is forgotten too. */
void window_clear(struct window *window);

/* Makes the windows hold what `policy` asks about, keeping what they know. */
void window_fit(struct window *window, const struct policy *policy);

/* Adds one call that ended at now_ms on the breaker's clock. */
void window_add(struct window *window, int64_t now_ms, bool failed, bool slow);

/*
 * Whether it can have come about by the functions above, the last time at
 * now_ms: for windows from a store, whose numbers are within their bounds but
 * may contradict each other.
 */
bool window_is_sound(const struct window *window, int64_t now_ms);

/* What the policy's window holds at now_ms. Changes nothing. */
struct window_counts window_count(const struct window *window, const struct policy *policy, int64_t now_ms);

/* Failures younger than policy->within_ms at now_ms, counted up to policy->failures. */
int64_t window_failures_within(const struct window *window, const struct policy *policy, int64_t now_ms);

#endif
