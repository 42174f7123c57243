/*
 * store.h: where breakers live between calls, as an interface: SQLite today,
 * a store shared by several hosts tomorrow. No SQL above this line.
 *
 * A step of a breaker is store_begin(), a change of the value, and
 * store_commit(); while a step is open no other process can begin one (but for a
 * look), so it must be short. store_commit() may answer STORE_AGAIN: nothing was kept, and
 * the step must be taken anew, from store_begin() on.
 *
 * A permit is what a running call holds: see permits.h. It is taken inside a
 * step and held until it is released or the process ends.
 */
#ifndef CBRUN_STORE_STORE_H
#define CBRUN_STORE_STORE_H

#include "base/error.h"
#include "breaker/breaker.h"

#include <stddef.h>
#include <sys/types.h>

enum store_access {
	STORE_READ,   /* creates and changes nothing */
	STORE_CHANGE, /* changes a store that is there */
	STORE_WRITE,  /* makes the store if it is missing */
};

/* What a step is for. */
enum store_intent {
	STORE_LOOK,   /* keeps nothing; others may take steps meanwhile */
	STORE_STEP,   /* changes a breaker that is there */
	STORE_CREATE, /* makes the breaker if the store has none of that name */
};

enum store_verdict { STORE_KEPT, STORE_AGAIN, STORE_FAILED };

struct store_options {
	const char *path; /* as given by the user; NULL: where the environment says */
	enum store_access access;
	int64_t lock_timeout_ms; /* longest wait for another process's step */
};

/* The breaker that a step is about. */
struct store_key {
	int64_t id; /* never given to another breaker; 0 if there is none */
	bool found; /* the store had it; else it is up to the caller to make it */
};

/* Called for each breaker, in the order of names. False ends the listing. */
typedef bool store_breaker_visitor(void *context, const char *name, int64_t id, const struct breaker *b);

/* Called for each event of a breaker, oldest first. False ends the listing. */
typedef bool store_event_visitor(void *context, const struct event *event);

/* Reads at most `length` bytes at `offset`; returns how many, 0 at the end, -1 with errno set. */
typedef ssize_t store_reader(void *context, int64_t offset, void *bytes, size_t length);

/* Called for each finding of an examination: whether it is as it should be, and what it is. */
typedef void store_finding_visitor(void *context, bool good, const char *finding);

struct store;

/* What an engine does; each member is documented at the function of its name. */
struct store_engine {
	bool (*begin)(struct store *, const char *, enum store_intent, struct store_key *, struct breaker *,
	              struct error *);
	enum store_verdict (*commit)(struct store *, const struct store_key *, const struct breaker *,
	                             const struct journal *, struct error *);
	void (*abandon)(struct store *);
	bool (*remove)(struct store *, const struct store_key *, struct error *);
	bool (*count_permits)(struct store *, int64_t, struct load *, struct error *);
	bool (*take_permit)(struct store *, int64_t, bool, struct error *);
	void (*release_permit)(struct store *);
	bool (*each_breaker)(struct store *, store_breaker_visitor *, void *, struct error *);
	bool (*each_event)(struct store *, int64_t, store_event_visitor *, void *, struct error *);
	bool (*save_output)(struct store *, int64_t, const struct instant *, store_reader *, void *,
	                    struct error *);
	bool (*load_output)(struct store *, int64_t, int *, struct instant *, struct error *);
	bool (*notice)(struct store *, char[ERROR_TEXT_SIZE]);
	void (*close)(struct store *);
	void (*leave)(struct store *);
};

/* Every engine's state begins with this. */
struct store {
	const struct store_engine *engine;
};

/*
 * Opens the store. But for STORE_WRITE, *store is NULL if there is no store
 * yet: then there are no breakers, and that is no error.
 */
bool store_open(struct store **store, const struct store_options *options, struct error *error);

/* Looks the store over without changing anything: files, space, integrity, clock. False if it cannot even be
 * found. */
bool store_examine(const struct store_options *options, store_finding_visitor *visit, void *context,
                   struct error *error);

/* Closes the store; NULL is fine. A step that is open is abandoned, a permit released. */
void store_close(struct store *store);

/*
 * As store_close(), for a process that ends now: what the kernel does then
 * anyway is left to it: it would be two or three percent of what a call costs.
 */
void store_leave(struct store *store);

/*
 * Begins a step and loads the breaker. If the store has none of that name,
 * key->found is false and *b untouched; `create` then reserves an id for it,
 * which store_commit() keeps. On false no step is open.
 */
bool store_begin(struct store *store, const char *name, enum store_intent intent, struct store_key *key,
                 struct breaker *b, struct error *error);

/*
 * Keeps the breaker and the journal's events, and ends the step. A journal
 * with a transition is on disk before anybody can see it.
 */
enum store_verdict store_commit(struct store *store, const struct store_key *key, const struct breaker *b,
                                const struct journal *journal, struct error *error);

/* Ends the step and keeps nothing of it. */
void store_abandon(struct store *store);

/* Removes the breaker of this step and its history, and ends the step. */
bool store_remove(struct store *store, const struct store_key *key, struct error *error);

/* Counts the breaker's permits that are held, on this machine or wherever the store is shared. */
bool store_count_permits(struct store *store, int64_t id, struct load *load, struct error *error);

bool store_take_permit(struct store *store, int64_t id, bool trial, struct error *error);
void store_release_permit(struct store *store);

bool store_each_breaker(struct store *store, store_breaker_visitor *visit, void *context,
                        struct error *error);
bool store_each_event(struct store *store, int64_t id, store_event_visitor *visit, void *context,
                      struct error *error);

/* Keeps what `read` gives as the breaker's last good output, instead of what was kept before. Not in a step.
 */
bool store_save_output(struct store *store, int64_t id, const struct instant *at, store_reader *read,
                       void *context, struct error *error);

/*
 * Opens the breaker's last good output: *fd, which the caller closes, stands at
 * its beginning, *at tells when it was kept. *fd is -1 if there is none.
 */
bool store_load_output(struct store *store, int64_t id, int *fd, struct instant *at, struct error *error);

/*
 * What the store did by itself that the user should know, such as setting a
 * damaged file aside: one line, told once. False if there is nothing to tell.
 */
bool store_notice(struct store *store, char text[ERROR_TEXT_SIZE]);

#endif
