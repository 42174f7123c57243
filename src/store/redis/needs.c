/*
 * needs.c: the breakers that a call needs. They lie in other slots of a Cluster, so no script can look at them together with the
 * call's own.
 */
#include "base/text.h"
#include "store/needed.h"
#include "store/redis/engine.h"

#include <string.h>

/* An answer of another form is that of no breaker, as is one without a record. */
static void take(struct needed *needed, const struct store_step *step, const redisReply *reply)
{
	if (!load_is_answer(reply) || reply->element[LOAD_RECORD]->len == 0)
		return;
	const redisReply *record = reply->element[LOAD_RECORD];
	needed_take(needed, step, (const uint8_t *)record->str, record->len);
}

bool redis_look_at_needs(struct redis *r, const struct store_request *request, struct store_step *step,
                         struct error *error)
{
	const char *rest = request->needs;
	struct needed needed = {0};
	while (rest != NULL && !needed.open) {
		struct words words = {0};
		struct keys keys;
		rest = text_next_item(rest, step->needed_open, sizeof(step->needed_open));
		if (strcmp(step->needed_open, request->name) == 0)
			continue;
		keys_of(&keys, r->prefix, step->needed_open);
		load_ask(&words, &keys, "");
		redisReply *reply = server_run(&r->server, &script_step, &words, true, error);
		if (reply == NULL)
			return false;
		take(&needed, step, reply);
		freeReplyObject(reply);
	}
	bool told = needed_conclude(&needed, request, r->server.address.text, step, error);
	r->refused = r->refused || !told;
	return told;
}
