/* test_text.c: foreign text as it is shown and quoted. */
#include "suites.h"

#include "base/text.h"

static void check_escaped(struct unit *u, const char *text, const char *want)
{
	char shown[128];
	CHECK_STR(u, text_escape(text, shown, sizeof(shown)), want);
}

static void controls_are_escaped(struct unit *u)
{
	check_escaped(u, "caf\u00e9 \\ \033[2J\r\n\x7f", "caf\u00e9 \\\\ \\e[2J\\r\\n\\x7f");
	check_escaped(u, "\xc2\x9b \xff \xed\xa0\x80", "\\xc2\\x9b \\xff \\xed\\xa0\\x80");
}

static void what_turns_text_is_escaped(struct unit *u)
{
	check_escaped(u, "a\u202eb\u2066c", "a\\xe2\\x80\\xaeb\\xe2\\x81\\xa6c");
	check_escaped(u, "a\u2028b\u2029c", "a\\xe2\\x80\\xa8b\\xe2\\x80\\xa9c");
	check_escaped(u, "\u2027 \u202f \u2065 \u206a", "\u2027 \u202f \u2065 \u206a");
	CHECK(u, text_fits_json("a\u202eb")); /* a program may have it as it is */
}

const struct unit_test text_tests[] = {
	{"text: control characters and what is no UTF-8 are escaped", controls_are_escaped},
	{"text: separators of lines and what turns text around are escaped", what_turns_text_is_escaped},
	{NULL, NULL},
};
