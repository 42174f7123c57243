/* walk.c: steps, and the rules that they are held against. */
#include "walk.h"

#include "policies.h"

#include <inttypes.h>
#include <string.h>

#define HOLDS(w, condition) holds(w, UNIT_HERE, #condition, condition)

static void holds(struct walk *w, struct unit_place at, const char *what, bool true_so)
{
	if (!true_so)
		unit_fail(w->u, at, "UNIT_SEED=%" PRIu64 ", step %d: %s does not hold", w->seed, w->step,
		          what);
}

static int64_t now_of(const struct walk *w)
{
	return breaker_now_ms(&w->b, &w->moment.at);
}

static struct load load_of(const struct walk *w)
{
	struct load load = {.running = w->running};
	for (int i = 0; i < w->running; i++)
		load.trials += w->calls[i].trial;
	return load;
}

/* A jump right to the deadline, or to a millisecond before it. */
static int64_t to_the_deadline(struct walk *w)
{
	int64_t wait_ms = breaker_retry_after_ms(&w->b, now_of(w));
	return wait_ms > 0 ? wait_ms - rng_below(&w->rng, 2) : 0;
}

static void pass_time(struct walk *w)
{
	struct rng *rng = &w->rng;
	int64_t draw = rng_below(rng, 1000);
	int64_t ms = 0;
	if (draw < 500)
		ms = rng_below(rng, 4);
	else if (draw < 550)
		ms = rng_below(rng, 200);
	else if (draw < 600)
		ms = to_the_deadline(w);
	else if (draw < 603)
		ms = rng_below(rng, 100000);
	w->moment.at.boot_ms += ms;
	w->moment.at.wall_ms += ms;
	w->moment.chance = (uint32_t)rng_next(rng);
	if (rng_permille(rng, 3))
		w->moment.at.wall_ms += rng_between(rng, -5000, 5000);
	if (rng_permille(rng, 2)) {
		w->moment.at.boot_id++;
		w->moment.at.boot_ms = rng_below(rng, 1000);
		w->moment.at.wall_ms += rng_between(rng, -300, 300);
	}
}

/* Whether a call may run, by the rules and without the breaker's own verdict. */
static bool may_run(const struct walk *w, enum breaker_state state, const struct load *load)
{
	if (w->policy.shadow)
		return true;
	if (state == BREAKER_OPEN)
		return false;
	if (state == BREAKER_HALF_OPEN && load->trials >= w->policy.probes)
		return false;
	return w->policy.max_concurrent == 0 || load->running < w->policy.max_concurrent;
}

/* A rejection moves the count of rejections, the clock and the policy, and no more. */
static void check_rejection(struct walk *w)
{
	struct breaker want;
	memcpy(&want, &w->before, sizeof(want));
	want.totals.rejected++;
	want.timeline = w->b.timeline;
	want.policy = w->policy;
	want.other_policy = w->b.other_policy;
	want.policy_turns = w->b.policy_turns;
	want.policy_agreed = w->b.policy_agreed;
	want.incident.rejected += w->b.state != BREAKER_CLOSED;
	want.cadence = w->b.cadence;
	if (want.stuck_since_ms == 0 && w->policy.max_concurrent > 0) /* that nothing can be started is noted */
		want.stuck_since_ms = w->b.stuck_since_ms;
	HOLDS(w, w->journal.count > 0 || memcmp(&want, &w->b, sizeof(want)) == 0);
	HOLDS(w, memcmp(&want.window, &w->b.window, sizeof(want.window)) == 0);
	HOLDS(w, memcmp(&want.latency, &w->b.latency, sizeof(want.latency)) == 0);
	HOLDS(w, want.streak == w->b.streak && want.reopenings == w->b.reopenings);
}

static void check_admission(struct walk *w, const struct admission *a, enum breaker_state state)
{
	struct load load = load_of(w);
	bool changed = memcmp(&w->before, &w->b, sizeof(w->b)) != 0;
	HOLDS(w, a->state == state);
	HOLDS(w, a->run == may_run(w, state, &load));
	HOLDS(w, a->changed == changed);
	HOLDS(w, a->run || a->reason.kind != REASON_NONE);
	HOLDS(w, !a->trial || (state == BREAKER_HALF_OPEN && load.trials < w->policy.probes));
	HOLDS(w, a->generation == (a->reason.kind == REASON_NONE ? w->b.generation : 0));
	HOLDS(w, state != BREAKER_HALF_OPEN || a->reason.kind != REASON_NONE || a->trial);
	if (!a->run)
		check_rejection(w);
	w->told.rejected += !a->run;
}

