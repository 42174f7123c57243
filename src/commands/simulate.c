/*
 * simulate.c: `cbrun simulate [FILE]`: a policy tried on a trace, or on what a
 * breaker has recorded, in no time.
 *
 * The lines for programs are printed without a JSON library: a million of them in
 * a second, and nothing in them needs escaping (numbers, and words of our own). A
 * person at a terminal gets what they add up to.
 */
#include "base/text.h"
#include "base/units.h"
#include "commands/command.h"
#include "replay/recording.h"
#include "replay/trace.h"
#include "report/reason.h"
#include "report/simulation.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void print_head(FILE *out, const struct replay_step *step, const char *event)
{
	char t[TEXT_VALUE_SIZE];
	text_decimal(step->at_ms, MS_PER_S, t);
	fprintf(out, "{\"t\":%s,\"line\":%lld,\"event\":\"%s\"", t, (long long)step->line, event);
}

static void print_start(FILE *out, const struct replay_step *step)
{
	char reason[REASON_LINE_SIZE];
	const struct admission *a = step->admission;
	const char *quote = a->reason.kind != REASON_NONE ? "\"" : "";
	reason_format(&a->reason, reason);
	print_head(out, step, "start");
	fprintf(out, ",\"decision\":\"%s\",\"state\":\"%s\",\"reason\":%s%s%s}\n", a->run ? "run" : "reject",
	        breaker_state_name(step->state), quote, a->reason.kind != REASON_NONE ? reason : "null",
	        quote);
}

static void print_end(FILE *out, const struct replay_step *step)
{
	print_head(out, step, "end");
	fprintf(out, ",\"outcome\":\"%s\",\"state\":\"%s\"}\n", outcome_name(step->outcome),
	        breaker_state_name(step->state));
}

static void print_act(FILE *out, const struct replay_step *step)
{
	char retry[TEXT_VALUE_SIZE] = "null";
	if (step->retry_after_ms >= 0)
		text_decimal(step->retry_after_ms, MS_PER_S, retry);
	print_head(out, step, replay_act_name(step->act));
	fprintf(out, ",\"state\":\"%s\",\"retry_after_seconds\":%s}\n", breaker_state_name(step->state),
	        retry);
}

/* A visitor of the replay. */
static void print_step(void *context, const struct replay_step *step)
{
	FILE *out = context;
	switch (step->kind) {
	case REPLAY_CALL_STARTED:
		print_start(out, step);
		break;
	case REPLAY_CALL_ENDED:
		print_end(out, step);
		break;
	case REPLAY_ACTED:
		print_act(out, step);
		break;
	}
}

static void print_summary(FILE *out, const struct replay_tally *t)
{
	char open_seconds[TEXT_VALUE_SIZE];
	text_decimal(t->open_ms, MS_PER_S, open_seconds);
	fprintf(out,
	        "{\"event\":\"summary\",\"calls\":%lld,\"run\":%lld,\"rejected\":%lld,\"failures_run\":%lld,"
	        "\"failures_avoided\":%lld,\"successes_rejected\":%lld,\"opened\":%lld,\"open_seconds\":%s}"
	        "\n",
	        (long long)t->calls, (long long)t->run, (long long)t->rejected, (long long)t->failures_run,
	        (long long)t->failures_avoided, (long long)t->successes_rejected, (long long)t->opened,
	        open_seconds);
}

/* Another. */
static void note_step(void *context, const struct replay_step *step)
{
	struct simulation *simulation = context;
	simulation->length_ms = step->at_ms;
	simulation_note(simulation, step->journal);
}

static void print_for_people(struct simulation *s, const struct replay_tally *t)
{
	s->calls = t->calls;
	s->let_in = t->run;
	s->rejected = t->rejected;
	s->failures_let_in = t->failures_run;
	s->failures_rejected = t->failures_avoided;
	s->successes_rejected = t->successes_rejected;
	s->opened = t->opened;
	s->open_ms = t->open_ms;
	simulation_print(stdout, s);
}

/* One run of the simulation, and what is kept of it for a person. */
struct play {
	struct replay replay;
	struct simulation simulation;
	bool for_people;
};

