/*
 * targets.h: which breakers the operands of a subcommand name: names, globs of
 * * and ?, and --all. Globs are matched against the names in the store.
 *
 * If no breaker has one of the names, the others are still acted on; the caller
 * reports such names, and exits with EXIT_NO_BREAKER.
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
 * Begins with the operands. If there are none, and no --all, then with `none_is_all`
 * all breakers are meant; without it that is an error, as are a word that is neither
 * name nor glob, and --all together with names. False with the error set; the
 * targets must be freed in any case.
 */
bool targets_begin(struct targets *t, const struct invocation *in, bool none_is_all, struct error *error);

/* Whether the name is an operand itself, and not only what a glob or --all makes of it. */
bool targets_has_plain(const struct targets *t, const char *name);

/* Whether more than one breaker may be meant, whatever the store holds. */
bool targets_are_many(const struct targets *t);

/* Whether a breaker of the store is meant; for the visitor of a listing. Notes that its name or glob was found. */
bool targets_want(struct targets *t, const char *name);

/*
 * Lists in `names` which of the store's breakers are meant, in its order. The
 * store may be NULL, and has none then.
 */
bool targets_list(struct targets *t, struct store *store, struct error *error);

/*
 * For callers that report by themselves a name that no breaker has: lists in `names`
 * what is meant, each once: first the plain names, as they were given, whether or not
 * there are breakers of those names; then what globs and --all find. The store is
 * read only for these.
 */
bool targets_find(struct targets *t, struct store *store, struct error *error);

/* Acts on a breaker. False with the error set. */
typedef bool targets_actor(void *context, const char *name, struct error *error);

/*
 * Calls `act` for each of `names`. If a breaker does not exist, or refuses, that is
 * reported and stops nothing; any other failure ends it. Also reports globs that have
 * matched nothing. Returns as the run of a command.
 */
int targets_act(struct targets *t, targets_actor *act, void *context, struct error *error);

/* The name of that number in `names`. */
const char *targets_name(const struct targets *t, size_t number);

/* Reports each operand that has named no breaker; returns whether there was any. */
bool targets_tell_missing(const struct targets *t);

void targets_free(struct targets *t);

/*
 * Ends a run that came to this status: reports what has named no breaker, which turns 0 into EXIT_NO_BREAKER, and
 * frees the targets. If the run failed, with -1, only that is reported. Returns as the run.
 */
int targets_end(struct targets *t, int status);

#endif
