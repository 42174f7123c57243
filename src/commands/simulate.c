/*
 * simulate.c: `cbrun simulate [FILE]`: a policy tried on a trace, or on what a
 * breaker has recorded, in no time.
 */
#include "base/text.h"
#include "commands/command.h"
#include "commands/simulation.h"
#include "settings/values.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A trace that is being read. */
struct trace {
	const char *name;
	FILE *file;
	int64_t line;
	int64_t last_ms;
};

static bool malformed(const struct trace *trace, struct error *error, const char *what, const char *word)
{
	return error_set(error, ERROR_USAGE, "%s, line %lld: %s '%s'", trace->name, (long long)trace->line,
	                 what, TEXT_BRIEF(word));
}

static bool find_outcome(const char *word, enum outcome *outcome)
{
	static const char *const words[] = {
		[OUTCOME_SUCCESS] = "ok",
		[OUTCOME_FAILURE] = "fail",
		[OUTCOME_TIMEOUT] = "timeout",
		[OUTCOME_IGNORED] = "ignore",
	};
	for (int i = OUTCOME_SUCCESS; i <= OUTCOME_IGNORED; i++)
		if (strcmp(words[i], word) == 0) {
			*outcome = (enum outcome)i;
			return true;
		}
	return false;
}

static bool find_act(const char *word, enum simulation_act *act)
{
	for (int i = SIMULATION_PEEK; i <= SIMULATION_ENABLE; i++)
		if (strcmp(simulation_act_name((enum simulation_act)i), word) == 0) {
			*act = (enum simulation_act)i;
			return true;
		}
	return false;
}

static bool read_time(struct trace *trace, const char *word, int64_t *at_ms, struct error *error)
{
	if (!value_seconds_ms(word, at_ms))
		return malformed(trace, error, "expected a time in seconds, not", word);
	if (*at_ms < trace->last_ms)
		return malformed(trace, error, "this time is before the line above:", word);
	trace->last_ms = *at_ms;
	return true;
}

/* Takes one line of the trace: TIME EVENT [DURATION]. */
static bool take_line(struct simulation *s, struct trace *trace, char *text, struct error *error)
{
	static const char blanks[] = " \t\r\n";
	int64_t at_ms = 0;
	int64_t duration_ms = 0;
	enum outcome outcome;
	enum simulation_act act;
	text[strcspn(text, "#")] = '\0';
	char *rest;
	const char *time = strtok_r(text, blanks, &rest);
	if (time == NULL)
		return true;
	const char *event = strtok_r(NULL, blanks, &rest);
	const char *duration = strtok_r(NULL, blanks, &rest);
	const char *extra = strtok_r(NULL, blanks, &rest);
	if (!read_time(trace, time, &at_ms, error))
		return false;
	if (event == NULL)
		return malformed(trace, error, "expected an event behind", time);
	if (extra != NULL)
		return malformed(trace, error, "nothing belongs behind the duration, but here is", extra);
	if (find_act(event, &act)) {
		if (duration != NULL)
			return malformed(trace, error, "only calls have a duration, not", event);
		simulation_act(s, at_ms, trace->line, act);
		return true;
	}
	if (!find_outcome(event, &outcome))
		return malformed(
			trace, error,
			"expected ok, fail, timeout, ignore, peek, trip, hold, reset, disable or enable, not",
			event);
	if (duration != NULL && !value_seconds_ms(duration, &duration_ms))
		return malformed(trace, error, "expected a duration in seconds, not", duration);
	return simulation_call(s, at_ms, trace->line, outcome, duration_ms) ||
	       error_set(error, ERROR_SYSTEM, "out of memory");
}

static bool replay_trace(struct simulation *s, struct trace *trace, struct error *error)
{
	char *text = NULL;
	size_t size = 0;
	ssize_t length;
	bool ok = true;
	while (ok && (length = getline(&text, &size, trace->file)) >= 0) {
		trace->line++;
		if (strlen(text) != (size_t)length)
			ok = malformed(trace, error, "a NUL byte behind", text);
		else
			ok = take_line(s, trace, text, error);
	}
	if (ok && ferror(trace->file))
		ok = error_set_errno(error, ERROR_SYSTEM, errno, "cannot read %s", trace->name);
	free(text);
	return ok;
}

static bool simulate_trace(struct invocation *in, struct error *error)
{
	const char *path = in->line.operands[0];
	struct simulation s;
	struct trace trace = {.name = "standard input", .file = stdin};
	if (path != NULL && strcmp(path, "-") != 0)
		trace = (struct trace){.name = path, .file = fopen(path, "re")};
	if (trace.file == NULL)
		return error_set_errno(error, ERROR_SYSTEM, errno, "cannot open the trace %s", path);
	simulation_begin(&s, &in->settings.policy, (uint64_t)in->settings.seed, stdout);
	bool ok = replay_trace(&s, &trace, error);
	simulation_end(&s, ok);
	if (trace.file != stdin)
		fclose(trace.file);
	return ok;
}

/* The recorded calls of a breaker, to be put into the order of their beginnings. */
struct recording {
	struct event *calls;
	size_t count;
	size_t capacity;
};

static bool add_call(void *context, const struct event *event)
{
	struct recording *r = context;
	if (event->kind != EVENT_CALL)
		return true;
	if (r->count == r->capacity) {
		size_t capacity = r->capacity > 0 ? 2 * r->capacity : 256;
		struct event *calls = realloc(r->calls, capacity * sizeof(*calls));
		if (calls == NULL)
			return false;
		r->calls = calls;
		r->capacity = capacity;
	}
	r->calls[r->count++] = *event;
	return true;
}

static int64_t start_ms(const struct event *call)
{
	return call->wall_ms - call->duration_us / 1000;
}

static int compare_starts(const void *left, const void *right)
{
	const struct event *a = left;
	const struct event *b = right;
	if (start_ms(a) != start_ms(b))
		return start_ms(a) < start_ms(b) ? -1 : 1;
	return (a->seq > b->seq) - (a->seq < b->seq);
}

static bool replay_recording(const struct invocation *in, struct recording *r, struct error *error)
{
	struct simulation s;
	bool ok = true;
	if (r->count > 1)
		qsort(r->calls, r->count, sizeof(*r->calls), compare_starts);
	simulation_begin(&s, &in->settings.policy, (uint64_t)in->settings.seed, stdout);
	for (size_t i = 0; i < r->count && ok; i++) {
		const struct event *call = &r->calls[i];
		ok = simulation_call(&s, start_ms(call) - start_ms(&r->calls[0]), call->seq, call->outcome,
		                     call->duration_us / 1000);
	}
	simulation_end(&s, ok);
	return ok || error_set(error, ERROR_SYSTEM, "out of memory");
}

/* Loads the calls of the breaker, and takes its policy for what the command line leaves open. */
static bool load_recording(struct invocation *in, struct store *store, struct recording *r,
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
	       store_each_event(store, name, add_call, r, error);
}

static bool simulate_recording(struct invocation *in, struct error *error)
{
	struct store *store;
	struct recording r = {0};
	if (in->line.operand_count > 0)
		return error_set(error, ERROR_USAGE, "--from and a trace file exclude each other");
	if (!command_open_store(in, STORE_READ, &store, error))
		return false;
	bool ok = store != NULL ? load_recording(in, store, &r, error)
	                        : command_no_breaker(in->settings.from, error);
	command_tell_remarks(in, store);
	store_close(store);
	ok = ok && replay_recording(in, &r, error);
	free(r.calls);
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
