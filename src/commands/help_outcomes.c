/* help_outcomes.c: what --outcomes knows, a paragraph for each program. */
#include "commands/help.h"
#include "settings/programs.h"

#include <string.h>

enum { INDENT = 4, LIST_INDENT = 21, LINE_WIDTH = 80 };

/* Prints words behind the indent, broken into lines. */
static void print_words(FILE *out, const char *text)
{
	int column = 0;
	while (*text != '\0') {
		int length = (int)strcspn(text, " ");
		if (column == 0 || column + 1 + length > LINE_WIDTH)
			column = fprintf(out, "%s%*s", column > 0 ? "\n" : "", INDENT, "") - (column > 0);
		else
			column += fprintf(out, " ");
		column += fprintf(out, "%.*s", length, text);
		text += length;
		text += strspn(text, " ");
	}
}

/* A list, broken into lines behind its commas. */
static void print_list(FILE *out, const char *what, const char *list)
{
	if (list == NULL)
		return;
	int column = fprintf(out, "%*s%-16s ", INDENT, "", what);
	while (*list != '\0') {
		int length = (int)strcspn(list, ",");
		length += list[length] == ',';
		if (column + length > LINE_WIDTH)
			column = fprintf(out, "\n%*s", LIST_INDENT, "") - 1;
		column += fprintf(out, "%.*s", length, list);
		list += length;
	}
	fputc('\n', out);
}

static void print_program(FILE *out, const struct program *program)
{
	fputs(program->name, out);
	if (program->also != NULL)
		fprintf(out, " (with auto, also %s)", program->also);
	fputc('\n', out);
	print_list(out, "service's fault", program->failure);
	print_list(out, "caller's own", program->ignore);
	print_list(out, "success", program->success);
	if (program->note != NULL) {
		print_words(out, program->note);
		fputs(".\n", out);
	}
	fprintf(out, "%*s[%s]\n\n", INDENT, "", program->source);
}

void help_print_outcomes(FILE *out)
{
	fputs("What --outcomes knows about exit statuses. The service's fault counts as a failure,\n"
	      "the caller's own does not count. 0 is a success; what is not listed is a failure.\n\n",
	      out);
	for (size_t i = 0; i < program_count; i++)
		print_program(out, &programs[i]);
	fputs("--success-on, --ignore-on and --failure-on override this.\n", out);
}
