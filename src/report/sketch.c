/* sketch.c: the marks, each with an ASCII one for who has no other. */
#include "report/sketch.h"

#include <string.h>

struct mark {
	const char *utf8;
	const char *ascii;
	const char *colour;
};

static void put(FILE *out, const struct mark *mark, const struct style *style)
{
	bool colour = style->colour && mark->colour[0] != '\0';
	fprintf(out, "%s%s%s", colour ? mark->colour : "", style->utf8 ? mark->utf8 : mark->ascii,
	        colour ? STYLE_END : "");
}

const char *sketch_sign(int rank, const struct style *style)
{
	static const char *const signs[][2] = {
		{"", ""}, {"✗", "X"}, {"◒", "?"}, {"!", "!"}, {"-", "-"}, {"✓", "+"},
	};
	return signs[rank][style->utf8 ? 0 : 1];
}

size_t sketch_recent(FILE *out, int64_t recent, size_t most, const struct style *style)
{
	static const struct mark marks[] = {
		[RECENT_NONE] = {" ", " ", ""},           [RECENT_SUCCESS] = {"✓", "+", STYLE_GREEN},
		[RECENT_SLOW] = {"~", "~", STYLE_YELLOW}, [RECENT_FAILURE] = {"✗", "x", STYLE_RED},
		[RECENT_TIMEOUT] = {"T", "T", STYLE_RED}, [RECENT_IGNORED] = {"·", ".", ""},
	};
	size_t count = 0;
	while (count < most && recent_at(recent, (int)count) != RECENT_NONE)
		count++;
	for (size_t i = count; out != NULL && i > 0; i--)
		put(out, &marks[recent_at(recent, (int)i - 1)], style);
	return count;
}

enum { LEVELS = 9, BARS_MAX = 64 };

/* A bar: how high it is beside the highest. What is there at all is seen. */
static const char *bar(int64_t count, int64_t highest, const struct style *style)
{
	static const char *const utf8[LEVELS] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
	static const char *const ascii[LEVELS] = {" ", ".", ":", "-", "=", "+", "*", "%", "#"};
	int level = count == 0 ? 0 : LEVELS - 1;
	if (count > 0 && highest > 1)
		level = 1 + (int)((double)(count - 1) * (LEVELS - 2) / (double)(highest - 1));
	return style->utf8 ? utf8[level] : ascii[level];
}

void sketch_bars(FILE *out, const int64_t counts[], size_t n, int64_t highest, const struct style *style)
{
	for (size_t i = 0; i < n; i++)
		fputs(bar(counts[i], highest, style), out);
}

bool sketch_latency(const struct latency *latency, int bars, const struct style *style,
                    struct sketch_latency *sketch)
{
	int64_t sums[BARS_MAX] = {0};
	int64_t highest = 0;
	int first = 0;
	int last = LATENCY_BUCKETS - 1;
	size_t used = 0;
	if (latency->count == 0)
		return false;
	while (first < last && latency->buckets[first] == 0)
		first++;
	while (last > first && latency->buckets[last] == 0)
		last--;
	bars = bars > BARS_MAX ? BARS_MAX : bars;
	int each = (last - first + bars) / bars; /* buckets to a bar */
	for (int i = first; i <= last; i++)
		sums[(i - first) / each] += latency->buckets[i];
	int shown = (last - first) / each + 1;
	for (int i = 0; i < shown; i++)
		highest = sums[i] > highest ? sums[i] : highest;
	for (int i = 0; i < shown; i++)
		used += (size_t)snprintf(sketch->bars + used, SKETCH_SIZE - used, "%s",
		                         bar(sums[i], highest, style));
	sketch->from_us = first > 0 ? latency_bound_us(first - 1) : 0;
	sketch->to_us = latency->max_us;
	return true;
}

/* The worse of two states: open, half-open, closed. */
static enum breaker_state worse(enum breaker_state one, enum breaker_state other)
{
	if (one == BREAKER_OPEN || other == BREAKER_OPEN)
		return BREAKER_OPEN;
	return one == BREAKER_HALF_OPEN ? one : other;
}

void sketch_states(FILE *out, const struct sketch_span *span, const struct sketch_change *changes,
                   size_t count, int cells, const struct style *style)
{
	static const struct mark marks[] = {
		[BREAKER_CLOSED] = {"─", "-", STYLE_GREEN},
		[BREAKER_OPEN] = {"█", "#", STYLE_RED},
		[BREAKER_HALF_OPEN] = {"▒", "?", STYLE_YELLOW},
	};
	static const struct mark unknown = {" ", " ", ""};
	size_t next = 0;
	enum breaker_state state = count > 0 ? changes[0].from : span->state;
	for (int i = 0; i < cells; i++) {
		int64_t begin_ms = span->from_ms + (span->to_ms - span->from_ms) * i / cells;
		int64_t end_ms = span->from_ms + (span->to_ms - span->from_ms) * (i + 1) / cells;
		for (; next < count && changes[next].wall_ms <= begin_ms; next++)
			state = changes[next].to;
		enum breaker_state worst = state;
		for (; next < count && (changes[next].wall_ms < end_ms || i == cells - 1); next++) {
			state = changes[next].to;
			worst = worse(worst, state);
		}
		put(out, end_ms <= span->known_ms ? &unknown : &marks[worst], style);
	}
}
