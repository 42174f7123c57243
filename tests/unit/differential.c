/*
 * differential.c: `cbrun simulate` against the reference breaker, on random
 * policies and random traces.
 *
 *     differential CBRUN [SEED]
 *
 * runs the program at CBRUN on a million events, or on the one trace that
 * SEED draws. UNIT_SEED in the environment gives another first seed. The first
 * difference ends it: it prints the seed, the options, and both lines, and
 * leaves the trace where it says.
 */
#include "reference.h"
#include "rng.h"

#include <errno.h>
#include <inttypes.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { EVENTS = 1000000, POLICIES = 400, ARGS_MAX = 48, ARG_SIZE = 32, LINES_MAX = 20000, MS_PER_S = 1000 };

extern char **environ;

/* One policy with one trace. */
struct trial {
	uint64_t seed;
	struct rng rng;
	struct ref_policy policy;
	int64_t grid; /* times are mostly multiples of it, so that they meet */
	int args_count;
	char args[ARGS_MAX][ARG_SIZE];
	size_t lines_count;
	struct ref_line lines[LINES_MAX];
	size_t out_count;
	struct ref_output out[2 * LINES_MAX];
	struct ref_summary summary;
	char path[64]; /* of the trace */
};

static void fail(const struct trial *t, const char *format, ...)
	__attribute__((format(printf, 2, 3), noreturn));

static void fail(const struct trial *t, const char *format, ...)
{
	printf("1..1\nnot ok 1 - simulate agrees with the reference breaker\n");
	printf("# seed: %" PRIu64 "\n# trace: %s\n# options:", t->seed, t->path);
	for (int i = 0; i < t->args_count; i++)
		printf(" %s", t->args[i]);
	printf("\n# ");
	va_list args;
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
	exit(EXIT_FAILURE);
}

