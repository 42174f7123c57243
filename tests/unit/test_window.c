/* test_window.c: the windows, against a naive recount of everything that happened. */
#include "breaker/window.h"

#include "policies.h"
#include "rng.h"
#include "suites.h"

#include <string.h>

enum { PAST_MAX = 30000 };

/* Everything that ever happened, in order. */
struct past {
	int count;
	struct {
		int64_t at_ms;
		bool failed;
		bool slow;
	} calls[PAST_MAX];
};

static struct past past; /* too large for a stack */

static void past_begin(struct window *window)
{
	past.count = 0;
	memset(window, 0, sizeof(*window));
	window_clear(window);
}

static void happen(struct window *window, const struct policy *policy, int64_t now_ms, uint64_t bits)
{
	bool failed = bits & 1;
	bool slow = bits & 2;
	window_fit(window, policy);
	window_add(window, now_ms, failed, slow);
	past.calls[past.count].at_ms = now_ms;
	past.calls[past.count].failed = failed;
	past.calls[past.count].slow = slow;
	past.count++;
}

/* The last `size` calls. */
static struct window_counts recount(int64_t size)
{
	struct window_counts counts = {0};
	for (int i = past.count - 1; i >= 0 && counts.calls < size; i--) {
		counts.calls++;
		counts.failures += past.calls[i].failed;
		counts.slow += past.calls[i].slow;
	}
	return counts;
}

/* The calls that are younger than so many sixtieths of the window. */
static int64_t younger_than(int64_t now_ms, int64_t length_ms, int sixtieths)
{
	int64_t calls = 0;
	for (int i = 0; i < past.count; i++)
		calls += (now_ms - past.calls[i].at_ms) * 60 < length_ms * sixtieths;
	return calls;
}

/* As many calls as a time window with buckets of a sixtieth keeps. */
static struct window_counts recount_buckets(int64_t now_ms, int64_t length_ms)
{
	struct window_counts counts = {0};
	for (int i = 0; i < past.count; i++) {
		if (now_ms * 60 / length_ms - past.calls[i].at_ms * 60 / length_ms >= 60)
			continue;
		counts.calls++;
		counts.failures += past.calls[i].failed;
		counts.slow += past.calls[i].slow;
	}
	return counts;
}

static void check_counts(struct unit *u, struct window_counts got, struct window_counts want)
{
	CHECK_INT(u, got.calls, want.calls);
	CHECK_INT(u, got.failures, want.failures);
	CHECK_INT(u, got.slow, want.slow);
}

static void an_unused_window_is_empty(struct unit *u)
{
	struct window window;
	past_begin(&window);
	struct policy calls = policy_of(u, "window=10");
	struct policy time = policy_of(u, "window=10s within=10s");
	check_counts(u, window_count(&window, &calls, 0), (struct window_counts){0});
	check_counts(u, window_count(&window, &calls, 99999999), (struct window_counts){0});
	CHECK_INT(u, window_failures_within(&window, &time, 5), 0);
	window_add(&window, 5, true, true);
	check_counts(u, window_count(&window, &calls, 5), (struct window_counts){0});
	window_fit(&window, &time);
	check_counts(u, window_count(&window, &time, 5), (struct window_counts){0});
}

static void call_windows_agree_with_a_recount(struct unit *u)
{
	static const int64_t sizes[] = {1, 2, 7, 8, 9, 64, 100, 999};
	struct rng rng = {.state = unit_seed(3)};
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct window window;
		past_begin(&window);
		struct policy p = policy_of(u, "");
		p.window_size = sizes[i];
		for (int n = 0; n < 2500; n++) {
			happen(&window, &p, n, rng_next(&rng));
			check_counts(u, window_count(&window, &p, n), recount(sizes[i]));
			check_counts(u, window.calls.counts,
			             recount(sizes[i])); /* kept, not counted when asked */
			CHECK_INT(u, window.calls.view, sizes[i]);
		}
	}
}

static void the_largest_call_window_wraps_around(struct unit *u)
{
	struct window window;
	struct rng rng = {.state = unit_seed(4)};
	past_begin(&window);
	struct policy p = policy_of(u, "");
	p.window_size = POLICY_MAX_WINDOW_CALLS;
	for (int n = 0; n < PAST_MAX; n++) {
		happen(&window, &p, n, rng_next(&rng));
		if (n % 97 == 0 || n > PAST_MAX - 20)
			check_counts(u, window_count(&window, &p, n), recount(p.window_size));
	}
}

