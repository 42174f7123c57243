/* test_sketch.c: what a person at a terminal sees: strips, sparklines, and how columns share a width. */
#include "base/text.h"
#include "report/board.h"
#include "report/fold.h"
#include "report/frame.h"
#include "report/sketch.h"
#include "report/standing.h"

#include "suites.h"

#include <stdlib.h>
#include <string.h>

static const struct style plain = {0};
static const struct style rich = {.utf8 = true};
static const struct style coloured = {.colour = true};

enum { TEXT_SIZE = 1024 };

/* What has been written to `file`, which it closes. */
struct written {
	FILE *file;
	char text[TEXT_SIZE];
};

static void begin(struct written *w)
{
	memset(w->text, 0, sizeof(w->text));
	w->file = fmemopen(w->text, sizeof(w->text), "w");
}

static const char *end(struct written *w)
{
	fclose(w->file);
	return w->text;
}

static const char *recent_text(struct written *w, int64_t recent, size_t most, const struct style *style)
{
	begin(w);
	sketch_recent(w->file, recent, most, style);
	return end(w);
}

static void outcomes_are_marks(struct unit *u)
{
	struct written w;
	int64_t recent = 0;
	recent_add(&recent, OUTCOME_SUCCESS, false);
	recent_add(&recent, OUTCOME_SUCCESS, true);
	recent_add(&recent, OUTCOME_FAILURE, true);
	recent_add(&recent, OUTCOME_TIMEOUT, false);
	recent_add(&recent, OUTCOME_IGNORED, false);
	CHECK_STR(u, recent_text(&w, recent, RECENT_CALLS, &plain), "+~xT.");
	CHECK_STR(u, recent_text(&w, recent, RECENT_CALLS, &rich), "✓~✗T·");
	CHECK_STR(u, recent_text(&w, recent, 3, &plain), "xT.");
	CHECK_STR(u, recent_text(&w, recent, 0, &plain), "");
	CHECK_STR(u, recent_text(&w, recent & 7 << 6, 9, &coloured), "");
	CHECK_STR(u, recent_text(&w, recent >> 6 & 7, 9, &coloured), "\033[31mx\033[0m");
}

static void as_many_calls_are_remembered_as_fit(struct unit *u)
{
	struct written w;
	int64_t recent = 0;
	for (int i = 0; i < 3 * RECENT_CALLS; i++)
		recent_add(&recent, i % 2 == 0 ? OUTCOME_SUCCESS : OUTCOME_FAILURE, false);
	CHECK(u, recent >= 0 && recent <= RECENT_MAX);
	CHECK_STR(u, recent_text(&w, recent, 99, &plain), "+x+x+x+x+x+x+x+x+x+x");
	CHECK_INT(u, recent_at(recent, RECENT_CALLS), RECENT_NONE);
	CHECK_INT(u, recent_at(7, 0), RECENT_NONE);
}

static void latency_is_bars(struct unit *u)
{
	struct latency latency = {0};
	struct sketch_latency sketch;
	CHECK(u, !sketch_latency(&latency, 8, &plain, &sketch));
	latency_add(&latency, 1000);
	CHECK(u, sketch_latency(&latency, 8, &plain, &sketch));
	CHECK_STR(u, sketch.bars, "#");
	for (int i = 0; i < 8; i++)
		latency_add(&latency, 1000);
	latency_add(&latency, 2000);
	CHECK(u, sketch_latency(&latency, 8, &plain, &sketch));
	CHECK_STR(u, sketch.bars, "#   .");
	CHECK(u, sketch.from_us <= 1000 && sketch.to_us == 2000);
	CHECK(u, sketch_latency(&latency, 8, &rich, &sketch));
	CHECK_STR(u, sketch.bars, "█   ▁");
}

static void all_latencies_fit(struct unit *u)
{
	struct latency latency = {0};
	struct sketch_latency sketch;
	for (int i = 0; i < LATENCY_BUCKETS; i++)
		latency_add(&latency, latency_bound_us(i) - 1);
	for (int bars = 1; bars <= 80; bars++) {
		CHECK(u, sketch_latency(&latency, bars, &plain, &sketch));
		CHECK(u, strlen(sketch.bars) <= (size_t)bars && strlen(sketch.bars) <= 64);
	}
}

static const char *states_text(struct written *w, const struct sketch_span *span,
                               const struct sketch_change *changes, size_t count)
{
	begin(w);
	sketch_states(w->file, span, changes, count, 10, &plain);
	return end(w);
}

