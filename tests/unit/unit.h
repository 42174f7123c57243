/*
 * unit.h: a small harness for unit tests, which speaks TAP.
 *
 * A test is a function and the sentence that it proves. A test file exports a
 * table of them, ended by an empty row and declared in suites.h; main.c lists
 * the tables. A check that does not hold makes its test fail, notes where and
 * what, and lets the test go on.
 */
#ifndef CBRUN_UNIT_H
#define CBRUN_UNIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { UNIT_NOTES_SIZE = 8192 };

/* One test under way. */
struct unit {
	int failures; /* checks that did not hold */
	size_t used;  /* bytes of notes */
	char notes[UNIT_NOTES_SIZE];
};

struct unit_test {
	const char *sentence; /* NULL ends a table */
	void (*run)(struct unit *u);
};

struct unit_place {
	const char *file;
	int line;
};
#define UNIT_HERE ((struct unit_place){__FILE__, __LINE__})

/* The checks. `got` and `want` are evaluated once; integers are compared as int64_t. */
#define CHECK(u, condition)     unit_check(u, UNIT_HERE, #condition, condition)
#define CHECK_INT(u, got, want) unit_check_int(u, UNIT_HERE, #got, (int64_t)(got), (int64_t)(want))
#define CHECK_STR(u, got, want) unit_check_str(u, UNIT_HERE, #got, got, want)

void unit_check(struct unit *u, struct unit_place at, const char *what, bool holds);
void unit_check_int(struct unit *u, struct unit_place at, const char *what, int64_t got, int64_t want);
void unit_check_str(struct unit *u, struct unit_place at, const char *what, const char *got,
                    const char *want);

/* Makes the test fail, with a note of one line. */
void unit_fail(struct unit *u, struct unit_place at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Adds a line that is told beside the test's result, whatever that is. */
void unit_note(struct unit *u, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * Runs the tests of all suites whose sentence contains `filter` (NULL: every
 * one) and prints TAP. False if a test failed, or if there was none to run.
 */
bool unit_run(const struct unit_test *const suites[], size_t count, const char *filter);

/* The seed of the random tests: $UNIT_SEED, or `otherwise`. */
uint64_t unit_seed(uint64_t otherwise);

#endif