static void a_call_window_answers_for_every_smaller_size(struct unit *u)
{
	struct window window;
	struct rng rng = {.state = unit_seed(5)};
	past_begin(&window);
	struct policy p = policy_of(u, "window=50");
	for (int n = 0; n < 230; n++)
		happen(&window, &p, n, rng_next(&rng));
	for (p.window_size = 1; p.window_size <= 50; p.window_size++)
		check_counts(u, window_count(&window, &p, 230), recount(p.window_size));
	p.window_size = 51;
	CHECK_INT(u, window_count(&window, &p, 230).calls, 50);
}

/* It knows as many calls as it could hold at any time since it knew them. */
static void call_windows_change_their_size(struct unit *u)
{
	struct rng rng = {.state = unit_seed(6)};
	for (int round = 0; round < 30; round++) {
		struct window window;
		past_begin(&window);
		struct policy p = policy_of(u, "");
		int64_t capacity = 0;
		int64_t known = 0;
		for (int n = 0; n < 800; n++) {
			if (n == 0 || rng_permille(&rng, 50))
				p.window_size = rng_between(&rng, 1, 10 << rng_below(&rng, 5));
			capacity = p.window_size > capacity ? p.window_size : capacity;
			known = known < capacity ? known + 1 : capacity;
			happen(&window, &p, n, rng_next(&rng));
			int64_t size = p.window_size < known ? p.window_size : known;
			check_counts(u, window_count(&window, &p, n), recount(size));
		}
	}
}

static void looking_changes_nothing(struct unit *u)
{
	struct window window;
	struct window before;
	past_begin(&window);
	struct policy p = policy_of(u, "window=5 within=9s");
	struct policy q = policy_of(u, "window=600ms within=9s");
	for (int n = 0; n < 9; n++)
		happen(&window, n % 2 ? &p : &q, n, 1);
	memcpy(&before, &window, sizeof(before));
	p.window_size = 3;
	q.window_size = 7777;
	window_count(&window, &p, 99999);
	window_count(&window, &q, 99999);
	window_failures_within(&window, &p, 99999);
	CHECK(u, memcmp(&before, &window, sizeof(before)) == 0);
}

/* Some lengths that sixty divides and some that it does not. */
static const int64_t lengths[] = {1, 2, 59, 60, 61, 100, 599, 600, 1000, 60000, 86399999};

static int64_t next_time(struct rng *rng, int64_t now_ms, int64_t length_ms)
{
	if (rng_permille(rng, 300))
		return now_ms;
	if (rng_permille(rng, 20))
		return now_ms + rng_below(rng, 3 * length_ms);
	return now_ms + rng_below(rng, length_ms / 20 + 2);
}

static void time_windows_agree_with_a_recount(struct unit *u)
{
	struct rng rng = {.state = unit_seed(7)};
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		struct window window;
		past_begin(&window);
		struct policy p = policy_of(u, "window=1ms");
		p.window_size = lengths[i];
		int64_t now_ms = rng_below(&rng, 1000000000);
		for (int n = 0; n < 600; n++) {
			happen(&window, &p, now_ms, rng_next(&rng));
			check_counts(u, window_count(&window, &p, now_ms),
			             recount_buckets(now_ms, lengths[i]));
			now_ms = next_time(&rng, now_ms, lengths[i]);
			check_counts(u, window_count(&window, &p, now_ms),
			             recount_buckets(now_ms, lengths[i]));
		}
	}
}

static void a_time_window_keeps_its_allowance(struct unit *u)
{
	struct rng rng = {.state = unit_seed(8)};
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		struct window window;
		past_begin(&window);
		struct policy p = policy_of(u, "window=1ms");
		p.window_size = lengths[i];
		int64_t now_ms = 12345678;
		for (int n = 0; n < 400; n++) {
			happen(&window, &p, now_ms, rng_next(&rng));
			now_ms = next_time(&rng, now_ms, lengths[i]);
			int64_t calls = window_count(&window, &p, now_ms).calls;
			CHECK(u, calls <= younger_than(now_ms, lengths[i], 60));
			CHECK(u, calls >= younger_than(now_ms, lengths[i], 59));
		}
	}
}

