/* why.c: `cbrun why NAME`: why a breaker is as it is, and what else could have been. Changes nothing. */
#include "report/why.h"

#include "base/peer.h"
#include "commands/command.h"
#include "commands/terminal.h"
#include "replay/whatif.h"
#include "report/fold.h"
#include "settings/describe.h"

#include <stdlib.h>
#include <string.h>

/* A question and what is found out about it. */
struct inquiry {
	struct invocation *in;
	struct store *store;
	struct breaker breaker;
	struct load load;
	char needed_open[STORE_NAME_SIZE]; /* the name in the load */
	struct array events; /* struct event */
	struct recording recording;
	bool full; /* out of memory */
	struct explanation explanation;
};

static bool fail_full(struct error *error)
{
	return error_set(error, ERROR_SYSTEM, "cannot explain the breaker: out of memory");
}

static bool take(void *context, const struct event *event)
{
	struct inquiry *q = context;
	struct event *place = array_append(&q->events, sizeof(*place));
	q->full = place == NULL || !recording_add(&q->recording, event);
	if (!q->full)
		*place = *event;
	return !q->full;
}

/* The breaker, what runs of it, what it needs; and its history. */
static bool load(struct inquiry *q, struct error *error)
{
	struct explanation *e = &q->explanation;
	struct store_step step = {.breaker = &q->breaker};
	const struct store_request request = {.name = e->name,
	                                      .intent = STORE_LOOK,
	                                      .load = true,
	                                      .needs = q->in->settings.needs,
	                                      .decide = store_decide_nothing};
	if (q->store == NULL)
		return command_no_breaker(e->name, error);
	if (!store_step(q->store, &request, &step, error))
		return false;
	if (!step.found)
		return command_no_breaker(e->name, error);
	e->breaker = &q->breaker;
	e->now = step.now;
	q->load = step.load;
	if (q->load.needed_open != NULL) {
		memcpy(q->needed_open, step.needed_open, sizeof(q->needed_open));
		q->load.needed_open = q->needed_open;
	}
	return store_each_event(q->store, e->name, take, q, error) && (!q->full || fail_full(error));
}

/* The end of the last output of a call that failed since one has succeeded, as far as the incident goes on. */
static bool load_output(struct inquiry *q, struct error *error)
{
	char bytes[STORE_FAILURE_LIMIT];
	struct store_output *output;
	struct store_wanted wanted = {STORE_OUTPUT_LAST_FAILURE, q->breaker.failures_at_success + 1};
	const char *name = q->explanation.name;
	if (!q->explanation.incident.found || q->explanation.incident.over)
		return true;
	if (!store_load_output(q->store, name, &wanted, &output, error))
		return false;
	wanted.kind = STORE_OUTPUT_FIRST_FAILURE; /* which alone is kept if there was no other */
	if (output == NULL && !store_load_output(q->store, name, &wanted, &output, error))
		return false;
	if (output == NULL)
		return true;
	ssize_t length = output->read(output->context, 0, bytes, sizeof(bytes));
	if (length > 0)
		explanation_set_output(&q->explanation, output->wall_ms, bytes, (size_t)length);
	store_close_output(output);
	return true;
}

/* "--open-for 5m", as simulate takes it. */
static void describe(const struct whatif *w, char *text, size_t size)
{
	char value[DESCRIBE_VALUE_SIZE];
	struct settings settings = {.policy = w->policy};
	const struct option_row *row = w->option != NULL ? option_find(w->option) : NULL;
	text[0] = '\0';
	if (row == NULL)
		return;
	describe_value(row, &settings, value);
	snprintf(text, size, "--%s%s%s", row->name, row->kind == OPTION_FLAG ? "=" : " ", value);
}

static struct explanation_alternative alternative(const struct inquiry *q, const struct whatif *as_it_is,
                                                  const struct whatif *w)
{
	const struct replay_tally *t = &w->tally;
	bool all_recorded = q->breaker.totals.rejected == 0;
	struct explanation_alternative a = {
		.matters = whatif_matters(as_it_is, w, all_recorded),
		.run = t->run,
		.rejected = t->rejected,
		.failures_run = t->failures_run,
		.failures_avoided = t->failures_avoided,
		.successes_rejected = t->successes_rejected,
		.opened = t->opened,
		.open_ms = t->open_ms,
	};
	describe(w, a.options, sizeof(a.options));
	return a;
}

/* As `simulate --from` plays it. */
static bool play(struct inquiry *q, struct error *error)
{
	struct whatif list[WHATIF_MAX];
	struct explanation *e = &q->explanation;
	size_t count = whatif_list(&q->breaker.policy, list);
	recording_sort(&q->recording);
	if (!whatif_play(&q->recording, (uint64_t)q->in->settings.seed, list, count))
		return fail_full(error);
	e->as_it_is = alternative(q, &list[0], &list[0]);
	for (size_t i = 1; i < count; i++)
		e->alternatives[e->alternative_count++] = alternative(q, &list[0], &list[i]);
	return true;
}

static bool explain(struct inquiry *q, struct error *error)
{
	struct explanation *e = &q->explanation;
	if (!load(q, error))
		return false;
	e->at_wall_ms = q->in->settings.at_ms;
	explanation_make(e, &q->load, q->events.items, q->events.count);
	e->running_ms = e->admission.running_pid > 0 ? peer_age_ms(e->admission.running_pid) : -1;
	return load_output(q, error) && play(q, error);
}

/* In lines that fit the terminal. */
static bool print_folded(const struct inquiry *q, size_t width)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	if (out == NULL)
		return false;
	why_print_text(out, &q->explanation);
	bool ok = fclose(out) == 0;
	if (ok)
		fold_print_lines(stdout, text, width);
	free(text);
	return ok;
}

static bool print(const struct inquiry *q, struct error *error)
{
	size_t width = terminal_style(COLOUR_NEVER).width;
	if (q->in->settings.json)
		return why_print_json(stdout, &q->explanation) || fail_full(error);
	if (terminal_is_one() && width > 0)
		return print_folded(q, width) || fail_full(error);
	why_print_text(stdout, &q->explanation);
	return true;
}

static int answer(struct inquiry *q, struct error *error)
{
	struct invocation *in = q->in;
	if (!command_name(in, &q->explanation.name, error) || !command_resolve_for(in, q->explanation.name, error) ||
	    !command_open_store(in, STORE_READ, &q->store, error))
		return -1;
	bool ok = explain(q, error);
	command_tell_remarks(in, q->store);
	store_close(q->store);
	return ok && print(q, error) ? 0 : -1;
}

static int run(struct invocation *in, struct error *error)
{
	struct inquiry *q = calloc(1, sizeof(*q));
	if (q == NULL) {
		fail_full(error);
		return -1;
	}
	q->in = in;
	int status = answer(q, error);
	array_free(&q->events);
	recording_free(&q->recording);
	free(q);
	return status;
}

const struct command why_command = {
	.name = "why",
	.since = "0.2.0",
	.arguments = "NAME",
	.summary = "Explain why a breaker is open, or was, and what would have helped",
	.scope = SCOPE_WHY,
	.run = run,
};
