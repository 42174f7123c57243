/*
 * config.c: `cbrun config [NAME]`: the value of each setting, where it comes
 * from, and what in them will not work as it looks; `cbrun config --check [FILE]`:
 * every mistake in the files. Changes nothing.
 */
#include "base/text.h"
#include "commands/command.h"
#include "report/effective.h"
#include "settings/describe.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

__attribute__((format(printf, 2, 3))) static void warn(struct effective_settings *report, const char *format,
                                                       ...)
{
	va_list arguments;
	if (report->warning_count == EFFECTIVE_WARNINGS)
		return;
	va_start(arguments, format);
	vsnprintf(report->warnings[report->warning_count++], sizeof(report->warnings[0]), format, arguments);
	va_end(arguments);
}

static void fill(struct effective_settings *report, const struct settings *settings)
{
	for (size_t i = 0; i < option_count; i++) {
		const struct option_row *row = &option_rows[i];
		if ((row->scope & SCOPE_CONFIG) == 0)
			continue;
		struct effective_line *line = &report->lines[report->count++];
		line->option = row->name;
		line->value = settings->texts[i];
		if (line->value == NULL && row->kind == OPTION_FLAG)
			line->value = "no";
		describe_origin(&settings->origins[i], line->origin, sizeof(line->origin));
	}
}

/* How often a breaker is called, from its history. */
struct rate {
	int64_t calls;
	int64_t first_ms;
	int64_t last_ms;
};

static bool count_call(void *context, const struct event *event)
{
	struct rate *rate = context;
	if (event->kind != EVENT_CALL)
		return true;
	if (rate->calls++ == 0)
		rate->first_ms = event->wall_ms;
	rate->last_ms = event->wall_ms;
	return true;
}

/* How many calls such a time will see, at the rate of the history. */
static int64_t calls_within(const struct rate *rate, int64_t duration_ms)
{
	int64_t span_ms = rate->last_ms - rate->first_ms;
	double interval_ms = (double)span_ms / (double)(rate->calls - 1);
	return interval_ms > 0 ? (int64_t)((double)duration_ms / interval_ms) : INT64_MAX;
}

/* Times too short to hold the calls that a rule wants, at the rate that this breaker is called. */
static void warn_of_short_times(struct effective_settings *report, const struct policy *p,
                                const struct rate *rate)
{
	enum { ENOUGH_TO_TELL = 10 };
	char duration[TEXT_VALUE_SIZE];
	bool rates = p->failure_rate_ppm > 0 || (p->slow_ms > 0 && p->slow_rate_ppm > 0);
	if (rate->calls < ENOUGH_TO_TELL)
		return;
	int64_t calls = calls_within(rate, p->window_size);
	if (rates && p->window_kind == WINDOW_TIME && calls < p->min_calls) {
		text_duration(p->window_size, duration);
		warn(report,
		     "a --window of %s holds about %lld calls at the rate this breaker is called, and "
		     "--min-calls is "
		     "%lld: no rate will open it; lengthen the window or lower --min-calls",
		     duration, (long long)calls, (long long)p->min_calls);
	}
	calls = calls_within(rate, p->within_ms);
	if (p->within_ms > 0 && p->failures > 0 && calls < p->failures) {
		text_duration(p->within_ms, duration);
		warn(report,
		     "--within %s sees about %lld calls at the rate this breaker is called, and --failures "
		     "is %lld: "
		     "it will not open it; lengthen the time or lower --failures",
		     duration, (long long)calls, (long long)p->failures);
	}
}

static void warn_of_disagreement(struct effective_settings *report, const struct policy *p,
                                 const struct breaker *b)
{
	char difference[DESCRIBE_SIZE];
	if (!policy_equal(p, &b->policy)) {
		describe_difference(&b->policy, "here", p, difference);
		warn(report, "the last call ran with %.400s", difference);
	}
	if (b->policy_turns > 0) {
		describe_difference(&b->policy, "other", &b->other_policy, difference);
		warn(report, "callers use two policies in turn: %.400s", difference);
	}
}

