/*
 * table.h: aligned columns. Rows are collected, since their widths are known only at the end.
 */
#ifndef CBRUN_REPORT_TABLE_H
#define CBRUN_REPORT_TABLE_H

#include "base/array.h"
#include "report/standing.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum { TABLE_COLUMNS = 7 };

/* Zeroed, it is empty. Owns copies of its cells; table_free() frees them. */
struct table {
	struct array rows; /* struct table_row */
	size_t widths[TABLE_COLUMNS];
};

/*
 * Adds a row. `colour`, an escape sequence that outlives the table or "", is for
 * the second cell. False if out of memory.
 */
bool table_add(struct table *table, const char *const cells[TABLE_COLUMNS], const char *colour,
               const struct standing *standing);

/* Sorts the rows behind the first by their standing, and then by the first cell, as standing_compare(). */
void table_sort(struct table *table, enum standing_key key);

/*
 * Prints the rows, the third to sixth column aligned to the right. Where they are
 * wider than `width` columns, the first and the last are cut. 0: they never are.
 */
void table_print(FILE *out, const struct table *table, bool colour, size_t width);

void table_free(struct table *table);

#endif
