/* command.c: what all forms of the command line share. */
#include "commands/command.h"

#include "base/text.h"
#include "commands/help.h"
#include "process/signals.h"
#include "settings/values.h"

#include <string.h>

const struct command *const subcommands[] = {
	&status_command,  &why_command,      &check_command,    &history_command, &output_command,  &overdue_command,
	&metrics_command, &report_command,   &trip_command,    &reset_command,
	&disable_command, &enable_command,   &record_command,  &probe_command, &config_command,
	&doctor_command,  &simulate_command, &tune_command, &rename_command,  &remove_command, &help_command, NULL,
};

const struct command *command_find(const char *name)
{
	for (int i = 0; subcommands[i] != NULL; i++)
		if (strcmp(subcommands[i]->name, name) == 0)
			return subcommands[i];
	return NULL;
}

int command_exit_status(enum error_kind kind)
{
	switch (kind) {
	case ERROR_NO_BREAKER:
		return EXIT_NO_BREAKER;
	case ERROR_USAGE:
	case ERROR_STORE:
	case ERROR_REFUSED:
	case ERROR_SYSTEM:
		break;
	}
	return EXIT_OWN_FAILURE;
}

/* Everything that was written must have arrived: `cbrun status >/dev/full` is a failure. */
static bool flush_output(struct error *error)
{
	if (fflush(stdout) == 0 && ferror(stdout) == 0)
		return true;
	return error_set(error, ERROR_SYSTEM, "cannot write to standard output");
}

/* Tells and frees the lines; whether there were any. */
static bool tell_lines(const struct invocation *in, struct lines *lines)
{
	const char *line;
	size_t count = 0;
	for (; (line = lines_get(lines, count)) != NULL; count++)
		message_print(in->level, MESSAGE_NORMAL, "%s", line);
	lines_free(lines);
	return count > 0;
}

/* From here on the name is what its fields make of it: sections of the configuration go by that. */
static bool fill_name(struct invocation *in, struct error *error)
{
	for (int i = 0; i < in->line.assignment_count; i++) {
		struct assignment *a = &in->line.assignments[i];
		if (strcmp(a->row->name, "name") != 0 || !name_fields_in(a->text))
			continue;
		if (!name_fields_fill(a->text, in->line.operands, in->name, error))
			return false;
		a->text = in->name;
	}
	return true;
}

static int run_parsed(const struct command *command, struct invocation *in, struct error *error)
{
	if (command_line_has(&in->line, "help")) {
		help_print_command(stdout, command);
		return flush_output(error) ? 0 : -1;
	}
	if (command_line_has(&in->line, "check")) /* its files shall not keep it from telling of them */
		return command->run(in, error);
	bool ok = fill_name(in, error) &&
	          config_file_read(&in->config, settings_config_file(&in->line), error) &&
	          command_resolve_for(in, command_line_text(&in->line, "name"), error);
	int status = ok ? command->run(in, error) : -1;
	if (status >= 0 && !flush_output(error))
		return -1;
	return status;
}

int command_run(const struct command *command, int argc, char **argv)
{
	struct error error = {0};
	struct invocation in = {.level = MESSAGE_NORMAL, .file_limit = signals_survive_file_limit()};
	bool permute = command->name != NULL;
	bool parsed = command_line_parse(&in.line, argc, argv, command->scope, permute, &error);
	if (settings_ask_for_quiet(&in.line))
		in.level = MESSAGE_QUIET;
	int status = parsed ? run_parsed(command, &in, &error) : -1;
	if (status < 0) {
		message_print(in.level, MESSAGE_NORMAL, "%s", error.text);
		status = command_exit_status(error.kind);
	}
	config_file_free(&in.config);
	command_line_free(&in.line);
	return status;
}

bool command_resolve_for(struct invocation *in, const char *name, struct error *error)
{
	if (!settings_resolve(&in->settings, &in->line, &in->config, name, error))
		return false;
	in->level = settings_level(&in->settings);
	tell_lines(in, &in->config.remarks);
	return true;
}

/* Whether a section of one breaker, or of some, says that. */
static bool expects_by_name(const struct config_files *config)
{
	for (size_t i = 0; i < config->entries.count; i++) {
		const struct config_entry *entry = config_file_entry(config, i);
		if (entry->pattern != NULL && strcmp(entry->row->name, "expect") == 0)
			return true;
	}
	return false;
}

bool command_expected(struct invocation *in, const char *name, int64_t *expect_ms, struct error *error)
{
	enum message_level level = in->level;
	/* else all settings are read anew for each of many breakers, and say the same */
	if (expects_by_name(&in->config) && !command_resolve_for(in, name, error))
		return false;
	in->level = level;
	*expect_ms = in->settings.expect_ms;
	return true;
}

bool command_check_name(const char *name, struct error *error)
{
	if (value_is_name(name))
		return true;
	return error_set(
		error, ERROR_USAGE,
		"invalid name '%s': expected 1 to 128 of the characters A-Za-z0-9._:/@+-, not starting with '-'",
		TEXT_BRIEF(name));
}

bool command_name(const struct invocation *in, const char **name, struct error *error)
{
	if (in->line.operand_count != 1)
		return error_set(error, ERROR_USAGE, "expected one breaker's name, got %d",
		                 in->line.operand_count);
	*name = in->line.operands[0];
	return command_check_name(*name, error);
}

bool command_open_store(const struct invocation *in, enum store_access access, struct store **store,
                        struct error *error)
{
	struct store_options options = {
		.path = in->settings.store,
		.access = access,
		.lock_timeout_ms = in->settings.lock_timeout_ms,
		.store_timeout_ms = in->settings.store_timeout_ms,
		.redis_prefix = in->settings.redis_prefix,
		.redis_password_file = in->settings.redis_password_file,
		.fall_back = in->goes_on,
	};
	return store_open(store, &options, error);
}

bool command_tell_remarks(const struct invocation *in, struct store *store)
{
	return store != NULL && tell_lines(in, store_remarks(store));
}

void command_close_store(const struct invocation *in, struct store *store)
{
	command_tell_remarks(in, store);
	store_close(store);
}

bool command_no_breaker(const char *name, struct error *error)
{
	return error_set(error, ERROR_NO_BREAKER, "no breaker named '%s'", name);
}
