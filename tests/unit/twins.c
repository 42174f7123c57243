/* twins.c: steps of two breakers, and what is compared. */
#include "twins.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { START_MS = 1000, US_PER_MS = 1000, PPM_PER_PERCENT = 10000, MILLI_PER_HUNDREDTH = 10, BUCKETS = 60 };

/* Compares two numbers, and says what they are if they differ. */
#define SAME(t, got, want) same(t, #got, (int64_t)(got), (int64_t)(want))

static void same(struct twins *t, const char *what, int64_t got, int64_t want)
{
	if (got != want && t->said[0] == '\0')
		snprintf(t->said, sizeof(t->said), "%s is %" PRId64 ", the reference says %" PRId64, what,
		         got, want);
}

const char *twin_event_name(enum twin_event event)
{
	static const char *const names[TWIN_EVENTS] = {
		"ok",        "fail",        "timeout",        "ignored",   "slow",        "begin",
		"oldest-ok", "oldest-fail", "oldest-ignored", "newest-ok", "newest-fail", "trip",
		"hold",      "reset",       "disable",        "enable",    "eve",         "moment"};
	return names[event];
}

static struct ref_policy policy_for_reference(const struct policy *p)
{
	return (struct ref_policy){
		.failures = p->failures,
		.within = p->within_ms,
		.failure_rate = p->failure_rate_ppm / PPM_PER_PERCENT,
		.min_calls = p->min_calls,
		.window_is_time = p->window_kind == WINDOW_TIME,
		.window = p->window_size,
		.slow = p->slow_ms,
		.slow_rate = p->slow_rate_ppm / PPM_PER_PERCENT,
		.open_for = p->open_for_ms,
		.open_factor = p->open_factor_milli / MILLI_PER_HUNDREDTH,
		.open_max = p->open_max_ms,
		.probes = p->probes,
		.successes = p->successes,
		.probe_failures = p->probe_failures,
		.max_concurrent = p->max_concurrent,
		.shadow = p->shadow != 0,
	};
}

void twins_start(struct twins *t, const struct policy *policy)
{
	struct ref_policy for_reference = policy_for_reference(policy);
	memset(t, 0, sizeof(*t));
	t->policy = *policy;
	t->moment.at = (struct instant){.boot_ms = START_MS, .wall_ms = INT64_C(1700000000000), .boot_id = 1};
	breaker_init(&t->b, policy, &t->moment.at);
	t->ref = ref_start(&for_reference, START_MS);
}

void twins_copy(struct twins *copy, const struct twins *t)
{
	memcpy(copy, t, sizeof(*t));
	copy->ref = ref_copy(&t->ref);
}

void twins_free(struct twins *t)
{
	ref_free(&t->ref);
}

static void compare_reasons(struct twins *t, const struct reason *got, const struct ref_reason *want)
{
	static const enum reason_kind kinds[REF_CAUSES] = {REASON_NONE,
	                                                   REASON_CONSECUTIVE,
	                                                   REASON_WITHIN,
	                                                   REASON_FAILURE_RATE,
	                                                   REASON_SLOW_RATE,
	                                                   REASON_DEADLINE,
	                                                   REASON_TRIALS_SUCCEEDED,
	                                                   REASON_TRIALS_FAILED,
	                                                   REASON_TRIPPED,
	                                                   REASON_HELD,
	                                                   REASON_RESET,
	                                                   REASON_DISABLED,
	                                                   REASON_ENABLED,
	                                                   REASON_TRIAL_LIMIT,
	                                                   REASON_CONCURRENCY_LIMIT};
	SAME(t, got->kind, kinds[want->cause]);
	SAME(t, got->a, want->numbers[0]);
	SAME(t, got->b, want->numbers[1]);
}

static int64_t retry_after(const struct ref *r)
{
	return r->condition == REF_OPEN && !r->held ? r->deadline - r->now : -1;
}