/* An open period that is over before anybody calls again rejects nothing. */
static void warn_of_rare_calls(struct effective_settings *report, const struct policy *p, const struct cadence *c)
{
	char interval[TEXT_VALUE_SIZE];
	char open_for[TEXT_VALUE_SIZE];
	if (c->gaps < CADENCE_ENOUGH || p->open_for_ms >= c->mean_ms)
		return;
	text_span(c->mean_ms, interval);
	text_duration(p->open_for_ms, open_for);
	warn(report,
	     "this breaker is called every %s or so, and --open-for %s is over by then: it will reject nothing; lengthen it",
	     interval, open_for);
}

static void warn_of_stranger(void *context, const char *variable)
{
	warn(context, "%.*s in the environment means nothing to cbrun",
	     (int)strcspn(variable, "="), variable);
}

/* Compares the settings with what the store knows of the breaker. */
static bool compare(struct effective_settings *report, const struct invocation *in, struct store *store,
                    struct error *error)
{
	struct breaker b;
	struct store_step step;
	struct rate rate = {0};
	if (!store_look(store, report->name, &step, &b, error))
		return false;
	if (!step.found)
		return true;
	warn_of_disagreement(report, &in->settings.policy, &b);
	if (!store_each_event(store, report->name, count_call, &rate, error))
		return false;
	warn_of_short_times(report, &in->settings.policy, &rate);
	warn_of_rare_calls(report, &in->settings.policy, &b.cadence);
	return true;
}

static bool look_at_breaker(struct effective_settings *report, struct invocation *in, struct error *error)
{
	struct store *store;
	if (!command_name(in, &report->name, error) || !command_resolve_for(in, report->name, error))
		return false;
	if (!command_open_store(in, STORE_READ, &store, error))
		return false;
	bool ok = store == NULL || compare(report, in, store, error);
	command_close_store(in, store);
	return ok;
}

/* What a section says must make sense together; a glob matches itself. */
static bool check_section(struct invocation *in, const char *pattern, struct lines *mistakes)
{
	struct error error;
	struct settings scratch;
	if (settings_resolve(&scratch, &in->line, &in->config, pattern, &error))
		return true;
	lines_add(mistakes, "%s: the settings of %s make no sense together: %s", in->config.paths[0],
	          pattern != NULL ? pattern : "all breakers", error.text);
	return false;
}

/* Prints each mistake. Returns how many there are. */
static size_t print_mistakes(const struct lines *mistakes)
{
	const char *line;
	size_t count = 0;
	for (; (line = lines_get(mistakes, count)) != NULL; count++) {
		char escaped[2 * ERROR_TEXT_SIZE];
		puts(text_escape(line, escaped, sizeof(escaped)));
	}
	return count;
}

static int check(struct invocation *in, struct error *error)
{
	const char *file = in->line.operand_count > 0 ? in->line.operands[0] : settings_config_file(&in->line);
	if (in->line.operand_count > 1)
		return error_set(error, ERROR_USAGE, "expected one configuration file, got %d",
		                 in->line.operand_count),
		       -1;
	if (!config_file_examine(&in->config, file, error))
		return -1;
	in->config.lenient = false;
	bool sound = check_section(in, NULL, &in->config.remarks);
	for (size_t i = 0; i < in->config.entries.count && sound; i++) {
		const char *pattern = config_file_entry(&in->config, i)->pattern;
		if (pattern != NULL)
			check_section(in, pattern, &in->config.remarks);
	}
	return print_mistakes(&in->config.remarks) > 0;
}

static int run(struct invocation *in, struct error *error)
{
	struct effective_settings report = {0};
	if (command_line_has(&in->line, "check"))
		return check(in, error);
	if (in->line.operand_count > 0 && !look_at_breaker(&report, in, error))
		return -1;
	fill(&report, &in->settings);
	settings_each_stranger(warn_of_stranger, &report);
	if (in->settings.json) {
		bool ok = effective_print_json(stdout, &report);
		return ok || error_set(error, ERROR_SYSTEM, "cannot show the settings: out of memory") ? 0
		                                                                                       : -1;
	}
	effective_print_text(stdout, &report);
	for (size_t i = 0; i < report.warning_count; i++)
		message_print(in->level, MESSAGE_NORMAL, "warning: %s", report.warnings[i]);
	return 0;
}

const struct command config_command = {
	.name = "config",
	.arguments = "[NAME | FILE]",
	.summary = "Show each setting's value and where it comes from; check the files",
	.scope = SCOPE_SHOW_CONFIG,
	.run = run,
};
