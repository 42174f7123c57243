/*
 * store.h: where breakers live between calls: an interface, behind which one of
 * several engines works. No SQL above this line.
 *
 * A breaker changes in steps. For each, the engine loads the breaker, its running
 * calls, and the time; the caller decides what becomes of the breaker; the engine
 * keeps that, unless somebody else was faster: then it loads what they left, and
 * the caller decides again. So a decision may be taken more than once, the last
 * one counts, and it may change nothing but the step.
 *
 * A permit is what a running call holds, so that others can count it. It is
 * taken together with what a step keeps, and held until it is released or the
 * process ends, however it ends. A call that waits for one may have a place in a
 * queue; that ends in the same ways, and when a permit is taken.
 */
#ifndef CBRUN_STORE_STORE_H
#define CBRUN_STORE_STORE_H

#include "base/error.h"
#include "base/lines.h"
#include "breaker/breaker.h"

#include <stddef.h>
#include <sys/types.h>

enum store_access {
	STORE_READ,   /* makes and changes nothing */
	STORE_CHANGE, /* changes a store that is there */
	STORE_WRITE,  /* makes the store if it is missing */
};

struct store_options {
	const char *path; /* as given by the user; NULL: where the environment says */
	enum store_access access;
	int64_t lock_timeout_ms; /* longest wait for another process's step */
	/* of a store that hosts share */
	int64_t store_timeout_ms;        /* longest wait for it */
	const char *redis_prefix;        /* of the keys' names; NULL: the usual one */
	const char *redis_password_file; /* NULL: none */
	bool fall_back; /* if it cannot be used, the host's own store guards: only for those who take steps */
	void (*tick)(void *context); /* called now and then while the whole store is looked over; NULL = nobody */
	void *tick_context;
};

struct store;

enum { STORE_NAME_SIZE = 128 + 1 }; /* of a breaker's name, with its NUL */

/*
 * Opens the store. Unless for STORE_WRITE, *store is NULL if there is no store
 * yet: then there are no breakers, and that is no error.
 */
bool store_open(struct store **store, const struct store_options *options, struct error *error);

/* Closes the store; NULL is fine. A permit is released. */
void store_close(struct store *store);

/*
 * As store_close(), for a process that ends now: what the kernel does then
 * anyway is left to it, which saves two or three percent of a call. Memory that
 * was handed to the store must stay until the process has ended.
 */
void store_leave(struct store *store);

/* What keeps the breakers: "sqlite", "redis". */
const char *store_engine_name(const struct store *store);

/*
 * What the store did by itself that the user should know, such as setting a
 * damaged file aside. Whoever prints it empties the list with lines_free().
 */
struct lines *store_remarks(struct store *store);

enum store_permit {
	PERMIT_NONE,
	PERMIT_CALL,  /* a call is running */
	PERMIT_TRIAL, /* a trial call is running */
};

struct store_step {
	/* What the engine gives. */
	struct breaker *breaker; /* the caller's memory; filled if `found` */
	bool exists;             /* the store has one */
	bool found;              /* and could read it; otherwise the caller makes a fresh one */
	bool replaced;           /* the store was lost and made again since it was opened */
	bool permit_lost;        /* the permit that this process held has gone: its call is one of an earlier generation */
	int64_t incarnation;     /* distinguishes it from earlier and later ones of its name */
	struct load load;        /* as much of it as store_request asks for */
	char needed_open[STORE_NAME_SIZE]; /* the name in the load */
	struct instant now;      /* on the engine's clock */
	/* What the decision leaves. */
	struct journal journal; /* what happened; empty after the step unless it was kept */
	enum store_permit permit;
};

/* What becomes of a step. */
enum store_decision {
	STORE_LEAVE,  /* nothing is kept, but the permit taken */
	STORE_KEEP,   /* breaker and journal are kept and the permit taken, all or nothing */
	STORE_REMOVE, /* the breaker, its history and its output are forgotten */
	STORE_RENAME, /* it has the request's new_name from now on; refused if there is one of that name */
	STORE_REFUSE, /* the step fails; the error is set */
};

/* Decides on a step, with what the request has as its context. */
typedef enum store_decision store_decider(void *context, struct store_step *step, struct error *error);

/* The decision of a caller that only looks: STORE_LEAVE. */
enum store_decision store_decide_nothing(void *context, struct store_step *step, struct error *error);

enum store_intent {
	STORE_LOOK,   /* keeps nothing */
	STORE_ALTER,  /* changes a breaker that is there */
	STORE_CREATE, /* makes the breaker if the store has none of that name */
};

struct store_request {
	const char *name;
	const char *new_name; /* for STORE_RENAME */
	enum store_intent intent;
	/* The load is given if breaker_needs_load() says so under this policy. NULL: it never is. */
	const struct policy *policy;
	bool load;  /* the load is given in any case */
	/* Breakers, with commas between: the load says whether one of them is open. The breaker itself is passed over. */
	const char *needs; /* NULL: none */
	bool lenient;      /* one that cannot be read counts as not open; else the step fails */
	/* On the boot clock: neither a process nor a server is waited for any longer. 0: the store's options say it all. */
	int64_t until_us;
	bool last;  /* the permit that this process holds may be given back together with what is kept */
	bool quiet; /* most such steps keep nothing: the engine may begin as for STORE_LOOK */
	store_decider *decide;
	void *context;
};

/*
 * Takes a step: loads, decides, keeps, again if it must. A kept journal with a
 * transition survives a loss of power from here on. On false nothing was kept
 * and no permit taken.
 */
