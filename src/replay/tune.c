/* tune.c: the policies, the threads that play them, and their order. */
#include "replay/tune.h"

#include "base/units.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

/* --- which policies --- */

enum { OPEN_PERIODS = 6, MAX_THREADS = 64, GROWTH = 10 };

/* Lists for one breaker. */
struct listing {
	struct array *tries;
	const struct policy *present;
	int64_t gap_ms;
	bool full; /* out of memory */
};

static void add(struct listing *l, const struct policy *policy)
{
	if (!policy_can_open(policy) || (l->tries->count > 0 && policy_equal(policy, l->present)))
		return;
	struct tune_try *place = array_append(l->tries, sizeof(*place));
	if (place != NULL)
		*place = (struct tune_try){.policy = *policy, .number = l->tries->count - 1};
	l->full = l->full || place == NULL;
}

/* How long to be open: six lengths that people use, from the gap between two calls on. */
static size_t list_periods(int64_t gap_ms, int64_t periods_ms[OPEN_PERIODS])
{
	static const int64_t usual_s[] = {1,    2,    5,     10,    30,    60,     120,    300,   900,
	                                  1800, 3600, 10800, 43200, 86400, 259200, 604800, 2419200};
	enum { USUAL = sizeof(usual_s) / sizeof(usual_s[0]) };
	size_t first = 0;
	size_t count = 0;
	while (first < USUAL - OPEN_PERIODS && usual_s[first] * MS_PER_S < gap_ms)
		first++;
	for (; count < OPEN_PERIODS; count++)
		periods_ms[count] = usual_s[first + count] * MS_PER_S;
	return count;
}

/* One rule with each way to recover. */
static void add_recoveries(struct listing *l, const struct policy *rule)
{
	int64_t periods_ms[OPEN_PERIODS];
	size_t count = list_periods(l->gap_ms, periods_ms);
	struct policy p = *rule;
	for (size_t i = 0; i < count; i++)
		for (int64_t factor = 1; factor <= 2; factor++)
			for (p.successes = 1; p.successes <= 3; p.successes++) {
				p.open_for_ms = periods_ms[i];
				p.open_factor_milli = factor * POLICY_MILLI;
				p.open_max_ms = factor > 1 ? GROWTH * p.open_for_ms : l->present->open_max_ms;
				if (p.open_max_ms > POLICY_MAX_MS)
					p.open_max_ms = POLICY_MAX_MS;
				add(l, &p);
			}
}

/* The present policy, with no rule about failures. */
static struct policy without_rules(const struct listing *l)
{
	struct policy p = *l->present;
	p.failures = p.within_ms = p.failure_rate_ppm = 0;
	p.shadow = 0;
	return p;
}

static void add_streaks(struct listing *l)
{
	static const int64_t failures[] = {1, 2, 3, 4, 5, 7, 10};
	struct policy p = without_rules(l);
	for (size_t i = 0; i < sizeof(failures) / sizeof(failures[0]); i++) {
		p.failures = failures[i];
		add_recoveries(l, &p);
	}
}

static void add_learned(struct listing *l)
{
	static const struct {
		int64_t times;
		int64_t ms;
	} allowed[] = {{1, POLICY_YEAR_MS}, {12, POLICY_YEAR_MS}, {1, 10 * POLICY_YEAR_MS}};
	struct policy p = without_rules(l);
	p.failures = POLICY_AUTO;
	for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++) {
		p.false_trips = allowed[i].times;
		p.false_trips_ms = allowed[i].ms;
		add_recoveries(l, &p);
	}
}

static void add_rates(struct listing *l)
{
	static const int64_t windows[] = {10, 20, 50, 100};
	static const int64_t percents[] = {30, 50, 70};
	struct policy p = without_rules(l);
	p.window_kind = WINDOW_CALLS;
	for (size_t w = 0; w < sizeof(windows) / sizeof(windows[0]); w++)
		for (size_t i = 0; i < sizeof(percents) / sizeof(percents[0]); i++) {
			p.window_size = windows[w];
			p.min_calls = windows[w] < 20 ? windows[w] / 2 : 10;
			p.failure_rate_ppm = percents[i] * POLICY_PPM / 100;
			add_recoveries(l, &p);
		}
}

