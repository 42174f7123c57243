/* test_codec.c: breakers as bytes: what is written is read back, what contradicts itself is refused. */
#include "policies.h"
#include "suites.h"
#include "walk.h"

#include "store/codec.h"

#include <stddef.h>
#include <string.h>

/* A breaker that has seen three calls, one of them a failure. */
static void make_used(struct unit *u, struct breaker *b, const char *policy_text)
{
	struct policy policy = policy_of(u, policy_text);
	struct moment moment = {.at = {.boot_ms = 100000, .wall_ms = 5000000, .boot_id = 1}};
	breaker_init(b, &policy, &moment.at);
	for (int i = 0; i < 3; i++) {
		struct journal journal = {0};
		struct call call = {.outcome = i == 1 ? OUTCOME_FAILURE : OUTCOME_SUCCESS,
		                    .duration_us = 700};
		moment.at.boot_ms += 10;
		breaker_observe(b, &policy, &moment, &call, &journal);
	}
}

static bool written_and_read(const struct breaker *b, struct breaker *again)
{
	uint8_t bytes[CODEC_BREAKER_SIZE];
	return codec_decode_breaker(again, bytes, codec_encode_breaker(b, bytes)) == CODEC_OK;
}

static bool readable(const struct breaker *b)
{
	struct breaker again;
	return written_and_read(b, &again);
}

