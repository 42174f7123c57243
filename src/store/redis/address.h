/*
 * address.h: where a server is, as given by a URL:
 *
 *   redis://[user@]host[:port][/database]
 *   redis+unix://[user@]/path/of/socket[?db=database]
 *   rediss://..., over TLS, which libhiredis does not have everywhere, and cbrun does not support yet
 */
#ifndef CBRUN_STORE_REDIS_ADDRESS_H
#define CBRUN_STORE_REDIS_ADDRESS_H

#include "base/error.h"

#include <stdint.h>

enum {
	ADDRESS_HOST_SIZE = 256,
	ADDRESS_PORT_SIZE = 6,
	ADDRESS_USER_SIZE = 128,
	ADDRESS_TEXT_SIZE = ADDRESS_HOST_SIZE + 32,
};

struct address {
	bool local;                   /* a socket of this machine, whose path is `host` */
	char host[ADDRESS_HOST_SIZE]; /* a name or a number, without brackets */
	char port[ADDRESS_PORT_SIZE];
	char user[ADDRESS_USER_SIZE]; /* "" = the server's default one */
	int64_t database;
	char text[ADDRESS_TEXT_SIZE]; /* for people: the URL without user and database */
};

/* Whether a store that the user named is meant to be a server: it may still make no sense. NULL is none. */
bool address_claims(const char *store);

/* False if it makes no sense; a password in it is refused, and not repeated in the error. */
bool address_parse(struct address *a, const char *store, struct error *error);

/* Makes it the address of another server, "host:port", that serves the same. False if that is no address. */
bool address_move(struct address *a, const char *to);

#endif
