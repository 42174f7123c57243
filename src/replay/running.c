/* running.c: a binary heap, the next call to end on top. */
#include "replay/running.h"

static bool ends_before(const struct running_call *a, const struct running_call *b)
{
	return a->end_ms != b->end_ms ? a->end_ms < b->end_ms : a->order < b->order;
}

bool running_add(struct running *running, const struct running_call *call)
{
	struct running_call added = *call;
	if (array_append(&running->calls, sizeof(added)) == NULL)
		return false;
	added.order = running->added++;
	struct running_call *heap = running->calls.items;
	size_t i = running->calls.count - 1;
	for (; i > 0 && ends_before(&added, &heap[(i - 1) / 2]); i = (i - 1) / 2)
		heap[i] = heap[(i - 1) / 2];
	heap[i] = added;
	return true;
}

const struct running_call *running_next(const struct running *running)
{
	return running->calls.count > 0 ? running->calls.items : NULL;
}

struct running_call running_take(struct running *running)
{
	struct running_call *heap = running->calls.items;
	struct running_call top = heap[0];
	size_t count = --running->calls.count;
	struct running_call last = heap[count];
	size_t i = 0;
	for (;;) {
		size_t child = 2 * i + 1;
		if (child >= count)
			break;
		if (child + 1 < count && ends_before(&heap[child + 1], &heap[child]))
			child++;
		if (!ends_before(&heap[child], &last))
			break;
		heap[i] = heap[child];
		i = child;
	}
	heap[i] = last;
	return top;
}

void running_clear(struct running *running)
{
	running->calls.count = 0;
	running->added = 0;
}

void running_free(struct running *running)
{
	array_free(&running->calls);
	running_clear(running);
}
