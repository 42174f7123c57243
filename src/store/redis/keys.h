/*
 * keys.h: the names of a breaker's keys. The breaker's name is the hash tag, so all of
 * them are in one slot of a Cluster:
 *
 *   PREFIX{NAME}:breaker  a hash: version, a new one with each change; id, which tells a breaker from another that
 *                         has, or had, its name; record, by the codec
 *   PREFIX{NAME}:running  a sorted set: the token of each running command, by the time its permit expires
 *   PREFIX{NAME}:trials   the same for trial calls, once more
 *   PREFIX{NAME}:events   a stream: event, by the codec, and host; N-0 is event number N
 *   PREFIXnames           a set: the names of all breakers, so that nobody need search the keys of others
 *
 * The last one has a slot of its own, so no script can update it together with a breaker. It is written after a
 * breaker was made, now and then by one of its later steps, and after it was removed; whoever
 * lists breakers skips names that have none.
 */
#ifndef CBRUN_STORE_REDIS_KEYS_H
#define CBRUN_STORE_REDIS_KEYS_H

#include "store/redis/words.h"

enum { KEYS_PREFIX_SIZE = 64, KEYS_SIZE = KEYS_PREFIX_SIZE + 160 };

enum keys_kind { KEYS_BREAKER, KEYS_RUNNING, KEYS_TRIALS, KEYS_EVENTS, KEYS_KINDS };

/* The keys of one breaker. */
struct keys {
	char texts[KEYS_KINDS][KEYS_SIZE];
};

void keys_of(struct keys *keys, const char *prefix, const char *name);

/* The key of the names. */
void keys_of_names(char key[KEYS_SIZE], const char *prefix);

/* Adds their number, and the keys from `first` to `last`. */
void keys_add(const struct keys *keys, enum keys_kind first, enum keys_kind last, struct words *words);

#endif
