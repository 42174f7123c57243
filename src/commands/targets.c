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

/* Of a listing and its targets. */
struct search {
	struct targets *targets;
	bool full; /* out of memory */
};

static bool visit(void *context, const struct store_view *view)
{
	struct search *s = context;
	s->full = targets_want(s->targets, view->name) && !add(s->targets, view->name);
	return !s->full;
}

static bool has_name(const struct targets *t, const char *name)
{
	for (size_t i = 0; i < t->names.count; i++)
		if (strcmp(targets_name(t, i), name) == 0)
			return true;
	return false;
}

bool targets_find(struct targets *t, struct store *store, struct error *error)
{
	const struct command_line *line = &t->in->line;
	struct search s = {.targets = t};
	if (store != NULL && !store_each_breaker(store, false, visit, &s, error))
		return false;
	for (int i = 0; i < line->operand_count && !s.full; i++) {
		const char *name = line->operands[i];
		if (!value_is_glob(name) && !t->seen[i] && !has_name(t, name))
			s.full = !add(t, name);
	}
	return !s.full || error_set(error, ERROR_SYSTEM, "out of memory");
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
