/*
 * look.h: one look at the breakers, for `cbrun status`: all are read before any is shown.
 */
#ifndef CBRUN_COMMANDS_LOOK_H
#define CBRUN_COMMANDS_LOOK_H

#include "commands/targets.h"
#include "report/board.h"
#include "report/portrait.h"

/* The history of a breaker that is shown in full again and again: of that, only what is new is read. */
struct memory {
	char name[STORE_NAME_SIZE];
	int64_t incarnation;
	struct past past;
};

struct look {
	struct invocation *in;
	struct style style;
	bool steady;      /* one look of many: what would be a message is part of what is shown */
	bool for_people;  /* at a terminal: signs, and one breaker that was asked for in full */
	struct {
		size_t all; /* breakers, whether they are shown or not */
		size_t open; /* those that are down: breaker_is_down() */
		size_t half_open;
		size_t shadowed; /* would be but for shadow mode */
		size_t disabled;
	} counts;
	bool unclear;             /* a record could not be read; that was reported */
	bool missing;             /* a named breaker does not exist; that was reported */
	struct memory memory;     /* of the look before */
};

/*
 * Looks, and writes to `out` what there is to see. The store is open for that
 * time alone, and no transaction is while anything is written. False with the error set.
 */
bool look_print(struct look *look, FILE *out, struct error *error);

/* Frees what is remembered from look to look. */
void look_free(struct look *look);

#endif
