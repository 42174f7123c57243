/*
 * own.h: the host's own store, which guards while the server cannot be used. The
 * kept output of calls is always here. It is opened when it is needed, and is the one
 * that would be used if --store were not given.
 */
#ifndef CBRUN_STORE_REDIS_OWN_H
#define CBRUN_STORE_REDIS_OWN_H

#include "store/store.h"

struct own {
	struct store *store; /* NULL: not open, or there is none */
	enum store_access access; /* what it was opened for */
	int64_t lock_timeout_ms;
	struct policy policy; /* of the last call, for a breaker that is made here to keep output under */
};

/* Opens it: for reading, in which case there may be none, or for anything else. */
bool own_open(struct own *own, enum store_access access, struct error *error);

void own_close(struct own *own);

/* Moves its remarks to another list. */
void own_pass_on_remarks(struct own *own, struct lines *remarks);

/*
 * Takes a step here; one that only looks makes no store. `late` is for a call that the server let in: it counts as one of
 * an earlier generation, and is not mistaken for a call of a breaker that an operator has removed.
 */
bool own_step(struct own *own, const struct store_request *request, bool late, struct store_step *step,
              struct error *error);

/*
 * Also renames, or with new_name NULL removes, what is here of a breaker: its output, and what it learned while the server
 * could not be used. If that cannot be done, nothing is said.
 */
void own_rename(struct own *own, const char *name, const char *new_name);

/* As store_save_output() and store_load_output(). */
bool own_save_output(struct own *own, const char *name, const struct store_saving *saving, struct error *error);
bool own_load_output(struct own *own, const char *name, const struct store_wanted *wanted,
                     struct store_output **output, struct error *error);

#endif
