/* option_list.c: the options, one a line. */
#include "generate/completion.h"
#include "generate/generate.h"

void generate_table(void)
{
	for (size_t i = 0; i < option_count; i++) {
		const struct option_row *row = &option_rows[i];
		printf("%s %c ", row->name, row->letter != '\0' ? row->letter : '-');
		completion_print_forms(row, " ");
		puts((row->scope & SCOPE_CONFIG) != 0 ? " key" : "");
	}
}
