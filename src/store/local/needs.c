/* needs.c: the breakers that a call needs. */
#include "store/local/needs.h"

#include "base/text.h"
#include "store/codec.h"

#include <stdio.h>
#include <string.h>

/* A breaker that is needed, and what was found of it. */
struct need {
	const struct instant *now;
	bool open;
	int64_t retry_after_ms;
};

/* In shadow mode an open breaker rejects nothing of its own, and nothing of others. */
static bool take_breaker(void *context, const struct sqlite_values *row)
{
	struct need *need = context;
	struct breaker b;
	if (codec_decode_breaker(&b, row->record, row->record_length) != CODEC_OK)
		return false;
	int64_t now_ms = breaker_now_ms(&b, need->now);
	need->open = breaker_state_at(&b, now_ms) == BREAKER_OPEN && !b.policy.shadow;
	need->retry_after_ms = breaker_retry_after_ms(&b, now_ms);
	return false;
}

enum sqlite_result needs_look(struct connection *c, const struct store_request *request, struct store_step *step)
{
	struct need need = {.now = &step->now};
	const char *rest = request->needs;
	enum sqlite_result result = SQLITE_RESULT_OK;
	while (rest != NULL && result == SQLITE_RESULT_OK && !need.open) {
		rest = text_next_item(rest, step->needed_open, sizeof(step->needed_open));
		struct sqlite_values values = {.name = step->needed_open};
		if (strcmp(step->needed_open, request->name) != 0)
			result = sqlite_run(c->db, SQL_FIND, &values, take_breaker, &need);
	}
	if (need.open) {
		step->load.needed_open = step->needed_open;
		step->load.needed_retry_ms = need.retry_after_ms;
	}
	return result;
}
