/* settings.c: the layers of settings, and what makes no sense together. */
#include "settings/settings.h"

#include "base/identity.h"
#include "base/nearest.h"
#include "settings/apply.h"
#include "settings/describe.h"
#include "settings/preset.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool apply_defaults(struct settings *settings, struct error *error)
{
	for (size_t i = 0; i < option_count; i++) {
		struct value v = {.row = &option_rows[i], .text = option_rows[i].fallback};
		if (v.text != NULL && !apply_value(settings, &v, error))
			return false;
	}
	return true;
}

static bool apply_preset(struct settings *settings, int64_t preset, struct error *error)
{
	const struct preset_value *values = preset_values((int)preset);
	for (; values->name != NULL; values++) {
		struct value v = {.row = option_find(values->name), .text = values->text};
		v.origin = (struct origin){.kind = ORIGIN_PRESET, .name = preset_names[preset]};
		if (!apply_value(settings, &v, error))
			return false;
	}
	return true;
}

static struct value value_of_entry(const struct config_entry *entry)
{
	return (struct value){
		.row = entry->row,
		.text = entry->text,
		.origin = {.kind = ORIGIN_FILE, .name = entry->file, .line = entry->line},
	};
}

static bool apply_config(struct settings *settings, const struct config_files *config, const char *name,
                         struct error *error)
{
	size_t count;
	const struct config_entry **entries = config_file_select(config, name, &count);
	bool ok = entries != NULL || error_set(error, ERROR_SYSTEM, "out of memory");
	for (size_t i = 0; i < count && ok; i++) {
		struct value v = value_of_entry(entries[i]);
		ok = apply_value(settings, &v, error);
	}
	free(entries);
	return ok;
}

/* The key that a variable of the environment, "CBRUN_OPEN_FOR=5m", stands for, "open-for"; false if it is not ours. */
static bool key_of_variable(const char *variable, char key[APPLY_VARIABLE_SIZE])
{
	static const char prefix[] = "CBRUN_";
	size_t length = strcspn(variable, "=");
	if (strncmp(variable, prefix, sizeof(prefix) - 1) != 0 || length >= APPLY_VARIABLE_SIZE)
		return false;
	size_t used = 0;
	for (size_t i = sizeof(prefix) - 1; i < length; i++)
		key[used++] = variable[i] == '_' ? '-' : (char)tolower((unsigned char)variable[i]);
	key[used] = '\0';
	return true;
}

/* The option of that key, if configuration may set it. */
static const struct option_row *row_of_key(const char *key)
{
	const struct option_row *row = option_find(key);
	return row != NULL && (row->scope & SCOPE_CONFIG) != 0 ? row : NULL;
}

/* A variable that is nearly one of ours was meant to be it. Others that begin so may be anybody's. */
static bool refuse_variable(const char *variable, const char *key, struct error *error)
{
	enum { MISTYPED = 2 };
	char name[APPLY_VARIABLE_SIZE];
	struct nearest nearest;
	nearest_begin(&nearest, key, MISTYPED);
	for (size_t i = 0; i < option_count; i++)
		if ((option_rows[i].scope & SCOPE_CONFIG) != 0)
			nearest_try(&nearest, option_rows[i].name);
	if (nearest.word == NULL)
		return true;
	apply_variable_name(option_find(nearest.word), name);
	return error_set(error, ERROR_USAGE, "unknown variable %.*s in the environment; did you mean %s?",
	                 (int)strcspn(variable, "="), variable, name);
}

/* Walks the environment, not the options: most calls have none of our variables, or one. */
static bool apply_environment(struct settings *settings, struct error *error)
{
	if (identity_is_raised())
		return true;
	for (char **variable = environ; *variable != NULL; variable++) {
		char key[APPLY_VARIABLE_SIZE];
		if (!key_of_variable(*variable, key))
			continue;
		struct value v = {.row = row_of_key(key), .origin = {.kind = ORIGIN_ENVIRONMENT}};
		if (v.row == NULL && option_find(key) == NULL && !refuse_variable(*variable, key, error))
			return false;
		if (v.row == NULL)
			continue;
		v.text = strchr(*variable, '=') + 1;
		if (*v.text != '\0' && !apply_value(settings, &v, error))
			return false;
	}
	return true;
}

