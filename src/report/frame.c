/* frame.c: cut to what fits, since a line that wraps, or one too many, would scroll all others. */
#include "report/frame.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* The length of an escape sequence for a colour; 0 if there is none. */
static size_t escape_length(const char *text, size_t length)
{
	size_t i = 2;
	if (length < 3 || text[0] != '\033' || text[1] != '[')
		return 0;
	while (i < length && text[i] != 'm')
		i++;
	return i < length ? i + 1 : 0;
}

/* Writes a line as far as it fits; what sets and ends colours in any case. */
static void print_line(FILE *out, const char *line, size_t length, size_t width)
{
	size_t columns = 0;
	for (size_t i = 0; i < length;) {
		size_t escape = escape_length(line + i, length - i);
		bool continues = ((unsigned char)line[i] & 0xC0) == 0x80;
		size_t step = escape > 0 ? escape : 1;
		columns += escape == 0 && !continues;
		if (escape > 0 || columns <= width)
			fwrite(line + i, 1, step, out);
		i += step;
	}
	fputs("\033[K", out);
}

static size_t count_lines(const char *text)
{
	size_t count = 0;
	for (; *text != '\0'; text += *text == '\n') {
		text += strcspn(text, "\n");
		count++;
	}
	return count;
}

void frame_print(FILE *out, const char *text, size_t width, size_t height)
{
	size_t lines = count_lines(text);
	size_t shown = height == 0 || lines <= height ? lines : height - 1;
	fputs("\033[?2026h\033[H", out);
	for (size_t i = 0; i < shown; i++) {
		size_t length = strcspn(text, "\n");
		fputs(i > 0 ? "\r\n" : "", out);
		print_line(out, text, length, width > 0 ? width : SIZE_MAX);
		text += length + 1;
	}
	if (shown < lines)
		fprintf(out, "%s... and %zu more lines\033[K", shown > 0 ? "\r\n" : "", lines - shown);
	fputs("\033[J\033[?2026l", out);
}
