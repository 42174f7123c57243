/*
 * codec.c: one walk over the fields serves both directions, so that what is
 * written and what is read cannot differ.
 */
#include "store/codec.h"

#include "store/walk.h"

#include <stddef.h>
#include <string.h>

/*
 * The first byte of a record. A change of the walk raises it, and what was added
 * is read from that format on; so does a bound on how much follows; where any other bound was raised, the number
 * itself tells. What is far beyond is no format but noise.
 */
enum { FORMAT = 2, LAST_FORMAT = 31 };

/* Bounds that leave room to calculate in. */
#define CLOCK_MAX  (ANY_MAX / WINDOW_BUCKETS) /* milliseconds: two thousand years */
#define SUM_MAX    (INT64_C(1) << 62)         /* microseconds of all calls together */
#define BUCKET_MAX (INT64_C(1) << 36)         /* calls */

static void reason(struct codec *c, struct reason *r)
{
	r->kind = (enum reason_kind)choice(c, (int)r->kind, REASON_KINDS - 1);
	count(c, &r->a);
	count(c, &r->b);
	if (c->format >= 2)
		count(c, &r->c);
	string(c, r->text, sizeof(r->text));
	string(c, r->by, sizeof(r->by));
}

static void timeline(struct codec *c, struct timeline *t)
{
	number(c, &t->clock_ms, 0, CLOCK_MAX);
	time_ms(c, &t->anchor.boot_ms);
	time_ms(c, &t->anchor.wall_ms);
	word(c, &t->anchor.boot_id);
}

/* The bounds are those of the options. */
static void policy(struct codec *c, struct policy *p)
{
	limit(c, &p->failures, POLICY_AUTO, POLICY_MAX_COUNT);
	limit(c, &p->within_ms, 0, POLICY_MAX_MS);
	limit(c, &p->failure_rate_ppm, 0, POLICY_PPM);
	limit(c, &p->min_calls, 1, POLICY_MAX_COUNT);
	limit(c, &p->window_kind, WINDOW_CALLS, WINDOW_TIME);
	bool calls = p->window_kind == WINDOW_CALLS;
	limit(c, &p->window_size, 1, calls ? POLICY_MAX_WINDOW_CALLS : POLICY_MAX_MS);
	limit(c, &p->slow_ms, 0, POLICY_MAX_MS);
	limit(c, &p->slow_rate_ppm, 0, POLICY_PPM);
	limit(c, &p->open_for_ms, 1, POLICY_MAX_MS);
	limit(c, &p->open_factor_milli, POLICY_MILLI, 1000 * POLICY_MILLI);
	limit(c, &p->open_max_ms, 1, POLICY_MAX_MS);
	limit(c, &p->jitter_ppm, 0, POLICY_PPM);
	limit(c, &p->probes, 1, POLICY_MAX_COUNT);
	limit(c, &p->successes, 1, POLICY_MAX_COUNT);
	limit(c, &p->probe_failures, 1, POLICY_MAX_COUNT);
	limit(c, &p->max_concurrent, 0, POLICY_MAX_COUNT);
	limit(c, &p->shadow, 0, 1);
	if (c->format >= 2) {
		limit(c, &p->false_trips, 1, POLICY_MAX_COUNT);
		limit(c, &p->false_trips_ms, 1, POLICY_MAX_MS);
	} else {
		p->false_trips = 1;
		p->false_trips_ms = POLICY_YEAR_MS;
	}
	if (p->within_ms > 0 && p->failures > POLICY_MAX_WITHIN_FAILURES)
		c->bad = true;
}

static void window_counts(struct codec *c, struct window_counts *w, int64_t least)
{
	number(c, &w->calls, least, BUCKET_MAX);
	number(c, &w->failures, 0, w->calls);
	number(c, &w->slow, 0, w->calls);
}