static bool apply_line(struct settings *settings, const struct command_line *line, struct error *error)
{
	for (int i = 0; i < line->assignment_count; i++) {
		struct value v = {.row = line->assignments[i].row, .text = line->assignments[i].text};
		v.origin.kind = ORIGIN_COMMAND_LINE;
		if (!apply_value(settings, &v, error))
			return false;
	}
	return true;
}

static bool check_policy(const struct policy *p, struct error *error)
{
	if (!policy_can_open(p))
		return error_set(error, ERROR_USAGE,
		                 "with --failures 0 and no rate the breaker can never open; set --failures, "
		                 "--failure-rate, or --slow with --slow-rate");
	if (p->within_ms > 0 && p->failures == POLICY_AUTO)
		return error_set(error, ERROR_USAGE,
		                 "--failures auto and --within exclude each other: auto learns by itself how close together failures "
		                 "mean an outage");
	if (p->within_ms > 0 && p->failures > POLICY_MAX_WITHIN_FAILURES)
		return error_set(error, ERROR_USAGE,
		                 "--failures %lld is too many for --within, which takes at most %d; use "
		                 "--failure-rate with a time --window",
		                 (long long)p->failures, POLICY_MAX_WITHIN_FAILURES);
	return true;
}

static bool check_rules(const struct outcome_rules *rules, bool success_given, struct error *error)
{
	const char *what = NULL;
	if (outcome_lists_overlap(&rules->ignore, &rules->failure))
		what = "--ignore-on and --failure-on";
	else if (success_given && outcome_lists_overlap(&rules->success, &rules->failure))
		what = "--success-on and --failure-on";
	else if (success_given && outcome_lists_overlap(&rules->success, &rules->ignore))
		what = "--success-on and --ignore-on";
	if (what == NULL)
		return true;
	return error_set(error, ERROR_USAGE, "%s name the same outcome; name it once", what);
}

static enum origin_kind origin_of(const struct settings *settings, const char *name)
{
	return settings->origins[option_index(option_find(name))].kind;
}

/* Whether something but the defaults says what the option is. */
static bool is_given(const struct settings *settings, const char *name)
{
	return origin_of(settings, name) != ORIGIN_DEFAULT;
}

/* --quiet and --verbose: the one that is set nearer to the call counts. */
static bool check_loudness(struct settings *settings, struct error *error)
{
	enum origin_kind quiet = origin_of(settings, "quiet");
	enum origin_kind verbose = origin_of(settings, "verbose");
	if (!settings->quiet || !settings->verbose)
		return true;
	if (quiet == verbose)
		return error_set(error, ERROR_USAGE, "--quiet and --verbose exclude each other");
	settings->quiet = quiet > verbose;
	settings->verbose = !settings->quiet;
	return true;
}

static bool check(struct settings *settings, struct error *error)
{
	settings->rules.failure_given = is_given(settings, "failure-on");
	settings->kill_after_given = is_given(settings, "kill-after");
	settings->retry_on_given = is_given(settings, "retry-on");
	if (!check_policy(&settings->policy, error))
		return false;
	if (!check_loudness(settings, error))
		return false;
	if (settings->hold && settings->for_ms > 0)
		return error_set(error, ERROR_USAGE, "--hold and --for exclude each other");
	if (settings->openmetrics && settings->textfile != NULL)
		return error_set(error, ERROR_USAGE,
		                 "--openmetrics and --textfile exclude each other: node_exporter reads the text format");
	return check_rules(&settings->rules, is_given(settings, "success-on"), error);
}