static void states_are_the_worst_of_each_part(struct unit *u)
{
	struct written w;
	struct sketch_span span = {.from_ms = 1000, .to_ms = 2000, .state = BREAKER_OPEN};
	const struct sketch_change changes[] = {
		{500, BREAKER_HALF_OPEN, BREAKER_CLOSED}, {1250, BREAKER_CLOSED, BREAKER_OPEN},
		{1260, BREAKER_OPEN, BREAKER_HALF_OPEN},  {1500, BREAKER_HALF_OPEN, BREAKER_OPEN},
		{1800, BREAKER_OPEN, BREAKER_HALF_OPEN},  {1999, BREAKER_HALF_OPEN, BREAKER_CLOSED},
	};
	CHECK_STR(u, states_text(&w, &span, NULL, 0), "##########");
	CHECK_STR(u, states_text(&w, &span, changes, 6), "--#??###??");
	CHECK_STR(u, states_text(&w, &span, changes + 1, 1), "--########");
	span.known_ms = 1200;
	CHECK_STR(u, states_text(&w, &span, changes + 1, 1), "  ########");
}

static size_t sum_of(const struct board_layout *layout)
{
	size_t sum = 2;
	for (int i = 0; i < BOARD_COLUMNS; i++)
		sum += layout->widths[i] > 0 ? layout->widths[i] + (i > 0 ? 2 : 0) : 0;
	return sum;
}

static const size_t wanted[BOARD_COLUMNS] = {
	[BOARD_NAME] = 30, [BOARD_STATE] = 9, [BOARD_DOWN] = 6, [BOARD_LAST] = 20, [BOARD_FAILED] = 9,
	[BOARD_P50] = 5,   [BOARD_P95] = 5,   [BOARD_NEXT] = 6, [BOARD_WHY] = 60};

static void columns_share_every_width(struct unit *u)
{
	struct board_layout layout;
	for (size_t width = 16; width < 300; width++) {
		board_lay_out(wanted, width, &layout);
		CHECK(u, sum_of(&layout) <= width);
		CHECK(u, layout.widths[BOARD_NAME] > 0 && layout.widths[BOARD_STATE] == 9);
		CHECK(u, layout.why_below == (layout.widths[BOARD_WHY] == 0));
		CHECK_INT(u, layout.widths[BOARD_RUNNING], 0);
	}
}

static void the_least_needed_gives_way_first(struct unit *u)
{
	struct board_layout layout;
	board_lay_out(wanted, 0, &layout);
	CHECK(u, !layout.why_below && layout.widths[BOARD_WHY] == 60 && layout.widths[BOARD_LAST] == 20);
	board_lay_out(wanted, 140, &layout);
	CHECK(u, !layout.why_below && layout.widths[BOARD_WHY] < 60 && layout.widths[BOARD_NAME] >= 20);
	board_lay_out(wanted, 80, &layout);
	CHECK(u, layout.why_below && layout.widths[BOARD_LAST] >= 5 && layout.widths[BOARD_P95] > 0);
	board_lay_out(wanted, 40, &layout);
	CHECK(u, layout.widths[BOARD_P50] == 0 && layout.widths[BOARD_DOWN] > 0);
}

static int order(enum standing_key key, const struct standing *a, const struct standing *b)
{
	return standing_compare(key, a, "a9", b, "a10");
}

static void each_key_has_its_order(struct unit *u)
{
	struct standing open = {
		.rank = 1, .state = BREAKER_OPEN, .age_ms = 5, .rate_ppm = 10, .calls = 9, .p95_us = 7};
	struct standing half = {
		.rank = 2, .state = BREAKER_HALF_OPEN, .age_ms = 50, .rate_ppm = 20, .calls = 8, .p95_us = 8};
	struct standing well = {
		.rank = 5, .state = BREAKER_CLOSED, .age_ms = 99, .rate_ppm = -1, .calls = 7, .p95_us = 9};
	struct standing fresh = {
		.rank = 5, .state = BREAKER_CLOSED, .age_ms = 1, .rate_ppm = 0, .calls = 7, .p95_us = 9};
	CHECK(u, order(STANDING_TROUBLE, &open, &half) < 0 && order(STANDING_TROUBLE, &half, &well) < 0);
	CHECK(u, order(STANDING_STATE, &half, &open) > 0 && order(STANDING_STATE, &half, &well) < 0);
	CHECK(u, order(STANDING_SINCE, &half, &open) < 0 && order(STANDING_SINCE, &open, &well) < 0);
	CHECK(u, order(STANDING_SINCE, &fresh, &well) < 0);
	CHECK(u, order(STANDING_RATE, &half, &open) < 0 && order(STANDING_RATE, &fresh, &well) < 0);
	CHECK(u, order(STANDING_CALLS, &open, &half) < 0 && order(STANDING_P95, &well, &half) < 0);
	CHECK(u, order(STANDING_NAME, &well, &open) < 0 && order(STANDING_CALLS, &well, &fresh) < 0);
}

static const char *frame_text(struct written *w, const char *text, size_t width, size_t height)
{
	begin(w);
	frame_print(w->file, text, width, height);
	return end(w);
}