static void compare_counts(struct twins *t, int64_t now_ms)
{
	const struct breaker *b = &t->b;
	struct window_counts window = window_count(&b->window, &t->policy, now_ms);
	struct ref_counts want = ref_window(&t->ref);
	SAME(t, window.calls, want.calls);
	SAME(t, window.failures, want.failures);
	SAME(t, window.slow, want.slow);
	SAME(t, b->streak, ref_streak(&t->ref));
	SAME(t, b->reopenings, t->ref.reopened);
	SAME(t, b->trial_successes, t->ref.trial_successes);
	SAME(t, b->trial_failures, t->ref.trial_failures);
	SAME(t, b->totals.successes, t->told.successes);
	SAME(t, b->totals.failures, t->told.failures);
	SAME(t, b->totals.timeouts, t->told.timeouts);
	SAME(t, b->totals.slow, t->told.slow);
	SAME(t, b->totals.ignored, t->told.ignored);
	SAME(t, b->totals.rejected, t->told.rejected);
}

static void compare(struct twins *t)
{
	const struct breaker *b = &t->b;
	int64_t now_ms = breaker_now_ms(b, &t->moment.at);
	enum breaker_state state = breaker_state_at(b, now_ms);
	struct reason reason = breaker_reason_at(b, now_ms);
	SAME(t, now_ms, t->ref.now);
	SAME(t, state, t->ref.condition);
	SAME(t, b->mode == MODE_HELD, t->ref.held);
	SAME(t, b->mode == MODE_DISABLED, t->ref.disabled);
	SAME(t, breaker_retry_after_ms(b, now_ms), retry_after(&t->ref));
	/* that it is half-open is only noted when somebody comes */
	SAME(t, b->generation + (state != b->state), t->ref.era + 1);
	SAME(t, breaker_is_sound(b), true);
	compare_reasons(t, &reason, &t->ref.reason);
	compare_counts(t, now_ms);
}

static bool begin(struct twins *t)
{
	struct journal journal = {.count = 0};
	struct load load = {.running = t->running};
	struct ref_reason objection;
	for (int i = 0; i < t->running; i++)
		load.trials += t->calls[i].trial;
	struct admission a = breaker_admit(&t->b, &t->policy, &t->moment, &load, &journal);
	bool runs = ref_begin(&t->ref, &objection);
	SAME(t, a.run, runs);
	SAME(t, a.state, t->ref.condition);
	SAME(t, a.retry_after_ms, retry_after(&t->ref));
	compare_reasons(t, &a.reason, &objection);
	if (!a.run || !runs) {
		t->told.rejected++;
		return false;
	}
	SAME(t, a.trial, t->ref.running[t->running].trial);
	t->calls[t->running++] = a;
	return true;
}

static void end(struct twins *t, int which, enum ref_event event, bool slow)
{
	static const enum outcome outcomes[] = {OUTCOME_SUCCESS, OUTCOME_FAILURE, OUTCOME_TIMEOUT,
	                                        OUTCOME_IGNORED};
	struct journal journal = {.count = 0};
	struct ref_line line = {.event = event, .duration = slow ? t->policy.slow_ms + 1 : t->policy.slow_ms};
	struct call call = {
		.generation = t->calls[which].generation,
		.outcome = outcomes[event],
		.duration_us = line.duration * US_PER_MS,
	};
	t->running--;
	memmove(&t->calls[which], &t->calls[which + 1], (size_t)(t->running - which) * sizeof(t->calls[0]));
	breaker_record(&t->b, &t->policy, &t->moment, &call, &journal);
	ref_end(&t->ref, (size_t)which, &line);
	t->told.successes += event == REF_OK;
	t->told.failures += event == REF_FAIL || event == REF_TIMEOUT;
	t->told.timeouts += event == REF_TIMEOUT;
	t->told.ignored += event == REF_IGNORE;
	t->told.slow += slow && event != REF_IGNORE;
}

static bool whole_call(struct twins *t, enum ref_event event, bool slow)
{
	if (t->running == TWINS_RUNNING || (slow && t->policy.slow_ms == 0))
		return false;
	if (begin(t))
		end(t, t->running - 1, event, slow);
	return true;
}

static bool begin_only(struct twins *t)
{
	if (t->running == TWINS_RUNNING)
		return false;
	begin(t);
	return true;
}

static bool end_oldest(struct twins *t, enum ref_event event)
{
	if (t->running == 0)
		return false;
	end(t, 0, event, false);
	return true;
}

/* Where it is not the oldest as well. */
static bool end_newest(struct twins *t, enum ref_event event)
{
	if (t->running < 2)
		return false;
	end(t, t->running - 1, event, false);
	return true;
}

