/* own.c: the host's own store. */
#include "store/redis/own.h"

#include "base/clock.h"
#include "base/units.h"

bool own_open(struct own *own, enum store_access access, struct error *error)
{
	struct store_options options = {.access = access, .lock_timeout_ms = own->lock_timeout_ms};
	if (own->store != NULL && own->access >= access)
		return true;
	own_close(own);
	own->access = access;
	return store_open(&own->store, &options, error);
}

void own_close(struct own *own)
{
	store_close(own->store);
	own->store = NULL;
}

void own_pass_on_remarks(struct own *own, struct lines *remarks)
{
	const char *line;
	if (own->store == NULL)
		return;
	for (size_t i = 0; (line = lines_get(store_remarks(own->store), i)) != NULL; i++)
		lines_add(remarks, "%s", line);
	lines_free(store_remarks(own->store));
}

/* The caller's decision, on a step that looks as its call deserves. */
static enum store_decision decide_late(void *context, struct store_step *step, struct error *error)
{
	const struct store_request *request = context;
	step->permit_lost = true;
	step->replaced = true;
	return request->decide(request->context, step, error);
}

/* A look at a store that is not there. */
static bool look_at_nothing(const struct store_request *request, struct store_step *step, struct error *error)
{
	step->exists = step->found = step->replaced = false;
	step->incarnation = 0;
	step->load = (struct load){0};
	step->journal.count = 0;
	step->now = (struct instant){clock_boot_us() / US_PER_MS, clock_wall_ms(), clock_boot_id()};
	enum store_decision decision = request->decide(request->context, step, error);
	step->journal.count = 0;
	return decision != STORE_REFUSE;
}

bool own_step(struct own *own, const struct store_request *request, bool late, struct store_step *step,
              struct error *error)
{
	struct store_request here = *request;
	if (!own_open(own, request->intent == STORE_LOOK ? STORE_READ : STORE_WRITE, error))
		return false;
	if (own->store == NULL)
		return look_at_nothing(request, step, error);
	if (late) {
		here.decide = decide_late;
		here.context = (void *)request;
	}
	step->permit_lost = false;
	return store_step(own->store, &here, step, error);
}

static enum store_decision forget(void *context, struct store_step *step, struct error *error)
{
	const char *new_name = context;
	(void)error;
	if (!step->exists)
		return STORE_LEAVE;
	return new_name != NULL ? STORE_RENAME : STORE_REMOVE;
}

void own_rename(struct own *own, const char *name, const char *new_name)
{
	struct breaker b;
	struct store_step step = {.breaker = &b};
	struct error error;
	const struct store_request request = {.name = name,
	                                      .new_name = new_name,
	                                      .intent = STORE_ALTER,
	                                      .decide = forget,
	                                      .context = (void *)new_name};
	if (own_open(own, STORE_CHANGE, &error) && own->store != NULL)
		store_step(own->store, &request, &step, &error);
}

static enum store_decision make(void *context, struct store_step *step, struct error *error)
{
	const struct policy *policy = context;
	(void)error;
	if (step->found)
		return STORE_LEAVE;
	breaker_init(step->breaker, policy, &step->now);
	return STORE_KEEP;
}

bool own_save_output(struct own *own, const char *name, const struct store_saving *saving, struct error *error)
{
	struct breaker b;
	struct store_step step = {.breaker = &b};
	const struct store_request request = {
		.name = name, .intent = STORE_CREATE, .quiet = true, .decide = make, .context = &own->policy};
	return own_step(own, &request, false, &step, error) && store_save_output(own->store, name, saving, error);
}

bool own_load_output(struct own *own, const char *name, const struct store_wanted *wanted,
                     struct store_output **output, struct error *error)
{
	if (!own_open(own, STORE_READ, error))
		return false;
	return own->store == NULL || store_load_output(own->store, name, wanted, output, error);
}