bool store_step(struct store *store, const struct store_request *request, struct store_step *step,
                struct error *error);

/* Loads the breaker of that name into *b, without its load, and changes nothing. */
bool store_look(struct store *store, const char *name, struct store_step *step, struct breaker *b,
                struct error *error);

/* The moment of a step, with a random number if the policy's jitter wants one. */
struct moment store_moment(const struct store_step *step, const struct policy *policy);

/*
 * After a step by this request in which the breaker did not let the call in:
 * waits until it is worth taking the step again, for at most timeout_us, or
 * less if a signal comes. It is worth it if a permit was given back, the open
 * period is over, or enough time has passed for anything to have happened.
 * An engine wakes as few callers at once as it can, in the order they came.
 */
void store_wait(struct store *store, const struct store_request *request, const struct admission *admission,
                int64_t timeout_us);

/* Prepares for a further step that keeps something. What fails is left to that step. */
void store_make_ready(struct store *store);

/*
 * Whether a step may be held up for ever where nothing but a signal that ends the process helps: on a file
 * system that another machine, or another process, provides.
 */
bool store_may_hang(const struct store *store);

/*
 * Within how many milliseconds the permit of this process must be renewed, again and again, so that it does not
 * expire; 0: it lasts as long as the process.
 */
int64_t store_renew_after_ms(const struct store *store);

/* Renews it. If it has gone already, a remark says so, once. */
void store_renew_permit(struct store *store);

/* Releases the permit of this process, if it holds one, or its place among those who wait. */
void store_release_permit(struct store *store);

/* A breaker in a listing. */
struct store_view {
	const char *name;
	const struct breaker *breaker;
	int64_t incarnation; /* as in struct store_step */
	struct load load; /* if it was asked for */
	struct instant now;
};

/* Called for each breaker, in the order of names. False ends the listing. */
typedef bool store_breaker_visitor(void *context, const struct store_view *view);

bool store_each_breaker(struct store *store, bool load, store_breaker_visitor *visit, void *context,
                        struct error *error);

/* Called for each event of a breaker, oldest first. False ends the listing. */
typedef bool store_event_visitor(void *context, const struct event *event);

bool store_each_event(struct store *store, const char *name, store_event_visitor *visit, void *context,
                      struct error *error);

/* The same for those events only whose numbers are higher than `after`. */
bool store_each_event_after(struct store *store, const char *name, int64_t after, store_event_visitor *visit,
                            void *context, struct error *error);

/* Called for each call of a breaker that is running, in no order. pid is 0 if it is not known. */
typedef void store_call_visitor(void *context, int64_t pid, bool trial);

/* Goes through the calls that are running; *load counts them. `visit` may not look into the store. */
bool store_each_running(struct store *store, const char *name, store_call_visitor *visit, void *context,
                        struct load *load, struct error *error);

/* Identifies a state of the store. Zeroed, it is none. */
struct store_mark {
	uint64_t values[8]; /* the engine's own */
};

/*
 * Whether anything may have been kept since the mark was taken, which is then
 * taken again: for those who wait for that, and look as rarely as they can. Now and
 * then it says so although there was nothing.
 */
bool store_changed(struct store *store, struct store_mark *mark);

/* Reads at most `length` bytes at `offset`; returns how many, 0 at the end, -1 with errno set. */
typedef ssize_t store_reader(void *context, int64_t offset, void *bytes, size_t length);

/* What is kept of a breaker's calls, one of each. */
enum store_output_kind {
	STORE_OUTPUT_GOOD, /* standard output of the last one that succeeded */
	STORE_OUTPUT_FIRST_FAILURE, /* all output of one that failed; these are numbered by totals.failures */
	STORE_OUTPUT_LAST_FAILURE,
};
enum { STORE_OUTPUT_KINDS = STORE_OUTPUT_LAST_FAILURE + 1 };

/* The most that is kept of a failing output, in bytes. */
enum { STORE_FAILURE_LIMIT = 64 * 1024 };

/* What is to be kept. */
struct store_saving {
	enum store_output_kind kind;
	int64_t number; /* of a failure */
	store_reader *read;
	void *context; /* of `read` */
};

/* Keeps it instead of what was kept of that kind before. Not in a step. */
bool store_save_output(struct store *store, const char *name, const struct store_saving *saving,
                       struct error *error);

/* Which output is asked for. */
struct store_wanted {
	enum store_output_kind kind;
	int64_t least_number; /* those with lower numbers do not count: a call has succeeded since */
};

/* An output, open for reading. */
struct store_output {
	int64_t age_ms; /* on the engine's clock; -1 if it cannot tell */
	int64_t wall_ms; /* when it was kept */
	int64_t number;
	store_reader *read;
	void *context; /* of `read` */
	void (*close)(struct store_output *output);
};

/*
 * Opens an output of the breaker. *output is NULL if there is none; else the
 * caller gives it to store_close_output().
 */
bool store_load_output(struct store *store, const char *name, const struct store_wanted *wanted,
                       struct store_output **output, struct error *error);

/* NULL is fine. */
void store_close_output(struct store_output *output);

/* Called for each finding of a diagnosis: whether it is as it should be, and what it is. */
typedef void store_finding_visitor(void *context, bool good, const char *finding);

/* Looks the store over and changes nothing: files, space, integrity, clock. False if it cannot even be found. */
bool store_diagnose(const struct store_options *options, store_finding_visitor *visit, void *context,
                    struct error *error);

#endif
