/*
 * local.h: the engine for one machine: SQLite for the breakers, kernel locks
 * for the permits. local.c opens and closes it, step.c and listing.c do what
 * needs SQL, kept_output.c the rest.
 */
#ifndef CBRUN_STORE_LOCAL_LOCAL_H
#define CBRUN_STORE_LOCAL_LOCAL_H

#include "store/codec.h"
#include "store/engine.h"
#include "store/local/connection.h"
#include "store/local/events.h"
#include "store/local/queue.h"

extern const struct store_engine local_engine;

enum { LOCAL_NAME_SIZE = 128 + 1 };

struct local {
	struct store store; /* first: the interface sees only this */
	struct queue queue;
	/* the step that is being taken */
	bool exclusive; /* nobody else can take one meanwhile */
	int failures;   /* of attempts at it */
	struct events events;
	/* the breaker of the last step */
	int64_t id; /* 0: there was none of that name */
	char name[LOCAL_NAME_SIZE];
	/*
	 * Large, and last, so that the parts in use lie close together: a call pays
	 * for each page it touches. On the stack the record would move SQLite's
	 * frames to other pages.
	 */
	struct connection connection;
	uint8_t record[CODEC_BREAKER_SIZE]; /* of the breaker that is being written */
};

/* The machine's clocks. */
struct instant local_now(const struct local *l);

/* As the members of struct store_engine. */
enum store_verdict step_attempt(struct store *store, const struct store_request *request, int attempt,
                                struct store_step *step, struct error *error);
bool listing_each_breaker(struct store *store, bool load, store_breaker_visitor *visit, void *context,
                          struct error *error);
bool listing_each_running(struct store *store, const char *name, store_call_visitor *visit, void *context,
                          struct load *load, struct error *error);
bool listing_each_event(struct store *store, const char *name, int64_t after, store_event_visitor *visit,
                        void *context, struct error *error);

#endif
