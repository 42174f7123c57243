/* event.c: the journal and the names of the states. */
#include "breaker/event.h"

bool journal_has_transition(const struct journal *journal)
{
	for (int i = 0; i < journal->count; i++)
		if (journal->events[i].kind == EVENT_TRANSITION)
			return true;
	return false;
}

const char *breaker_state_name(enum breaker_state state)
{
	switch (state) {
	case BREAKER_CLOSED:
		return "closed";
	case BREAKER_OPEN:
		return "open";
	case BREAKER_HALF_OPEN:
		return "half-open";
	}
	return "?";
}
