/*
 * Another world for the engine of a Redis server: as much time passes on its clock as $FAKE_CLOCK says, $FAKE_HOST is what
 * this host is called, and permits last $FAKE_LEASE_MS. Linked into the program in place of
 * store/redis/surroundings.c.
 */
#include "breaker/journal.h"

#include <stdint.h>

int64_t real_surroundings_time_ms(int64_t server_ms);
void real_surroundings_host(char host[EVENT_HOST_SIZE]);
int64_t real_surroundings_lease_ms(void);

#define surroundings_time_ms real_surroundings_time_ms
#define surroundings_host real_surroundings_host
#define surroundings_lease_ms real_surroundings_lease_ms
#include "../../src/store/redis/surroundings.c"
#undef surroundings_time_ms
#undef surroundings_host
#undef surroundings_lease_ms
#undef CBRUN_STORE_REDIS_SURROUNDINGS_H
#include "store/redis/surroundings.h"

#include <stdlib.h>

int64_t fake_clock_shift_ms(void);

int64_t surroundings_time_ms(int64_t server_ms)
{
	return server_ms + fake_clock_shift_ms();
}

void surroundings_host(char host[EVENT_HOST_SIZE])
{
	const char *name = getenv("FAKE_HOST");
	if (name != NULL)
		snprintf(host, EVENT_HOST_SIZE, "%s", name);
	else
		real_surroundings_host(host);
}

int64_t surroundings_lease_ms(void)
{
	const char *lease = getenv("FAKE_LEASE_MS");
	return lease != NULL ? strtoll(lease, NULL, 10) : real_surroundings_lease_ms();
}