static void an_outcome_as_old_as_the_window_is_out(struct unit *u)
{
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		for (int64_t begin_ms = 1000; begin_ms < 1070; begin_ms++) {
			struct window window;
			past_begin(&window);
			struct policy p = policy_of(u, "window=1ms");
			p.window_size = lengths[i];
			happen(&window, &p, begin_ms, 3);
			CHECK_INT(u, window_count(&window, &p, begin_ms).calls, 1);
			CHECK_INT(u, window_count(&window, &p, begin_ms + lengths[i]).calls, 0);
			CHECK_INT(
				u,
				window_count(&window, &p, begin_ms + lengths[i] - lengths[i] / 60 - 1).calls,
				1);
		}
	}
}

static void a_time_window_of_another_length_counts_nothing_old(struct unit *u)
{
	struct rng rng = {.state = unit_seed(9)};
	for (int round = 0; round < 50; round++) {
		struct window window;
		past_begin(&window);
		struct policy p = policy_of(u, "window=1ms");
		int64_t now_ms = 5000000;
		for (int n = 0; n < 200; n++) {
			if (n == 0 || rng_permille(&rng, 100))
				p.window_size = rng_between(&rng, 1, 100000);
			happen(&window, &p, now_ms, rng_next(&rng));
			now_ms = next_time(&rng, now_ms, 20000);
			struct policy q = p;
			q.window_size = rng_between(&rng, 1, 100000);
			CHECK(u, window_count(&window, &p, now_ms).calls <=
			                 younger_than(now_ms, p.window_size, 60));
			CHECK(u, window_count(&window, &q, now_ms).calls <=
			                 younger_than(now_ms, q.window_size, 60));
		}
	}
}

static void a_time_window_takes_along_what_is_young(struct unit *u)
{
	struct window window;
	past_begin(&window);
	struct policy p = policy_of(u, "window=60s");
	for (int n = 0; n < 50; n++)
		happen(&window, &p, 1000 * n, 1);
	p.window_size = 600000;
	CHECK_INT(u, window_count(&window, &p, 50000).calls, 50);
	window_fit(&window, &p);
	CHECK_INT(u, window_count(&window, &p, 50000).calls, 50);
	p.window_size = 30000;
	int64_t calls = window_count(&window, &p, 49500).calls;
	CHECK(u, calls <= 30 && calls >= 20); /* the buckets of ten minutes are coarse */
}

static int64_t recount_failures(const struct policy *p, int64_t now_ms, int64_t known)
{
	int64_t failures = 0;
	for (int i = past.count - 1; i >= 0 && failures < p->failures && failures < known; i--)
		failures += past.calls[i].failed && now_ms - past.calls[i].at_ms < p->within_ms;
	return failures;
}

static void failures_within_agree_with_a_recount(struct unit *u)
{
	struct rng rng = {.state = unit_seed(10)};
	for (int64_t failures = 1; failures <= POLICY_MAX_WITHIN_FAILURES; failures = failures * 2 + 1) {
		struct window window;
		past_begin(&window);
		struct policy p = policy_of(u, "");
		p.failures = failures;
		p.within_ms = rng_between(&rng, 1, 20 * failures);
		int64_t now_ms = 0;
		for (int n = 0; n < 2500; n++) {
			happen(&window, &p, now_ms, rng_next(&rng));
			now_ms += rng_below(&rng, 3) * rng_below(&rng, 20);
			CHECK_INT(u, window_failures_within(&window, &p, now_ms),
			          recount_failures(&p, now_ms, failures));
		}
	}
}

static void a_failure_log_can_grow(struct unit *u)
{
	struct window window;
	past_begin(&window);
	struct policy p = policy_of(u, "failures=3 within=1000s");
	for (int n = 0; n < 10; n++)
		happen(&window, &p, n, 1);
	CHECK_INT(u, window_failures_within(&window, &p, 10), 3);
	p.failures = 8;
	happen(&window, &p, 10, 1);
	CHECK_INT(u, window_failures_within(&window, &p, 10), 4); /* more it never knew */
	p.failures = 2;
	CHECK_INT(u, window_failures_within(&window, &p, 10), 2);
}

