/* needed.c: whether a breaker that is needed is open. */
#include "store/needed.h"

#include <stdio.h>

void needed_take(struct needed *needed, const struct store_step *step, const uint8_t *record, size_t length)
{
	struct breaker b;
	enum codec_result result = codec_decode_breaker(&b, record, length);
	if (result == CODEC_OK) {
		int64_t now_ms = breaker_now_ms(&b, &step->now);
		needed->open = breaker_state_at(&b, now_ms) == BREAKER_OPEN && !b.policy.shadow;
		needed->retry_after_ms = breaker_retry_after_ms(&b, now_ms);
	} else if (needed->trouble == CODEC_OK) {
		needed->trouble = result;
		snprintf(needed->unreadable, sizeof(needed->unreadable), "%s", step->needed_open);
	}
}

bool needed_conclude(const struct needed *needed, const struct store_request *request, const char *store,
                     struct store_step *step, struct error *error)
{
	if (needed->open) {
		step->load.needed_open = step->needed_open;
		step->load.needed_retry_ms = needed->retry_after_ms;
		return true;
	}
	if (request->lenient)
		return true;
	switch (needed->trouble) {
	case CODEC_OK:
		break;
	case CODEC_NEWER:
		return error_set(
			error, ERROR_STORE,
			"cannot tell whether %s, which is needed, is open: a newer cbrun wrote it in the "
			"store %s (this is " CBRUN_VERSION "); upgrade cbrun or do without --needs",
			needed->unreadable, store);
	case CODEC_DAMAGED:
		return error_set(
			error, ERROR_STORE,
			"cannot tell whether %s, which is needed, is open: its record in the store %s is "
			"damaged; it starts afresh with its next call",
			needed->unreadable, store);
	}
	return true;
}
