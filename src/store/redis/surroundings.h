/*
 * surroundings.h: what this engine takes from the world outside the server; the
 * program under test has a fake one.
 */
#ifndef CBRUN_STORE_REDIS_SURROUNDINGS_H
#define CBRUN_STORE_REDIS_SURROUNDINGS_H

#include "breaker/journal.h"

#include <stdint.h>

/* The time that the server tells, in milliseconds since 1970, as it is. */
int64_t surroundings_time_ms(int64_t server_ms);

/* What this host is called. */
void surroundings_host(char host[EVENT_HOST_SIZE]);

/* How long a permit lasts that nobody renews. */
int64_t surroundings_lease_ms(void);

#endif
