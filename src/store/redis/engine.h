/*
 * engine.h: the engine's state, for the files of this directory.
 */
#ifndef CBRUN_STORE_REDIS_ENGINE_H
#define CBRUN_STORE_REDIS_ENGINE_H

#include "store/codec.h"
#include "store/engine.h"
#include "store/redis/keys.h"
#include "store/redis/lease.h"
#include "store/redis/load.h"
#include "store/redis/memory.h"
#include "store/redis/own.h"
#include "store/redis/server.h"

struct redis {
	struct store store; /* first: the interface sees only this */
	struct server server;
	char prefix[KEYS_PREFIX_SIZE];
	char host[EVENT_HOST_SIZE];
	int64_t lock_timeout_ms;
	struct lease lease;
	/* where the server cannot be used */
	bool falls_back;  /* the host's own store guards then */
	bool only_looks;  /* and nothing may be noted there */
	bool own_guards;  /* it does, from here on */
	bool worked;      /* the server did, in this process */
	struct own own;
	struct memory memory;
	/* the step that is being taken */
	int64_t conflicts_end_us; /* on the boot clock: how long somebody else may be faster */
	bool refused;  /* it has failed, and the server is not to blame */
	bool declined; /* the decision itself was against it */
	uint8_t record[CODEC_BREAKER_SIZE];
};

/* Notes that the permit is lost, and adds a remark. */
void redis_lose_permit(struct redis *r);

/* Takes a step on the server, again as long as others are faster. */
enum store_verdict redis_step(struct redis *r, const struct store_request *request, struct store_step *step,
                              struct error *error);

/*
 * Fills the load of a step with the first breaker that is needed and open at step->now. False if none is, and
 * one of them cannot be read.
 */
bool redis_look_at_needs(struct redis *r, const struct store_request *request, struct store_step *step,
                         struct error *error);

/* As the members of struct store_engine. */
bool redis_each_breaker(struct store *store, bool load, store_breaker_visitor *visit, void *context,
                        struct error *error);
bool redis_each_running(struct store *store, const char *name, store_call_visitor *visit, void *context,
                        struct load *load, struct error *error);
bool redis_each_event(struct store *store, const char *name, int64_t after, store_event_visitor *visit,
                      void *context, struct error *error);
bool redis_changed(struct store *store, struct store_mark *mark);
bool redis_diagnose(const struct store_options *options, store_finding_visitor *visit, void *context,
                    struct error *error);

/* Makes the engine, without asking the server for anything. */
bool redis_open(struct store **store, const struct store_options *options, struct error *error);

#endif
