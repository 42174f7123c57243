/* table.c: collecting and printing rows. */
#include "report/table.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

enum { COLOURED = 1, FIRST_RIGHT = 2, LAST_RIGHT = 5, GAP = 2, LAST = TABLE_COLUMNS - 1, LEAST_WIDTH = 16 };

struct table_row {
	char *cells[TABLE_COLUMNS];
	const char *colour;
	struct standing standing;
};

bool table_add(struct table *table, const char *const cells[TABLE_COLUMNS], const char *colour,
               const struct standing *standing)
{
	struct table_row *row = array_append(&table->rows, sizeof(*row));
	if (row == NULL)
		return false;
	*row = (struct table_row){.colour = colour, .standing = *standing};
	for (int i = 0; i < TABLE_COLUMNS; i++) {
		size_t columns = text_columns(cells[i]);
		if (columns > table->widths[i])
			table->widths[i] = columns;
		row->cells[i] = strdup(cells[i]);
		if (row->cells[i] == NULL)
			return false;
	}
	return true;
}

static int compare_rows(const void *a, const void *b, void *key)
{
	const struct table_row *one = a;
	const struct table_row *other = b;
	return standing_compare(*(const enum standing_key *)key, &one->standing, one->cells[0], &other->standing,
	                        other->cells[0]);
}

void table_sort(struct table *table, enum standing_key key)
{
	struct table_row *rows = table->rows.items;
	if (table->rows.count > 1)
		qsort_r(rows + 1, table->rows.count - 1, sizeof(*rows), compare_rows, &key);
}

static void print_cell(FILE *out, const struct table_row *row, int i, size_t width, bool colour)
{
	char *cell = row->cells[i];
	if (text_columns(cell) > width) /* what is cut is no longer than what was there */
		text_cut_columns(strdupa(cell), cell, strlen(cell) + 1, width);
	int pad = (int)(width - text_columns(cell));
	bool right = i >= FIRST_RIGHT && i <= LAST_RIGHT;
	colour = colour && i == COLOURED && row->colour[0] != '\0';
	if (right)
		fprintf(out, "%*s", pad, "");
	fprintf(out, "%s%s%s", colour ? row->colour : "", cell, colour ? "\033[0m" : "");
	if (i < LAST)
		fprintf(out, "%*s", right ? GAP : pad + GAP, "");
}

/* What a column gives up so that all fit; it keeps LEAST_WIDTH. */
static void shrink(size_t *column, size_t *excess)
{
	size_t spare = *column > LEAST_WIDTH ? *column - LEAST_WIDTH : 0;
	size_t given = spare < *excess ? spare : *excess;
	*column -= given;
	*excess -= given;
}

void table_print(FILE *out, const struct table *table, bool colour, size_t width)
{
	const struct table_row *rows = table->rows.items;
	size_t widths[TABLE_COLUMNS];
	size_t sum = (size_t)GAP * LAST;
	memcpy(widths, table->widths, sizeof(widths));
	for (int i = 0; i < TABLE_COLUMNS; i++)
		sum += widths[i];
	size_t excess = width > 0 && sum > width ? sum - width : 0;
	if (widths[0] > 2 * LEAST_WIDTH && excess > 0) { /* a long name, before the reasons */
		size_t name = widths[0] - LEAST_WIDTH;
		shrink(&name, &excess);
		widths[0] = name + LEAST_WIDTH;
	}
	shrink(&widths[LAST], &excess);
	shrink(&widths[0], &excess);
	for (size_t i = 0; i < table->rows.count; i++) {
		for (int column = 0; column < TABLE_COLUMNS; column++)
			print_cell(out, &rows[i], column, widths[column], colour);
		fputc('\n', out);
	}
}

void table_free(struct table *table)
{
	struct table_row *rows = table->rows.items;
	for (size_t i = 0; i < table->rows.count; i++)
		for (int column = 0; column < TABLE_COLUMNS; column++)
			free(rows[i].cells[column]);
	array_free(&table->rows);
}
