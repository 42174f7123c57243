/*
 * engine.h: what an engine of the store does; for engines, and for store.c.
 */
#ifndef CBRUN_STORE_ENGINE_H
#define CBRUN_STORE_ENGINE_H

#include "store/store.h"

/* How an attempt at a step ended. */
enum store_verdict {
	STORE_DONE,
	STORE_AGAIN, /* nothing was kept; the step is to be taken again */
	STORE_FAILED,
};

/* Each member but the first three is documented in store.h, at the function of its name. */
struct store_engine {
	const char *name; /* for people, and for monitoring */
	/* Whether a path, as the user gave it (it may be NULL), names a store of this engine. */
	bool (*claims)(const char *path);
	/*
	 * One attempt at a step; `attempt` counts from 0. The engine empties the
	 * journal and the permit, loads, calls the request's `decide`, and does what
	 * that answers. It may answer STORE_AGAIN as often as it sees hope.
	 */
	enum store_verdict (*attempt)(struct store *store, const struct store_request *request, int attempt,
	                              struct store_step *step, struct error *error);
	bool (*open)(struct store **, const struct store_options *, struct error *);
	void (*close)(struct store *);
	void (*leave)(struct store *);
	void (*make_ready)(struct store *);
	void (*release_permit)(struct store *);
	bool (*may_hang)(const struct store *); /* NULL: it may not */
	/* NULL, both: permits last. */
	int64_t (*renew_after_ms)(const struct store *);
	void (*renew_permit)(struct store *);
	/* An engine that is not told when a permit is given back sleeps for a random time. */
	void (*wait)(struct store *, const struct store_request *, const struct admission *, int64_t);
	bool (*each_breaker)(struct store *, bool, store_breaker_visitor *, void *, struct error *);
	bool (*each_running)(struct store *, const char *, store_call_visitor *, void *, struct load *, struct error *);
	bool (*each_event)(struct store *, const char *, int64_t after, store_event_visitor *, void *, struct error *);
	bool (*changed)(struct store *, struct store_mark *);
	bool (*save_output)(struct store *, const char *, const struct store_saving *, struct error *);
	bool (*load_output)(struct store *, const char *, const struct store_wanted *, struct store_output **,
	                    struct error *);
	bool (*diagnose)(const struct store_options *, store_finding_visitor *, void *, struct error *);
};

/* Every engine's state begins with this. */
struct store {
	const struct store_engine *engine;
	struct lines remarks; /* store.c frees them */
};

#endif
