/* timeline.c: the breaker's own clock. */
#include "breaker/timeline.h"

#include <stdbool.h>

enum { STALE_READING_MS = 60000 };

struct timeline timeline_start(const struct instant *at)
{
	return (struct timeline){.clock_ms = at->boot_ms, .anchor = *at};
}

/*
 * A clock that was read a moment before the anchor's is the same boot's still.
 * One far behind it is another clock, whatever the id says (containers). A boot
 * that is not known (0) may be any.
 */
static bool same_boot(const struct instant *anchor, const struct instant *at)
{
	return anchor->boot_id == at->boot_id && at->boot_id != 0 &&
	       at->boot_ms >= anchor->boot_ms - STALE_READING_MS;
}

int64_t timeline_read(const struct timeline *timeline, const struct instant *at)
{
	const struct instant *anchor = &timeline->anchor;
	if (!same_boot(anchor, at))
		return timeline->clock_ms + (at->wall_ms - anchor->wall_ms);
	if (at->boot_ms < anchor->boot_ms)
		return timeline->clock_ms;
	return timeline->clock_ms + (at->boot_ms - anchor->boot_ms);
}

void timeline_move(struct timeline *timeline, int64_t clock_ms, const struct instant *at)
{
	timeline->clock_ms = clock_ms;
	timeline->anchor = *at;
}
