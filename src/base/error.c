/* error.c: setting errors. */
#include "base/error.h"

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
	va_list arguments;
	error->kind = kind;
	va_start(arguments, format);
	vsnprintf(error->text, sizeof(error->text), format, arguments);
	va_end(arguments);
	size_t length = strlen(error->text);
	snprintf(error->text + length, sizeof(error->text) - length, ": %s", strerror(error_number));
	return false;
}
