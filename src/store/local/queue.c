/* queue.c: places, and what the first one waits for. */
#include "store/local/queue.h"

#include "base/clock.h"
#include "base/units.h"
#include "store/local/files.h"

#include <errno.h>
#include <stdio.h>

enum {
	LOOK_US = 500 * US_PER_MS,   /* the first one looks that often: an operator may have acted */
	PATIENCE_US = 10 * US_PER_S, /* who stands behind it does: it may have been stopped */
	BLIND_US = 250 * US_PER_MS,  /* everybody does, where locks wake nobody */
	FIRST_SLICE_US = US_PER_MS,  /* of several permits one is waited for, and then all looked at */
	LAST_SLICE_US = 32 * US_PER_MS,
	MOST_TRIES = 1000,
	NUMBER_BITS = 32,
	KEY_SIZE = 256,
};

static int64_t min(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* The first place of the queue. */
static int64_t front_of(const struct store_request *request)
{
	char key[KEY_SIZE];
	snprintf(key, sizeof(key), "%lld/%lld/%s", (long long)request->policy->max_concurrent,
	         (long long)request->policy->probes, request->name);
	uint64_t hash = permits_hash(key);
	uint64_t folded = (hash ^ hash >> NUMBER_BITS) & ((UINT64_C(1) << (62 - NUMBER_BITS)) - 1);
	return PERMITS_END | (int64_t)(folded << NUMBER_BITS);
}

/* Makes sure that we have a place: the one we had, or the one behind all others. */
static bool keep_place(struct queue *queue, const struct permits *permits, int64_t front)
{
	int64_t end = front + ((INT64_C(1) << NUMBER_BITS) - 1);
	if (queue->place >= front && queue->place < end && permits_lock(permits, queue->place))
		return true;
	queue_leave(queue, permits);
	for (int i = 0; i < MOST_TRIES; i++) { /* each that fails is somebody else's that does not */
		int64_t last = permits_find_last(permits, front, end);
		int64_t place = last >= 0 ? last + 1 : front;
		if (permits_lock(permits, place)) {
			queue->place = place;
			return true;
		}
		if (errno != EAGAIN && errno != EACCES)
			return false;
	}
	return false;
}

void queue_leave(struct queue *queue, const struct permits *permits)
{
	if (queue->place >= 0)
		permits_unlock(permits, queue->place, queue->place + 1);
	queue->place = -1;
}

/*
 * Waits until nobody stands before us. *waited tells whether somebody did.
 * False if the kernel cannot wait.
 */
static bool wait_for_turn(const struct queue *queue, const struct permits *permits, int64_t front,
                          int64_t until_us, bool *waited)
{
	int64_t before;
	int64_t rest_us;
	*waited = false;
	while ((before = permits_find_last(permits, front, queue->place)) >= 0 &&
	       (rest_us = until_us - clock_boot_us()) > 0) {
		*waited = true;
		if (!permits_await(permits, before, rest_us))
			return false;
	}
	return true;
}

/* What the first one waits for: that fewer than `most` are running. */
struct goal {
	bool trial; /* trial calls */
	int64_t most;
};

static bool is_reached(const struct goal *goal, const struct permits *permits, const char *name)
{
	struct load most = {.running = goal->trial ? 0 : goal->most, .trials = goal->most};
	struct load load;
	struct error error;
	if (!permits_count(permits, name, &most, &load, &error))
		return true; /* the next step says what the matter is */
	return (goal->trial ? load.trials : load.running) < goal->most;
}

/*
 * One permit is waited for, which is all if there is but one. With several it
 * may be another that is given back first, so these are looked at, the more
 * seldom the longer it takes.
 */
static bool wait_for_permit(const struct goal *goal, const struct permits *permits, const char *name,
                            int64_t until_us)
{
	int64_t slice_us = goal->most > 1 ? FIRST_SLICE_US : LOOK_US;
	int64_t rest_us;
	while ((rest_us = until_us - clock_boot_us()) > 0 && !is_reached(goal, permits, name)) {
		int64_t held = permits_find(permits, name, goal->trial);
		if (held >= 0 && !permits_await(permits, held, min(slice_us, rest_us)))
			return false;
		if (goal->most > 1)
			slice_us = min(2 * slice_us, LAST_SLICE_US);
	}
	return true;
}

/* What the breaker objected to is what has to change. */
static bool wait_as_first(const struct permits *permits, const struct store_request *request,
                          const struct admission *admission, int64_t timeout_us)
{
	struct goal goal = {0};
	int64_t span_us = min(timeout_us, LOOK_US);
	if (admission->retry_after_ms >= 0)
		span_us = min(span_us, admission->retry_after_ms * US_PER_MS);
	if (admission->reason.kind == REASON_TRIAL_LIMIT)
		goal = (struct goal){true, request->policy->probes};
	else if (admission->reason.kind == REASON_CONCURRENCY_LIMIT)
		goal = (struct goal){false, request->policy->max_concurrent};
	if (goal.most > 0)
		return wait_for_permit(&goal, permits, request->name, clock_boot_us() + span_us);
	clock_sleep_us(span_us);
	return true;
}

/* On a network file system another host's lock may wake nobody, and a signal may not end the wait for it. */
static bool can_block(const struct connection *c)
{
	return c->permits.fd >= 0 && files_network_kind(&c->where) == NULL;
}

void queue_wait(struct queue *queue, const struct connection *c, const struct store_request *request,
                const struct admission *admission, int64_t timeout_us)
{
	bool waited = false;
	int64_t front = front_of(request);
	int64_t until_us = clock_boot_us() + min(timeout_us, PATIENCE_US);
	bool able = can_block(c) && keep_place(queue, &c->permits, front) &&
	            wait_for_turn(queue, &c->permits, front, until_us, &waited);
	if (able && !waited)
		able = wait_as_first(&c->permits, request, admission, timeout_us);
	if (!able)
		clock_sleep_us(min(timeout_us, BLIND_US));
}