static void step_admit(struct walk *w)
{
	if (w->running == WALK_RUNNING_MAX)
		return;
	enum breaker_state state = breaker_state_at(&w->b, now_of(w));
	struct load load = load_of(w);
	bool blind = !breaker_needs_load(&w->b, &w->policy, &w->moment.at);
	struct load guess = {.trials = 1000, .running = 1000};
	struct admission a =
		breaker_admit(&w->b, &w->policy, &w->moment, blind ? &guess : &load, &w->journal);
	check_admission(w, &a, state);
	if (a.run)
		w->calls[w->running++] = a;
}

static void draw_call(struct walk *w, struct call *call)
{
	static const enum outcome outcomes[] = {OUTCOME_SUCCESS, OUTCOME_SUCCESS, OUTCOME_SUCCESS,
	                                        OUTCOME_FAILURE, OUTCOME_FAILURE, OUTCOME_TIMEOUT,
	                                        OUTCOME_IGNORED};
	call->outcome = outcomes[rng_below(&w->rng, 7)];
	call->exit = rng_below(&w->rng, 256);
	call->duration_us = rng_below(&w->rng, 60000);
	call->retries = rng_below(&w->rng, 3);
	call->fallback = rng_permille(&w->rng, 100);
	w->told.retries += call->retries;
	w->told.fallbacks += call->fallback;
	bool failed = call->outcome == OUTCOME_FAILURE || call->outcome == OUTCOME_TIMEOUT;
	w->told.failures += failed;
	w->told.timeouts += call->outcome == OUTCOME_TIMEOUT;
	w->told.successes += call->outcome == OUTCOME_SUCCESS;
	w->told.ignored += call->outcome == OUTCOME_IGNORED;
	w->told.slow += call->outcome != OUTCOME_IGNORED && w->policy.slow_ms > 0 &&
	                call->duration_us > w->policy.slow_ms * 1000;
}

/* A stale or ignored outcome changes totals, history, latency, the last call, clock and policy. */
static void check_neutral(struct walk *w)
{
	struct breaker want;
	memcpy(&want, &w->before, sizeof(want));
	want.totals = w->b.totals;
	want.last_seq = w->b.last_seq;
	want.latency = w->b.latency;
	want.last_success_wall_ms = w->b.last_success_wall_ms;
	want.last_failure_wall_ms = w->b.last_failure_wall_ms;
	want.last_exit = w->b.last_exit;
	want.last_outcome = w->b.last_outcome;
	want.last_cause = w->b.last_cause;
	want.last_duration_us = w->b.last_duration_us;
	want.recent = w->b.recent;
	want.ignored_streak = w->b.ignored_streak;
	want.failures_at_success = w->b.failures_at_success;
	want.stuck_since_ms = 0;
	want.cadence = w->b.cadence;
	want.timeline = w->b.timeline;
	want.policy = w->policy;
	want.other_policy = w->b.other_policy;
	want.policy_turns = w->b.policy_turns;
	want.policy_agreed = w->b.policy_agreed;
	/* more than the call: the time of a disabled breaker was over, and it closed afresh */
	HOLDS(w, w->journal.count > 1 || memcmp(&want, &w->b, sizeof(want)) == 0);
	HOLDS(w, w->journal.count > 1 || w->journal.count == (w->b.mode == MODE_DISABLED ? 0 : 1));
}