static void a_frame_is_cut_to_the_terminal(struct unit *u)
{
	struct written w;
	CHECK_STR(u, frame_text(&w, "one\ntwo\n", 0, 0),
	          "\033[?2026h\033[Hone\033[K\r\ntwo\033[K\033[J\033[?2026l");
	CHECK_STR(u, frame_text(&w, "a\nb\nc\n", 0, 2),
	          "\033[?2026h\033[Ha\033[K\r\n... and 2 more lines\033[K\033[J\033[?2026l");
	CHECK_STR(u, frame_text(&w, "\033[31m✗✗✗\033[0m", 2, 0),
	          "\033[?2026h\033[H\033[31m✗✗\033[0m\033[K\033[J\033[?2026l");
	CHECK_STR(u, frame_text(&w, "", 2, 2), "\033[?2026h\033[H\033[J\033[?2026l");
}

static const char *folded(struct written *w, const char *text, size_t column, size_t width, size_t indent)
{
	begin(w);
	fold_print(w->file, text, column, &(struct fold){width, indent});
	return end(w);
}

static void a_text_folds_at_its_spaces(struct unit *u)
{
	struct written w;
	CHECK_STR(u, folded(&w, "", 0, 9, 2), "");
	CHECK_STR(u, folded(&w, "four five", 0, 9, 2), "four five");
	CHECK_STR(u, folded(&w, "four five", 0, 8, 2), "four\n  five");
	CHECK_STR(u, folded(&w, "four five", 1, 9, 2), "four\n  five");
	CHECK_STR(u, folded(&w, "one  two   three", 0, 8, 3), "one  two\n   three");
	CHECK_STR(u, folded(&w, "one two ", 0, 7, 2), "one two");
	CHECK_STR(u, folded(&w, "eight", 5, 9, 2), "\n  eight");
	CHECK_STR(u, folded(&w, "✗✗✗ ✗✗", 0, 6, 0), "✗✗✗ ✗✗");
}

static void a_word_longer_than_a_line_breaks_between_characters(struct unit *u)
{
	struct written w;
	CHECK_STR(u, folded(&w, "abcdefgh", 0, 4, 1), "abcd\n efg\n h");
	CHECK_STR(u, folded(&w, "éééééé", 2, 4, 2), "éé\n  éé\n  éé");
	CHECK_STR(u, folded(&w, "ab\\x1b\\\\\\n", 0, 5, 0), "ab\n\\x1b\n\\\\\\n");
	CHECK_STR(u, folded(&w, "\\x1b\\x1b", 0, 3, 0), "\\x1b\n\\x1b"); /* wider than a line by itself */
}

/* Whether it is the same but for ends of lines and spaces, and no line is too long. */
static bool is_fold_of(const char *got, const char *text, size_t width)
{
	size_t columns = 0;
	for (; *got != '\0'; got++) {
		columns = *got == '\n' ? 0 : columns + (((unsigned char)*got & 0xC0) != 0x80);
		if (columns > width)
			return false;
		if (*got == ' ' || *got == '\n')
			continue;
		text += strspn(text, " ");
		if (*text++ != *got)
			return false;
	}
	return text[strspn(text, " ")] == '\0';
}

static void nothing_is_lost_and_no_line_too_long(struct unit *u)
{
	static const char hostile[] = "é\033[2J\r\n \xff\\ a  very-long-word-that-is-longer-than-most-lines-are   "
	                              "\xe2\x80\xae 漢字漢字漢字漢字漢字漢字漢字 \t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t.";
	struct written w;
	char escaped[TEXT_SIZE];
	text_escape(hostile, escaped, sizeof(escaped));
	for (size_t width = 8; width < 100; width++)
		for (size_t indent = 0; indent <= 4; indent += 2)
			CHECK(u, is_fold_of(folded(&w, escaped, 0, width, indent), escaped, width));
}

const struct unit_test sketch_tests[] = {
	{"sketch: each outcome has its mark, the newest at the right", outcomes_are_marks},
	{"sketch: as many calls are remembered as fit", as_many_calls_are_remembered_as_fit},
	{"sketch: durations are bars, the lowest of which is seen", latency_is_bars},
	{"sketch: all durations fit in any number of bars", all_latencies_fit},
	{"sketch: a timeline shows the worst state of each part", states_are_the_worst_of_each_part},
	{"board: columns share every width", columns_share_every_width},
	{"board: what is needed least gives way first", the_least_needed_gives_way_first},
	{"standing: each key has its order", each_key_has_its_order},
	{"frame: a text is cut to the terminal", a_frame_is_cut_to_the_terminal},
	{"fold: a text folds at its spaces", a_text_folds_at_its_spaces},
	{"fold: a word longer than a line breaks between characters", a_word_longer_than_a_line_breaks_between_characters},
	{"fold: nothing is lost, and no line is too long", nothing_is_lost_and_no_line_too_long},
	{0},
};
