/* window.c: rings of outcomes. Nothing here allocates, and nothing grows. */
#include "breaker/window.h"

#include <string.h>

static bool bit_get(const uint8_t *bits, int64_t index)
{
	return (bits[index >> 3] >> (index & 7)) & 1;
}

static void bit_set(uint8_t *bits, int64_t index, bool value)
{
	uint8_t mask = (uint8_t)(1U << (index & 7));
	bits[index >> 3] = (uint8_t)(value ? bits[index >> 3] | mask : bits[index >> 3] & ~mask);
}

static void counts_add(struct window_counts *sum, const struct window_counts *more)
{
	sum->calls += more->calls;
	sum->failures += more->failures;
	sum->slow += more->slow;
}

static void counts_subtract(struct window_counts *sum, const struct window_counts *less)
{
	sum->calls -= less->calls;
	sum->failures -= less->failures;
	sum->slow -= less->slow;
}

/* The ring index of the call `age` calls ago; 0 is the latest. */
static int64_t ring_index(int64_t next, int64_t capacity, int64_t age)
{
	int64_t index = next - 1 - age;
	return index < 0 ? index + capacity : index;
}

/* How many bits are set from `from` up to `to`, which is not counted itself; whole bytes at once. */
static int64_t bits_count(const uint8_t *bits, int64_t from, int64_t to)
{
	static const uint8_t ones[16] = {0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4};
	int64_t count = 0;
	while (from < to) {
		uint8_t byte = bits[from >> 3];
		bool whole = (from & 7) == 0 && to - from >= 8;
		count += whole ? ones[byte & 15] + ones[byte >> 4] : bit_get(bits, from);
		from += whole ? 8 : 1;
	}
	return count;
}

/* Counts the last `size` calls afresh: those before `next`, and the rest from the ring's end. */
static struct window_counts calls_count(const struct call_window *w, int64_t size)
{
	int64_t calls = w->held < size ? w->held : size;
	int64_t first = calls <= w->next ? w->next - calls : 0;
	int64_t wrapped = w->capacity - (calls - (w->next - first));
	return (struct window_counts){
		.calls = calls,
		.failures =
			bits_count(w->failed, first, w->next) + bits_count(w->failed, wrapped, w->capacity),
		.slow = bits_count(w->slow, first, w->next) + bits_count(w->slow, wrapped, w->capacity),
	};
}

/* Moves the ring's contents into one of another capacity, oldest first. */
static void calls_resize(struct call_window *w, int64_t capacity)
{
	struct call_window old = *w;
	memset(w->failed, 0, sizeof(w->failed));
	memset(w->slow, 0, sizeof(w->slow));
	for (int64_t i = 0; i < old.held; i++) {
		int64_t from = ring_index(old.next, old.capacity, old.held - 1 - i);
		bit_set(w->failed, i, bit_get(old.failed, from));
		bit_set(w->slow, i, bit_get(old.slow, from));
	}
	w->capacity = capacity;
	w->next = old.held % capacity;
}

static void calls_fit(struct call_window *w, int64_t size)
{
	if (size > w->capacity)
		calls_resize(w, size);
	if (size != w->view) {
		w->view = size;
		w->counts = calls_count(w, size);
	}
}

static void calls_add(struct call_window *w, bool failed, bool slow)
{
	if (w->counts.calls == w->view) {
		int64_t oldest = ring_index(w->next, w->capacity, w->view - 1);
		w->counts.calls--;
		w->counts.failures -= bit_get(w->failed, oldest);
		w->counts.slow -= bit_get(w->slow, oldest);
	}
	bit_set(w->failed, w->next, failed);
	bit_set(w->slow, w->next, slow);
	w->next = w->next + 1 == w->capacity ? 0 : w->next + 1;
	w->held += w->held < w->capacity;
	w->counts.calls++;
	w->counts.failures += failed;
	w->counts.slow += slow;
}

/*
 * Bucket number n holds the outcomes of [n, n+1) sixtieths of the window's
 * length. With 60 live buckets even the oldest outcome of the oldest bucket is
 * younger than the window: (newest - 59) / 60 * length > now - length.
 */
static int64_t bucket_number(int64_t at_ms, int64_t length_ms)
{
	return at_ms * WINDOW_BUCKETS / length_ms;
}

static struct bucket *bucket_at(struct time_window *w, int64_t number)
{
	return &w->buckets[number % WINDOW_BUCKETS];
}

static void time_empty(struct time_window *w)
{
	memset(w->buckets, 0, sizeof(w->buckets));
	memset(&w->counts, 0, sizeof(w->counts));
}

/* Drops the buckets that are too old once `newest` is the newest. */
static void time_advance(struct time_window *w, int64_t newest)
{
	if (newest - w->newest >= WINDOW_BUCKETS) {
		time_empty(w);
		w->newest = newest;
	}
	while (w->newest < newest) {
		struct bucket *expired = bucket_at(w, ++w->newest);
		counts_subtract(&w->counts, &expired->counts);
		memset(expired, 0, sizeof(*expired));
	}
}

