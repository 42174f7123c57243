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
	struct array names; /* char *; see targets_list() and targets_find() */
	size_t plain;       /* so many of them are operands themselves */
};

/*
 * Begins with the operands. If there are none, and no --all, then all breakers
 * are meant if `none_is_all` says so, else that is an error; so are a word that
 * is neither name nor glob, and --all beside names. False with the error set;
 * the targets are to be freed in any case.
 */
bool targets_begin(struct targets *t, const struct invocation *in, bool none_is_all, struct error *error);

/* Whether the name is an operand itself, and not only what a glob or --all makes of it. */
bool targets_has_plain(const struct targets *t, const char *name);

/* Whether more than one breaker may be meant, whatever the store holds. */
bool targets_are_many(const struct targets *t);

/* Whether a breaker of the store is meant; for the visitor of a listing. Notes that what named it has found one. */
bool targets_want(struct targets *t, const char *name);

/*
 * Lists in `names` which of the store's breakers are meant, in its order. The
 * store may be NULL, and has none then.
 */
bool targets_list(struct targets *t, struct store *store, struct error *error);

/*
 * For whoever tells himself of a name that no breaker has: lists in `names`
 * what is meant, each once: first the plain names, as they were given, be there
 * breakers of those names or not; then what globs and --all find. Only for these
 * the store is read.
 */
bool targets_find(struct targets *t, struct store *store, struct error *error);

/* Acts on a breaker. False with the error set. */
typedef bool targets_actor(void *context, const char *name, struct error *error);

/*
 * Calls `act` for each of `names`. That a breaker is not there, or refuses, is told
 * and stops nothing; any other failure ends it. Tells of globs that have matched
 * nothing too. Returns as the run of a command.
 */
int targets_act(struct targets *t, targets_actor *act, void *context, struct error *error);

/* The name of that number in `names`. */
const char *targets_name(const struct targets *t, size_t number);

/* Tells of each operand that has named no breaker; whether there was any. */
bool targets_tell_missing(const struct targets *t);

void targets_free(struct targets *t);

/*
 * The end of a run that came to this status: tells of what has named no breaker, which makes EXIT_NO_BREAKER of 0, and
 * frees the targets. If it failed, with -1, that is told alone. Returns as the run.
 */
int targets_end(struct targets *t, int status);

#endif