static void begin(const struct invocation *in, struct play *play)
{
	*play = (struct play){.for_people = !in->settings.json && isatty(STDOUT_FILENO)};
	replay_begin(&play->replay, &in->settings.policy, (uint64_t)in->settings.seed,
	             play->for_people ? note_step : print_step,
	             play->for_people ? (void *)&play->simulation : stdout);
}

/* Calls that a failure left running have no end, and the summary would be of a part. */
static void end(struct play *play, bool ok)
{
	const struct replay_tally *tally = ok ? replay_end(&play->replay) : NULL;
	if (ok && play->for_people)
		print_for_people(&play->simulation, tally);
	else if (ok)
		print_summary(stdout, tally);
	replay_free(&play->replay);
}

static bool play_trace(struct replay *r, struct trace *trace, FILE *file, struct error *error)
{
	char *text = NULL;
	size_t size = 0;
	ssize_t length;
	bool ok = true;
	while (ok && (length = getline(&text, &size, file)) >= 0) {
		struct trace_event event;
		ok = trace_read(trace, text, (size_t)length, &event, error);
		if (ok && !trace_play(&event, r))
			ok = error_set(error, ERROR_SYSTEM, "out of memory");
	}
	if (ok && ferror(file))
		ok = error_set_errno(error, ERROR_SYSTEM, errno, "cannot read %s", trace->name);
	free(text);
	return ok;
}

static bool simulate_trace(const struct invocation *in, struct error *error)
{
	const char *path = in->line.operands[0];
	bool named = path != NULL && strcmp(path, "-") != 0;
	struct trace trace = {.name = named ? path : "standard input"};
	struct play play;
	FILE *file = named ? fopen(path, "re") : stdin;
	if (file == NULL)
		return error_set_errno(error, ERROR_SYSTEM, errno, "cannot open the trace %s", path);
	begin(in, &play);
	bool ok = play_trace(&play.replay, &trace, file, error);
	end(&play, ok);
	if (named)
		fclose(file);
	return ok;
}

static bool add_event(void *context, const struct event *event)
{
	return recording_add(context, event);
}

/* Loads the calls of the breaker, and takes its policy for what the command line leaves open. */
static bool load_recording(struct invocation *in, struct store *store, struct recording *recording,
                           struct error *error)
{
	const char *name = in->settings.from;
	struct breaker b;
	struct store_step step;
	if (!store_look(store, name, &step, &b, error))
		return false;
	if (!step.found)
		return command_no_breaker(name, error);
	return settings_resolve_over(&in->settings, &b.policy, &in->line, error) &&
	       store_each_event(store, name, add_event, recording, error);
}

/* The same, with the store opened and closed. */
static bool fetch_recording(struct invocation *in, struct recording *recording, struct error *error)
{
	struct store *store;
	if (!command_open_store(in, STORE_READ, &store, error))
		return false;
	bool ok = store != NULL ? load_recording(in, store, recording, error)
	                        : command_no_breaker(in->settings.from, error);
	command_close_store(in, store);
	return ok;
}

static bool play_recording(const struct invocation *in, struct recording *recording, struct error *error)
{
	struct play play;
	recording_sort(recording);
	begin(in, &play);
	bool ok = recording_play(recording, &play.replay);
	end(&play, ok);
	return ok || error_set(error, ERROR_SYSTEM, "out of memory");
}

static bool simulate_recording(struct invocation *in, struct error *error)
{
	struct recording recording = {0};
	if (in->line.operand_count > 0)
		return error_set(error, ERROR_USAGE, "--from and a trace file exclude each other");
	bool ok = fetch_recording(in, &recording, error) && play_recording(in, &recording, error);
	recording_free(&recording);
	return ok;
}

static int run(struct invocation *in, struct error *error)
{
	if (in->line.operand_count > 1)
		return error_set(error, ERROR_USAGE, "expected one trace file, got %d",
		                 in->line.operand_count),
		       -1;
	bool ok = in->settings.from != NULL ? simulate_recording(in, error) : simulate_trace(in, error);
	return ok ? 0 : -1;
}

const struct command simulate_command = {
	.name = "simulate",
	.arguments = "[FILE]",
	.summary = "Try a policy on a trace, without a store and without waiting",
	.scope = SCOPE_SIMULATE,
	.run = run,
};
