/* unit.c: running tests and noting what did not hold. */
#include "unit.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NOTES_MAX = 10 }; /* further ones rarely say anything new */

static void note(struct unit *u, const char *format, va_list args) __attribute__((format(printf, 2, 0)));

static void note(struct unit *u, const char *format, va_list args)
{
	size_t room = sizeof(u->notes) - u->used;
	int length = vsnprintf(u->notes + u->used, room, format, args);
	if (length > 0)
		u->used += (size_t)length < room ? (size_t)length : room - 1;
}

static void notef(struct unit *u, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void notef(struct unit *u, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	note(u, format, args);
	va_end(args);
}

void unit_note(struct unit *u, const char *format, ...)
{
	notef(u, "# ");
	va_list args;
	va_start(args, format);
	note(u, format, args);
	va_end(args);
	notef(u, "\n");
}

void unit_fail(struct unit *u, struct unit_place at, const char *format, ...)
{
	if (++u->failures > NOTES_MAX)
		return;
	size_t start = u->used;
	notef(u, "# %s:%d: ", at.file, at.line);
	va_list args;
	va_start(args, format);
	note(u, format, args);
	va_end(args);
	/* a line break of a compared text would end the TAP comment */
	for (size_t i = start; i < u->used; i++)
		if (u->notes[i] == '\n')
			u->notes[i] = ' ';
	notef(u, "\n");
}

void unit_check(struct unit *u, struct unit_place at, const char *what, bool holds)
{
	if (!holds)
		unit_fail(u, at, "expected %s, which does not hold", what);
}

void unit_check_int(struct unit *u, struct unit_place at, const char *what, int64_t got, int64_t want)
{
	if (got != want)
		unit_fail(u, at, "expected %s to be %" PRId64 ", got %" PRId64, what, want, got);
}

void unit_check_str(struct unit *u, struct unit_place at, const char *what, const char *got, const char *want)
{
	if (strcmp(got, want) != 0)
		unit_fail(u, at, "expected %s to be \"%s\", got \"%s\"", what, want, got);
}

static bool wanted(const struct unit_test *test, const char *filter)
{
	return filter == NULL || strstr(test->sentence, filter) != NULL;
}

static bool run_one(const struct unit_test *test, int number)
{
	struct unit u = {0};
	test->run(&u);
	printf("%s %d - %s\n", u.failures == 0 ? "ok" : "not ok", number, test->sentence);
	fputs(u.notes, stdout);
	if (u.failures > NOTES_MAX)
		printf("# and %d more\n", u.failures - NOTES_MAX);
	fflush(stdout);
	return u.failures == 0;
}

bool unit_run(const struct unit_test *const suites[], size_t count, const char *filter)
{
	int plan = 0;
	for (size_t i = 0; i < count; i++)
		for (const struct unit_test *test = suites[i]; test->sentence != NULL; test++)
			plan += wanted(test, filter);
	printf("1..%d\n", plan);
	int number = 0;
	int passed = 0;
	for (size_t i = 0; i < count; i++)
		for (const struct unit_test *test = suites[i]; test->sentence != NULL; test++)
			if (wanted(test, filter))
				passed += run_one(test, ++number);
	if (plan == 0)
		printf("# no test's sentence contains \"%s\"\n", filter == NULL ? "" : filter);
	return plan > 0 && passed == plan;
}

uint64_t unit_seed(uint64_t otherwise)
{
	const char *seed = getenv("UNIT_SEED");
	return seed != NULL && *seed != '\0' ? strtoull(seed, NULL, 0) : otherwise;
}
