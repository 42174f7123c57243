/* recent.c: three bits a call, the last one in the lowest. */
#include "breaker/recent.h"

enum { BITS = 3, MASK = (1 << BITS) - 1 };

static enum recent_mark mark_of(enum outcome outcome, bool slow)
{
	switch (outcome) {
	case OUTCOME_SUCCESS:
		return slow ? RECENT_SLOW : RECENT_SUCCESS;
	case OUTCOME_FAILURE:
		return RECENT_FAILURE;
	case OUTCOME_TIMEOUT:
		return RECENT_TIMEOUT;
	case OUTCOME_IGNORED:
		break;
	}
	return RECENT_IGNORED;
}

void recent_add(int64_t *recent, enum outcome outcome, bool slow)
{
	*recent = (*recent & RECENT_MAX >> BITS) << BITS | (int64_t)mark_of(outcome, slow);
}

enum recent_mark recent_at(int64_t recent, int back)
{
	int64_t mark = back < RECENT_CALLS ? recent >> BITS * back & MASK : RECENT_NONE;
	return mark <= RECENT_IGNORED ? (enum recent_mark)mark : RECENT_NONE;
}
