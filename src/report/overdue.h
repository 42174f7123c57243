/*
 * overdue.h: whether a breaker is called, and its calls succeed, as often as
 * expected; in words and as JSON.
 */
#ifndef CBRUN_REPORT_OVERDUE_H
#define CBRUN_REPORT_OVERDUE_H

#include "breaker/breaker.h"

#include <stdbool.h>
#include <stdio.h>

enum overdue_why { OVERDUE_NOT, OVERDUE_NOT_CALLED, OVERDUE_NOT_SUCCEEDED };

enum { OVERDUE_NAME_SIZE = 136, OVERDUE_LINE_SIZE = 2048 };

/* What this needs of a breaker: many of them are kept at a time. */
struct overdue {
	char name[OVERDUE_NAME_SIZE];
	int64_t now_wall_ms;
	int64_t success_wall_ms; /* of the last success; 0 = never */
	/* how long ago; -1 = never, as far as is known */
	int64_t called_ms;
	int64_t success_ms;
	int64_t known_ms; /* since it is known, at least */
	int64_t mode_ms;  /* since it is held or disabled */
	int64_t calls;
	int64_t mean_ms;
	int64_t learned_ms; /* cadence_expected_ms() */
	int64_t running;
	enum breaker_mode mode;
	struct reason reason; /* of the mode */
	enum outcome last_outcome;
	int64_t last_exit;
	/* the verdict */
	int64_t limit_ms; /* 0 = too little is known for one */
	bool configured;  /* the limit is, and not learned */
	enum overdue_why why;
};

/* What is known of a breaker at that moment, of which `running` calls run. Without a verdict. */
void overdue_look(struct overdue *o, const char *name, const struct breaker *b, const struct instant *at,
                  int64_t running);

/* The same for one that the store does not have. */
void overdue_missing(struct overdue *o, const char *name);

/* Gives the verdict. `expect_ms` is what the configuration says; 0 = nothing. */
void overdue_judge(struct overdue *o, int64_t expect_ms);

/* The verdict in words: why it is overdue, or why that cannot be told; "" if all is well. */
void overdue_format(const struct overdue *o, char line[OVERDUE_LINE_SIZE]);

/* Writes the object of `cbrun overdue --json`. False if out of memory, or it cannot be written. */
bool overdue_print_json(FILE *out, const struct overdue *o);

#endif
