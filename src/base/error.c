/* error.c: setting errors. */
#include "base/error.h"

#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool error_set(struct error *error, enum error_kind kind, const char *format, ...)
{
	va_list arguments;
	error->kind = kind;
	va_start(arguments, format);
	vsnprintf(error->text, sizeof(error->text), format, arguments);
	va_end(arguments);
	return false;
}

bool error_set_errno(struct error *error, enum error_kind kind, int error_number, const char *format, ...)
{
	char act[ERROR_TEXT_SIZE];
	const char *cause = strerror(error_number);
	va_list arguments;
	error->kind = kind;
	va_start(arguments, format);
	vsnprintf(act, sizeof(act), format, arguments);
	va_end(arguments);
	/* a long path must not hide the cause */
	text_cut(act, error->text, sizeof(error->text) - strlen(": ") - strlen(cause));
	strcat(error->text, ": ");
	strcat(error->text, cause);
	return false;
}
