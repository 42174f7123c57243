/*
 * board.h: breakers as a person at a terminal sees them: what is wrong comes first,
 * in as many columns as fit. Scripts get the table of snapshot.h.
 */
#ifndef CBRUN_REPORT_BOARD_H
#define CBRUN_REPORT_BOARD_H

#include "base/array.h"
#include "report/snapshot.h"
#include "report/style.h"

enum board_column {
	BOARD_NAME, /* with the sign in front */
	BOARD_STATE,
	BOARD_DOWN,
	BOARD_LAST, /* the last outcomes */
	BOARD_FAILED,
	BOARD_P50,
	BOARD_P95,
	BOARD_RUNNING,
	BOARD_NEXT,
	BOARD_WHY,
	BOARD_COLUMNS,
};

/* Zeroed, it is empty. */
struct board {
	struct array rows;            /* struct board_row */
	size_t widths[BOARD_COLUMNS]; /* the widest cell; 0 = there is none */
};

/* How wide each column is; 0: it is not shown. */
struct board_layout {
	size_t widths[BOARD_COLUMNS];
	bool why_below; /* there is no room for reasons in the row, so they get lines of their own */
};

/* Lays columns whose cells are so wide out in a width; 0: in any. */
void board_lay_out(const size_t wanted[BOARD_COLUMNS], size_t width, struct board_layout *layout);

/* Adds a breaker. False if out of memory. */
bool board_add(struct board *board, const struct snapshot *s);

void board_sort(struct board *board, enum standing_key key);

void board_print(FILE *out, const struct board *board, const struct style *style);

void board_free(struct board *board);

#endif
