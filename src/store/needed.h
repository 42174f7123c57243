/*
 * needed.h: what an engine finds of the breakers that a call needs; for engines.
 */
#ifndef CBRUN_STORE_NEEDED_H
#define CBRUN_STORE_NEEDED_H

#include "store/codec.h"
#include "store/store.h"

/* Zeroed at first. */
struct needed {
	bool open; /* the last one that was taken is */
	int64_t retry_after_ms;
	enum codec_result trouble;        /* CODEC_OK, or why the one of this name could not be read */
	char unreadable[STORE_NAME_SIZE]; /* the first such */
};

/* Takes the record of step->needed_open. In shadow mode an open breaker rejects nothing of others. */
void needed_take(struct needed *needed, const struct store_step *step, const uint8_t *record, size_t length);

/*
 * Fills the load of the step with the breaker that is open. False if none is, and it cannot be told of one of
 * them, and the request is not lenient; `store` says where.
 */
bool needed_conclude(const struct needed *needed, const struct store_request *request, const char *store,
                     struct store_step *step, struct error *error);

#endif
