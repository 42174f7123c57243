/*
 * snapshot.h: a breaker at one moment, to be shown as text or JSON.
 */
#ifndef CBRUN_REPORT_SNAPSHOT_H
#define CBRUN_REPORT_SNAPSHOT_H

#include "base/text.h"
#include "breaker/breaker.h"
#include "report/table.h"

#include <stdbool.h>
#include <stdio.h>

/* One value of the breaker's policy, under its option's name. */
struct policy_value {
	const char *name;
	enum { POLICY_VALUE_NUMBER, POLICY_VALUE_TEXT, POLICY_VALUE_BOOL, POLICY_VALUE_NONE } kind;
	char text[48]; /* as the option takes it; of a bool "true" or "false" */
};

enum { POLICY_VALUES = 24 };

struct snapshot {
	char name[136];
	struct breaker breaker;
	struct instant at;
	struct load load;
	struct policy_value policy[POLICY_VALUES];
	int policy_count;
	char disagreement[512]; /* in what the policies differ that callers use in turn; "" = they do not */
};

enum { SNAPSHOT_TEXT_SIZE = 4 * 512 };

/*
 * Why it is in its state, escaped; with `all`, also when it will be tried again and how many calls run. "" for
 * nothing.
 */
void snapshot_format_why(const struct snapshot *s, bool all, char text[SNAPSHOT_TEXT_SIZE]);

/* A quantile of the latency, as latency_quantile_us(), for people: 12ms, 3s. */
void snapshot_format_latency(const struct latency *latency, int permille, char text[TEXT_VALUE_SIZE]);

/* The escape sequence for the colour of a state: red for what is open, unless in shadow mode alone. */
const char *snapshot_colour(const struct standing *standing);

/* Adds the breaker's line of `cbrun status` to a table that snapshot_add_headings() began. False if out of
 * memory. */
bool snapshot_add_row(struct table *table, const struct snapshot *s);

/* Adds the heading of that table. */
bool snapshot_add_headings(struct table *table);

/* Writes the breaker's object of `cbrun status --json`. False if out of memory. */
bool snapshot_print_json(FILE *out, const struct snapshot *s);

#endif
