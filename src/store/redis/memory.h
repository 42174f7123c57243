/*
 * memory.h: how this host remembers that a server could not be used: a breaker in
 * the host's own store guards the server. It opens with the first failure, for five
 * seconds; then one call tries the server, and the others still bypass it. It is
 * called store:URL, and is listed like any other breaker of that store.
 */
#ifndef CBRUN_STORE_REDIS_MEMORY_H
#define CBRUN_STORE_REDIS_MEMORY_H

#include "store/redis/address.h"
#include "store/redis/own.h"

struct memory {
	char name[STORE_NAME_SIZE];
	bool trial;         /* this process is the one that tries */
	int64_t generation; /* that its outcome counts in */
};

void memory_init(struct memory *m, const struct address *address);

/*
 * Whether the server may be asked. What cannot be read is not remembered. Who only looks takes no turn from those
 * that try.
 */
bool memory_lets_in(struct memory *m, struct own *own, bool only_looks);

/* Notes whether it could be used; that it could is kept only where that is news. */
void memory_note(struct memory *m, struct own *own, bool worked);

#endif
