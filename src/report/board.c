/* board.c: rows are collected, laid out together, and printed. */
#include "report/board.h"

#include "base/text.h"
#include "base/units.h"
#include "report/reason.h"
#include "report/sketch.h"

#include <stdlib.h>
#include <string.h>

enum { GAP = 2, SIGN = 2, LAST_LEAST = 5, LAST_SHORT = 10, NAME_SHORT = 20, NAME_LEAST = 10, WHY_LEAST = 28 };

struct board_row {
	struct standing standing;
	int64_t recent;
	char cells[BOARD_COLUMNS][TEXT_VALUE_SIZE]; /* but of the three below */
	char *name;
	char *why;
};

static const char *const headings[BOARD_COLUMNS] = {
	[BOARD_NAME] = "NAME",     [BOARD_STATE] = "STATE", [BOARD_DOWN] = "DOWN", [BOARD_LAST] = "LAST",
	[BOARD_FAILED] = "FAILED", [BOARD_P50] = "P50",     [BOARD_P95] = "P95",   [BOARD_RUNNING] = "RUN",
	[BOARD_NEXT] = "NEXT TRY", [BOARD_WHY] = "WHY",
};

static bool is_right(int column)
{
	return column >= BOARD_DOWN && column <= BOARD_NEXT;
}

/* --- laying out --- */

static size_t sum_of(const struct board_layout *layout)
{
	size_t sum = SIGN;
	for (int i = 0; i < BOARD_COLUMNS; i++)
		sum += layout->widths[i] > 0 ? layout->widths[i] + (i > 0 ? GAP : 0) : 0;
	return sum;
}

/* Makes a column narrower, as far as `least`, if all together are too wide. */
static void narrow(struct board_layout *layout, int column, size_t least, size_t width)
{
	size_t sum = sum_of(layout);
	size_t *own = &layout->widths[column];
	if (sum <= width || *own <= least)
		return;
	size_t spare = *own - least;
	*own -= spare < sum - width ? spare : sum - width;
}

/* Reasons have what the others leave, or lines of their own. */
static void lay_out_why(struct board_layout *layout, size_t wanted, size_t width)
{
	size_t others = sum_of(layout) + GAP;
	if (wanted == 0)
		return;
	layout->widths[BOARD_WHY] = wanted;
	if (others + wanted <= width)
		return;
	layout->why_below = others + WHY_LEAST > width;
	layout->widths[BOARD_WHY] = layout->why_below ? 0 : width - others;
}

void board_lay_out(const size_t wanted[BOARD_COLUMNS], size_t width, struct board_layout *layout)
{
	static const enum board_column dispensable[] = {BOARD_P50,     BOARD_P95,  BOARD_LAST, BOARD_FAILED,
	                                                BOARD_RUNNING, BOARD_NEXT, BOARD_DOWN};
	*layout = (struct board_layout){0};
	if (width == 0)
		width = SIZE_MAX;
	for (int i = 0; i < BOARD_WHY; i++) {
		size_t heading = strlen(headings[i]);
		bool shown = wanted[i] > 0;
		layout->widths[i] = !shown ? 0 : wanted[i] > heading ? wanted[i] : heading;
	}
	narrow(layout, BOARD_LAST, LAST_SHORT, width);
	narrow(layout, BOARD_NAME, NAME_SHORT, width);
	narrow(layout, BOARD_LAST, LAST_LEAST, width);
	for (size_t i = 0; i < sizeof(dispensable) / sizeof(dispensable[0]) && sum_of(layout) > width; i++) {
		if (i == 1) /* before more than one is missing */
			narrow(layout, BOARD_NAME, NAME_LEAST, width);
		if (sum_of(layout) > width)
			layout->widths[dispensable[i]] = 0;
	}
	narrow(layout, BOARD_NAME, 1, width);
	lay_out_why(layout, wanted[BOARD_WHY], width);
}

/* --- collecting --- */

static void format_state(const struct breaker *b, int64_t now_ms, char cell[TEXT_VALUE_SIZE])
{
	const char *state = breaker_state_name(breaker_state_at(b, now_ms));
	const char *mode = reason_mode_name(b, now_ms);
	if (strcmp(mode, "shadow") == 0)
		snprintf(cell, TEXT_VALUE_SIZE, "%s, %s", state, mode);
	else
		snprintf(cell, TEXT_VALUE_SIZE, "%s", strcmp(mode, "normal") == 0 ? state : mode);
}