/* The ring fills from index 0, so its first `held` bits are all there is. */
static void call_window(struct codec *c, struct call_window *w)
{
	number(c, &w->capacity, 0, POLICY_MAX_WINDOW_CALLS);
	if (w->capacity == 0)
		return;
	number(c, &w->held, 0, w->capacity);
	number(c, &w->next, 0, w->capacity - 1);
	number(c, &w->view, 1, w->capacity);
	window_counts(c, &w->counts, 0);
	size_t length = (size_t)(w->held + 7) / 8;
	bytes(c, w->failed, length);
	bytes(c, w->slow, length);
}

/* Only the buckets that hold something, each behind its slot; a slot of 60 ends them. */
static void buckets(struct codec *c, struct time_window *w)
{
	for (int slot = 0; slot < WINDOW_BUCKETS && !c->bad; slot++) {
		if (!c->reading && w->buckets[slot].counts.calls == 0)
			continue;
		slot = slot_number(c, slot, WINDOW_BUCKETS);
		if (slot == WINDOW_BUCKETS)
			return;
		number(c, &w->buckets[slot].first_ms, 0, CLOCK_MAX);
		window_counts(c, &w->buckets[slot].counts, 1);
	}
	if (!c->bad)
		slot_number(c, WINDOW_BUCKETS, WINDOW_BUCKETS);
}

static void time_window(struct codec *c, struct time_window *w)
{
	number(c, &w->length_ms, 0, POLICY_MAX_MS);
	if (w->length_ms == 0)
		return;
	number(c, &w->newest, 0, CLOCK_MAX * WINDOW_BUCKETS);
	buckets(c, w);
	if (!c->reading)
		return;
	for (int slot = 0; slot < WINDOW_BUCKETS; slot++) {
		w->counts.calls += w->buckets[slot].counts.calls;
		w->counts.failures += w->buckets[slot].counts.failures;
		w->counts.slow += w->buckets[slot].counts.slow;
	}
}

/* Oldest first, each as the distance from the one before. Read back, the ring begins at index 0. */
static void failure_log(struct codec *c, struct failure_log *log)
{
	number(c, &log->capacity, 0, POLICY_MAX_WITHIN_FAILURES);
	if (log->capacity == 0)
		return;
	number(c, &log->held, 0, log->capacity);
	int64_t first = log->held == log->capacity ? log->next : 0;
	int64_t previous = 0;
	for (int64_t i = 0; i < log->held && !c->bad; i++) {
		int64_t *at_ms = &log->at_ms[c->reading ? i : (first + i) % log->capacity];
		int64_t distance = *at_ms - previous;
		number(c, &distance, 0, CLOCK_MAX - previous);
		previous += distance;
		*at_ms = previous;
	}
	if (c->reading)
		log->next = log->held % log->capacity;
}

/* Only the histogram's buckets in use, each behind its index; an index of 128 ends them. */
static void latency(struct codec *c, struct latency *l)
{
	count(c, &l->count);
	number(c, &l->sum_us, 0, SUM_MAX);
	count(c, &l->max_us);
	for (int i = 0; i < LATENCY_BUCKETS && !c->bad; i++) {
		if (!c->reading && l->buckets[i] == 0)
			continue;
		i = slot_number(c, i, LATENCY_BUCKETS);
		if (i == LATENCY_BUCKETS)
			return;
		count(c, &l->buckets[i]);
	}
	if (!c->bad)
		slot_number(c, LATENCY_BUCKETS, LATENCY_BUCKETS);
}

static void totals(struct codec *c, struct totals *t)
{
	count(c, &t->successes);
	count(c, &t->failures);
	count(c, &t->timeouts);
	count(c, &t->slow);
	count(c, &t->ignored);
	count(c, &t->rejected);
	count(c, &t->retries);
	count(c, &t->fallbacks);
	for (int i = 0; i < 3; i++)
		count(c, &t->transitions_to[i]);
}

