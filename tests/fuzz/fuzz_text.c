/* fuzz_text.c: foreign text, on its way to a terminal and into JSON. */
#include "fuzz/fuzz.h"

#include "base/text.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Takes one escape apart; returns where it ends. */
static const char *unescape(const char *in, char *out)
{
	static const char names[] = "abtnvfre\\";
	static const char letters[] = "\a\b\t\n\v\f\r\033\\";
	char digits[3] = {0};
	if (in[1] != 'x') {
		const char *name = strchr(names, in[1]);
		HOLDS(in[1] != '\0' && name != NULL);
		*out = letters[name - names];
		return in + 2;
	}
	memcpy(digits, in + 2, 2);
	*out = (char)strtol(digits, NULL, 16);
	return in + 4;
}

/* Nothing is lost: what is shown can be read back. */
static void check_readable(const char *text, const char *shown)
{
	for (; *shown != '\0'; text++) {
		char c = *shown;
		shown = c == '\\' ? unescape(shown, &c) : shown + 1;
		HOLDS(*text == c);
	}
	HOLDS(*text == '\0');
}

/* Cut off, it still fits, and says so. */
static void check_cut(const char *text, const char *whole, size_t size)
{
	char *cut = malloc(size);
	HOLDS(cut != NULL);
	HOLDS(text_escape(text, cut, size) == cut);
	HOLDS(strlen(cut) < size);
	fuzz_check_shown(cut);
	if (strlen(whole) < size)
		HOLDS(strcmp(cut, whole) == 0);
	else if (size > 3)
		HOLDS(strcmp(cut + strlen(cut) - 3, "...") == 0 && strncmp(cut, whole, strlen(cut) - 3) == 0);
	HOLDS(strlen(whole) < size || strlen(cut) + 12 > size); /* little is wasted */
	free(cut);
}

/* What fits JSON is the same behind it, and raw controls are not in it. */
static void check_json(const char *text)
{
	json_t *string = json_string(text);
	HOLDS(string != NULL);
	char *dump = json_dumps(string, JSON_ENCODE_ANY);
	HOLDS(dump != NULL);
	for (const char *c = dump; *c != '\0'; c++) {
		HOLDS((unsigned char)*c >= 0x20 && *c != 0x7F);
		HOLDS(!(c[0] == '\xC2' && (unsigned char)c[1] < 0xA0));
	}
	json_t *again = json_loads(dump, JSON_DECODE_ANY, NULL);
	HOLDS(again != NULL && strcmp(json_string_value(again), text) == 0);
	json_decref(again);
	json_decref(string);
	free(dump);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	size_t room = 4 * strlen(text) + 1;
	char *shown = malloc(room);
	HOLDS(shown != NULL);
	text_escape(text, shown, room);
	fuzz_check_shown(shown);
	check_readable(text, shown);
	for (size_t cut = 1; cut < 24; cut++)
		check_cut(text, shown, cut);
	if (strlen(shown) > 24)
		check_cut(text, shown, strlen(shown) - 5);
	HOLDS(text_columns(shown) <= strlen(shown));
	if (text_fits_json(text))
		check_json(text);
	free(shown);
	free(text);
	return 0;
}
