/* fuzz_name.c: names of breakers, and of options that are mistyped. */
#include "fuzz/fuzz.h"

#include "settings/values.h"

#include <stdlib.h>
#include <string.h>

static bool is_allowed(char c)
{
	bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
	return letter || (c >= '0' && c <= '9') || (c != '\0' && strchr("._:/@+-", c) != NULL);
}

/* The rule, letter by letter. */
static bool is_name(const char *text)
{
	size_t length = 0;
	for (; text[length] != '\0'; length++)
		if (!is_allowed(text[length]) || (length == 0 && text[length] == '-'))
			return false;
	return length >= 1 && length <= 128;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	HOLDS(value_is_name(text) == is_name(text));
	const struct option_row *row = option_find(text);
	const struct option_row *nearest = option_nearest(text, SCOPE_GUARD);
	HOLDS(row == NULL || strcmp(row->name, text) == 0);
	HOLDS(nearest == NULL || (nearest->scope & SCOPE_GUARD) != 0);
	HOLDS(row == NULL || (row->scope & SCOPE_GUARD) == 0 || nearest == row);
	free(text);
	return 0;
}