/* It knows as many failures as it could hold at any time since it knew them. */
static void failure_logs_change_their_size(struct unit *u)
{
	struct rng rng = {.state = unit_seed(11)};
	for (int round = 0; round < 30; round++) {
		struct window window;
		past_begin(&window);
		struct policy p = policy_of(u, "");
		int64_t capacity = 0;
		int64_t known = 0;
		int64_t now_ms = 0;
		for (int n = 0; n < 400; n++) {
			if (n == 0 || rng_permille(&rng, 60))
				p.failures = rng_between(&rng, 1, 4 << rng_below(&rng, 5));
			p.within_ms = rng_between(&rng, 1, 1000);
			capacity = p.failures > capacity ? p.failures : capacity;
			uint64_t bits = rng_next(&rng);
			known = known + (int64_t)(bits & 1) < capacity ? known + (int64_t)(bits & 1)
			                                               : capacity;
			happen(&window, &p, now_ms, bits);
			now_ms += rng_below(&rng, 3) * rng_below(&rng, 20);
			CHECK_INT(u, window_failures_within(&window, &p, now_ms),
			          recount_failures(&p, now_ms, known));
		}
	}
}

static void the_largest_failure_log_wraps_around(struct unit *u)
{
	struct window window;
	past_begin(&window);
	struct policy p = policy_of(u, "");
	p.failures = POLICY_MAX_WITHIN_FAILURES;
	p.within_ms = 500;
	for (int n = 0; n < 2500; n++) {
		happen(&window, &p, n, 1);
		CHECK_INT(u, window_failures_within(&window, &p, n), n < 499 ? n + 1 : 500);
	}
}

static void what_nobody_asks_for_stays_unused(struct unit *u)
{
	static const struct window empty;
	struct window window;
	past_begin(&window);
	struct policy p = policy_of(u, "window=60s");
	for (int n = 0; n < PAST_MAX; n++)
		happen(&window, &p, n, 3);
	CHECK(u, memcmp(&window.calls, &empty.calls, sizeof(empty.calls)) == 0);
	CHECK(u, memcmp(&window.failures, &empty.failures, sizeof(empty.failures)) == 0);
	past_begin(&window);
	p = policy_of(u, "window=60 within=0 failures=3");
	happen(&window, &p, 1, 3);
	CHECK(u, memcmp(&window.time, &empty.time, sizeof(empty.time)) == 0);
	CHECK(u, memcmp(&window.failures, &empty.failures, sizeof(empty.failures)) == 0);
}

static void clearing_forgets_everything(struct unit *u)
{
	struct window window;
	static const struct window empty;
	past_begin(&window);
	struct policy p = policy_of(u, "window=5 within=9s");
	struct policy q = policy_of(u, "window=600ms");
	for (int n = 0; n < 9; n++)
		happen(&window, n % 2 ? &p : &q, n, 3);
	window_clear(&window);
	CHECK(u, memcmp(&window, &empty, sizeof(window)) == 0);
}

const struct unit_test window_tests[] = {
	{"window: one that nobody uses is empty", an_unused_window_is_empty},
	{"window: calls agree with a recount", call_windows_agree_with_a_recount},
	{"window: the largest call window wraps around", the_largest_call_window_wraps_around},
	{"window: a call window answers for every smaller size",
         a_call_window_answers_for_every_smaller_size},
	{"window: call windows grow and shrink without forgetting", call_windows_change_their_size},
	{"window: looking changes nothing", looking_changes_nothing},
	{"window: times agree with a recount", time_windows_agree_with_a_recount},
	{"window: never counts what is as old as it, drops at most a sixtieth early",
         a_time_window_keeps_its_allowance},
	{"window: at its own age an outcome is out, a sixtieth before it is in",
         an_outcome_as_old_as_the_window_is_out},
	{"window: one of another length counts nothing old",
         a_time_window_of_another_length_counts_nothing_old},
	{"window: one of another length takes along what is young", a_time_window_takes_along_what_is_young},
	{"window: failures within agree with a recount", failures_within_agree_with_a_recount},
	{"window: a grown failure log knows no more than it did", a_failure_log_can_grow},
	{"window: failure logs grow without forgetting", failure_logs_change_their_size},
	{"window: the largest failure log wraps around", the_largest_failure_log_wraps_around},
	{"window: what nobody asks for stays unused", what_nobody_asks_for_stays_unused},
	{"window: clearing forgets everything", clearing_forgets_everything},
	{NULL, NULL},
};
