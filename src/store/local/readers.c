/* readers.c: one byte, beside that of the maintenance lock. */
#include "store/local/readers.h"

#include "base/clock.h"
#include "base/units.h"
#include "store/local/lock.h"

#include <errno.h>

enum { READERS_BYTE = 1, RETRY_US = 500 };

static bool set_lock(const struct permits *permits, short type)
{
	return lock_set(permits->fd, type, READERS_BYTE, 1);
}

bool readers_enter(const struct permits *permits, int64_t timeout_ms, struct error *error)
{
	if (permits->fd < 0)
		return true;
	int64_t deadline_us = clock_boot_us() + timeout_ms * US_PER_MS;
	while (!set_lock(permits, F_RDLCK)) {
		if (errno != EAGAIN && errno != EACCES) /* where locks do not work, SQLite will say so */
			return true;
		if (permits_are_foreign(permits, READERS_BYTE, error))
			return false;
		if (clock_boot_us() >= deadline_us)
			return error_set(error, ERROR_STORE,
			                 "cannot read the store: another process has been copying its log for "
			                 "%lld ms; try again",
			                 (long long)timeout_ms);
		clock_sleep_us(RETRY_US);
	}
	return true;
}

bool readers_keep_out(const struct permits *permits)
{
	return permits->fd >= 0 && set_lock(permits, F_WRLCK);
}

void readers_leave(const struct permits *permits)
{
	if (permits->fd >= 0)
		set_lock(permits, F_UNLCK);
}
