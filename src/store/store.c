/* store.c: finds the engine, and hands each call to it. */
#include "store/store.h"

#include "base/clock.h"
#include "store/engine.h"
#include "store/local/local.h"
#include "store/redis/redis.h"

/* The last one claims every path. */
static const struct store_engine *const engines[] = {&redis_engine, &local_engine};

static const struct store_engine *engine_of(const char *path)
{
	size_t i = 0;
	while (!engines[i]->claims(path))
		i++;
	return engines[i];
}

bool store_open(struct store **store, const struct store_options *options, struct error *error)
{
	return engine_of(options->path)->open(store, options, error);
}

bool store_diagnose(const struct store_options *options, store_finding_visitor *visit, void *context,
                    struct error *error)
{
	return engine_of(options->path)->diagnose(options, visit, context, error);
}

void store_close(struct store *store)
{
	if (store == NULL)
		return;
	lines_free(&store->remarks);
	store->engine->close(store);
}

void store_leave(struct store *store)
{
	if (store != NULL)
		store->engine->leave(store);
}

const char *store_engine_name(const struct store *store)
{
	return store->engine->name;
}

struct lines *store_remarks(struct store *store)
{
	return &store->remarks;
}

bool store_step(struct store *store, const struct store_request *request, struct store_step *step,
                struct error *error)
{
	enum store_verdict verdict = STORE_AGAIN;
	for (int attempt = 0; verdict == STORE_AGAIN; attempt++)
		verdict = store->engine->attempt(store, request, attempt, step, error);
	if (verdict != STORE_DONE)
		step->journal.count = 0;
	return verdict == STORE_DONE;
}

enum store_decision store_decide_nothing(void *context, struct store_step *step, struct error *error)
{
	(void)context;
	(void)step;
	(void)error;
	return STORE_LEAVE;
}

bool store_look(struct store *store, const char *name, struct store_step *step, struct breaker *b,
                struct error *error)
{
	struct store_request request = {.name = name, .intent = STORE_LOOK, .decide = store_decide_nothing};
	step->breaker = b;
	return store_step(store, &request, step, error);
}

struct moment store_moment(const struct store_step *step, const struct policy *policy)
{
	return (struct moment){.at = step->now, .chance = policy->jitter_ppm > 0 ? clock_chance() : 0};
}

void store_wait(struct store *store, const struct store_request *request, const struct admission *admission,
                int64_t timeout_us)
{
	store->engine->wait(store, request, admission, timeout_us);
}

void store_make_ready(struct store *store)
{
	store->engine->make_ready(store);
}

bool store_may_hang(const struct store *store)
{
	return store->engine->may_hang != NULL && store->engine->may_hang(store);
}

int64_t store_renew_after_ms(const struct store *store)
{
	return store->engine->renew_after_ms != NULL ? store->engine->renew_after_ms(store) : 0;
}

void store_renew_permit(struct store *store)
{
	if (store->engine->renew_permit != NULL)
		store->engine->renew_permit(store);
}

void store_release_permit(struct store *store)
{
	store->engine->release_permit(store);
}

bool store_each_breaker(struct store *store, bool load, store_breaker_visitor *visit, void *context,
                        struct error *error)
{
	return store->engine->each_breaker(store, load, visit, context, error);
}

bool store_each_event(struct store *store, const char *name, store_event_visitor *visit, void *context,
                      struct error *error)
{
	return store->engine->each_event(store, name, 0, visit, context, error);
}

bool store_each_event_after(struct store *store, const char *name, int64_t after, store_event_visitor *visit,
                            void *context, struct error *error)
{
	return store->engine->each_event(store, name, after, visit, context, error);
}

bool store_changed(struct store *store, struct store_mark *mark)
{
	return store->engine->changed(store, mark);
}

bool store_each_running(struct store *store, const char *name, store_call_visitor *visit, void *context,
                        struct load *load, struct error *error)
{
	return store->engine->each_running(store, name, visit, context, load, error);
}

bool store_save_output(struct store *store, const char *name, const struct store_saving *saving,
                       struct error *error)
{
	return store->engine->save_output(store, name, saving, error);
}

bool store_load_output(struct store *store, const char *name, const struct store_wanted *wanted,
                       struct store_output **output, struct error *error)
{
	*output = NULL;
	return store->engine->load_output(store, name, wanted, output, error);
}

void store_close_output(struct store_output *output)
{
	if (output != NULL)
		output->close(output);
}
