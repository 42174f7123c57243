/* lines.c: a list of texts. */
#include "base/lines.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *lines_get(const struct lines *lines, size_t number)
{
	char *const *texts = lines->texts.items;
	return number < lines->texts.count ? texts[number] : NULL;
}

static bool has(const struct lines *lines, const char *text)
{
	const char *line;
	for (size_t i = 0; (line = lines_get(lines, i)) != NULL; i++)
		if (strcmp(line, text) == 0)
			return true;
	return false;
}

void lines_add(struct lines *lines, const char *format, ...)
{
	char *text;
	va_list arguments;
	va_start(arguments, format);
	int length = vasprintf(&text, format, arguments);
	va_end(arguments);
	if (length < 0)
		return;
	char **place = has(lines, text) ? NULL : array_append(&lines->texts, sizeof(*place));
	if (place != NULL)
		*place = text;
	else
		free(text);
}

void lines_cut(struct lines *lines, size_t count)
{
	char **texts = lines->texts.items;
	while (lines->texts.count > count)
		free(texts[--lines->texts.count]);
}

void lines_free(struct lines *lines)
{
	lines_cut(lines, 0);
	array_free(&lines->texts);
}
