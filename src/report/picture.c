/* picture.c: bins that are drawn as bars. */
#include "report/picture.h"

#include "base/text.h"
#include "report/sketch.h"

#include <string.h>

enum { CELLS_MAX = 120, CELLS_USUAL = 60, LABEL = 10 };

static void double_bins(struct picture *picture)
{
	for (size_t i = 0; i < PICTURE_BINS / 2; i++) {
		picture->failed[i] = picture->failed[2 * i] + picture->failed[2 * i + 1];
		picture->rejected[i] = picture->rejected[2 * i] + picture->rejected[2 * i + 1];
	}
	memset(picture->failed + PICTURE_BINS / 2, 0, sizeof(picture->failed) / 2);
	memset(picture->rejected + PICTURE_BINS / 2, 0, sizeof(picture->rejected) / 2);
	picture->bin_ms *= 2;
}

static void reach(struct picture *picture, int64_t at_ms)
{
	if (picture->bin_ms == 0)
		picture->bin_ms = 1;
	while (at_ms / picture->bin_ms >= PICTURE_BINS)
		double_bins(picture);
	if (at_ms > picture->end_ms)
		picture->end_ms = at_ms;
}

bool picture_note(struct picture *picture, int64_t at_ms, const struct journal *journal)
{
	reach(picture, at_ms);
	for (int i = 0; i < journal->count; i++) {
		const struct event *event = &journal->events[i];
		if (event->kind != EVENT_TRANSITION)
			continue;
		struct sketch_change *change = array_append(&picture->changes, sizeof(*change));
		if (change == NULL)
			return false;
		*change = (struct sketch_change){at_ms, event->from, event->to};
	}
	return true;
}

void picture_count(struct picture *picture, int64_t at_ms, bool rejected)
{
	reach(picture, at_ms);
	(rejected ? picture->rejected : picture->failed)[at_ms / picture->bin_ms]++;
}

/* What falls into each of the cells, each bin where it begins. */
static void gather(const struct picture *picture, const uint32_t *bins, int64_t cells[], size_t count)
{
	int64_t length_ms = picture->end_ms + 1;
	for (size_t i = 0; i < count; i++)
		cells[i] = 0;
	for (size_t i = 0; i < PICTURE_BINS && (int64_t)i * picture->bin_ms < length_ms; i++)
		cells[(int64_t)i * picture->bin_ms * (int64_t)count / length_ms] += bins[i];
}

static int64_t highest_of(const int64_t cells[], size_t count, int64_t highest)
{
	for (size_t i = 0; i < count; i++)
		highest = cells[i] > highest ? cells[i] : highest;
	return highest;
}

static void print_bars(FILE *out, const char *label, const int64_t cells[], size_t count, int64_t highest,
                       const struct style *style)
{
	fprintf(out, "%-*s", LABEL, label);
	sketch_bars(out, cells, count, highest, style);
	fprintf(out, " up to %lld\n", (long long)highest);
}

static void print_counts(FILE *out, const struct picture *picture, const struct picture *other, size_t count, bool rejected,
                         const struct style *style)
{
	int64_t cells[CELLS_MAX];
	int64_t highest = 0;
	if (other != NULL) {
		gather(other, rejected ? other->rejected : other->failed, cells, count);
		highest = highest_of(cells, count, 0);
	}
	gather(picture, rejected ? picture->rejected : picture->failed, cells, count);
	highest = highest_of(cells, count, highest);
	print_bars(out, rejected ? "Rejected" : "Failed", cells, count, highest, style);
}

static size_t cells_of(const struct style *style)
{
	enum { NUMBERS = 14, LEAST = 8 }; /* room for " up to 1234567" */
	if (style->width == 0)
		return CELLS_USUAL;
	if (style->width < LABEL + NUMBERS + LEAST)
		return LEAST;
	return style->width - LABEL - NUMBERS < CELLS_MAX ? style->width - LABEL - NUMBERS : CELLS_MAX;
}

void picture_print(FILE *out, const struct picture *picture, const struct picture *other, const struct style *style)
{
	char end[TEXT_VALUE_SIZE];
	size_t cells = cells_of(style);
	struct sketch_span span = {.from_ms = 0, .to_ms = picture->end_ms + 1, .known_ms = 0, .state = BREAKER_CLOSED};
	fprintf(out, "%-*s", LABEL, "State");
	sketch_states(out, &span, picture->changes.items, picture->changes.count, (int)cells, style);
	fputc('\n', out);
	print_counts(out, picture, other, cells, false, style);
	print_counts(out, picture, other, cells, true, style);
	text_duration(picture->end_ms, end);
	fprintf(out, "%-*s0s%*s\n", LABEL, "", (int)cells - 2, end);
}

void picture_free(struct picture *picture)
{
	array_free(&picture->changes);
}