static void add_arg(struct trial *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void add_arg(struct trial *t, const char *format, ...)
{
	if (t->args_count == ARGS_MAX)
		fail(t, "too many options");
	va_list args;
	va_start(args, format);
	vsnprintf(t->args[t->args_count++], ARG_SIZE, format, args);
	va_end(args);
}

/* Gives an option, or leaves the setting at its default in so many of a thousand cases. */
static void option(struct trial *t, const char *name, const char *unit, int64_t *setting, int64_t value)
{
	if (rng_permille(&t->rng, 150))
		return;
	*setting = value;
	add_arg(t, "--%s", name);
	add_arg(t, "%" PRId64 "%s", value, unit);
}

static void draw_window(struct trial *t)
{
	struct rng *rng = &t->rng;
	struct ref_policy *p = &t->policy;
	p->window_is_time = rng_permille(rng, 450);
	p->window = rng_permille(rng, 100) ? rng_between(rng, 1, 3000) : rng_between(rng, 1, 40);
	if (p->window_is_time)
		p->window = rng_permille(rng, 300) ? rng_between(rng, 1, 5000)
		                                   : t->grid * rng_between(rng, 1, 120);
	add_arg(t, "--window");
	add_arg(t, p->window_is_time ? "%" PRId64 "ms" : "%" PRId64, p->window);
	option(t, "min-calls", "", &p->min_calls, rng_between(rng, 1, 20));
}

static void draw_rules(struct trial *t)
{
	struct rng *rng = &t->rng;
	struct ref_policy *p = &t->policy;
	option(t, "failures", "", &p->failures, rng_permille(rng, 400) ? 0 : rng_between(rng, 1, 8));
	option(t, "failure-rate", "%", &p->failure_rate,
	       rng_permille(rng, 300) ? 0 : rng_between(rng, 1, 100));
	if (p->failures > 0 && rng_permille(rng, 250)) {
		p->failures = -1;
		p->false_trips_in = rng_between(rng, 1, 100000);
		add_arg(t, "--failures");
		add_arg(t, "auto");
		add_arg(t, "--false-trips");
		add_arg(t, "1/%" PRId64 "ms", p->false_trips_in);
		add_arg(t, "--failure-rate");
		add_arg(t, "%" PRId64 "%%", p->failure_rate);
	}
	if (p->failures > 0 && rng_permille(rng, 350))
		option(t, "within", "ms", &p->within, t->grid * rng_between(rng, 1, 60));
	if (rng_permille(rng, 400)) {
		option(t, "slow", "ms", &p->slow, t->grid * rng_between(rng, 1, 8));
		if (p->slow > 0)
			option(t, "slow-rate", "%", &p->slow_rate, rng_between(rng, 1, 100));
	}
	if (p->failures == 0 && p->failure_rate == 0 && p->slow == 0) {
		p->failure_rate = 60; /* a breaker that can never open is a usage error */
		add_arg(t, "--failure-rate");
		add_arg(t, "60");
	}
}

static void draw_open_period(struct trial *t)
{
	static const int64_t factors[] = {100, 125, 150, 200, 250, 300};
	struct rng *rng = &t->rng;
	struct ref_policy *p = &t->policy;
	option(t, "open-for", "ms", &p->open_for, t->grid * rng_between(rng, 1, 40));
	option(t, "open-max", "ms", &p->open_max, t->grid * rng_between(rng, 1, 300));
	p->open_factor = factors[rng_below(rng, 6)];
	if (p->open_factor == 100)
		return;
	add_arg(t, "--open-factor");
	add_arg(t, "%" PRId64 ".%02" PRId64, p->open_factor / 100, p->open_factor % 100);
}

static void draw_policy(struct trial *t)
{
	static const int64_t grids[] = {1, 2, 5, 10, 50, 250};
	struct rng *rng = &t->rng;
	struct ref_policy *p = &t->policy;
	t->grid = grids[rng_below(rng, 6)];
	t->policy = ref_default_policy();
	t->args_count = 0;
	draw_window(t);
	draw_rules(t);
	draw_open_period(t);
	option(t, "probes", "", &p->probes, rng_between(rng, 1, 4));
	option(t, "successes", "", &p->successes, rng_between(rng, 1, 4));
	option(t, "probe-failures", "", &p->probe_failures, rng_between(rng, 1, 3));
	if (rng_permille(rng, 250))
		option(t, "max-concurrent", "", &p->max_concurrent, rng_between(rng, 1, 8));
	p->shadow = rng_permille(rng, 120);
	if (p->shadow)
		add_arg(t, "--shadow");
}

/* Jumps right to where something may end, or next to it. */
static int64_t draw_jump(struct trial *t)
{
	const struct ref_policy *p = &t->policy;
	int64_t jumps[] = {p->open_for, p->within, p->window_is_time ? p->window : 0, p->open_max,
	                   p->open_for * p->open_factor / 100};
	int64_t jump = jumps[rng_below(&t->rng, 5)];
	if (rng_permille(&t->rng, 300))
		jump += rng_between(&t->rng, -1, 1);
	return jump > 0 ? jump : 0;
}

static int64_t draw_gap(struct trial *t)
{
	int64_t draw = rng_below(&t->rng, 1000);
	if (draw < 350)
		return 0;
	if (draw < 750)
		return t->grid * rng_below(&t->rng, 4);
	if (draw < 920)
		return t->grid * rng_below(&t->rng, 20);
	if (draw < 950)
		return rng_below(&t->rng, 10);
	return draw_jump(t);
}

static int64_t draw_duration(struct trial *t)
{
	int64_t draw = rng_below(&t->rng, 1000);
	if (draw < 450)
		return 0;
	if (draw < 700)
		return t->grid * rng_below(&t->rng, 6);
	if (draw < 900)
		return t->policy.slow + rng_below(&t->rng, 2);
	return t->grid * rng_below(&t->rng, 60);
}

static enum ref_event draw_event(struct trial *t, int failing, int meddling)
{
	static const enum ref_event acts[] = {REF_TRIP,  REF_TRIP,   REF_HOLD,   REF_DISABLE,
	                                      REF_RESET, REF_ENABLE, REF_ENABLE, REF_RESET};
	if (rng_permille(&t->rng, meddling))
		return acts[rng_below(&t->rng, 8)];
	if (rng_permille(&t->rng, 80))
		return REF_PEEK;
	if (rng_permille(&t->rng, 60))
		return REF_IGNORE;
	if (rng_permille(&t->rng, failing))
		return rng_permille(&t->rng, 300) ? REF_TIMEOUT : REF_FAIL;
	return REF_OK;
}

/* Good times and bad times take turns; some traces have an operator. */
static void draw_trace(struct trial *t)
{
	static const int moods[] = {0, 30, 200, 500, 900, 1000};
	struct rng *rng = &t->rng;
	int meddling = (int)rng_below(rng, 3) * 15;
	int failing = 0;
	int64_t now = rng_below(rng, 2) * rng_below(rng, 100000);
	t->lines_count = (size_t)(rng_permille(rng, 25) ? LINES_MAX : rng_between(rng, 1, 4000));
	for (size_t i = 0; i < t->lines_count; i++) {
		if (rng_permille(rng, 15))
			failing = moods[rng_below(rng, 6)];
		now += draw_gap(t);
		struct ref_line *line = &t->lines[i];
		*line = (struct ref_line){.time = now, .event = draw_event(t, failing, meddling)};
		if (line->event <= REF_IGNORE)
			line->duration = draw_duration(t);
	}
}

/* Writes milliseconds as seconds, with or without the zeros at the end. */
static void write_seconds(struct trial *t, FILE *file, int64_t ms)
{
	char text[ARG_SIZE];
	int length = snprintf(text, sizeof(text), "%" PRId64 ".%03d", ms / MS_PER_S, (int)(ms % MS_PER_S));
	if (rng_permille(&t->rng, 800))
		while (text[length - 1] == '0')
			text[--length] = '\0';
	if (text[length - 1] == '.')
		text[--length] = '\0';
	fputs(text, file);
}

static void write_line(struct trial *t, FILE *file, const struct ref_line *line)
{
	write_seconds(t, file, line->time);
	fprintf(file, "%c%s", rng_permille(&t->rng, 900) ? ' ' : '\t', ref_event_name(line->event));
	if (line->duration > 0 || (line->event <= REF_IGNORE && rng_permille(&t->rng, 200))) {
		fputc(' ', file);
		write_seconds(t, file, line->duration);
	}
	fputc('\n', file);
}

/* Writes the trace, with some comments and empty lines, and numbers its lines. */
static void write_trace(struct trial *t)
{
	const char *dir = getenv("TMPDIR");
	snprintf(t->path, sizeof(t->path), "%s/differential.XXXXXX",
	         dir != NULL && *dir != '\0' ? dir : "/tmp");
	int fd = mkstemp(t->path);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
	if (file == NULL)
		fail(t, "unable to create %s: %s", t->path, strerror(errno));
	int number = 0;
	for (size_t i = 0; i < t->lines_count; i++) {
		while (rng_permille(&t->rng, 30)) {
			fputs(rng_permille(&t->rng, 500) ? "# nothing\n" : "\n", file);
			number++;
		}
		t->lines[i].number = ++number;
		write_line(t, file, &t->lines[i]);
	}
	if (fclose(file) != 0)
		fail(t, "unable to write %s: %s", t->path, strerror(errno));
}

/* Starts the program on the trace; *output is what it prints. */
static pid_t start(struct trial *t, char *program, FILE **output)
{
	static char simulate[] = "simulate";
	char *argv[ARGS_MAX + 4] = {program, simulate};
	for (int i = 0; i < t->args_count; i++)
		argv[i + 2] = t->args[i];
	argv[t->args_count + 2] = t->path;
	int ends[2];
	posix_spawn_file_actions_t actions;
	pid_t pid = 0;
	if (pipe(ends) != 0)
		fail(t, "unable to make a pipe: %s", strerror(errno));
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", 0, 0);
	posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
	posix_spawn_file_actions_addclose(&actions, ends[0]);
	posix_spawn_file_actions_addclose(&actions, ends[1]);
	int error = posix_spawn(&pid, program, &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	*output = fdopen(ends[0], "r");
	if (error != 0 || *output == NULL)
		fail(t, "unable to run %s: %s", program, strerror(error != 0 ? error : errno));
	return pid;
}

/* What stands behind "key": in a line of JSON; "" if it is not there. */
static const char *json_find(const char *json, const char *key)
{
	char quoted[64];
	int length = snprintf(quoted, sizeof(quoted), "\"%s\":", key);
	const char *found = strstr(json, quoted);
	if (found == NULL)
		return "";
	found += length;
	return found + strspn(found, " ");
}

static bool is_text(const char *json, const char *key, const char *want)
{
	const char *found = json_find(json, key);
	size_t length = strlen(want);
	return found[0] == '"' && strncmp(found + 1, want, length) == 0 && found[length + 1] == '"';
}

static bool is_number(const char *json, const char *key, int64_t want, double scale)
{
	const char *found = json_find(json, key);
	char *end;
	double number = strtod(found, &end);
	return end != found && (int64_t)(number * scale + 0.5) == want;
}

static bool is_time_or_null(const char *json, const char *key, int64_t want)
{
	if (want < 0)
		return strncmp(json_find(json, key), "null", 4) == 0;
	return is_number(json, key, want, MS_PER_S);
}

static bool agrees(const char *json, const struct ref_output *want)
{
	if (json[0] != '{' || !is_number(json, "t", want->time, MS_PER_S) ||
	    !is_number(json, "line", want->line, 1) || !is_text(json, "event", want->event) ||
	    !is_text(json, "state", want->state))
		return false;
	if (want->decision != NULL)
		return is_text(json, "decision", want->decision) && *json_find(json, "reason") != '\0';
	if (want->outcome != NULL)
		return is_text(json, "outcome", want->outcome);
	return is_time_or_null(json, "retry_after_seconds", want->retry_after);
}

static bool summary_agrees(const char *json, const struct ref_summary *want)
{
	return json[0] == '{' && is_text(json, "event", "summary") &&
	       is_number(json, "calls", want->calls, 1) && is_number(json, "run", want->run, 1) &&
	       is_number(json, "rejected", want->rejected, 1) &&
	       is_number(json, "failures_run", want->failures_run, 1) &&
	       is_number(json, "failures_avoided", want->failures_avoided, 1) &&
	       is_number(json, "successes_rejected", want->successes_rejected, 1) &&
	       is_number(json, "opened", want->opened, 1) &&
	       is_number(json, "open_seconds", want->open_time, MS_PER_S);
}

static const char *or_none(const char *text)
{
	return text != NULL ? text : "-";
}

static void differs(const struct trial *t, size_t i, const char *json)
{
	const struct ref_output *o = &t->out[i];
	fail(t,
	     "line %zu of the output: expected t=%.3f line=%d event=%s decision=%s outcome=%s state=%s "
	     "retry_after_seconds=%.3f (-0.001: null)\n# got %s",
	     i + 1, (double)o->time / (double)MS_PER_S, o->line, o->event, or_none(o->decision), or_none(o->outcome),
	     o->state, (double)o->retry_after / (double)MS_PER_S, json);
}

static void summary_differs(const struct trial *t, const char *json)
{
	const struct ref_summary *s = &t->summary;
	fail(t,
	     "expected the summary calls=%" PRId64 " run=%" PRId64 " rejected=%" PRId64
	     " failures_run=%" PRId64 " failures_avoided=%" PRId64 " successes_rejected=%" PRId64
	     " opened=%" PRId64 " open_seconds=%.3f\n# got %s",
	     s->calls, s->run, s->rejected, s->failures_run, s->failures_avoided, s->successes_rejected,
	     s->opened, (double)s->open_time / (double)MS_PER_S, json);
}

static void compare(struct trial *t, FILE *output)
{
	char *json = NULL;
	size_t size = 0;
	size_t i = 0;
	for (; getline(&json, &size, output) > 0; i++) {
		json[strcspn(json, "\n")] = '\0';
		if (i > t->out_count)
			fail(t, "expected nothing after the summary\n# got %s", json);
		if (i < t->out_count && !agrees(json, &t->out[i]))
			differs(t, i, json);
		if (i == t->out_count && !summary_agrees(json, &t->summary))
			summary_differs(t, json);
	}
	if (i < t->out_count)
		differs(t, i, "the end of the output");
	if (i == t->out_count)
		summary_differs(t, "the end of the output");
	free(json);
}

static void run_trial(struct trial *t, char *program, uint64_t seed)
{
	t->seed = seed;
	t->rng.state = seed;
	t->path[0] = '\0';
	draw_policy(t);
	draw_trace(t);
	write_trace(t);
	t->out_count = ref_simulate(&t->policy, t->lines, t->lines_count, t->out, &t->summary);
	FILE *output;
	pid_t pid = start(t, program, &output);
	compare(t, output);
	fclose(output);
	int status = 0;
	if (waitpid(pid, &status, 0) != pid || status != 0)
		fail(t, "%s ended with wait status %d", program, status);
	unlink(t->path);
}

/* No settings but those on the command line. */
static void clean_environment(void)
{
	char name[256];
	for (char **entry = environ; *entry != NULL;) {
		snprintf(name, sizeof(name), "%.*s", (int)strcspn(*entry, "="), *entry);
		if (strncmp(name, "CBRUN_", 6) == 0 && unsetenv(name) == 0)
			entry = environ;
		else
			entry++;
	}
	setenv("HOME", "/nonexistent", 1);
	setenv("XDG_CONFIG_HOME", "/nonexistent", 1);
}

static uint64_t first_seed(void)
{
	const char *seed = getenv("UNIT_SEED");
	return seed != NULL && *seed != '\0' ? strtoull(seed, NULL, 0) : 1;
}

int main(int argc, char **argv)
{
	static struct trial trial; /* too large for a stack */
	if (argc < 2) {
		fprintf(stderr, "usage: differential CBRUN [SEED]\n");
		return 2;
	}
	clean_environment();
	uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 0) : first_seed();
	size_t events = 0;
	int policies = 0;
	do {
		run_trial(&trial, argv[1], seed + (uint64_t)policies);
		events += trial.lines_count;
		policies++;
	} while (argc == 2 && (events < EVENTS || policies < POLICIES));
	printf("1..1\nok 1 - simulate agrees with the reference breaker on %zu events under %d policies\n",
	       events, policies);
	return EXIT_SUCCESS;
}
