/*
 * lease.h: the permit of this process on a server: a token in the sorted sets of
 * the breaker's running commands, for as long as it is renewed.
 *
 *   token   host/pid/random
 */
#ifndef CBRUN_STORE_REDIS_LEASE_H
#define CBRUN_STORE_REDIS_LEASE_H

#include "store/redis/keys.h"
#include "store/redis/server.h"
#include "store/store.h"

enum { LEASE_TOKEN_SIZE = 128 };

struct lease {
	char token[LEASE_TOKEN_SIZE]; /* "" = none was drawn yet */
	char name[STORE_NAME_SIZE];   /* the breaker's that it is, or was, held of */
	bool held;
	bool lost; /* it was held, and is not any more, and nobody here gave it back */
};

/* Makes sure that there is a token to take a permit by. */
void lease_draw(struct lease *l, const char *host);

/* The pid in a token of this host's; 0 if it is another's, or none. */
int64_t lease_pid(const char *token, const char *host);

/* Renews it. False, with the error set, if the server could not be asked. *gone says that there is nothing left to renew. */
bool lease_renew(struct lease *l, struct server *server, const char *prefix, bool *gone, struct error *error);

/* Gives it back, if it is held. A server that cannot be asked will find out by itself. */
void lease_release(struct lease *l, struct server *server, const char *prefix);

#endif
