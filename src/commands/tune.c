/* tune.c: `cbrun tune NAME|GLOB...`: which policy would have served the recorded runs best. Changes nothing. */
#include "replay/supposed.h"
#include "replay/tune.h"

#include "base/progress.h"
#include "commands/targets.h"
#include "report/tuning.h"
#include "settings/describe.h"

#include <stdlib.h>
#include <string.h>

/* One breaker under trial. */
struct trial {
	struct invocation *in;
	const char *name;
	struct breaker breaker;
	struct recording recording;
	struct supposed supposed;
	struct array tries; /* struct tune_try */
	struct tuning tuning;
	struct progress progress;
};

/* All that are named. */
struct session {
	struct invocation *in;
	size_t printed;
};

static bool fail_full(struct error *error)
{
	return error_set(error, ERROR_SYSTEM, "cannot try the policies: out of memory");
}

static bool take(void *context, const struct event *event)
{
	struct trial *t = context;
	struct tuning *u = &t->tuning;
	if (event->kind == EVENT_CALL) {
		u->runs++;
		u->failures += outcome_is_failure(event->outcome);
		u->since_wall_ms = u->since_wall_ms == 0 ? event->wall_ms : u->since_wall_ms;
	}
	return supposed_add(&t->supposed, &t->recording, event) && recording_add(&t->recording, event);
}

/* Nothing of the store is held while the policies are tried. */
static bool load(struct trial *t, struct error *error)
{
	struct store *store;
	struct store_step step;
	if (!command_open_store(t->in, STORE_READ, &store, error))
		return false;
	bool ok = store != NULL && store_look(store, t->name, &step, &t->breaker, error);
	if (store == NULL || (ok && !step.found))
		ok = command_no_breaker(t->name, error);
	ok = ok && store_each_event(store, t->name, take, t, error);
	command_close_store(t->in, store);
	return ok;
}

static void tell(void *context, size_t done, size_t all)
{
	progress_tell(context, (int64_t)done, (int64_t)all);
}

static bool differ(const struct option_row *row, const struct settings *a, const struct settings *b)
{
	char one[DESCRIBE_VALUE_SIZE];
	char other[DESCRIBE_VALUE_SIZE];
	describe_value(row, a, one);
	describe_value(row, b, other);
	return strcmp(one, other) != 0;
}

static void add_change(struct tuning_change changes[TUNING_CHANGES], size_t *count, const struct option_row *row,
                       const struct settings *settings)
{
	bool meaningless = settings->policy.failures != POLICY_AUTO && strcmp(row->name, "false-trips") == 0;
	if (meaningless || *count == TUNING_CHANGES)
		return;
	changes[*count].option = row->name;
	describe_value(row, settings, changes[(*count)++].value);
}

/* What differs from the present policy, by the table of options. */
static void describe(const struct trial *t, const struct tune_try *try, struct tuning_row *row)
{
	struct settings now = {.policy = t->breaker.policy};
	struct settings then = {.policy = try->policy};
	*row = (struct tuning_row){
		.cost = try->cost,
		.failures_run = try->tally.failures_run,
		.failures_avoided = try->tally.failures_avoided,
		.successes_rejected = try->tally.successes_rejected,
		.opened = try->tally.incidents,
		.open_ms = try->tally.open_ms,
	};
	for (size_t i = 0; i < option_count; i++)
		if (option_is_policy(&option_rows[i]) && differ(&option_rows[i], &now, &then))
			add_change(row->changes, &row->change_count, &option_rows[i], &then);
}

/* What the configuration has to say: what differs from the present policy, or from what it says now. */
static void list_lines(struct trial *t, const struct policy *policy)
{
	struct tuning *u = &t->tuning;
	struct settings now = {.policy = t->breaker.policy};
	struct settings then = {.policy = *policy};
	for (size_t i = 0; i < option_count; i++) {
		const struct option_row *row = &option_rows[i];
		if (option_is_policy(row) && (differ(row, &now, &then) || differ(row, &t->in->settings, &then)))
			add_change(u->lines, &u->line_count, row, &then);
	}
}

/* The best ones, of several that come to the same the simplest; and the present one. */
static void pick(struct trial *t)
{
	const struct tune_try *tries = t->tries.items;
	struct tuning *u = &t->tuning;
	for (size_t i = 0; i < t->tries.count; i++) {
		bool new = i == 0 || !tune_same(&tries[i - 1], &tries[i]);
		if (new && u->best_count < TUNING_ROWS)
			describe(t, &tries[i], &u->best[u->best_count++]);
		if (tries[i].number == 0)
			describe(t, &tries[i], &u->present);
	}
	list_lines(t, &tries[0].policy);
}

static bool try_policies(struct trial *t, struct error *error)
{
	const struct policy *present = &t->breaker.policy;
	bool ok = tune_list(&t->tries, present, cadence_gap_us(&t->breaker.cadence) / 1000);
	recording_sort(&t->recording);
	progress_begin(&t->progress, "trying policies", t->in->level != MESSAGE_QUIET);
	ok = ok && tune_play(&t->tries, &t->recording, (uint64_t)t->in->settings.seed, tell, &t->progress);
	progress_wipe(&t->progress);
	t->tuning.tried = t->tries.count;
	t->tuning.rejected = t->breaker.totals.rejected;
	t->tuning.supposed = t->supposed.count;
	t->tuning.cost_failure = TUNE_COST_FAILURE;
	t->tuning.cost_rejected = TUNE_COST_REJECTED;
	t->tuning.cost_opening = TUNE_COST_OPENING;
	if (!ok)
		return fail_full(error);
	pick(t);
	return true;
}

static bool print(struct session *s, const struct trial *t, struct error *error)
{
	bool json = s->in->settings.json;
	if (s->printed++ > 0)
		fputc(json ? ',' : '\n', stdout);
	if (!json)
		tuning_print_text(stdout, &t->tuning);
	return !json || tuning_print_json(stdout, &t->tuning) || fail_full(error);
}

/* A targets_actor. */
static bool tune(void *context, const char *name, struct error *error)
{
	struct session *s = context;
	struct trial *t = calloc(1, sizeof(*t));
	if (t == NULL)
		return fail_full(error);
	t->in = s->in;
	t->name = t->tuning.name = name;
	bool ok = command_resolve_for(t->in, name, error) && load(t, error) && try_policies(t, error) && print(s, t, error);
	array_free(&t->tries);
	recording_free(&t->recording);
	free(t);
	return ok;
}

static bool find(struct targets *targets, struct invocation *in, struct error *error)
{
	struct store *store;
	if (!command_open_store(in, STORE_READ, &store, error))
		return false;
	bool ok = targets_find(targets, store, error);
	command_close_store(in, store);
	return ok;
}

static int act(struct targets *targets, struct invocation *in, struct error *error)
{
	struct session s = {.in = in};
	if (!find(targets, in, error))
		return -1;
	if (in->settings.json)
		fputs("{\"schema\":1,\"breakers\":[", stdout);
	int status = targets_act(targets, tune, &s, error);
	if (in->settings.json)
		fputs("]}\n", stdout);
	return status;
}

static int run(struct invocation *in, struct error *error)
{
	struct targets targets;
	int status = targets_begin(&targets, in, false, error) ? act(&targets, in, error) : -1;
	targets_free(&targets);
	return status;
}

const struct command tune_command = {
	.name = "tune",
	.since = "0.2.0",
	.arguments = "NAME...",
	.summary = "Find the policy that would have served the recorded runs best",
	.scope = SCOPE_TUNE,
	.run = run,
};
