/*
 * simulate.c: `cbrun simulate [FILE]`: a policy tried on a trace, or on what a
 * breaker has recorded, in no time. Programs get each step (steps.h), a person at a
 * terminal what they add up to, and two policies side by side.
 */
#include "base/progress.h"
#include "commands/command.h"
#include "commands/steps.h"
#include "commands/terminal.h"
#include "replay/recording.h"
#include "replay/trace.h"
#include "report/picture.h"
#include "report/simulation.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* One policy under trial, and what is kept of it for a person. */
struct play {
	struct replay replay;
	struct simulation simulation;
	struct picture *picture; /* NULL without --chart */
	bool lost;           /* memory for a part of the chart was */
};

/* A visitor of the replay. */
static void note_step(void *context, const struct replay_step *step)
{
	struct play *play = context;
	play->simulation.length_ms = step->at_ms;
	simulation_note(&play->simulation, step->journal);
	if (play->picture == NULL)
		return;
	if (!picture_note(play->picture, step->at_ms, step->journal))
		play->lost = true;
	if (step->kind == REPLAY_CALL_STARTED && !step->admission->run)
		picture_count(play->picture, step->at_ms, true);
	else if (step->kind == REPLAY_CALL_ENDED && outcome_is_failure(step->outcome))
		picture_count(play->picture, step->at_ms, false);
}

/* So many lines of a trace take some milliseconds. */
enum { EACH_LINES = 4096 };

/* The policy of the command line, and with --versus another beside it. */
struct trial {
	struct play plays[2];
	size_t count;
	const char *versus; /* NULL without */
	struct progress progress;
	int64_t whole; /* bytes of the trace; 0: nobody knows */
	bool for_people;
};

/* Whether the words are options, and such as make a policy. */
static bool is_policy(const struct command_line *line)
{
	bool all = line->operand_count == 0 && line->assignment_count > 0;
	for (int i = 0; i < line->assignment_count; i++)
		all = all && line->assignments[i].row->scope == SCOPE_POLICY;
	return all;
}

/* The policy, with the options of --versus over it. */
static bool resolve_versus(const struct invocation *in, struct policy *policy, struct error *error)
{
	enum { WORDS = 64 };
	char *argv[WORDS + 2] = {"simulate"};
	struct command_line line = {0};
	struct settings other = in->settings;
	char *text = strdup(in->settings.versus);
	char *rest = text;
	int argc = 1;
	if (text == NULL)
		return error_set(error, ERROR_SYSTEM, "out of memory");
	for (char *word; argc <= WORDS && (word = strsep(&rest, " \t")) != NULL;)
		if (*word != '\0')
			argv[argc++] = word;
	bool ok = command_line_parse(&line, argc, argv, SCOPE_SIMULATE, true, error);
	if (ok && (!is_policy(&line) || rest != NULL))
		ok = error_set(error, ERROR_USAGE, "invalid --versus '%s': expected options of a policy, such as '-f 3 -o 10m'",
		               in->settings.versus);
	ok = ok && settings_resolve_over(&other, &in->settings.policy, &line, error);
	*policy = other.policy;
	command_line_free(&line);
	free(text);
	return ok;
}

static void begin_play(const struct invocation *in, struct trial *t, const struct policy *policy)
{
	struct play *play = &t->plays[t->count++];
	if (in->settings.chart) {
		play->picture = calloc(1, sizeof(*play->picture));
		play->lost = play->picture == NULL;
	}
	replay_visitor *visit = t->for_people ? note_step : t->versus == NULL ? steps_print : NULL;
	replay_begin(&play->replay, policy, (uint64_t)in->settings.seed, visit,
	             t->for_people ? (void *)play : stdout);
}

static bool begin(const struct invocation *in, struct trial *t, struct error *error)
{
	struct policy other;
	bool chart = in->settings.chart;
	*t = (struct trial){.versus = in->settings.versus, .for_people = chart || (!in->settings.json && isatty(STDOUT_FILENO))};
	if (chart && in->settings.json)
		return error_set(error, ERROR_USAGE, "--chart and --json exclude each other");
	if (t->versus != NULL && !resolve_versus(in, &other, error))
		return false;
	/* not between lines of JSON on the same terminal */
	progress_begin(&t->progress, "simulating", in->level != MESSAGE_QUIET && (t->for_people || !isatty(STDOUT_FILENO)));
	begin_play(in, t, &in->settings.policy);
	if (t->versus != NULL)
		begin_play(in, t, &other);
	return true;
}