/* A failure that leaves the breaker closed has met no rule; a fast success opens nothing. */
static void check_rules(struct walk *w, const struct call *call)
{
	const struct policy *p = &w->policy;
	bool failed = call->outcome == OUTCOME_FAILURE || call->outcome == OUTCOME_TIMEOUT;
	bool slow = p->slow_ms > 0 && call->duration_us > p->slow_ms * 1000;
	bool opened = w->b.state == BREAKER_OPEN;
	HOLDS(w, !opened || failed || slow);
	if (opened)
		return;
	struct window_counts counts = window_count(&w->b.window, p, now_of(w));
	bool enough = counts.calls >= policy_min_calls(p);
	HOLDS(w, counts.calls >= 1 && counts.failures <= counts.calls && counts.slow <= counts.calls);
	HOLDS(w, !failed || p->failures <= 0 || p->within_ms > 0 || w->b.streak < p->failures);
	HOLDS(w, failed || w->b.streak == 0);
	HOLDS(w, !failed || p->failures != POLICY_AUTO || w->b.cusum.failures < CUSUM_LEAST_FAILURES ||
	                 cusum_run_length(&w->b.cusum) < breaker_calls_per_false_trip(&w->b, p));
	HOLDS(w, !(failed || slow) || !enough || p->failure_rate_ppm == 0 ||
	                 counts.failures * POLICY_PPM < p->failure_rate_ppm * counts.calls);
	HOLDS(w, !(failed || slow) || !enough || p->slow_rate_ppm == 0 || p->slow_ms == 0 ||
	                 counts.slow * POLICY_PPM < p->slow_rate_ppm * counts.calls);
}

static void check_record(struct walk *w, const struct call *call)
{
	bool counts = call->outcome != OUTCOME_IGNORED && call->generation == w->before.generation &&
	              w->before.mode != MODE_DISABLED && w->before.state != BREAKER_OPEN;
	if (!counts)
		check_neutral(w);
	else if (w->before.state == BREAKER_CLOSED)
		check_rules(w, call);
	else
		HOLDS(w, memcmp(&w->before.window, &w->b.window, sizeof(w->b.window)) == 0 ||
		                 w->b.state == BREAKER_CLOSED);
}

static void step_record(struct walk *w)
{
	if (w->running == 0)
		return;
	int64_t which = rng_below(&w->rng, w->running);
	struct call call = {.generation = w->calls[which].generation};
	w->calls[which] = w->calls[--w->running];
	if (rng_permille(&w->rng, 20))
		return; /* killed: no outcome, no permit */
	draw_call(w, &call);
	breaker_record(&w->b, &w->policy, &w->moment, &call, &w->journal);
	check_record(w, &call);
}

static void step_observe(struct walk *w)
{
	struct call call = {.generation = rng_below(&w->rng, 5)};
	enum breaker_state state = breaker_state_at(&w->b, now_of(w));
	draw_call(w, &call);
	breaker_observe(&w->b, &w->policy, &w->moment, &call, &w->journal);
	if (state == BREAKER_OPEN)
		check_neutral(w);
}

static void step_by_hand(struct walk *w)
{
	static const struct reason why = {.text = "because"};
	const struct breaker *was = &w->before;
	enum breaker_mode mode = breaker_mode_at(was, breaker_now_ms(was, &w->moment.at));
	int64_t period_ms = rng_between(&w->rng, 0, 300);
	bool done = false;
	bool allowed = true;
	switch (rng_below(&w->rng, 12)) {
	case 0:
	case 1:
		done = breaker_trip(&w->b, period_ms, &w->moment, &why, &w->journal);
		allowed = mode == MODE_NORMAL;
		HOLDS(w, !done || w->b.open_until_ms == now_of(w) + period_ms);
		break;
	case 2:
		done = breaker_hold(&w->b, &w->moment, &why, &w->journal);
		allowed = mode != MODE_DISABLED;
		break;
	case 3:
		period_ms *= rng_below(&w->rng, 2);
		done = breaker_disable(&w->b, period_ms, &w->moment, &why, &w->journal);
		HOLDS(w, w->b.mode == MODE_DISABLED);
		HOLDS(w, breaker_enabled_after_ms(&w->b, now_of(w)) == (period_ms > 0 ? period_ms : -1));
		break;
	case 4:
	case 5:
	case 6:
	case 7:
		done = breaker_enable(&w->b, &w->moment, &why, &w->journal);
		allowed = mode == MODE_DISABLED;
		break;
	default:
		done = breaker_reset(&w->b, &w->moment, &why, &w->journal);
		HOLDS(w, w->b.state == BREAKER_CLOSED);
		break;
	}
	HOLDS(w, done == allowed);
	HOLDS(w, done ? w->b.generation > was->generation : memcmp(was, &w->b, sizeof(*was)) == 0);
}

