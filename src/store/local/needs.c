/* needs.c: the breakers that a call needs. */
#include "store/local/needs.h"

#include "base/text.h"
#include "store/needed.h"

#include <string.h>

/* A breaker that is needed, and what was found. */
struct need {
	const struct store_step *step;
	struct needed found;
};

static bool take_breaker(void *context, const struct sqlite_values *row)
{
	struct need *need = context;
	needed_take(&need->found, need->step, row->record, row->record_length);
	return false;
}

enum sqlite_result needs_look(struct connection *c, const struct store_request *request,
                              struct store_step *step, struct error *error)
{
	struct need need = {.step = step};
	const char *rest = request->needs;
	enum sqlite_result result = SQLITE_RESULT_OK;
	while (rest != NULL && result == SQLITE_RESULT_OK && !need.found.open) {
		rest = text_next_item(rest, step->needed_open, sizeof(step->needed_open));
		struct sqlite_values values = {.name = step->needed_open};
		if (strcmp(step->needed_open, request->name) != 0)
			result = sqlite_run(c->db, SQL_FIND, &values, take_breaker, &need);
	}
	if (result == SQLITE_RESULT_OK && !connection_is_consistent(c))
		result = SQLITE_RESULT_CHANGED;
	if (result != SQLITE_RESULT_OK)
		connection_fail(c, result, error, "read");
	else if (!needed_conclude(&need.found, request, c->where.database, step, error))
		result = SQLITE_RESULT_FAILED;
	return result;
}
