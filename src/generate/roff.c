/* roff.c: what roff would take for its own. */
#include "generate/roff.h"

#include <stdio.h>

void roff_print(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (text[i] == '-')
			fputs("\\-", stdout);
		else if (text[i] == '\\')
			fputs("\\e", stdout);
		else
			putchar(text[i]);
	}
}
