/* memory.c: a breaker for the server. */
#include "store/redis/memory.h"

#include <stdio.h>
#include <string.h>

enum { REST_MS = 5000 };

static const struct policy policy = {
	.failures = 1,
	.min_calls = 1,
	.window_size = 1,
	.open_for_ms = REST_MS,
	.open_factor_milli = POLICY_MILLI,
	.open_max_ms = REST_MS,
	.probes = 1,
	.successes = 1,
	.probe_failures = 1,
};

void memory_init(struct memory *m, const struct address *address)
{
	*m = (struct memory){.trial = false};
	int length = snprintf(m->name, sizeof(m->name), "store:%s", address->text);
	for (int i = 0; i < length && m->name[i] != '\0'; i++)
		if (strchr("[]", m->name[i]) != NULL || m->name[i] <= ' ' || m->name[i] > '~')
			m->name[i] = '_';
}

/* Open, half-open or closed; what is not there is closed. */
static enum breaker_state look(struct memory *m, struct own *own)
{
	struct breaker b;
	struct store_step step;
	struct error error;
	if (!own_open(own, STORE_READ, &error) || own->store == NULL)
		return BREAKER_CLOSED;
	if (!store_look(own->store, m->name, &step, &b, &error) || !step.found)
		return BREAKER_CLOSED;
	return breaker_state_at(&b, breaker_now_ms(&b, &step.now));
}

static enum store_decision ask(void *context, struct store_step *step, struct error *error)
{
	struct admission *admission = context;
	struct moment moment = store_moment(step, &policy);
	(void)error;
	if (!step->found)
		return STORE_LEAVE;
	*admission = breaker_admit(step->breaker, &policy, &moment, &step->load, &step->journal);
	if (!admission->run)
		return STORE_LEAVE; /* rejections of a server are of no interest */
	step->permit = admission->trial ? PERMIT_TRIAL : PERMIT_NONE;
	return admission->changed ? STORE_KEEP : STORE_LEAVE;
}

bool memory_lets_in(struct memory *m, struct own *own, bool only_looks)
{
	struct breaker b;
	struct store_step step = {.breaker = &b};
	struct error error;
	struct admission admission = {.run = true};
	const struct store_request request = {.name = m->name,
	                                      .intent = STORE_ALTER,
	                                      .policy = &policy,
	                                      .quiet = true,
	                                      .decide = ask,
	                                      .context = &admission};
	enum breaker_state state = look(m, own);
	if (state == BREAKER_CLOSED || only_looks)
		return state != BREAKER_OPEN;
	if (!own_open(own, STORE_WRITE, &error) ||
	    !store_step(own->store, &request, &step, &error))
		return true;
	m->trial = admission.trial;
	m->generation = admission.generation;
	return admission.run;
}

/* How the server did. */
struct verdict_of {
	const struct memory *memory;
	bool worked;
};

static enum store_decision record(void *context, struct store_step *step, struct error *error)
{
	const struct verdict_of *v = context;
	struct moment moment = store_moment(step, &policy);
	struct call call = {
		.outcome = v->worked ? OUTCOME_SUCCESS : OUTCOME_FAILURE,
		.exit = v->worked ? 0 : 1,
		.generation = v->memory->generation,
	};
	(void)error;
	if (!step->found)
		breaker_init(step->breaker, &policy, &moment.at);
	if (v->memory->trial)
		breaker_record(step->breaker, &policy, &moment, &call, &step->journal);
	else
		breaker_observe(step->breaker, &policy, &moment, &call, &step->journal);
	return STORE_KEEP;
}

void memory_note(struct memory *m, struct own *own, bool worked)
{
	struct breaker b;
	struct store_step step = {.breaker = &b};
	struct error error;
	struct verdict_of v = {m, worked};
	const struct store_request request = {
		.name = m->name, .intent = STORE_CREATE, .decide = record, .context = &v};
	if ((worked && !m->trial) || !own_open(own, STORE_WRITE, &error))
		return;
	store_step(own->store, &request, &step, &error); /* what cannot be kept is not remembered */
	store_release_permit(own->store);
	m->trial = false;
}
