/* standing.c: the numbers, and their order. */
#include "report/standing.h"

#include <string.h>

/* How much trouble there is, the most first. */
static int rank_of(const struct breaker *b, int64_t now_ms)
{
	enum breaker_state state = breaker_state_at(b, now_ms);
	if (breaker_is_down(b, now_ms))
		return state == BREAKER_OPEN ? 1 : 2;
	if (state != BREAKER_CLOSED || b->streak > 0 || b->ignored_streak >= STANDING_MANY_IGNORED)
		return 3;
	return breaker_mode_at(b, now_ms) == MODE_DISABLED ? 4 : 5;
}

struct standing standing_of(const struct breaker *b, const struct instant *at)
{
	int64_t now_ms = breaker_now_ms(b, at);
	const struct totals *t = &b->totals;
	struct window_counts w = window_count(&b->window, &b->policy, now_ms);
	return (struct standing){
		.rank = rank_of(b, now_ms),
		.state = breaker_state_at(b, now_ms),
		.age_ms = b->state != BREAKER_CLOSED ? now_ms - b->incident.since_ms
	                                             : at->wall_ms - breaker_since_wall_ms(b, at),
		.rate_ppm = w.calls > 0 ? w.failures * POLICY_PPM / w.calls : -1,
		.calls = t->successes + t->failures + t->ignored,
		.p95_us = latency_quantile_us(&b->latency, 950),
	};
}

static int compare(int64_t one, int64_t other)
{
	return (one > other) - (one < other);
}

static int order_of_state(enum breaker_state state)
{
	return state == BREAKER_OPEN ? 0 : state == BREAKER_HALF_OPEN ? 1 : 2;
}

static int compare_since(const struct standing *one, const struct standing *other)
{
	bool closed = one->state == BREAKER_CLOSED;
	int order = compare(closed, other->state == BREAKER_CLOSED);
	if (order != 0)
		return order;
	return closed ? compare(one->age_ms, other->age_ms) : compare(other->age_ms, one->age_ms);
}

int standing_compare(enum standing_key key, const struct standing *one, const char *one_name,
                     const struct standing *other, const char *other_name)
{
	int order = 0;
	switch (key) {
	case STANDING_TROUBLE:
		order = compare(one->rank, other->rank);
		break;
	case STANDING_NAME:
		break;
	case STANDING_STATE:
		order = order_of_state(one->state) - order_of_state(other->state);
		break;
	case STANDING_SINCE:
		order = compare_since(one, other);
		break;
	case STANDING_RATE:
		order = compare(other->rate_ppm, one->rate_ppm);
		break;
	case STANDING_CALLS:
		order = compare(other->calls, one->calls);
		break;
	case STANDING_P95:
		order = compare(other->p95_us, one->p95_us);
		break;
	}
	return order != 0 ? order : strverscmp(one_name, other_name);
}
