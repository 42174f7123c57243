/*
 * needs.h: whether a breaker that a call needs is open, seen in the same
 * transaction as the call's own.
 */
#ifndef CBRUN_STORE_LOCAL_NEEDS_H
#define CBRUN_STORE_LOCAL_NEEDS_H

#include "store/local/connection.h"

/*
 * Looks for the first breaker of request->needs that is open at step->now, and
 * fills the load with it. One that is missing is not open; of one that cannot be
 * read it cannot be told, which fails unless the request is lenient. If the answer
 * is not OK, the error is set.
 */
enum sqlite_result needs_look(struct connection *c, const struct store_request *request,
                              struct store_step *step, struct error *error);

#endif
