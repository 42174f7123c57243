/*
 * targets.h: which breakers the operands of a subcommand name: names, globs of
 * * and ?, and --all. Globs are matched against the names in the store.
 *
 * All that is named is acted on, also behind a name that no breaker has; the
 * caller tells of those, and exits with EXIT_NO_BREAKER.
 */
#ifndef CBRUN_COMMANDS_TARGETS_H
#define CBRUN_COMMANDS_TARGETS_H

#include "base/array.h"
#include "commands/command.h"

struct targets {
	const struct invocation *in;
	bool *seen;         /* by operand: whether it named a breaker */
	struct array names; /* char *; see targets_find() */
};

/*
 * Begins with the operands. If there are none, and no --all, then all breakers
 * are meant if `none_is_all` says so, else that is an error; so are a word that
 * is neither name nor glob, and --all beside names. False with the error set;
 * the targets are to be freed in any case.
 */
bool targets_begin(struct targets *t, const struct invocation *in, bool none_is_all, struct error *error);

/* Whether a breaker of the store is meant; for the visitor of a listing. Notes that what named it has found one. */
bool targets_want(struct targets *t, const char *name);

/*
 * Lists in `names` what is meant, each once: the store's breakers in its order,
 * then the plain names that none has. The store may be NULL, and has none then.
 */
bool targets_find(struct targets *t, struct store *store, struct error *error);

/* The name of that number in `names`. */
const char *targets_name(const struct targets *t, size_t number);

/* Tells of each operand that has named no breaker; whether there was any. */
bool targets_tell_missing(const struct targets *t);

void targets_free(struct targets *t);

#endif
