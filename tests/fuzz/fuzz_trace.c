/*
 * fuzz_trace.c: what `cbrun simulate` reads. A first line that begins with "-"
 * holds options, with blanks between; the rest is the trace.
 */
#include "fuzz/fuzz.h"

#include "commands/command.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_WORDS = 32 };

/* What the lines of the output add up to. */
struct sum {
	int64_t starts;
	int64_t runs;
	int64_t ends;
	double time;
	bool summary;
};

static int64_t integer(const json_t *line, const char *key)
{
	const json_t *value = json_object_get(line, key);
	HOLDS(json_is_integer(value) && json_integer_value(value) >= 0);
	return json_integer_value(value);
}

static double number(const json_t *line, const char *key)
{
	const json_t *value = json_object_get(line, key);
	HOLDS(json_is_number(value) && json_number_value(value) >= 0);
	return json_number_value(value);
}

static const char *word(const json_t *line, const char *key)
{
	const char *text = json_string_value(json_object_get(line, key));
	HOLDS(text != NULL);
	return text;
}

static void check_summary(const json_t *line, struct sum *sum)
{
	HOLDS(integer(line, "calls") == sum->starts);
	HOLDS(integer(line, "run") == sum->runs && sum->ends == sum->runs);
	HOLDS(integer(line, "rejected") == sum->starts - sum->runs);
	HOLDS(integer(line, "failures_run") <= sum->runs);
	HOLDS(integer(line, "failures_avoided") + integer(line, "successes_rejected") <=
	      sum->starts - sum->runs);
	HOLDS(number(line, "open_seconds") <= sum->time);
	HOLDS(integer(line, "opened") >= 0);
	sum->summary = true;
}

static void check_event(const json_t *line, const char *event, struct sum *sum)
{
	static const char *const states[] = {"closed", "open", "half-open"};
	const char *state = word(line, "state");
	bool known = false;
	for (int i = 0; i < 3; i++)
		known = known || strcmp(states[i], state) == 0;
	HOLDS(known && integer(line, "line") > 0);
	HOLDS(number(line, "t") >= sum->time);
	sum->time = number(line, "t");
	if (strcmp(event, "start") == 0) {
		bool run = strcmp(word(line, "decision"), "run") == 0;
		HOLDS(run || strcmp(word(line, "decision"), "reject") == 0);
		HOLDS(run || json_is_string(json_object_get(line, "reason")));
		sum->starts++;
		sum->runs += run;
	} else if (strcmp(event, "end") == 0) {
		HOLDS(word(line, "outcome")[0] != '\0');
		sum->ends++;
	} else {
		const json_t *retry = json_object_get(line, "retry_after_seconds");
		HOLDS(json_is_null(retry) || number(line, "retry_after_seconds") > 0);
		HOLDS(json_is_null(retry) || strcmp(state, "open") == 0);
	}
}

static void check_output(char *output, bool ok)
{
	struct sum sum = {0};
	char *line;
	while ((line = strsep(&output, "\n")) != NULL && *line != '\0') {
		json_t *object = json_loads(line, 0, NULL);
		HOLDS(object != NULL && !sum.summary);
		const char *event = word(object, "event");
		if (strcmp(event, "summary") == 0)
			check_summary(object, &sum);
		else
			check_event(object, event, &sum);
		json_decref(object);
	}
	HOLDS(line != NULL && output == NULL);
	HOLDS(sum.summary == ok);
}

static void simulate(struct invocation *in, char *trace)
{
	char *output = NULL;
	size_t size;
	struct error error = {0};
	FILE *real_in = stdin;
	FILE *real_out = stdout;
	stdin = fmemopen(trace, strlen(trace), "r");
	stdout = open_memstream(&output, &size);
	HOLDS(stdin != NULL && stdout != NULL);
	int status = simulate_command.run(in, &error);
	HOLDS(fclose(stdin) == 0 && fclose(stdout) == 0);
	stdin = real_in;
	stdout = real_out;
	HOLDS(status == 0 || status == -1);
	if (status < 0)
		fuzz_check_error(&error);
	check_output(output, status == 0);
	free(output);
}

/* The words of the first line, if those are options. Returns the rest. */
static char *take_options(char *text, int *count, char *words[MOST_WORDS + 1])
{
	static char program[] = "simulate";
	char *word;
	words[(*count)++] = program;
	if (*text == '-') {
		char *line = strsep(&text, "\n");
		while ((word = strsep(&line, " ")) != NULL && *count < MOST_WORDS)
			words[(*count)++] = word;
	}
	words[*count] = NULL;
	return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char *none[] = {NULL};
	static struct invocation in;
	char *words[MOST_WORDS + 1];
	struct error error = {0};
	int count = 0;
	char *text = fuzz_text(data, size);
	char *trace = take_options(text, &count, words);
	environ = none;
	memset(&in, 0, sizeof(in));
	bool ok = command_line_parse(&in.line, count, words, SCOPE_SIMULATE, true, &error) &&
	          settings_resolve(&in.settings, &in.line, &in.config, NULL, &error);
	/* neither a file nor a store is of interest here */
	if (ok && trace != NULL && *trace != '\0' && in.line.operand_count == 0 && in.settings.from == NULL)
		simulate(&in, trace);
	command_line_free(&in.line);
	free(text);
	return 0;
}