static void keep_tally(struct simulation *s, const struct replay_tally *t)
{
	s->calls = t->calls;
	s->let_in = t->run;
	s->rejected = t->rejected;
	s->failures_let_in = t->failures_run;
	s->failures_rejected = t->failures_avoided;
	s->successes_rejected = t->successes_rejected;
	s->opened = t->opened;
	s->open_ms = t->open_ms;
}

static void print_charts(const struct trial *t)
{
	struct style style = terminal_style(COLOUR_AUTO);
	for (size_t i = 0; i < t->count; i++) {
		if (t->count > 1)
			printf("\n%s\n", i == 0 ? "As it is:" : "The other:");
		else
			putchar('\n');
		picture_print(stdout, t->plays[i].picture, t->plays[t->count - 1 - i].picture, &style);
	}
}

static void print_for_people(const struct trial *t)
{
	if (t->count > 1)
		simulation_print_beside(stdout, &t->plays[0].simulation, &t->plays[1].simulation, t->versus);
	else
		simulation_print(stdout, &t->plays[0].simulation);
	if (t->plays[0].picture != NULL && t->plays[0].simulation.calls > 0)
		print_charts(t);
}

/* Calls that a failure left running have no end, and the summary would be of a part. */
static bool end(struct trial *t, bool ok, struct error *error)
{
	for (size_t i = 0; i < t->count && ok; i++) {
		const struct replay_tally *tally = replay_end(&t->plays[i].replay);
		keep_tally(&t->plays[i].simulation, tally);
		if (t->plays[i].lost)
			ok = error_set(error, ERROR_SYSTEM, "out of memory");
		else if (!t->for_people)
			steps_print_summary(stdout, tally, i > 0 ? t->versus : NULL);
	}
	if (ok && t->for_people)
		print_for_people(t);
	for (size_t i = 0; i < t->count; i++) {
		replay_free(&t->plays[i].replay);
		if (t->plays[i].picture != NULL)
			picture_free(t->plays[i].picture);
		free(t->plays[i].picture);
	}
	return ok;
}

static bool play_event(struct trial *t, const struct trace_event *event)
{
	bool ok = true;
	for (size_t i = 0; i < t->count && ok; i++)
		ok = trace_play(event, &t->plays[i].replay);
	return ok;
}

static bool play_trace(struct trial *t, struct trace *trace, FILE *file, struct error *error)
{
	char *text = NULL;
	size_t size = 0;
	ssize_t length;
	bool ok = true;
	int64_t done = 0;
	while (ok && (length = getline(&text, &size, file)) >= 0) {
		struct trace_event event;
		done += length;
		if (trace->line % EACH_LINES == 0)
			progress_tell(&t->progress, done, t->whole);
		ok = trace_read(trace, text, (size_t)length, &event, error);
		if (ok && !play_event(t, &event))
			ok = error_set(error, ERROR_SYSTEM, "out of memory");
	}
	progress_wipe(&t->progress);
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
	struct trial trial;
	struct stat status;
	FILE *file = named ? fopen(path, "re") : stdin;
	if (file == NULL)
		return error_set_errno(error, ERROR_SYSTEM, errno, "cannot open the trace %s", path);
	bool ok = begin(in, &trial, error);
	if (fstat(fileno(file), &status) == 0 && S_ISREG(status.st_mode))
		trial.whole = status.st_size;
	ok = end(&trial, ok && play_trace(&trial, &trace, file, error), error);
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
	struct trial trial;
	recording_sort(recording);
	if (!begin(in, &trial, error))
		return false;
	bool ok = true;
	for (size_t i = 0; i < trial.count && ok; i++)
		ok = recording_play(recording, &trial.plays[i].replay) || error_set(error, ERROR_SYSTEM, "out of memory");
	return end(&trial, ok, error);
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
