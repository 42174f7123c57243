/* fold.c: word by word. */
#include "report/fold.h"

#include "base/text.h"

#include <stdbool.h>
#include <string.h>

/* The length of a character, or of what stands for one: \n, \x1b. */
static size_t unit_length(const char *text)
{
	enum { LETTER = 2, HEX = 4 };
	size_t wanted = text[0] != '\\' ? text_utf8_length(text) : text[1] == 'x' ? HEX : LETTER;
	size_t length = strnlen(text, wanted);
	return length > 0 ? length : 1;
}

/* The columns of a word, and its length in bytes. */
static size_t measure(const char *word, size_t *length)
{
	size_t columns = 0;
	*length = 0;
	while (word[*length] != '\0' && word[*length] != ' ') {
		size_t bytes = unit_length(word + *length);
		columns += word[*length] == '\\' ? bytes : 1;
		*length += bytes;
	}
	return columns;
}

static size_t begin_line(FILE *out, const struct fold *fold)
{
	fprintf(out, "\n%*s", (int)fold->indent, "");
	return fold->indent;
}

/* Breaks it where it is longer than a line. */
static size_t print_word(FILE *out, const char *word, size_t length, size_t column, const struct fold *fold)
{
	while (length > 0) {
		size_t bytes = unit_length(word);
		size_t columns = word[0] == '\\' ? bytes : 1;
		if (column + columns > fold->width && column > fold->indent)
			column = begin_line(out, fold);
		fwrite(word, 1, bytes, out);
		column += columns;
		word += bytes;
		length -= bytes;
	}
	return column;
}

size_t fold_print(FILE *out, const char *text, size_t column, const struct fold *fold)
{
	while (*text != '\0') {
		size_t spaces = strspn(text, " ");
		size_t length;
		size_t columns = measure(text + spaces, &length);
		bool fits = column + spaces + columns <= fold->width;
		bool begun = column > fold->indent; /* else a new line has no more room */
		if (length == 0 && !fits)
			break;
		if (fits) {
			fprintf(out, "%*s", (int)spaces, "");
			column += spaces;
		} else if (begun && (spaces > 0 || fold->indent + columns <= fold->width)) {
			column = begin_line(out, fold);
		}
		column = print_word(out, text + spaces, length, column, fold);
		text += spaces + length;
	}
	return column;
}

static void print_line(FILE *out, const char *line, size_t width)
{
	size_t spaces = strspn(line, " ");
	fold_print(out, line, 0, &(struct fold){width, spaces > 0 && spaces + 2 < width ? spaces + 2 : 0});
	fputc('\n', out);
}

void fold_print_lines(FILE *out, char *text, size_t width)
{
	char *line;
	while ((line = strsep(&text, "\n")) != NULL && text != NULL)
		print_line(out, line, width);
}
