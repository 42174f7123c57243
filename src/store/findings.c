/* findings.c: one line each. */
#include "store/findings.h"

#include <stdarg.h>
#include <stdio.h>

void findings_tell(const struct findings *findings, bool good, const char *format, ...)
{
	char text[ERROR_TEXT_SIZE];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	findings->visit(findings->context, good, text);
}
