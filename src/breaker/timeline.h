/*
 * timeline.h: a moment as the machine's clocks tell it, and the breaker's own
 * clock made from such moments.
 *
 * A breaker outlives processes and boots, and the wall clock may be stepped
 * at any time. So a breaker counts time on a clock of its own, in
 * milliseconds, that never runs backward: within a boot it follows
 * CLOCK_BOOTTIME, across boots it goes on by the wall time that passed.
 */
#ifndef CBRUN_BREAKER_TIMELINE_H
#define CBRUN_BREAKER_TIMELINE_H

#include <stdint.h>

struct instant {
	int64_t boot_ms;  /* CLOCK_BOOTTIME, milliseconds */
	int64_t wall_ms;  /* CLOCK_REALTIME, milliseconds since 1970 UTC */
	uint64_t boot_id; /* tells one boot of the machine from another; 0 = not known */
};

/* One moment at which both clocks were read: what the breaker's clock showed, and the machine's. */
struct timeline {
	int64_t clock_ms;
	struct instant anchor;
};

/* A timeline that starts at `at`; its clock shows at->boot_ms. */
struct timeline timeline_start(const struct instant *at);

/*
 * What the breaker's clock shows at `at`, in milliseconds. Within the boot of
 * the anchor it is never before clock_ms. After a reboot with a wall clock
 * set back it may be: the caller decides what that means.
 */
int64_t timeline_read(const struct timeline *timeline, const struct instant *at);

/* Moves the anchor to `at`, where the clock shows clock_ms. */
void timeline_move(struct timeline *timeline, int64_t clock_ms, const struct instant *at);

#endif