/* "67% of 12": of the window. */
static void format_failed(const struct breaker *b, int64_t now_ms, char cell[TEXT_VALUE_SIZE])
{
	struct window_counts w = window_count(&b->window, &b->policy, now_ms);
	if (w.calls > 0)
		snprintf(cell, TEXT_VALUE_SIZE, "%lld%% of %lld", (long long)(w.failures * 100 / w.calls),
		         (long long)w.calls);
}

/* When a trial call may run. */
static void format_next(const struct breaker *b, int64_t now_ms, char cell[TEXT_VALUE_SIZE])
{
	int64_t retry_ms = breaker_retry_after_ms(b, now_ms);
	if (retry_ms >= 0)
		text_span((retry_ms + MS_PER_S - 1) / MS_PER_S * MS_PER_S, cell); /* who waits, waits longer */
	else if (breaker_state_at(b, now_ms) != BREAKER_CLOSED)
		snprintf(cell, TEXT_VALUE_SIZE, "%s",
		         breaker_mode_at(b, now_ms) == MODE_HELD ? "by reset" : "now");
}

static void fill(struct board_row *row, const struct snapshot *s)
{
	const struct breaker *b = &s->breaker;
	int64_t now_ms = breaker_now_ms(b, &s->at);
	row->standing = standing_of(b, &s->at);
	row->recent = b->recent;
	format_state(b, now_ms, row->cells[BOARD_STATE]);
	if (row->standing.state != BREAKER_CLOSED)
		text_span(row->standing.age_ms / MS_PER_S * MS_PER_S, row->cells[BOARD_DOWN]);
	format_failed(b, now_ms, row->cells[BOARD_FAILED]);
	if (b->latency.count > 0) {
		snapshot_format_latency(&b->latency, 500, row->cells[BOARD_P50]);
		snapshot_format_latency(&b->latency, 950, row->cells[BOARD_P95]);
	}
	if (s->load.running > 0)
		snprintf(row->cells[BOARD_RUNNING], TEXT_VALUE_SIZE, "%lld", (long long)s->load.running);
	format_next(b, now_ms, row->cells[BOARD_NEXT]);
}

/* Why one that is well was closed the last time is no news, and might take a line each. */
static bool needs_why(const struct snapshot *s, enum breaker_state state)
{
	const struct breaker *b = &s->breaker;
	return state != BREAKER_CLOSED || breaker_mode_at(b, breaker_now_ms(b, &s->at)) == MODE_DISABLED ||
	       b->ignored_streak >= STANDING_MANY_IGNORED || s->disagreement[0] != '\0';
}

static void widen(size_t *width, size_t columns)
{
	if (columns > *width)
		*width = columns;
}

bool board_add(struct board *board, const struct snapshot *s)
{
	char name[SNAPSHOT_TEXT_SIZE];
	char why[SNAPSHOT_TEXT_SIZE] = "";
	struct board_row *row = array_append(&board->rows, sizeof(*row));
	if (row == NULL)
		return false;
	*row = (struct board_row){0};
	fill(row, s);
	if (needs_why(s, row->standing.state))
		snapshot_format_why(s, false, why);
	row->name = strdup(text_escape(s->name, name, sizeof(name)));
	row->why = strdup(why);
	if (row->name == NULL || row->why == NULL)
		return false;
	for (int i = 0; i < BOARD_COLUMNS; i++)
		widen(&board->widths[i], text_columns(row->cells[i]));
	widen(&board->widths[BOARD_NAME], text_columns(row->name));
	widen(&board->widths[BOARD_LAST], sketch_recent(NULL, row->recent, RECENT_CALLS, &(struct style){0}));
	widen(&board->widths[BOARD_WHY], text_columns(row->why));
	return true;
}

static int compare_rows(const void *a, const void *b, void *key)
{
	const struct board_row *one = a;
	const struct board_row *other = b;
	return standing_compare(*(const enum standing_key *)key, &one->standing, one->name, &other->standing,
	                        other->name);
}

void board_sort(struct board *board, enum standing_key key)
{
	if (board->rows.count > 1)
		qsort_r(board->rows.items, board->rows.count, sizeof(struct board_row), compare_rows, &key);
}

/* --- printing --- */

