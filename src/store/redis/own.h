/*
 * own.h: the host's own store, where this host guards itself while the server
 * cannot be used. Output that is kept of calls is always here. It is opened when
 * it is needed, and is the one that the environment names, as if --store were not given.
 */
#ifndef CBRUN_STORE_REDIS_OWN_H
#define CBRUN_STORE_REDIS_OWN_H

#include "store/store.h"

struct own {
	struct store *store; /* NULL: not open, or there is none */
	enum store_access access; /* that it was opened for */
	int64_t lock_timeout_ms;
	struct policy policy; /* of the last call, for a breaker that is made here to keep output under */
};

/* Opens it for reading, where there may be none, or for all else. */
bool own_open(struct own *own, enum store_access access, struct error *error);

void own_close(struct own *own);

/* Moves what it has to tell to another list. */
void own_pass_on_remarks(struct own *own, struct lines *remarks);

/*
 * Takes a step here; one that only looks makes no store. With `late`, for a call that was let in by the server: it counts as one of an earlier
 * generation, and is not taken for one of a breaker that an operator has removed.
 */
bool own_step(struct own *own, const struct store_request *request, bool late, struct store_step *step,
              struct error *error);

/*
 * Renames, or with new_name NULL removes, what there is of a breaker here, too: its output, and what it knows from when the
 * server could not be used. If that cannot be done, nobody is told.
 */
void own_rename(struct own *own, const char *name, const char *new_name);

/* As store_save_output() and store_load_output(). */
bool own_save_output(struct own *own, const char *name, const struct store_saving *saving, struct error *error);
bool own_load_output(struct own *own, const char *name, const struct store_wanted *wanted,
                     struct store_output **output, struct error *error);

#endif
