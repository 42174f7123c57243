/*
 * needs.c: the breakers that a call needs. They lie in other slots of a Cluster, so no script can look at them together with the
 * call's own.
 */
#include "base/text.h"
#include "store/redis/engine.h"

#include <string.h>

/* Whether a breaker, of which this is the answer, is open. In shadow mode it rejects nothing of others. */
static bool is_open(const redisReply *reply, struct store_step *step)
{
	struct breaker b;
	if (!load_is_answer(reply) || load_breaker(reply, &b) != CODEC_OK)
		return false;
	int64_t now_ms = breaker_now_ms(&b, &step->now);
	step->load.needed_retry_ms = breaker_retry_after_ms(&b, now_ms);
	return breaker_state_at(&b, now_ms) == BREAKER_OPEN && !b.policy.shadow;
}

bool redis_look_at_needs(struct redis *r, const struct store_request *request, struct store_step *step,
                         struct error *error)
{
	const char *rest = request->needs;
	while (rest != NULL && step->load.needed_open == NULL) {
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
		if (is_open(reply, step))
			step->load.needed_open = step->needed_open;
		freeReplyObject(reply);
	}
	if (step->load.needed_open == NULL)
		step->load.needed_retry_ms = 0;
	return true;
}
