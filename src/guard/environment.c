/* environment.c: the variables BREAKER_... */
#include "guard/environment.h"

#include "base/clock.h"
#include "base/text.h"
#include "base/units.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A variable that we set: what was set before, perhaps by an outer hook, is not passed on. */
static bool is_ours(const char *variable)
{
	static const char *const names[ENVIRONMENT_VARIABLES] = {
		"BREAKER_NAME=", "BREAKER_FROM=", "BREAKER_TO=", "BREAKER_REASON=", "BREAKER_RETRY_AFTER=",
		"BREAKER_LAST_EXIT=", "BREAKER_DOWN_SINCE=",
	};
	for (int i = 0; i < ENVIRONMENT_VARIABLES; i++)
		if (strncmp(variable, names[i], strlen(names[i])) == 0)
			return true;
	return false;
}

static void write_variables(struct environment *e, const struct environment_facts *f)
{
	char retry_after[TEXT_VALUE_SIZE] = "";
	char last_exit[TEXT_VALUE_SIZE] = "";
	char down_since[CLOCK_TEXT_SIZE] = "";
	if (f->retry_after_ms >= 0)
		text_decimal(f->retry_after_ms, MS_PER_S, retry_after);
	if (f->last_exit >= 0)
		snprintf(last_exit, sizeof(last_exit), "%lld", (long long)f->last_exit);
	if (f->down_since_wall_ms > 0)
		clock_format_utc(f->down_since_wall_ms, down_since);
	snprintf(e->variables[0], ENVIRONMENT_VARIABLE_SIZE, "BREAKER_NAME=%s", f->name);
	snprintf(e->variables[1], ENVIRONMENT_VARIABLE_SIZE, "BREAKER_FROM=%s", f->from);
	snprintf(e->variables[2], ENVIRONMENT_VARIABLE_SIZE, "BREAKER_TO=%s", f->to);
	snprintf(e->variables[3], ENVIRONMENT_VARIABLE_SIZE, "BREAKER_REASON=%s", f->reason);
	snprintf(e->variables[4], ENVIRONMENT_VARIABLE_SIZE, "BREAKER_RETRY_AFTER=%s", retry_after);
	snprintf(e->variables[5], ENVIRONMENT_VARIABLE_SIZE, "BREAKER_LAST_EXIT=%s", last_exit);
	snprintf(e->variables[6], ENVIRONMENT_VARIABLE_SIZE, "BREAKER_DOWN_SINCE=%s", down_since);
}

bool environment_make(struct environment *e, const struct environment_facts *facts)
{
	size_t count = 0;
	while (environ[count] != NULL)
		count++;
	e->all = calloc(count + ENVIRONMENT_VARIABLES + 1, sizeof(*e->all));
	if (e->all == NULL)
		return false;
	write_variables(e, facts);
	char **end = e->all;
	for (int i = 0; i < ENVIRONMENT_VARIABLES; i++)
		*end++ = e->variables[i];
	for (size_t i = 0; i < count; i++)
		if (!is_ours(environ[i]))
			*end++ = environ[i];
	return true;
}

void environment_free(struct environment *e)
{
	free(e->all);
	e->all = NULL;
}
