/* remove.c: `cbrun remove NAME...`: forgets breakers and their history, or those that nobody calls any more. */
#include "base/text.h"
#include "commands/targets.h"
#include "report/reason.h"

struct removal {
	struct invocation *in;
	const struct targets *targets;
	struct store *store;
	/* of the one that it has come to */
	const char *name;
	int64_t idle_ms;  /* since its last call */
	const char *kept; /* why it stays; NULL: it does not */
};

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* How long it was not called. One whose calls were all before cadences were kept still knows how they ended. */
static int64_t idle_ms(const struct breaker *b, const struct instant *now)
{
	int64_t last_ms = later(b->since_wall_ms, later(b->last_success_wall_ms, b->last_failure_wall_ms));
	if (b->cadence.calls > 0)
		return breaker_now_ms(b, now) - b->cadence.last_ms;
	return now->wall_ms - last_ms;
}

/* Why an unused breaker is to be kept all the same; NULL: for no reason. */
static const char *reason_to_keep(const struct removal *r, const struct store_step *step)
{
	if (step->load.running > 0)
		return "one of its commands is running";
	switch (breaker_mode_at(step->breaker, breaker_now_ms(step->breaker, &step->now))) {
	case MODE_HELD:
		return "it is held open";
	case MODE_DISABLED:
		return "it is disabled";
	case MODE_NORMAL:
		break;
	}
	return r->idle_ms < r->in->settings.unused_ms ? "it is in use" : NULL;
}

/* One whose record is damaged can be removed too, but for how long it was not called is not known. */
static enum store_decision decide(void *context, struct store_step *step, struct error *error)
{
	struct removal *r = context;
	r->kept = NULL;
	if (!step->exists && !targets_has_plain(r->targets, r->name)) { /* somebody else was faster */
		r->kept = "it is gone";
		return STORE_LEAVE;
	}
	if (!step->exists) {
		command_no_breaker(r->name, error);
		return STORE_REFUSE;
	}
	if (r->in->settings.unused_ms == 0)
		return STORE_REMOVE;
	r->idle_ms = step->found ? idle_ms(step->breaker, &step->now) : 0;
	r->kept = step->found ? reason_to_keep(r, step) : "its record is damaged";
	return r->kept == NULL ? STORE_REMOVE : STORE_LEAVE;
}

static bool remove_one(void *context, const char *name, struct error *error)
{
	struct removal *r = context;
	struct breaker b;
	struct store_step step = {.breaker = &b};
	char age[TEXT_VALUE_SIZE];
	const struct store_request request = {
		.name = name, .intent = STORE_ALTER, .load = true, .decide = decide, .context = r};
	r->name = name;
	if (r->store == NULL)
		return command_no_breaker(name, error);
	if (!store_step(r->store, &request, &step, error))
		return false;
	if (r->in->settings.unused_ms == 0)
		return true;
	text_span(r->idle_ms, age);
	if (r->kept != NULL)
		message_print(r->in->level, MESSAGE_VERBOSE, "kept %s: %s", name, r->kept);
	else
		message_print(r->in->level, MESSAGE_NORMAL, "removed %s, not called for %s", name, age);
	return true;
}

static int run(struct invocation *in, struct error *error)
{
	struct targets targets;
	struct removal removal = {.in = in, .targets = &targets};
	int status = -1;
	if (targets_begin(&targets, in, in->settings.unused_ms > 0, error) &&
	    command_open_store(in, STORE_CHANGE, &removal.store, error) &&
	    targets_find(&targets, removal.store, error))
		status = targets_act(&targets, remove_one, &removal, error);
	command_close_store(in, removal.store);
	targets_free(&targets);
	return status;
}

const struct command remove_command = {
	.name = "remove",
	.arguments = "NAME...",
	.summary = "Forget breakers and their history",
	.scope = SCOPE_REMOVE,
	.run = run,
};