/* All layers above the preset. */
static bool apply_layers(struct settings *settings, const struct command_line *line,
                         const struct config_files *config, const char *name, struct error *error)
{
	return apply_config(settings, config, name, error) && apply_environment(settings, error) &&
	       apply_line(settings, line, error);
}

/* A rate looks at many calls; --failures auto is for jobs that have few. */
static void drop_rate(struct settings *settings)
{
	if (settings->policy.failures != POLICY_AUTO)
		return;
	settings->policy.failure_rate_ppm = 0;
	settings->texts[option_index(option_find("failure-rate"))] = "0";
}

static bool resolve(struct settings *settings, const struct command_line *line, const struct config_files *config,
                    const char *name, struct error *error)
{
	memset(settings, 0, sizeof(*settings));
	if (!apply_defaults(settings, error) || !apply_layers(settings, line, config, name, error))
		return false;
	/* The layers say which preset; it lies below them, so they go over it again. */
	if (settings->preset != 0 && !(apply_preset(settings, settings->preset, error) &&
	                               apply_layers(settings, line, config, name, error)))
		return false;
	if (!is_given(settings, "failure-rate"))
		drop_rate(settings);
	return check(settings, error);
}

bool settings_resolve(struct settings *settings, const struct command_line *line, struct config_files *config,
                      const char *name, struct error *error)
{
	static const struct config_files none;
	struct error without;
	if (resolve(settings, line, config, name, error))
		return true;
	if (!config->lenient || error->kind != ERROR_USAGE || !resolve(settings, line, &none, name, &without))
		return false;
	lines_add(&config->remarks, "the settings in %s%s%s make no sense together: %s; going on without them",
	          config->path_count == 1 ? config->paths[0] : "the configuration", name != NULL ? " for " : "",
	          name != NULL ? name : "", error->text);
	return true;
}

void settings_each_stranger(void (*visit)(void *context, const char *variable), void *context)
{
	char key[APPLY_VARIABLE_SIZE];
	for (char **variable = environ; *variable != NULL; variable++)
		if (key_of_variable(*variable, key) && row_of_key(key) == NULL && strcmp(key, "config") != 0 &&
		    strcmp(key, "redis-password") != 0)
			visit(context, *variable);
}

void settings_meet_command(struct settings *settings, const char *command)
{
	settings->program = program_of((int)settings->outcomes, command);
	program_rules(settings->program, &settings->rules);
}

const char *settings_config_file(const struct command_line *line)
{
	const char *given = command_line_text(line, "config");
	const char *variable = secure_getenv("CBRUN_CONFIG");
	if (given == NULL && variable != NULL && *variable != '\0')
		given = variable;
	return given;
}

bool settings_have_policy(const struct settings *settings)
{
	for (size_t i = 0; i < option_count; i++)
		if (option_is_policy(&option_rows[i]) && settings->origins[i].kind != ORIGIN_DEFAULT)
			return true;
	return false;
}

bool settings_resolve_over(struct settings *settings, const struct policy *base,
                           const struct command_line *line, struct error *error)
{
	settings->policy = *base;
	if (!apply_line(settings, line, error))
		return false;
	if (base->failures != POLICY_AUTO && !command_line_has(line, "failure-rate"))
		drop_rate(settings);
	return check(settings, error);
}

bool settings_ask_for_quiet(const struct command_line *line)
{
	struct settings scratch = {0};
	struct error ignored = {0};
	struct value v = {.row = option_find("quiet"), .text = getenv("CBRUN_QUIET")};
	bool on_line = command_line_has(line, "quiet");
	if (on_line)
		v.text = command_line_text(line, "quiet");
	else if (v.text == NULL || *v.text == '\0' || command_line_has(line, "verbose"))
		return false;
	return apply_value(&scratch, &v, &ignored) && scratch.quiet;
}

enum message_level settings_level(const struct settings *settings)
{
	if (settings->quiet)
		return MESSAGE_QUIET;
	return settings->verbose ? MESSAGE_VERBOSE : MESSAGE_NORMAL;
}
