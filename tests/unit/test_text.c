/* test_text.c: foreign text as it is shown and quoted. */
#include "suites.h"

#include "base/error.h"
#include "base/text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

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

static void long_text_is_cut_at_a_character(struct unit *u)
{
	char cut[8];
	CHECK_STR(u, text_cut("1234567", cut, sizeof(cut)), "1234567");
	CHECK_STR(u, text_cut("12345678", cut, sizeof(cut)), "1234...");
	CHECK_STR(u, text_cut("123\u00e945678", cut, sizeof(cut)), "123...");
	CHECK_STR(u, text_cut("\U0001f525\U0001f525", cut, sizeof(cut)), "\U0001f525...");
	CHECK_STR(u, text_cut("\x80\x80\x80\x80\x80\x80\x80\x80", cut, sizeof(cut)), "\x80...");
	CHECK_STR(u, text_cut("", cut, sizeof(cut)), "");
}

static void a_long_path_does_not_hide_the_cause(struct unit *u)
{
	char path[4096];
	struct error error;
	memset(path, 'x', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	error_set_errno(&error, ERROR_SYSTEM, ENAMETOOLONG, "cannot open %s", path);
	const char *end = strstr(error.text, "x...");
	char want[128];
	snprintf(want, sizeof(want), "x...: %s", strerror(ENAMETOOLONG)); /* each C library has its own words */
	CHECK_STR(u, end != NULL ? end : error.text, want);
	error_set_errno(&error, ERROR_SYSTEM, ENOENT, "cannot open %s", "here");
	CHECK_STR(u, error.text, "cannot open here: No such file or directory");
}

static void check_span(struct unit *u, int64_t ms, const char *want)
{
	char span[TEXT_VALUE_SIZE];
	text_span(ms, span);
	CHECK_STR(u, span, want);
}

static void a_span_has_two_units(struct unit *u)
{
	static const int64_t s = 1000;
	static const int64_t m = 60 * s;
	static const int64_t h = 60 * m;
	static const int64_t d = 24 * h;
	check_span(u, -5, "0s");
	check_span(u, 0, "0s");
	check_span(u, 999, "999ms");
	check_span(u, s, "1s");
	check_span(u, m - 1, "59s");
	check_span(u, m, "1m");
	check_span(u, 5 * m + 3 * s, "5m03s");
	check_span(u, h - 1, "59m59s");
	check_span(u, h + 59 * s, "1h");
	check_span(u, h + 2 * m + 3 * s, "1h02m");
	check_span(u, d - 1, "23h59m");
	check_span(u, d + 59 * m, "1d");
	check_span(u, 400 * d + h, "400d01h");
}

const struct unit_test text_tests[] = {
	{"text: control characters and what is no UTF-8 are escaped", controls_are_escaped},
	{"text: separators of lines and what turns text around are escaped", what_turns_text_is_escaped},
	{"text: what is too long is cut at a character", long_text_is_cut_at_a_character},
	{"text: how long something took has its two largest units", a_span_has_two_units},
	{"text: a long path does not hide the cause of an error", a_long_path_does_not_hide_the_cause},
	{NULL, NULL},
};
