/*
 * overdue.c: `cbrun overdue [NAME|GLOB...]`: which breakers were not called, or
 * have not succeeded, as often as is expected of them. Changes nothing.
 */
#include "report/overdue.h"

#include "commands/targets.h"
#include "settings/values.h"

#include <string.h>

/* An inspection of the breakers that are meant. */
struct inspection {
	struct invocation *in;
	struct targets targets;
	struct array found; /* struct overdue */
	bool full;          /* out of memory */
};

static struct overdue *at(const struct inspection *i, size_t number)
{
	return (struct overdue *)i->found.items + number;
}

static struct overdue *add(struct inspection *i)
{
	struct overdue *place = array_append(&i->found, sizeof(*place));
	i->full = place == NULL;
	return place;
}

static bool visit(void *context, const struct store_view *view)
{
	struct inspection *i = context;
	if (!targets_want(&i->targets, view->name))
		return true;
	struct overdue *o = add(i);
	if (o != NULL)
		overdue_look(o, view->name, view->breaker, &view->now, view->load.running);
	return o != NULL;
}

static bool is_found(const struct inspection *i, const char *name)
{
	for (size_t n = 0; n < i->found.count; n++)
		if (strcmp(at(i, n)->name, name) == 0)
			return true;
	return false;
}

/* Breakers of which the configuration expects calls, and which nobody has ever called. */
static void add_configured(struct inspection *i)
{
	const struct config_files *config = &i->in->config;
	for (size_t n = 0; n < config->entries.count && !i->full; n++) {
		const struct config_entry *entry = config_file_entry(config, n);
		const char *name = entry->pattern;
		if (name == NULL || value_is_glob(name) || strcmp(entry->row->name, "expect") != 0)
			continue;
		if (!targets_want(&i->targets, name) || is_found(i, name))
			continue;
		struct overdue *o = add(i);
		if (o != NULL)
			overdue_missing(o, name);
	}
}

static bool find(struct inspection *i, struct error *error)
{
	struct store *store;
	if (!command_open_store(i->in, STORE_READ, &store, error))
		return false;
	bool ok = store == NULL || store_each_breaker(store, true, visit, i, error);
	command_close_store(i->in, store);
	if (ok && !i->full)
		add_configured(i);
	return ok && (!i->full || error_set(error, ERROR_SYSTEM, "out of memory"));
}

/* By what its own section expects. */
static bool judge(struct inspection *i, struct overdue *o, struct error *error)
{
	int64_t expect_ms;
	if (!command_expected(i->in, o->name, &expect_ms, error))
		return false;
	overdue_judge(o, expect_ms);
	return true;
}

/* Tells what there is to tell; whether it is overdue. */
static bool print(const struct inspection *i, const struct overdue *o)
{
	char line[OVERDUE_LINE_SIZE];
	bool overdue = o->why != OVERDUE_NOT;
	overdue_format(o, line);
	if (overdue)
		printf("%s\n", line);
	else if (line[0] != '\0')
		message_print(i->in->level, MESSAGE_VERBOSE, "%s", line);
	return overdue;
}

static bool print_json(const struct inspection *i, struct error *error)
{
	fputs("{\"schema\":1,\"breakers\":[", stdout);
	for (size_t n = 0; n < i->found.count; n++) {
		fputs(n > 0 ? "," : "", stdout);
		if (!overdue_print_json(stdout, at(i, n)))
			return error_set(error, ERROR_SYSTEM, "cannot show the breakers: out of memory");
	}
	fputs("]}\n", stdout);
	return true;
}

static int report(struct inspection *i, struct error *error)
{
	bool any = false;
	if (!find(i, error))
		return -1;
	for (size_t n = 0; n < i->found.count; n++)
		if (!judge(i, at(i, n), error))
			return -1;
	if (i->in->settings.json && !print_json(i, error))
		return -1;
	for (size_t n = 0; n < i->found.count; n++)
		any |= i->in->settings.json ? at(i, n)->why != OVERDUE_NOT : print(i, at(i, n));
	return any ? EXIT_OVERDUE : 0;
}

static int run(struct invocation *in, struct error *error)
{
	struct inspection i = {.in = in};
	int status = targets_begin(&i.targets, in, true, error) ? report(&i, error) : -1;
	array_free(&i.found);
	return targets_end(&i.targets, status);
}

const struct command overdue_command = {
	.name = "overdue",
	.since = "0.2.0",
	.arguments = "[NAME...]",
	.summary = "Tell which breakers were not called, or did not succeed, in time",
	.scope = SCOPE_OVERDUE,
	.run = run,
};