static bool act(struct twins *t, enum ref_event event)
{
	static const struct reason why = {.kind = REASON_NONE};
	struct journal journal = {.count = 0};
	bool done = false;
	if (event == REF_TRIP)
		done = breaker_trip(&t->b, t->policy.open_for_ms, &t->moment, &why, &journal);
	if (event == REF_HOLD)
		done = breaker_hold(&t->b, &t->moment, &why, &journal);
	if (event == REF_RESET)
		done = breaker_reset(&t->b, &t->moment, &why, &journal);
	if (event == REF_DISABLE)
		done = breaker_disable(&t->b, 0, &t->moment, &why, &journal);
	if (event == REF_ENABLE)
		done = breaker_enable(&t->b, &t->moment, &why, &journal);
	SAME(t, done, ref_act(&t->ref, event));
	return true;
}

static int64_t earlier(const struct ref *r, int64_t moment, int64_t other)
{
	return other > r->now && other < moment ? other : moment;
}

/* When time alone changes something: a deadline passes, or an outcome becomes too old. */
static int64_t next_moment(const struct ref *r)
{
	const struct ref_policy *p = &r->policy;
	int64_t moment = r->now + p->open_for;
	if (r->condition == REF_OPEN && !r->held)
		return r->deadline;
	for (size_t i = r->closed_since; i < r->past_count; i++) {
		int64_t bucket = r->past[i].time * BUCKETS / (p->window_is_time ? p->window : 1);
		if (p->within > 0)
			moment = earlier(r, moment, r->past[i].time + p->within);
		if (p->window_is_time) /* the first millisecond of the bucket sixty buckets later */
			moment = earlier(r, moment, ((bucket + BUCKETS) * p->window + BUCKETS - 1) / BUCKETS);
	}
	return moment;
}

static bool pass_time(struct twins *t, int64_t before_ms)
{
	int64_t ms = next_moment(&t->ref) - t->ref.now - before_ms;
	t->moment.at.boot_ms += ms;
	t->moment.at.wall_ms += ms;
	ref_pass_time(&t->ref, t->ref.now + ms);
	return ms > 0;
}

static bool happen(struct twins *t, enum twin_event event)
{
	switch (event) {
	case TWIN_CALL_OK:
		return whole_call(t, REF_OK, false);
	case TWIN_CALL_FAIL:
		return whole_call(t, REF_FAIL, false);
	case TWIN_CALL_TIMEOUT:
		return whole_call(t, REF_TIMEOUT, false);
	case TWIN_CALL_IGNORED:
		return whole_call(t, REF_IGNORE, false);
	case TWIN_CALL_SLOW:
		return whole_call(t, REF_OK, true);
	case TWIN_BEGIN:
		return begin_only(t);
	case TWIN_OLDEST_OK:
		return end_oldest(t, REF_OK);
	case TWIN_OLDEST_FAIL:
		return end_oldest(t, REF_FAIL);
	case TWIN_OLDEST_IGNORED:
		return end_oldest(t, REF_IGNORE);
	case TWIN_NEWEST_OK:
		return end_newest(t, REF_OK);
	case TWIN_NEWEST_FAIL:
		return end_newest(t, REF_FAIL);
	case TWIN_TRIP:
		return act(t, REF_TRIP);
	case TWIN_HOLD:
		return act(t, REF_HOLD);
	case TWIN_RESET:
		return act(t, REF_RESET);
	case TWIN_DISABLE:
		return act(t, REF_DISABLE);
	case TWIN_ENABLE:
		return act(t, REF_ENABLE);
	case TWIN_EVE:
		return pass_time(t, 1);
	case TWIN_MOMENT:
		return pass_time(t, 0);
	}
	return false;
}

bool twins_step(struct twins *t, enum twin_event event)
{
	if (!happen(t, event))
		return false;
	compare(t);
	return true;
}

static uint64_t mixed(uint64_t x)
{
	x = (x ^ (x >> 32)) * UINT64_C(0xd6e8feb86659fd93);
	return x ^ (x >> 29);
}

static void add(struct twins_key *key, int64_t number)
{
	key->a = mixed(key->a ^ (uint64_t)number);
	key->b = mixed(key->b * 31 + (uint64_t)number);
}

