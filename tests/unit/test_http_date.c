/* test_http_date.c: times as HTTP writes them. */
#include "suites.h"

#include "base/http_date.h"

#include <stdio.h>

static void check_time(struct unit *u, const char *text, int64_t want_s)
{
	int64_t wall_ms = -1;
	CHECK(u, http_date_read(text, &wall_ms));
	CHECK_INT(u, wall_ms, want_s * 1000);
}

static void a_date_is_read(struct unit *u)
{
	check_time(u, "Thu, 01 Jan 1970 00:00:00 GMT", 0);
	check_time(u, "Sun, 06 Nov 1994 08:49:37 GMT", 784111777); /* of RFC 9110 */
	check_time(u, "Wed, 21 Oct 2026 07:28:00 GMT", 1792567680);
	check_time(u, "Thu, 29 Feb 2024 23:59:59 GMT", 1709251199);
	check_time(u, "Sat, 31 Dec 2016 23:59:60 GMT", 1483228800); /* a leap second */
	check_time(u, "Wed, 31 Dec 1969 23:59:59 GMT", -1);
	check_time(u, "Fri, 31 Dec 9999 23:59:59 GMT", 253402300799);
}

static void what_is_no_date_is_refused(struct unit *u)
{
	static const char *const texts[] = {
		"",
		"soon",
		"Wed, 21 Oct 2026 07:28:00",
		"Wed, 21 Oct 2026 07:28:00 UTC",
		"Wed, 21 Oct 2026 07:28:00 GMT ",
		"Wed, 21 Oct 2026 07:28:00 GMTs",
		" Wed, 21 Oct 2026 07:28:00 GMT",
		"Wed, 21 Oct 2026  7:28:00 GMT",
		"Wed, -1 Oct 2026 07:28:00 GMT",
		"wed, 21 Oct 2026 07:28:00 GMT",
		"Wed, 21 oct 2026 07:28:00 GMT",
		"Xxx, 21 Oct 2026 07:28:00 GMT",
		"Wed, 00 Oct 2026 07:28:00 GMT",
		"Wed, 32 Oct 2026 07:28:00 GMT",
		"Sun, 29 Feb 2026 07:28:00 GMT",
		"Wed, 21 Oct 2026 24:00:00 GMT",
		"Wed, 21 Oct 2026 07:60:00 GMT",
		"Wed, 21 Oct 2026 07:28:61 GMT",
		"Wed,\t21\tOct\t2026\t07:28:00\tGMT",
		"Wednesday, 21-Oct-26 07:28:00 GMT",
		"Wed Oct 21 07:28:00 2026",
	};
	int64_t wall_ms;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		CHECK_STR(u, http_date_read(texts[i], &wall_ms) ? texts[i] : "refused", "refused");
}

const struct unit_test http_date_tests[] = {
	{"http date: it is a time since 1970", a_date_is_read},
	{"http date: anything else is none", what_is_no_date_is_refused},
	{NULL, NULL},
};
