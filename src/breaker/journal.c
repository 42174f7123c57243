/* journal.c: what the journal of a step holds. */
#include "breaker/journal.h"

bool journal_has_transition(const struct journal *journal)
{
	for (int i = 0; i < journal->count; i++)
		if (journal->events[i].kind == EVENT_TRANSITION)
			return true;
	return false;
}