static void incident(struct codec *c, struct incident *i)
{
	number(c, &i->since_ms, 0, CLOCK_MAX);
	time_ms(c, &i->since_wall_ms);
	time_ms(c, &i->failing_since_wall_ms);
	reason(c, &i->reason);
	number(c, &i->exit, -1, 255);
	count(c, &i->rejected);
	count(c, &i->trial_failures);
}

static void cadence(struct codec *c, struct cadence *k)
{
	count(c, &k->calls);
	count(c, &k->gaps);
	number(c, &k->last_ms, 0, CLOCK_MAX);
	count(c, &k->mean_ms);
	count(c, &k->longest_ms);
	count(c, &k->longest_before_ms);
	number(c, &k->span_ms, 0, CLOCK_MAX);
	count(c, &k->long_mean_us);
}

static void cusum(struct codec *c, struct cusum *k)
{
	number(c, &k->calls_micro, 0, INT64_C(1) * CUSUM_MEMORY * CUSUM_MICRO);
	number(c, &k->failures_micro, 0, k->calls_micro);
	number(c, &k->level, 0, CUSUM_LEVEL_MAX);
	number(c, &k->calls, 0, CUSUM_COUNT_MAX);
	number(c, &k->failures, 0, k->calls);
}

/* Since format 2. */
static void breaker_2(struct codec *c, struct breaker *b)
{
	time_ms(c, &b->disabled_until_ms);
	number(c, &b->disabled_for_ms, 0, POLICY_MAX_MS);
	incident(c, &b->incident);
	time_ms(c, &b->streak_since_wall_ms);
	count(c, &b->ignored_streak);
	b->last_outcome = (enum outcome)choice(c, (int)b->last_outcome, OUTCOME_IGNORED);
	b->last_cause = (enum ignored_cause)choice(c, (int)b->last_cause, IGNORED_CAUSES - 1);
	count(c, &b->last_duration_us);
	number(c, &b->recent, 0, RECENT_MAX);
	number(c, &b->failures_at_success, 0, b->totals.failures);
	number(c, &b->stuck_since_ms, 0, CLOCK_MAX);
	number(c, &b->reminded_ms, 0, CLOCK_MAX);
	cadence(c, &b->cadence);
	cusum(c, &b->cusum);
}

/* What format 1 did not say: as far as is known, a breaker that is not closed has been so since it came into its state. */
static void assume_breaker_2(struct breaker *b)
{
	b->incident.exit = -1;
	b->streak_since_wall_ms = b->streak > 0 ? b->last_failure_wall_ms : 0;
	if (b->state == BREAKER_CLOSED)
		return;
	b->incident.since_ms = b->timeline.clock_ms;
	b->incident.since_wall_ms = b->since_wall_ms;
	b->incident.reason = b->reason;
	b->incident.exit = b->last_exit;
}

static void breaker(struct codec *c, struct breaker *b)
{
	b->state = (enum breaker_state)choice(c, (int)b->state, BREAKER_HALF_OPEN);
	b->mode = (enum breaker_mode)choice(c, (int)b->mode, MODE_DISABLED);
	number(c, &b->generation, 1, ANY_MAX);
	timeline(c, &b->timeline);
	reason(c, &b->reason);
	time_ms(c, &b->since_wall_ms);
	time_ms(c, &b->open_until_ms);
	number(c, &b->open_period_ms, 0, 2 * POLICY_MAX_MS);
	count(c, &b->reopenings);
	count(c, &b->streak);
	count(c, &b->trial_successes);
	count(c, &b->trial_failures);
	call_window(c, &b->window.calls);
	time_window(c, &b->window.time);
	failure_log(c, &b->window.failures);
	totals(c, &b->totals);
	latency(c, &b->latency);
	time_ms(c, &b->last_success_wall_ms);
	time_ms(c, &b->last_failure_wall_ms);
	number(c, &b->last_exit, -1, 255);
	count(c, &b->last_seq);
	policy(c, &b->policy);
	policy(c, &b->other_policy);
	count(c, &b->policy_turns);
	count(c, &b->policy_agreed);
	if (c->format >= 2)
		breaker_2(c, b);
	else
		assume_breaker_2(b);
}