/* One change makes a breaker that no step can bring forth. */
#define REFUSED(u, b, change)                                                                                \
	do {                                                                                                 \
		struct breaker sound = (b);                                                                  \
		CHECK(u, readable(&(b)));                                                                    \
		(b).change;                                                                                  \
		unit_check(u, UNIT_HERE, "refused: " #change, !readable(&(b)));                              \
		(b) = sound;                                                                                 \
	} while (0)

#define SAME(u, a, b, field) CHECK_INT(u, (a)->field, (b)->field)

static void check_window(struct unit *u, const struct window *a, const struct window *b)
{
	SAME(u, a, b, calls.capacity);
	SAME(u, a, b, calls.held);
	SAME(u, a, b, calls.next);
	SAME(u, a, b, calls.view);
	CHECK(u, memcmp(&a->calls.counts, &b->calls.counts, sizeof(a->calls.counts)) == 0);
	SAME(u, a, b, time.length_ms);
	SAME(u, a, b, time.newest);
	CHECK(u, memcmp(&a->time.counts, &b->time.counts, sizeof(a->time.counts)) == 0);
	SAME(u, a, b, failures.capacity);
	SAME(u, a, b, failures.held);
	for (int64_t i = 0; i < a->failures.held; i++) { /* read back, the ring begins at its oldest */
		int64_t first = a->failures.held == a->failures.capacity ? a->failures.next : 0;
		CHECK_INT(u, b->failures.at_ms[i], a->failures.at_ms[(first + i) % a->failures.capacity]);
	}
}

/* But for what means nothing, such as the bytes behind a text. */
static void check_same(struct unit *u, const struct breaker *a, const struct breaker *b)
{
	SAME(u, a, b, state);
	SAME(u, a, b, mode);
	SAME(u, a, b, generation);
	SAME(u, a, b, timeline.clock_ms);
	SAME(u, a, b, timeline.anchor.boot_ms);
	SAME(u, a, b, timeline.anchor.wall_ms);
	CHECK(u, a->timeline.anchor.boot_id == b->timeline.anchor.boot_id);
	SAME(u, a, b, reason.kind);
	SAME(u, a, b, reason.a);
	SAME(u, a, b, reason.b);
	SAME(u, a, b, reason.c);
	CHECK_STR(u, a->reason.text, b->reason.text);
	CHECK_STR(u, a->reason.by, b->reason.by);
	SAME(u, a, b, since_wall_ms);
	SAME(u, a, b, open_until_ms);
	SAME(u, a, b, open_period_ms);
	SAME(u, a, b, reopenings);
	SAME(u, a, b, streak);
	SAME(u, a, b, trial_successes);
	SAME(u, a, b, trial_failures);
	CHECK(u, memcmp(&a->totals, &b->totals, sizeof(a->totals)) == 0);
	CHECK(u, memcmp(&a->latency, &b->latency, sizeof(a->latency)) == 0);
	SAME(u, a, b, last_success_wall_ms);
	SAME(u, a, b, last_failure_wall_ms);
	SAME(u, a, b, last_exit);
	SAME(u, a, b, last_seq);
	CHECK(u, policy_equal(&a->policy, &b->policy));
	CHECK(u, policy_equal(&a->other_policy, &b->other_policy));
	SAME(u, a, b, policy_turns);
	SAME(u, a, b, policy_agreed);
	SAME(u, a, b, cadence.long_mean_us);
	CHECK(u, memcmp(&a->cusum, &b->cusum, sizeof(a->cusum)) == 0);
	check_window(u, &a->window, &b->window);
}

static void walks_are_read_back(struct unit *u)
{
	static struct walk w;
	static uint8_t bytes[CODEC_BREAKER_SIZE];
	static uint8_t bytes_again[CODEC_BREAKER_SIZE];
	struct rng rng = {.state = unit_seed(31)};
	walk_begin(&w, u, &rng);
	for (int i = 0; i < 3000 && u->failures == 0; i++) {
		struct breaker again;
		walk_step(&w);
		size_t length = codec_encode_breaker(&w.b, bytes);
		CHECK(u, codec_decode_breaker(&again, bytes, length) == CODEC_OK);
		CHECK_INT(u, codec_encode_breaker(&again, bytes_again), length);
		CHECK(u, memcmp(bytes, bytes_again, length) == 0);
		check_same(u, &w.b, &again);
	}
}

static void check_policy(struct unit *u, const struct policy *written, const struct policy *want)
{
	struct breaker b;
	struct breaker again;
	make_used(u, &b, "");
	b.other_policy = *written;
	CHECK(u, written_and_read(&b, &again));
	CHECK(u, policy_equal(&again.other_policy, want));
}

/* The number is read back as it is, and one beyond it as it. */
static void check_bound(struct unit *u, const struct policy *sound, size_t offset, int64_t bound, int beyond)
{
	struct policy at = *sound;
	struct policy over = *sound;
	memcpy((char *)&at + offset, &bound, sizeof(bound));
	bound += beyond;
	memcpy((char *)&over + offset, &bound, sizeof(bound));
	check_policy(u, &at, &at);
	check_policy(u, &over, &at);
}

static void policies_are_kept_within_the_options_bounds(struct unit *u)
{
	static const struct {
		size_t offset;
		int64_t least;
		int64_t most;
	} bounds[] = {
		{offsetof(struct policy, failures), POLICY_AUTO, 1000000},
		{offsetof(struct policy, false_trips), 1, 1000000},
		{offsetof(struct policy, false_trips_ms), 1, POLICY_MAX_MS},
		{offsetof(struct policy, within_ms), 0, POLICY_MAX_MS},
		{offsetof(struct policy, failure_rate_ppm), 0, 1000000},
		{offsetof(struct policy, min_calls), 1, 1000000},
		{offsetof(struct policy, window_size), 1, POLICY_MAX_WINDOW_CALLS},
		{offsetof(struct policy, slow_ms), 0, POLICY_MAX_MS},
		{offsetof(struct policy, slow_rate_ppm), 0, 1000000},
		{offsetof(struct policy, open_for_ms), 1, POLICY_MAX_MS},
		{offsetof(struct policy, open_factor_milli), 1000, 1000000},
		{offsetof(struct policy, open_max_ms), 1, POLICY_MAX_MS},
		{offsetof(struct policy, jitter_ppm), 0, 1000000},
		{offsetof(struct policy, probes), 1, 1000000},
		{offsetof(struct policy, successes), 1, 1000000},
		{offsetof(struct policy, probe_failures), 1, 1000000},
		{offsetof(struct policy, max_concurrent), 0, 1000000},
		{offsetof(struct policy, shadow), 0, 1},
	};
	struct policy calls = policy_of(u, "");
	struct policy time = policy_of(u, "window=60s");
	for (size_t i = 0; i < sizeof(bounds) / sizeof(bounds[0]); i++) {
		check_bound(u, &calls, bounds[i].offset, bounds[i].least, -1);
		check_bound(u, &calls, bounds[i].offset, bounds[i].most, 1);
	}
	check_bound(u, &time, offsetof(struct policy, window_size), POLICY_MAX_MS, 1);
}

static void a_log_of_failures_has_room_for_so_many(struct unit *u)
{
	struct breaker b;
	make_used(u, &b, "");
	b.other_policy.within_ms = 1;
	b.other_policy.failures = POLICY_MAX_WITHIN_FAILURES;
	CHECK(u, readable(&b));
	REFUSED(u, b, other_policy.failures++);
	b.other_policy.within_ms = 0;
	b.other_policy.failures++;
	CHECK(u, readable(&b));
}

static void long_calls_add_up(struct unit *u)
{
	struct breaker b;
	struct breaker again;
	struct moment moment = {0};
	struct call call = {.outcome = OUTCOME_SUCCESS, .duration_us = POLICY_MAX_MS * 1000};
	make_used(u, &b, "");
	for (int i = 0; i < 1000; i++) {
		struct journal journal = {0};
		breaker_observe(&b, &b.policy, &moment, &call, &journal);
	}
	CHECK(u, written_and_read(&b, &again));
	CHECK_INT(u, again.latency.count, 1003);
	CHECK(u, latency_mean_us(&again.latency) > POLICY_MAX_MS * 990);
}

static void numbers_stay_at_their_bounds(struct unit *u)
{
	struct breaker b;
	struct breaker again;
	make_used(u, &b, "");
	b.totals.rejected = INT64_C(1) << 60;
	b.latency.sum_us = INT64_MAX;
	b.last_exit = 256;
	b.last_seq = -1;
	CHECK(u, written_and_read(&b, &again));
	CHECK_INT(u, again.last_exit, 255);
	CHECK_INT(u, again.last_seq, 0);
	CHECK_INT(u, again.totals.rejected, INT64_C(1) << 52);
	CHECK_INT(u, again.latency.sum_us, INT64_C(1) << 62);
	CHECK_INT(u, again.totals.successes, 2);
}

static void contradictions_are_refused(struct unit *u)
{
	struct breaker b;
	make_used(u, &b, "");
	REFUSED(u, b, mode = MODE_HELD);
	REFUSED(u, b, state = BREAKER_OPEN); /* why? */
	REFUSED(u, b, trial_successes = 1);
	REFUSED(u, b, latency.count = 4);
	REFUSED(u, b, latency.count = 2);
	cusum_add(&b.cusum, true);
	REFUSED(u, b, cusum.level = 0);
	REFUSED(u, b, cusum.calls = 0);
	REFUSED(u, b, cusum.failures = 0);
	struct journal journal = {0};
	struct reason why = {0};
	struct moment moment = {.at = b.timeline.anchor};
	breaker_trip(&b, 5000, &moment, &why, &journal);
	REFUSED(u, b, mode = MODE_DISABLED);
	REFUSED(u, b, open_period_ms = 4999);
	REFUSED(u, b, timeline.clock_ms -= 1);
	REFUSED(u, b, reason.kind = REASON_NONE);
}

static void windows_that_cannot_be_are_refused(struct unit *u)
{
	struct breaker b;
	make_used(u, &b, "window=10");
	REFUSED(u, b, window.calls.counts.failures = 0);
	REFUSED(u, b, window.calls.counts.calls = 2);
	REFUSED(u, b, window.calls.failed[0] = 0);
	REFUSED(u, b, window.calls.next = 7);
	REFUSED(u, b, window.calls.view = 2);
	make_used(u, &b, "window=60s");
	REFUSED(u, b, window.time.newest += 1);
	REFUSED(u, b, window.time.newest += 60);
	REFUSED(u, b, window.time.buckets[100 % 60].first_ms = 100031); /* a millisecond ahead */
	REFUSED(u, b, window.time.buckets[100 % 60].first_ms = 99000);
	make_used(u, &b, "within=60s");
	REFUSED(u, b, window.failures.at_ms[0] = 100031);
}

/* Asserts how the bytes are read with the byte at `at` changed. */
static void check_changed(struct unit *u, uint8_t *bytes, size_t length, size_t at, uint8_t changed,
                          enum codec_result want)
{
	struct breaker again;
	uint8_t kept = bytes[at];
	bytes[at] = changed;
	CHECK_INT(u, codec_decode_breaker(&again, bytes, length), want);
	bytes[at] = kept;
}

static void what_is_unknown_is_newer(struct unit *u)
{
	static uint8_t bytes[CODEC_BREAKER_SIZE];
	static const uint8_t most[] = {0x80, 0x89, 0x7A}; /* a million, the highest count */
	struct breaker b;
	enum { STATE = 1, MODE = 2 };
	make_used(u, &b, "successes=1000000");
	size_t length = codec_encode_breaker(&b, bytes);
	uint8_t *successes = memmem(bytes, length, most, sizeof(most));
	CHECK(u, successes != NULL);
	if (successes == NULL)
		return;
	check_changed(u, bytes, length, 0, 3, CODEC_NEWER);
	check_changed(u, bytes, length, 0, 31, CODEC_NEWER);
	check_changed(u, bytes, length, STATE, 2 * 3, CODEC_NEWER);
	check_changed(u, bytes, length, MODE, 2 * 3, CODEC_NEWER);
	check_changed(u, bytes, length, (size_t)(successes - bytes) + 2, 0x7B, CODEC_NEWER);
	check_changed(u, bytes, length, 0, 0, CODEC_DAMAGED);
	check_changed(u, bytes, length, 0, 32, CODEC_DAMAGED);
	check_changed(u, bytes, length, STATE, 1, CODEC_DAMAGED); /* below 0 */
	check_changed(u, bytes, length - 1, STATE, 2 * 3, CODEC_DAMAGED);
	check_changed(u, bytes, length, length - 1, 0x80, CODEC_DAMAGED);
}

static void a_boot_is_written_lowest_byte_first(struct unit *u)
{
	static uint8_t bytes[CODEC_BREAKER_SIZE];
	static const uint8_t boot[] = {8, 7, 6, 5, 4, 3, 2, 1};
	struct breaker b;
	make_used(u, &b, "");
	b.timeline.anchor.boot_id = UINT64_C(0x0102030405060708);
	size_t length = codec_encode_breaker(&b, bytes);
	CHECK(u, memmem(bytes, length, boot, sizeof(boot)) != NULL);
}

static void events_are_read_back(struct unit *u)
{
	uint8_t bytes[CODEC_EVENT_SIZE];
	struct event e = {.kind = EVENT_TRANSITION, .wall_ms = -5, .generation = 7, .to = BREAKER_OPEN};
	struct event again;
	e.reason = (struct reason){.kind = REASON_HELD, .text = "\033[2J \xff", .by = "root"};
	size_t length = codec_encode_event(&e, bytes);
	CHECK(u, codec_decode_event(&again, bytes, length));
	CHECK(u, memcmp(&e, &again, sizeof(e)) == 0);
	/* every beginning of it is too short, and a NUL belongs into no text */
	for (size_t i = 0; i < length; i++)
		CHECK(u, !codec_decode_event(&again, bytes, i));
	*(uint8_t *)memchr(bytes, 0x1B, length) = 0;
	CHECK(u, !codec_decode_event(&again, bytes, length));
}

static void calls_as_events_are_read_back(struct unit *u)
{
	uint8_t bytes[CODEC_EVENT_SIZE];
	struct event again;
	struct event calls[] = {
		{.kind = EVENT_CALL, .outcome = OUTCOME_SUCCESS},
		{.kind = EVENT_CALL, .outcome = OUTCOME_IGNORED, .exit = 255, .duration_us = INT64_C(1) << 52,
		 .wall_ms = INT64_C(1) << 52, .generation = INT64_C(1) << 52},
	};
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		CHECK(u, codec_decode_event(&again, bytes, codec_encode_event(&calls[i], bytes)));
		CHECK(u, memcmp(&calls[i], &again, sizeof(again)) == 0);
	}
	calls[1].exit++;
	CHECK(u, codec_decode_event(&again, bytes, codec_encode_event(&calls[1], bytes)));
	CHECK_INT(u, again.exit, 255);
	size_t length = codec_encode_event(&calls[0], bytes);
	bytes[length++] = 0; /* nothing may follow it */
	CHECK(u, !codec_decode_event(&again, bytes, length));
	CHECK(u, !codec_decode_event(&again, bytes, 0));
}

