/* recording.c: from a history to calls. */
#include "replay/recording.h"

#include "base/units.h"

#include <stdlib.h>

/* What a replay needs to know of a call: an event is ten times as large. */
struct recorded_call {
	int64_t start_ms; /* since 1970 */
	int64_t duration_ms;
	int64_t seq;
	enum outcome outcome;
};

bool recording_add(struct recording *recording, const struct event *event)
{
	if (event->kind != EVENT_CALL)
		return true;
	struct recorded_call *call = array_append(&recording->calls, sizeof(*call));
	if (call == NULL)
		return false;
	int64_t duration_ms = event->duration_us / US_PER_MS;
	*call = (struct recorded_call){
		.start_ms = event->wall_ms - duration_ms,
		.duration_ms = duration_ms,
		.seq = event->seq,
		.outcome = event->outcome,
	};
	return true;
}

bool recording_suppose(struct recording *recording, int64_t at_ms, enum outcome outcome)
{
	struct recorded_call *call = array_append(&recording->calls, sizeof(*call));
	if (call != NULL)
		*call = (struct recorded_call){.start_ms = at_ms, .outcome = outcome};
	return call != NULL;
}

static int compare_starts(const void *left, const void *right)
{
	const struct recorded_call *a = left;
	const struct recorded_call *b = right;
	if (a->start_ms != b->start_ms)
		return a->start_ms < b->start_ms ? -1 : 1;
	return (a->seq > b->seq) - (a->seq < b->seq);
}

void recording_sort(struct recording *recording)
{
	struct array *calls = &recording->calls;
	if (calls->count > 1)
		qsort(calls->items, calls->count, sizeof(struct recorded_call), compare_starts);
}

bool recording_play(const struct recording *recording, struct replay *r)
{
	const struct recorded_call *calls = recording->calls.items;
	for (size_t i = 0; i < recording->calls.count; i++) {
		const struct recorded_call *call = &calls[i];
		if (!replay_call(r, call->start_ms - calls[0].start_ms, call->seq, call->outcome,
		                 call->duration_ms))
			return false;
	}
	return true;
}

void recording_free(struct recording *recording)
{
	array_free(&recording->calls);
}