/* Adds `counts` whose first outcome came at first_ms, unless that is too old by now. */
static void time_put(struct time_window *w, int64_t first_ms, const struct window_counts *counts)
{
	int64_t number = bucket_number(first_ms, w->length_ms);
	if (number > w->newest)
		time_advance(w, number);
	if (w->newest - number >= WINDOW_BUCKETS)
		return;
	struct bucket *bucket = bucket_at(w, number);
	if (bucket->counts.calls == 0 || first_ms < bucket->first_ms)
		bucket->first_ms = first_ms;
	counts_add(&bucket->counts, counts);
	counts_add(&w->counts, counts);
}

static void time_fit(struct time_window *w, int64_t length_ms)
{
	if (w->length_ms == length_ms)
		return;
	struct time_window old = *w;
	time_empty(w);
	w->length_ms = length_ms;
	w->newest = 0;
	for (int i = 0; i < WINDOW_BUCKETS; i++)
		if (old.buckets[i].counts.calls > 0)
			time_put(w, old.buckets[i].first_ms, &old.buckets[i].counts);
}

static struct window_counts time_count(const struct time_window *w, int64_t now_ms)
{
	struct window_counts counts = w->counts;
	int64_t newest = bucket_number(now_ms, w->length_ms);
	if (newest - w->newest >= WINDOW_BUCKETS)
		return (struct window_counts){0};
	for (int64_t number = w->newest + 1; number <= newest; number++)
		counts_subtract(&counts, &w->buckets[number % WINDOW_BUCKETS].counts);
	return counts;
}

static void failures_fit(struct failure_log *log, int64_t capacity)
{
	if (capacity <= log->capacity)
		return;
	struct failure_log old = *log;
	for (int64_t i = 0; i < old.held; i++)
		log->at_ms[i] = old.at_ms[ring_index(old.next, old.capacity, old.held - 1 - i)];
	log->capacity = capacity;
	log->next = old.held % capacity;
}

static void failures_add(struct failure_log *log, int64_t now_ms)
{
	log->at_ms[log->next] = now_ms;
	log->next = log->next + 1 == log->capacity ? 0 : log->next + 1;
	log->held += log->held < log->capacity;
}

void window_clear(struct window *window)
{
	memset(window, 0, sizeof(*window));
}

void window_fit(struct window *window, const struct policy *policy)
{
	if (policy->window_kind == WINDOW_CALLS)
		calls_fit(&window->calls, policy->window_size);
	else
		time_fit(&window->time, policy->window_size);
	if (policy->within_ms > 0 && policy->failures > 0)
		failures_fit(&window->failures, policy->failures);
}

void window_add(struct window *window, int64_t now_ms, bool failed, bool slow)
{
	if (window->calls.capacity > 0)
		calls_add(&window->calls, failed, slow);
	if (window->time.length_ms > 0) {
		struct window_counts one = {.calls = 1, .failures = failed, .slow = slow};
		time_put(&window->time, now_ms, &one);
	}
	if (window->failures.capacity > 0 && failed)
		failures_add(&window->failures, now_ms);
}

/* The ring fills from index 0, and the counts are those of its bits. */
static bool calls_are_sound(const struct call_window *w)
{
	if (w->capacity == 0)
		return true;
	struct window_counts counts = calls_count(w, w->view);
	bool filling = w->held < w->capacity;
	return (!filling || w->next == w->held) && w->counts.calls == counts.calls &&
	       w->counts.failures == counts.failures && w->counts.slow == counts.slow;
}

/* Each bucket that holds something stands in its place, and none is of the future. */
static bool buckets_are_sound(const struct time_window *w, int64_t now_ms)
{
	if (w->length_ms == 0)
		return true;
	for (int64_t i = 0; i < WINDOW_BUCKETS; i++) {
		const struct bucket *bucket = &w->buckets[i];
		int64_t number = bucket_number(bucket->first_ms, w->length_ms);
		bool live = number <= w->newest && w->newest - number < WINDOW_BUCKETS;
		bool past = bucket->first_ms <= now_ms;
		if (bucket->counts.calls > 0 && !(live && past && number % WINDOW_BUCKETS == i))
			return false;
	}
	return w->newest <= bucket_number(now_ms, w->length_ms);
}

bool window_is_sound(const struct window *window, int64_t now_ms)
{
	const struct failure_log *log = &window->failures;
	int64_t latest_ms = log->held > 0 ? log->at_ms[ring_index(log->next, log->capacity, 0)] : now_ms;
	return calls_are_sound(&window->calls) && buckets_are_sound(&window->time, now_ms) &&
	       latest_ms <= now_ms;
}

struct window_counts window_count(const struct window *window, const struct policy *policy, int64_t now_ms)
{
	if (policy->window_kind == WINDOW_TIME) {
		struct time_window fitted = window->time;
		time_fit(&fitted, policy->window_size);
		return time_count(&fitted, now_ms);
	}
	if (window->calls.view == policy->window_size)
		return window->calls.counts;
	return calls_count(&window->calls, policy->window_size);
}

int64_t window_failures_within(const struct window *window, const struct policy *policy, int64_t now_ms)
{
	const struct failure_log *log = &window->failures;
	int64_t count = 0;
	while (count < log->held && count < policy->failures) {
		int64_t at_ms = log->at_ms[ring_index(log->next, log->capacity, count)];
		if (now_ms - at_ms >= policy->within_ms)
			break;
		count++;
	}
	return count;
}
