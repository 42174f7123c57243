/* targets.c: names, globs and --all. */
#include "commands/targets.h"

#include "base/text.h"
#include "settings/values.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

static bool check_operands(const struct invocation *in, bool none_is_all, struct error *error)
{
	const struct command_line *line = &in->line;
	if (in->settings.all && line->operand_count > 0)
		return error_set(error, ERROR_USAGE, "--all and names exclude each other");
	if (line->operand_count == 0 && !in->settings.all && !none_is_all)
		return error_set(error, ERROR_USAGE, "no breaker's name given; --all means all of them");
	for (int i = 0; i < line->operand_count; i++)
		if (!value_is_glob(line->operands[i]) && !command_check_name(line->operands[i], error))
			return false;
	return true;
}

bool targets_begin(struct targets *t, const struct invocation *in, bool none_is_all, struct error *error)
{
	*t = (struct targets){.in = in};
	if (!check_operands(in, none_is_all, error))
		return false;
	t->seen = calloc((size_t)in->line.operand_count + 1, sizeof(*t->seen));
	return t->seen != NULL || error_set(error, ERROR_SYSTEM, "out of memory");
}

bool targets_has_plain(const struct targets *t, const char *name)
{
	const struct command_line *line = &t->in->line;
	for (int i = 0; i < line->operand_count; i++)
		if (strcmp(line->operands[i], name) == 0)
			return true;
	return false;
}

bool targets_are_many(const struct targets *t)
{
	const struct command_line *line = &t->in->line;
	return line->operand_count != 1 || value_is_glob(line->operands[0]);
}

bool targets_want(struct targets *t, const char *name)
{
	const struct command_line *line = &t->in->line;
	bool wanted = line->operand_count == 0;
	for (int i = 0; i < line->operand_count; i++)
		if (fnmatch(line->operands[i], name, 0) == 0)
			wanted = t->seen[i] = true;
	return wanted;
}

static bool add(struct targets *t, const char *name)
{
	char **place = array_append(&t->names, sizeof(*place));
	if (place == NULL)
		return false;
	*place = strdup(name);
	return *place != NULL;
}

/* Whether it is listed already, as a plain name. */
static bool has_name(const struct targets *t, const char *name)
{
	for (size_t i = 0; i < t->plain; i++)
		if (strcmp(targets_name(t, i), name) == 0)
			return true;
	return false;
}

/* Of a listing and its targets. */
struct search {
	struct targets *targets;
	bool full; /* out of memory */
};

static bool visit(void *context, const struct store_view *view)
{
	struct search *s = context;
	bool wanted = targets_want(s->targets, view->name) && !has_name(s->targets, view->name);
	s->full = wanted && !add(s->targets, view->name);
	return !s->full;
}

bool targets_list(struct targets *t, struct store *store, struct error *error)
{
	struct search s = {.targets = t};
	if (store != NULL && !store_each_breaker(store, false, visit, &s, error))
		return false;
	return !s.full || error_set(error, ERROR_SYSTEM, "out of memory");
}

bool targets_find(struct targets *t, struct store *store, struct error *error)
{
	const struct command_line *line = &t->in->line;
	bool all_plain = line->operand_count > 0;
	for (int i = 0; i < line->operand_count; i++) {
		const char *word = line->operands[i];
		t->seen[i] = !value_is_glob(word);
		all_plain = all_plain && t->seen[i];
		if (t->seen[i] && !has_name(t, word) && !add(t, word))
			return error_set(error, ERROR_SYSTEM, "out of memory");
		t->plain = t->names.count;
	}
	return all_plain || targets_list(t, store, error);
}

int targets_act(struct targets *t, targets_actor *act, void *context, struct error *error)
{
	int status = 0;
	for (size_t i = 0; i < t->names.count; i++) {
		if (act(context, targets_name(t, i), error))
			continue;
		if (error->kind != ERROR_NO_BREAKER && error->kind != ERROR_REFUSED)
			return -1;
		message_print(t->in->level, MESSAGE_NORMAL, "%s", error->text);
		if (command_exit_status(error->kind) > status)
			status = command_exit_status(error->kind);
	}
	return targets_tell_missing(t) && status == 0 ? EXIT_NO_BREAKER : status;
}

const char *targets_name(const struct targets *t, size_t number)
{
	return ((char *const *)t->names.items)[number];
}

bool targets_tell_missing(const struct targets *t)
{
	bool any = false;
	const struct command_line *line = &t->in->line;
	for (int i = 0; i < line->operand_count; i++) {
		const char *word = line->operands[i];
		if (t->seen[i])
			continue;
		message_print(t->in->level, MESSAGE_NORMAL,
		              value_is_glob(word) ? "no breaker's name matches '%s'" : "no breaker named '%s'",
		              word);
		any = true;
	}
	return any;
}

void targets_free(struct targets *t)
{
	for (size_t i = 0; i < t->names.count; i++)
		free(((char **)t->names.items)[i]);
	array_free(&t->names);
	free(t->seen);
	t->seen = NULL;
}

int targets_end(struct targets *t, int status)
{
	if (status >= 0 && targets_tell_missing(t) && status == 0)
		status = EXIT_NO_BREAKER;
	targets_free(t);
	return status;
}