static void add_reason(struct twins_key *key, int64_t kind, int64_t a, int64_t b)
{
	add(key, kind);
	add(key, a);
	add(key, b);
}

/* Bits of calls that have left the ring are none of its calls', but stay where they are. */
static void add_window(struct twins_key *key, const struct window *w, int64_t now_ms)
{
	const struct call_window *calls = &w->calls;
	add(key, calls->capacity << 32 | calls->held << 16 | calls->next);
	add(key, calls->view);
	add(key, calls->counts.calls << 32 | calls->counts.failures << 16 | calls->counts.slow);
	for (int64_t i = 0; i < (calls->capacity + 7) / 8; i++)
		add(key, calls->failed[i] << 8 | calls->slow[i]);
	add(key, w->time.length_ms);
	if (w->time.length_ms > 0) {
		add(key, now_ms % w->time.length_ms); /* where the bounds of the buckets lie */
		add(key, w->time.newest - now_ms * BUCKETS / w->time.length_ms);
		add(key, w->time.counts.calls << 32 | w->time.counts.failures << 16 | w->time.counts.slow);
	}
	for (int i = 0; w->time.length_ms > 0 && i < BUCKETS; i++) {
		const struct bucket *bucket = &w->time.buckets[i];
		if (bucket->counts.calls == 0)
			continue;
		add(key, i << 16 | (now_ms - bucket->first_ms));
		add(key, bucket->counts.calls << 32 | bucket->counts.failures << 16 | bucket->counts.slow);
	}
	add(key, w->failures.capacity << 32 | w->failures.held << 16 | w->failures.next);
	for (int64_t i = 0; i < w->failures.held; i++)
		add(key, now_ms - w->failures.at_ms[i]);
}

static void add_breaker(struct twins_key *key, const struct twins *t)
{
	const struct breaker *b = &t->b;
	int64_t now_ms = t->ref.now;
	add(key, b->state << 8 | b->mode);
	add(key, now_ms - b->timeline.clock_ms);
	if (b->state == BREAKER_OPEN)
		add(key, b->open_until_ms - now_ms);
	add(key, b->open_period_ms);
	add(key, b->reopenings << 48 | b->streak << 32 | b->trial_successes << 16 | b->trial_failures);
	add_reason(key, b->reason.kind, b->reason.a, b->reason.b);
	add(key, t->running);
	for (int i = 0; i < t->running; i++) {
		const struct admission *a = &t->calls[i];
		add(key, a->trial << 2 | (a->generation == 0) << 1 | (a->generation == b->generation));
	}
	add_window(key, &b->window, now_ms);
}

static void add_reference(struct twins_key *key, const struct ref *r)
{
	add(key, r->condition);
	add(key, r->held << 1 | r->disabled);
	if (r->condition == REF_OPEN)
		add(key, r->deadline - r->now);
	add(key, r->period);
	add(key, r->reopened << 32 | r->trial_successes << 16 | r->trial_failures);
	add_reason(key, r->reason.cause, r->reason.numbers[0], r->reason.numbers[1]);
	for (size_t i = 0; i < r->running_count; i++)
		add(key, r->running[i].trial << 2 | (r->running[i].era == -1) << 1 |
		                 (r->running[i].era == r->era));
	add(key, ref_streak(r));
	/* what is behind both windows is history */
	int64_t calls = r->policy.window_is_time ? 0 : r->policy.window;
	int64_t ms = r->policy.window_is_time && r->policy.window > r->policy.within ? r->policy.window
	                                                                             : r->policy.within;
	for (size_t i = r->past_count; i > r->closed_since; i--) {
		const struct ref_entry *e = &r->past[i - 1];
		int64_t age = r->now - e->time < ms ? r->now - e->time : ms;
		if (age == ms && (int64_t)(r->past_count - i) >= calls)
			break;
		add(key, age << 2 | e->failed << 1 | e->slow);
	}
}

struct twins_key twins_key(const struct twins *t)
{
	struct twins_key key = {.a = UINT64_C(0x9e3779b97f4a7c15), .b = UINT64_C(0xbf58476d1ce4e5b9)};
	add_breaker(&key, t);
	add_reference(&key, &t->ref);
	return key;
}
