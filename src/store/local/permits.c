/* permits.c: open-file-description locks on single bytes. */
#include "store/local/permits.h"

#include "base/clock.h"
#include "base/identity.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TRIAL_BIT = 1 << 22, SPILL_BIT = 1 << 23, BREAKER_SHIFT = 24, RETRY_US = 500 };
#define MAX_BREAKER_ID (INT64_C(1) << 38)

int64_t permits_draw_id(void)
{
	uint64_t random = (uint64_t)clock_chance() << 32 | clock_chance();
	return (int64_t)(random % (uint64_t)(MAX_BREAKER_ID - 1)) + 1;
}

bool permits_id_fits(int64_t id)
{
	return id > 0 && id < MAX_BREAKER_ID;
}

static bool fail_to_open(const struct location *location, struct error *error)
{
	return error_set_errno(error, ERROR_STORE, errno, "cannot open the permits file %s",
	                       location->permits);
}

static bool open_file(struct permits *permits, const struct location *location, int flags)
{
	permits->fd = open(location->permits, flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, location->mode);
	return permits->fd >= 0;
}

static bool check_file(struct permits *permits, const struct location *location, struct error *error)
{
	if (!identity_is_root() || location_check_open(location, permits->fd, location->permits, error))
		return true;
	permits_close(permits);
	return false;
}

bool permits_open(struct permits *permits, const struct location *location, bool taking, struct error *error)
{
	if (open_file(permits, location, taking ? O_RDWR : O_RDONLY))
		return check_file(permits, location, error);
	return errno == ENOENT || fail_to_open(location, error);
}

bool permits_make(struct permits *permits, const struct location *location, struct error *error)
{
	if (open_file(permits, location, O_RDWR | O_CREAT))
		return check_file(permits, location, error);
	return fail_to_open(location, error);
}

void permits_close(struct permits *permits)
{
	if (permits->fd >= 0)
		close(permits->fd);
	permits->fd = -1;
}

static struct flock byte_range(short type, int64_t start, int64_t length)
{
	return (struct flock){.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = length};
}

/*
 * Counts the locked bytes from start up to end. The kernel answers with any
 * one of the locks in a range, so the search goes on at both sides of it.
 */
static bool count_locked(int fd, int64_t start, int64_t end, int64_t *count)
{
	while (start < end) {
		struct flock found = byte_range(F_WRLCK, start, end - start);
		if (fcntl(fd, F_OFD_GETLK, &found) != 0)
			return false;
		if (found.l_type == F_UNLCK)
			return true;
		*count += 1;
		if (!count_locked(fd, start, found.l_start, count))
			return false;
		start = found.l_start + 1;
	}
	return true;
}

bool permits_count(const struct permits *permits, int64_t breaker_id, struct load *load, struct error *error)
{
	int64_t base = breaker_id << BREAKER_SHIFT;
	int64_t plain = 0;
	*load = (struct load){0};
	if (permits->fd < 0)
		return true;
	for (int64_t half = base; half <= base + SPILL_BIT; half += SPILL_BIT) {
		int64_t middle = half + TRIAL_BIT;
		if (!count_locked(permits->fd, half, middle, &plain) ||
		    !count_locked(permits->fd, middle, middle + TRIAL_BIT, &load->trials))
			return error_set_errno(error, ERROR_STORE, errno, "cannot count permits");
	}
	load->running = plain + load->trials;
	return true;
}

static bool try_lock(int fd, int64_t offset)
{
	struct flock byte = byte_range(F_WRLCK, offset, 1);
	return fcntl(fd, F_OFD_SETLK, &byte) == 0;
}

bool permits_take(const struct permits *permits, int64_t breaker_id, bool trial, struct error *error)
{
	if (!permits_id_fits(breaker_id))
		return error_set(error, ERROR_STORE, "cannot take a permit: breaker id %lld is out of range",
		                 (long long)breaker_id);
	int64_t half = (breaker_id << BREAKER_SHIFT) + (trial ? TRIAL_BIT : 0);
	int64_t pid = getpid();
	if (try_lock(permits->fd, half + pid))
		return true;
	for (int64_t i = 0; i < TRIAL_BIT && (errno == EAGAIN || errno == EACCES); i++)
		if (try_lock(permits->fd, half + SPILL_BIT + (pid + i) % TRIAL_BIT))
			return true;
	return error_set_errno(error, ERROR_STORE, errno, "cannot take a permit");
}

void permits_release(const struct permits *permits)
{
	int64_t first = INT64_C(1) << BREAKER_SHIFT;
	struct flock all = byte_range(F_UNLCK, first, 0);
	if (permits->fd >= 0)
		fcntl(permits->fd, F_OFD_SETLK, &all);
}

bool permits_lock_store(const struct permits *permits, int64_t timeout_ms, struct error *error)
{
	int64_t deadline_us = clock_boot_us() + timeout_ms * 1000;
	while (!try_lock(permits->fd, 0)) {
		if (errno != EAGAIN && errno != EACCES)
			return error_set_errno(error, ERROR_STORE, errno, "cannot lock the permits file");
		if (clock_boot_us() >= deadline_us)
			return error_set(error, ERROR_STORE,
			                 "another process has been repairing the store for %lld ms",
			                 (long long)timeout_ms);
		clock_sleep_us(RETRY_US);
	}
	return true;
}

void permits_unlock_store(const struct permits *permits)
{
	struct flock byte = byte_range(F_UNLCK, 0, 1);
	fcntl(permits->fd, F_OFD_SETLK, &byte);
}