/* Each transition is one generation, one count and one line of history, and they follow on each other. */
static void check_journal(struct walk *w)
{
	int transitions = 0;
	enum breaker_state state = w->before.state;
	HOLDS(w, w->journal.count <= JOURNAL_SIZE);
	for (int i = 0; i < w->journal.count && i < JOURNAL_SIZE; i++) {
		const struct event *e = &w->journal.events[i];
		HOLDS(w, e->seq == w->before.last_seq + 1 + i);
		HOLDS(w, e->wall_ms == w->moment.at.wall_ms);
		if (e->kind != EVENT_TRANSITION)
			continue;
		HOLDS(w, e->from == state);
		HOLDS(w, e->generation == w->before.generation + ++transitions);
		HOLDS(w, e->to != BREAKER_HALF_OPEN || e->from == BREAKER_OPEN);
		state = e->to;
		w->told.transitions_to[e->to]++;
	}
	HOLDS(w, state == w->b.state);
	HOLDS(w, w->b.generation == w->before.generation + transitions);
	HOLDS(w, w->b.last_seq == w->before.last_seq + w->journal.count);
}

static void check_state(struct walk *w)
{
	const struct breaker *b = &w->b;
	int64_t now_ms = now_of(w);
	int64_t retry_ms = breaker_retry_after_ms(b, now_ms);
	bool open = breaker_state_at(b, now_ms) == BREAKER_OPEN;
	HOLDS(w, b->mode != MODE_HELD || open);
	HOLDS(w, b->mode != MODE_DISABLED || b->state == BREAKER_CLOSED);
	HOLDS(w, b->mode == MODE_DISABLED || (b->disabled_until_ms == 0 && b->disabled_for_ms == 0));
	HOLDS(w, b->state != BREAKER_CLOSED || b->incident.reason.kind == REASON_NONE);
	HOLDS(w, b->state == BREAKER_CLOSED || b->incident.reason.kind != REASON_NONE);
	HOLDS(w, b->failures_at_success <= b->totals.failures);
	HOLDS(w, (retry_ms > 0) == (open && b->mode != MODE_HELD));
	HOLDS(w, retry_ms > 0 || retry_ms == -1);
	HOLDS(w, retry_ms <= b->open_period_ms);
	HOLDS(w, b->timeline.clock_ms >= w->before.timeline.clock_ms);
	HOLDS(w, memcmp(&b->totals, &w->told, sizeof(w->told)) == 0);
	HOLDS(w, b->latency.count == b->totals.successes + b->totals.failures);
	HOLDS(w, b->state == BREAKER_HALF_OPEN || (b->trial_successes == 0 && b->trial_failures == 0));
}

static void check_closed_again(struct walk *w)
{
	static const struct window empty;
	int last = w->journal.count - 1;
	if (last < 0 || w->journal.events[last].kind != EVENT_TRANSITION || w->b.state != BREAKER_CLOSED)
		return;
	HOLDS(w, memcmp(&w->b.window, &empty, sizeof(empty)) == 0);
	HOLDS(w, w->b.streak == 0 && w->b.reopenings == 0);
	HOLDS(w, w->b.trial_successes == 0 && w->b.trial_failures == 0);
	HOLDS(w, w->b.open_until_ms == 0 && w->b.open_period_ms == 0);
}

void walk_step(struct walk *w)
{
	pass_time(w);
	memcpy(&w->before, &w->b, sizeof(w->b));
	w->journal.count = 0;
	int64_t draw = rng_below(&w->rng, 1000);
	if (draw < 450)
		step_admit(w);
	else if (draw < 900)
		step_record(w);
	else if (draw < 970)
		step_observe(w);
	else if (draw < 990)
		step_by_hand(w);
	else
		w->policy = policy_random(&w->rng);
	check_journal(w);
	check_closed_again(w);
	check_state(w);
	w->step++;
}

static void begin(struct walk *w, struct unit *u, const struct rng *rng)
{
	memset(w, 0, sizeof(*w));
	w->u = u;
	w->rng = *rng;
	w->seed = rng->state;
	w->policy = policy_random(&w->rng);
}

void walk_begin(struct walk *w, struct unit *u, const struct rng *rng)
{
	begin(w, u, rng);
	w->moment.at = (struct instant){.boot_ms = 1000, .wall_ms = INT64_C(1700000000000), .boot_id = 1};
	breaker_init(&w->b, &w->policy, &w->moment.at);
}

void walk_resume(struct walk *w, struct unit *u, const struct rng *rng, const struct breaker *b)
{
	begin(w, u, rng);
	w->moment.at = b->timeline.anchor;
	memcpy(&w->b, b, sizeof(*b));
	w->told = b->totals;
}