/* Pads a text, or cuts it, to a width. */
static void print_padded(FILE *out, const char *text, size_t width, bool right, const char *colour)
{
	char cut[SNAPSHOT_TEXT_SIZE];
	if (text_columns(text) > width)
		text = text_cut_columns(text, cut, sizeof(cut), width);
	int pad = (int)(width - text_columns(text));
	fprintf(out, "%*s%s%s%s%*s", right ? pad : 0, "", colour, text, colour[0] != '\0' ? STYLE_END : "",
	        right ? 0 : pad, "");
}

static void print_recent(FILE *out, int64_t recent, size_t width, const struct style *style)
{
	size_t used = sketch_recent(NULL, recent, width, style);
	fprintf(out, "%*s", (int)(width - used), "");
	sketch_recent(out, recent, width, style);
}

/* Behind the last cell of a line that holds anything there is nothing. */
static int last_of(const struct board_layout *layout, const struct board_row *row)
{
	int last = BOARD_COLUMNS - 1;
	for (; last > 0; last--) {
		bool filled = last == BOARD_WHY    ? row->why[0] != '\0'
		              : last == BOARD_LAST ? row->recent != 0
		                                   : row->cells[last][0] != '\0';
		if (layout->widths[last] > 0 && filled)
			break;
	}
	return last;
}

static const char *text_of(const struct board_row *row, int column)
{
	return column == BOARD_NAME ? row->name : column == BOARD_WHY ? row->why : row->cells[column];
}

static void print_row(FILE *out, const struct board_layout *layout, const struct board_row *row,
                      const struct style *style)
{
	int last = last_of(layout, row);
	const char *colour = row->standing.rank == 3 ? STYLE_YELLOW : snapshot_colour(&row->standing);
	const char *sign = sketch_sign(row->standing.rank, style);
	fprintf(out, "%s%s%s ", style->colour ? colour : "", sign, style->colour ? STYLE_END : "");
	for (int i = 0; i <= last; i++) {
		size_t width = layout->widths[i];
		const char *text = text_of(row, i);
		if (width == 0)
			continue;
		fprintf(out, "%*s", i > 0 ? GAP : 0, "");
		bool ends = i == last && !is_right(i) && text_columns(text) < width;
		if (i == BOARD_LAST)
			print_recent(out, row->recent, width, style);
		else
			print_padded(out, text, ends ? text_columns(text) : width, is_right(i),
			             i == BOARD_STATE && style->colour ? snapshot_colour(&row->standing)
			                                               : "");
	}
	fputc('\n', out);
}

static void print_headings(FILE *out, const struct board_layout *layout, const struct style *style)
{
	fprintf(out, "%s%*s", style->colour ? STYLE_BOLD : "", SIGN, "");
	for (int i = 0; i < BOARD_COLUMNS; i++) {
		if (layout->widths[i] == 0)
			continue;
		fprintf(out, "%*s", i > 0 ? GAP : 0, "");
		print_padded(out, headings[i], i == BOARD_WHY ? strlen(headings[i]) : layout->widths[i],
		             is_right(i), "");
	}
	fprintf(out, "%s\n", style->colour ? STYLE_END : "");
}

/* A reason below its breaker; what is well needs none. */
static void print_below(FILE *out, const struct board_row *row, const struct style *style)
{
	enum { INDENT = SIGN + 2 };
	size_t width = style->width > INDENT ? style->width - INDENT : 1;
	if (row->why[0] == '\0')
		return;
	fprintf(out, "%*s", INDENT, "");
	size_t columns = text_columns(row->why);
	print_padded(out, row->why, columns < width ? columns : width, false, "");
	fputc('\n', out);
}

void board_print(FILE *out, const struct board *board, const struct style *style)
{
	const struct board_row *rows = board->rows.items;
	struct board_layout layout;
	if (board->rows.count == 0)
		return;
	board_lay_out(board->widths, style->width, &layout);
	print_headings(out, &layout, style);
	for (size_t i = 0; i < board->rows.count; i++) {
		print_row(out, &layout, &rows[i], style);
		if (layout.why_below)
			print_below(out, &rows[i], style);
	}
}

void board_free(struct board *board)
{
	struct board_row *rows = board->rows.items;
	for (size_t i = 0; i < board->rows.count; i++) {
		free(rows[i].name);
		free(rows[i].why);
	}
	array_free(&board->rows);
}