static void events_in_a_row_are_read_back(struct unit *u)
{
	uint8_t bytes[3 * CODEC_EVENT_SIZE];
	size_t length = 0;
	struct event e = {.kind = EVENT_CALL, .outcome = OUTCOME_TIMEOUT, .exit = 124, .generation = 3};
	struct event again;
	for (e.seq = 300; e.seq < 303; e.seq++)
		length += codec_append_event(&e, bytes + length);
	const uint8_t *next = bytes;
	size_t left = length;
	for (e.seq = 300; e.seq < 303; e.seq++) {
		CHECK(u, codec_next_event(&again, &next, &left));
		CHECK(u, memcmp(&e, &again, sizeof(e)) == 0);
	}
	CHECK(u, left == 0 && !codec_next_event(&again, &next, &left));
	/* cut short, those before the cut are read, and the rest is known to be no event */
	next = bytes;
	left = length - 1;
	CHECK(u, codec_next_event(&again, &next, &left) && codec_next_event(&again, &next, &left));
	CHECK(u, !codec_next_event(&again, &next, &left) && left > 0);
}

const struct unit_test codec_tests[] = {
	{"record: whatever becomes of a breaker is read back the same", walks_are_read_back},
	{"record: events in a row are read back the same", events_in_a_row_are_read_back},
	{"record: the durations of a thousand calls of ten years add up", long_calls_add_up},
	{"record: a number that grows past its bound stays there, and the record is read",
         numbers_stay_at_their_bounds},
	{"record: a policy is kept within the options' bounds", policies_are_kept_within_the_options_bounds},
	{"record: more failures than a log of them has room for are refused",
         a_log_of_failures_has_room_for_so_many},
	{"record: a breaker that no steps can lead to is refused", contradictions_are_refused},
	{"record: a window that no calls can leave is refused", windows_that_cannot_be_are_refused},
	{"record: a format, a limit or a choice that is not known is a newer version's",
         what_is_unknown_is_newer},
	{"record: a boot is written with the lowest byte first, whatever the machine's order",
         a_boot_is_written_lowest_byte_first},
	{"record: a call is read back the same, whatever its numbers", calls_as_events_are_read_back},
	{"record: an event is read back the same, and no part of it", events_are_read_back},
	{NULL, NULL},
};
