/*
 * guard.h: one guarded run, as run.c walks it. Each step has a file of its own.
 */
#ifndef CBRUN_COMMANDS_GUARD_H
#define CBRUN_COMMANDS_GUARD_H

#include "commands/command.h"
#include "process/supervisor.h"

struct guard {
	const struct invocation *in;
	const struct settings *settings;
	struct policy policy; /* what the call goes by */
	uint64_t boot_id;
	bool only_trials;     /* let in as a trial call or not at all */
	int64_t start_us;     /* when the call began, on the boot clock */
	struct store *store;  /* NULL: it cannot be used, the command runs unguarded */
	struct store_key key; /* the breaker's, at admission */
	struct breaker *breaker; /* as loaded last */
	bool disagrees;          /* the last call had another policy, `other_policy` */
	struct policy other_policy;
	struct admission admission;
	struct journal journal; /* of the last step that was kept */
	struct supervisor supervisor;
	struct message_sink sink; /* what the command line wants to read */
	struct input input;
	struct capture capture;
	struct process_result result;
	int64_t retries; /* attempts beyond the first, so far */
};

/*
 * admission.c: asks the breaker, until the call is let in or --wait is over.
 * False: the store cannot be used; then it is closed.
 */
bool guard_admit(struct guard *g, struct error *error);

/* admission.c: whether the breaker has opened since this call was admitted. */
bool guard_has_opened(struct guard *g);

/*
 * admission.c: records how the call ended, and whether a fallback follows. A
 * failure of the store is told, and changes nothing for the caller.
 */
void guard_record(struct guard *g, enum outcome outcome, bool fallback);

/* attempts.c: the health check of a trial call. False if it failed: then the call has. */
bool guard_check_health(struct guard *g);

/* attempts.c: runs the command, again if it fails and may be; fills g->result. */
void guard_run(struct guard *g);

/* attempts.c: milliseconds until --deadline; INT64_MAX without one. */
int64_t guard_rest_ms(const struct guard *g);

/* instead.c: what happens to a rejected call; returns the exit status. */
int guard_reject(struct guard *g);

/* instead.c: the fallback after a call that ended so. Fills g->result if there is one. */
void guard_fall_back(struct guard *g, enum outcome outcome);

/* instead.c: whether the settings want a fallback after such a call. */
bool guard_falls_back(const struct settings *settings, enum outcome outcome);

/* instead.c: keeps the output of a successful call. */
void guard_keep_output(struct guard *g);

/* instead.c: prints what was held back, if it is due. */
void guard_release_output(struct guard *g, enum outcome outcome);

#endif
