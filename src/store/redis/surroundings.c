/* surroundings.c: the host's name, and constants. */
#include "store/redis/surroundings.h"

#include <stdio.h>
#include <unistd.h>

/* Long enough for a host that is busy, or misses a renewal or two; what a host that is gone leaves is free after it. */
enum { LEASE_MS = 10000 };

int64_t surroundings_time_ms(int64_t server_ms)
{
	return server_ms;
}

void surroundings_host(char host[EVENT_HOST_SIZE])
{
	if (gethostname(host, EVENT_HOST_SIZE) != 0)
		snprintf(host, EVENT_HOST_SIZE, "?");
	host[EVENT_HOST_SIZE - 1] = '\0';
}

int64_t surroundings_lease_ms(void)
{
	return LEASE_MS;
}