static void event(struct codec *c, struct event *e)
{
	e->kind = (enum event_kind)choice(c, (int)e->kind, EVENT_TRANSITION);
	time_ms(c, &e->wall_ms);
	count(c, &e->generation);
	switch (e->kind) {
	case EVENT_CALL:
		e->outcome = (enum outcome)choice(c, (int)e->outcome, OUTCOME_IGNORED);
		number(c, &e->exit, 0, 255);
		count(c, &e->duration_us);
		if (c->format < 2)
			break;
		e->cause = (enum ignored_cause)choice(c, (int)e->cause, IGNORED_CAUSES - 1);
		string(c, e->reason.text, sizeof(e->reason.text));
		break;
	case EVENT_TRANSITION:
		e->from = (enum breaker_state)choice(c, (int)e->from, BREAKER_HALF_OPEN);
		e->to = (enum breaker_state)choice(c, (int)e->to, BREAKER_HALF_OPEN);
		reason(c, &e->reason);
		if (c->format < 2)
			break;
		number(c, &e->exit, -1, 255);
		count(c, &e->incident_ms);
		count(c, &e->incident_rejected);
		break;
	}
}

static struct codec begin_writing(uint8_t *out)
{
	struct codec c = {.format = FORMAT, .out = out};
	*c.out++ = FORMAT;
	return c;
}

static bool begin_reading(struct codec *c, const uint8_t *in, size_t length)
{
	*c = (struct codec){.reading = true, .in = in, .end = in + length};
	c->format = length > 0 ? *c->in++ : 0;
	return c->format > 0 && c->format <= FORMAT;
}

size_t codec_encode_breaker(const struct breaker *b, uint8_t out[CODEC_BREAKER_SIZE])
{
	struct codec c = begin_writing(out);
	breaker(&c, (struct breaker *)b); /* writing changes nothing */
	return (size_t)(c.out - out);
}

enum codec_result codec_decode_breaker(struct breaker *b, const uint8_t *in, size_t length)
{
	struct codec c;
	/* the log is half of it, and its entries beyond those it holds mean nothing */
	memset(b, 0, offsetof(struct breaker, window.failures.at_ms));
	if (!begin_reading(&c, in, length))
		return length > 0 && in[0] > FORMAT && in[0] <= LAST_FORMAT ? CODEC_NEWER : CODEC_DAMAGED;
	breaker(&c, b);
	if (c.bad || c.in != c.end)
		return CODEC_DAMAGED;
	if (c.beyond)
		return CODEC_NEWER;
	return breaker_is_sound(b) ? CODEC_OK : CODEC_DAMAGED;
}

size_t codec_encode_event(const struct event *e, uint8_t out[CODEC_EVENT_SIZE])
{
	struct codec c = begin_writing(out);
	event(&c, (struct event *)e); /* writing changes nothing */
	return (size_t)(c.out - out);
}

bool codec_decode_event(struct event *e, const uint8_t *in, size_t length)
{
	struct codec c;
	memset(e, 0, sizeof(*e));
	if (!begin_reading(&c, in, length))
		return false;
	event(&c, e);
	return !c.bad && !c.beyond && c.in == c.end;
}

size_t codec_append_event(const struct event *e, uint8_t out[CODEC_EVENT_SIZE])
{
	struct codec c = begin_writing(out);
	struct event copy = *e;
	count(&c, &copy.seq);
	event(&c, &copy);
	return (size_t)(c.out - out);
}

bool codec_next_event(struct event *e, const uint8_t **in, size_t *length)
{
	struct codec c;
	memset(e, 0, sizeof(*e));
	if (!begin_reading(&c, *in, *length))
		return false;
	count(&c, &e->seq);
	event(&c, e);
	if (c.bad || c.beyond)
		return false;
	*in = c.in;
	*length = (size_t)(c.end - c.in);
	return true;
}
