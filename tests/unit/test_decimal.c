/* test_decimal.c: decimal numbers as people write them. */
#include "suites.h"

#include "base/decimal.h"

static void check_count(struct unit *u, const char *text, int64_t want, const char *rest)
{
	int64_t count = -7;
	const char *end = decimal_read_count(text, &count);
	CHECK_INT(u, count, want);
	CHECK_STR(u, end != NULL ? end : "none", rest);
}

/* The number in units of 1/unit, and what follows it. */
static void check_units(struct unit *u, const char *text, int64_t unit, int64_t want, const char *rest)
{
	struct decimal d;
	const char *end = decimal_read(text, &d);
	CHECK_STR(u, end != NULL ? end : "none", rest);
	if (end != NULL)
		CHECK_INT(u, decimal_in_units(&d, unit), want);
}

static void a_count_is_digits(struct unit *u)
{
	check_count(u, "0", 0, "");
	check_count(u, "0012", 12, "");
	check_count(u, "5x", 5, "x");
	check_count(u, "5.5", 5, ".5");
	check_count(u, "", -7, "none");
	check_count(u, "-1", -7, "none");
	check_count(u, " 1", -7, "none");
}

static void a_large_count_stays_at_the_largest(struct unit *u)
{
	check_count(u, "922337203685477579", INT64_C(922337203685477579), "");
	check_count(u, "9223372036854775799", INT64_C(9223372036854775799), "");
	check_count(u, "9223372036854775808", INT64_MAX, "");
	check_count(u, "99999999999999999999999999", INT64_MAX, "");
}

static void a_decimal_has_a_digit_and_at_most_one_point(struct unit *u)
{
	check_units(u, "5", 10, 50, "");
	check_units(u, "12.5", 10, 125, "");
	check_units(u, ".5", 10, 5, "");
	check_units(u, "5.", 10, 50, "");
	check_units(u, "1.5.5", 10, 15, ".5");
	check_units(u, "1.5h", 10, 15, "h");
	check_units(u, "1e5", 10, 10, "e5");
	check_units(u, ".", 10, 0, "none");
	check_units(u, ".h", 10, 0, "none");
	check_units(u, "", 10, 0, "none");
	check_units(u, "+1", 10, 0, "none");
}

static void a_number_that_is_no_multiple_of_the_unit_is_refused(struct unit *u)
{
	check_units(u, "1.2340", 1000, 1234, "");
	check_units(u, "1.2345", 1000, -1, "");
	check_units(u, "0.000000001", DECIMAL_BILLIONTHS, 1, "");
	check_units(u, "0.0000000001", DECIMAL_BILLIONTHS, -1, "");
	check_units(u, "1.0000000000000000000000", 1, 1, "");
	check_units(u, "1.0000000000000000000001", 1, -1, "");
	check_units(u, "10000000000", DECIMAL_BILLIONTHS, INT64_MAX, "");
	check_units(u, "99999999999999999999.5", 10, INT64_MAX, "");
}

static void what_is_past_the_billionths_is_cut_off_and_noted(struct unit *u)
{
	struct decimal d;
	CHECK(u, decimal_read("7.9999999999", &d) != NULL);
	CHECK_INT(u, d.whole, 7);
	CHECK_INT(u, d.billionths, 999999999);
	CHECK(u, d.more);
	CHECK(u, decimal_read("7.1234567890", &d) != NULL);
	CHECK_INT(u, d.billionths, 123456789);
	CHECK(u, !d.more);
}

const struct unit_test decimal_tests[] = {
	{"decimal: a count is digits, and ends where they do", a_count_is_digits},
	{"decimal: a count too large for 64 bits is the largest", a_large_count_stays_at_the_largest},
	{"decimal: a number has a digit, and at most one point", a_decimal_has_a_digit_and_at_most_one_point},
	{"decimal: a number that is no multiple of the unit is refused",
         a_number_that_is_no_multiple_of_the_unit_is_refused},
	{"decimal: what is past the billionths is cut off and noted",
         what_is_past_the_billionths_is_cut_off_and_noted},
	{NULL, NULL},
};
