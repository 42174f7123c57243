/* table.c: collecting and printing rows. */
#include "report/table.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

enum { COLOURED = 1, FIRST_RIGHT = 2, LAST_RIGHT = 5, GAP = 2 };

struct table_row {
	char *cells[TABLE_COLUMNS];
	const char *colour;
};

bool table_add(struct table *table, const char *const cells[TABLE_COLUMNS], const char *colour)
{
	struct table_row *row = array_append(&table->rows, sizeof(*row));
	if (row == NULL)
		return false;
	*row = (struct table_row){.colour = colour};
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

static void print_cell(FILE *out, const struct table *table, const struct table_row *row, int i, bool colour)
{
	int pad = (int)(table->widths[i] - text_columns(row->cells[i]));
	bool right = i >= FIRST_RIGHT && i <= LAST_RIGHT;
	colour = colour && i == COLOURED && row->colour[0] != '\0';
	if (right)
		fprintf(out, "%*s", pad, "");
	fprintf(out, "%s%s%s", colour ? row->colour : "", row->cells[i], colour ? "\033[0m" : "");
	if (i + 1 < TABLE_COLUMNS)
		fprintf(out, "%*s", right ? GAP : pad + GAP, "");
}

void table_print(FILE *out, const struct table *table, bool colour)
{
	const struct table_row *rows = table->rows.items;
	for (size_t i = 0; i < table->rows.count; i++) {
		for (int column = 0; column < TABLE_COLUMNS; column++)
			print_cell(out, table, &rows[i], column, colour);
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