/* So many failures in the time of so many calls, in whole minutes. */
static void add_withins(struct listing *l)
{
	static const int64_t failures[] = {2, 3, 5, 10};
	static const int64_t calls[] = {10, 50};
	struct policy p = without_rules(l);
	for (size_t c = 0; c < sizeof(calls) / sizeof(calls[0]); c++)
		for (size_t i = 0; i < sizeof(failures) / sizeof(failures[0]); i++) {
			int64_t minutes = calls[c] * l->gap_ms / (60 * MS_PER_S) + 1;
			p.within_ms = minutes * 60 * MS_PER_S;
			p.failures = failures[i];
			if (p.within_ms <= POLICY_MAX_MS && failures[i] < calls[c])
				add_recoveries(l, &p);
		}
}

bool tune_list(struct array *tries, const struct policy *present, int64_t gap_ms)
{
	struct listing l = {.tries = tries, .present = present, .gap_ms = gap_ms > 0 ? gap_ms : 1};
	add(&l, present);
	add_streaks(&l);
	add_learned(&l);
	add_rates(&l);
	add_withins(&l);
	return !l.full;
}

/* --- playing them --- */

/* What the threads share. */
struct work {
	struct tune_try *tries;
	size_t count;
	const struct recording *recording;
	uint64_t seed;
	atomic_size_t next;
	atomic_size_t done;
	atomic_bool full; /* out of memory */
	tune_progress *tell;
	void *context;
};

static bool play(struct work *w, struct replay *r, struct tune_try *t)
{
	replay_begin(r, &t->policy, w->seed, NULL, NULL);
	if (!recording_play(w->recording, r))
		return false;
	t->tally = *replay_end(r);
	t->cost = TUNE_COST_FAILURE * t->tally.failures_run + TUNE_COST_REJECTED * t->tally.successes_rejected +
	          TUNE_COST_OPENING * t->tally.incidents;
	return true;
}

/* Takes one after the other until there are no more. */
static void toil(struct work *w, tune_progress *tell)
{
	struct replay r = {0};
	size_t number;
	while ((number = atomic_fetch_add(&w->next, 1)) < w->count && !atomic_load(&w->full)) {
		if (!play(w, &r, &w->tries[number]))
			atomic_store(&w->full, true);
		size_t done = atomic_fetch_add(&w->done, 1) + 1;
		if (tell != NULL)
			tell(w->context, done, w->count);
	}
	replay_free(&r);
}

static void *help(void *context)
{
	toil(context, NULL);
	return NULL;
}

static int cores(void)
{
	cpu_set_t set;
	int count = sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 1;
	return count < MAX_THREADS ? count : MAX_THREADS;
}

/* One that cannot be started is missed by nobody: the others do its part. */
static void share(struct work *w)
{
	pthread_t threads[MAX_THREADS];
	int started = 0;
	for (int n = cores() - 1; n > 0; n--)
		if (pthread_create(&threads[started], NULL, help, w) == 0)
			started++;
	toil(w, w->tell);
	while (started > 0)
		pthread_join(threads[--started], NULL);
}

static int compare(const void *left, const void *right)
{
	const struct tune_try *a = left;
	const struct tune_try *b = right;
	if (a->cost != b->cost)
		return a->cost < b->cost ? -1 : 1;
	if (a->tally.open_ms != b->tally.open_ms)
		return a->tally.open_ms < b->tally.open_ms ? -1 : 1;
	return (a->number > b->number) - (a->number < b->number);
}

bool tune_play(struct array *tries, const struct recording *recording, uint64_t seed, tune_progress *tell,
               void *context)
{
	struct work w = {.tries = tries->items,
	                 .count = tries->count,
	                 .recording = recording,
	                 .seed = seed,
	                 .tell = tell,
	                 .context = context};
	share(&w);
	if (w.count > 1)
		qsort(w.tries, w.count, sizeof(*w.tries), compare);
	return !w.full;
}

bool tune_same(const struct tune_try *a, const struct tune_try *b)
{
	return a->cost == b->cost && a->tally.failures_run == b->tally.failures_run &&
	       a->tally.successes_rejected == b->tally.successes_rejected && a->tally.incidents == b->tally.incidents &&
	       a->tally.open_ms == b->tally.open_ms;
}
