/* store.c: hands each call to the engine. */
#include "store/store.h"

#include "store/local/diagnosis.h"
#include "store/local/local.h"

#include <stddef.h>

bool store_open(struct store **store, const struct store_options *options, struct error *error)
{
	return local_open(store, options, error);
}

bool store_examine(const struct store_options *options, store_finding_visitor *visit, void *context,
                   struct error *error)
{
	return diagnosis_run(options, visit, context, error);
}

void store_close(struct store *store)
{
	if (store != NULL)
		store->engine->close(store);
}

void store_leave(struct store *store)
{
	if (store != NULL)
		store->engine->leave(store);
}

bool store_begin(struct store *store, const char *name, enum store_intent intent, struct store_key *key,
                 struct breaker *b, struct error *error)
{
	return store->engine->begin(store, name, intent, key, b, error);
}

enum store_verdict store_commit(struct store *store, const struct store_key *key, const struct breaker *b,
                                const struct journal *journal, struct error *error)
{
	return store->engine->commit(store, key, b, journal, error);
}

void store_abandon(struct store *store)
{
	store->engine->abandon(store);
}

bool store_remove(struct store *store, const struct store_key *key, struct error *error)
{
	return store->engine->remove(store, key, error);
}

bool store_count_permits(struct store *store, int64_t id, struct load *load, struct error *error)
{
	return store->engine->count_permits(store, id, load, error);
}

bool store_take_permit(struct store *store, int64_t id, bool trial, struct error *error)
{
	return store->engine->take_permit(store, id, trial, error);
}

void store_release_permit(struct store *store)
{
	store->engine->release_permit(store);
}

bool store_each_breaker(struct store *store, store_breaker_visitor *visit, void *context, struct error *error)
{
	return store->engine->each_breaker(store, visit, context, error);
}

bool store_each_event(struct store *store, int64_t id, store_event_visitor *visit, void *context,
                      struct error *error)
{
	return store->engine->each_event(store, id, visit, context, error);
}

bool store_save_output(struct store *store, int64_t id, const struct instant *at, store_reader *read,
                       void *context, struct error *error)
{
	return store->engine->save_output(store, id, at, read, context, error);
}

bool store_load_output(struct store *store, int64_t id, int *fd, struct instant *at, struct error *error)
{
	return store->engine->load_output(store, id, fd, at, error);
}

bool store_notice(struct store *store, char text[ERROR_TEXT_SIZE])
{
	return store->engine->notice(store, text);
}
