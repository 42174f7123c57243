/* permits.c: locks on single bytes. */
#include "store/local/permits.h"

#include "base/alarm.h"
#include "base/clock.h"
#include "base/identity.h"
#include "store/local/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TRIAL_BIT = 1 << 22, SPILL_BIT = 1 << 23, BREAKER_SHIFT = 24, RETRY_US = 500, MOST_SPILLS = 16 };
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
	permits->path = location->permits;
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
	if (!open_file(permits, location, O_RDWR | O_CREAT))
		return fail_to_open(location, error);
	location_share(location, permits->fd);
	return check_file(permits, location, error);
}

void permits_close(struct permits *permits)
{
	if (permits->fd >= 0)
		close(permits->fd);
	permits->fd = -1;
}

uint64_t permits_hash(const char *text)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325); /* FNV-1a */
	for (; *text != '\0'; text++)
		hash = (hash ^ (uint8_t)*text) * UINT64_C(0x100000001b3);
	return hash;
}

/* The first byte of the breaker's range: the hash of its name, folded; never the range of byte 0. */
static int64_t range_of(const char *name)
{
	uint64_t hash = permits_hash(name);
	int64_t folded = (int64_t)((hash ^ hash >> 38) % (uint64_t)(MAX_BREAKER_ID - 1)) + 1;
	return folded << BREAKER_SHIFT;
}

/* Whether it is a lock on one byte of that range, as ours are: a permit, or who has just waited for it. */
static bool is_ours(const struct flock *lock, int64_t start, int64_t end)
{
	return lock->l_len == 1 && lock->l_start >= start && lock->l_start < end;
}

static bool fail_for_foreign(const struct permits *permits, const struct flock *lock, struct error *error)
{
	char who[48] = "another program";
	if (lock->l_pid > 0)
		snprintf(who, sizeof(who), "process %ld", (long)lock->l_pid);
	return error_set(error, ERROR_STORE, "cannot use the permits file %s: %s has locked it; end that",
	                 permits->path, who);
}

struct tally {
	const struct permits *permits;
	struct load load;
	struct load most;
	permits_visitor *visit; /* NULL: they are only counted */
	void *context;
	struct error *error;
};

static void count_one(struct tally *t, int64_t offset)
{
	bool trial = (offset & TRIAL_BIT) != 0;
	t->load.running++;
	t->load.trials += trial;
	t->load.pid = (offset & SPILL_BIT) == 0 ? offset % TRIAL_BIT : 0;
	if (t->visit != NULL)
		t->visit(t->context, t->load.pid, trial);
}

/*
 * Counts the locked bytes from start up to end. The kernel answers with any one
 * of the locks in a range, so the search goes on at both sides of it, at the
 * smaller by recursion.
 */
static bool count_locked(struct tally *t, int64_t start, int64_t end)
{
	while (start < end && t->load.running < t->most.running && t->load.trials < t->most.trials) {
		struct flock found;
		if (!lock_find(t->permits->fd, F_WRLCK, start, end - start, &found))
			return error_set_errno(t->error, ERROR_STORE, errno, "cannot count permits");
		if (found.l_type == F_UNLCK)
			return true;
		if (!is_ours(&found, start, end))
			return fail_for_foreign(t->permits, &found, t->error);
		if (found.l_type == F_WRLCK)
			count_one(t, found.l_start);
		bool left_is_smaller = found.l_start - start < end - found.l_start;
		int64_t begin = left_is_smaller ? start : found.l_start + 1;
		int64_t stop = left_is_smaller ? found.l_start : end;
		if (!count_locked(t, begin, stop))
			return false;
		if (left_is_smaller)
			start = found.l_start + 1;
		else
			end = found.l_start;
	}
	return true;
}

bool permits_count(const struct permits *permits, const char *name, const struct load *most, struct load *load,
                   struct error *error)
{
	int64_t base = range_of(name);
	struct tally t = {
		.permits = permits,
		.most = {.running = INT64_MAX, .trials = INT64_MAX},
		.error = error,
	};
	bool ok = true;
	if (permits->fd >= 0 && most != NULL && most->running == 0) {
		t.most.trials = most->trials;
		ok = count_locked(&t, base + TRIAL_BIT, base + SPILL_BIT) &&
		     count_locked(&t, base + SPILL_BIT + TRIAL_BIT, base + 2 * SPILL_BIT);
	} else if (permits->fd >= 0) {
		t.most.running = most != NULL ? most->running : INT64_MAX;
		ok = count_locked(&t, base, base + 2 * SPILL_BIT);
	}
	*load = t.load;
	if (load->running != 1)
		load->pid = 0;
	return ok;
}

bool permits_list(const struct permits *permits, const char *name, permits_visitor *visit, void *context,
                  struct load *load, struct error *error)
{
	int64_t base = range_of(name);
	struct tally t = {
		.permits = permits,
		.most = {.running = INT64_MAX, .trials = INT64_MAX},
		.visit = visit,
		.context = context,
		.error = error,
	};
	bool ok = permits->fd < 0 || count_locked(&t, base, base + 2 * SPILL_BIT);
	*load = t.load;
	return ok;
}

bool permits_lock(const struct permits *permits, int64_t offset)
{
	return lock_set(permits->fd, F_WRLCK, offset, 1);
}

void permits_unlock(const struct permits *permits, int64_t start, int64_t end)
{
	lock_set(permits->fd, F_UNLCK, start, end - start);
}

bool permits_are_foreign(const struct permits *permits, int64_t offset, struct error *error)
{
	struct flock found;
	if (!lock_find(permits->fd, F_WRLCK, offset, 1, &found) || found.l_type == F_UNLCK ||
	    is_ours(&found, offset, offset + 1))
		return false;
	fail_for_foreign(permits, &found, error);
	return true;
}

bool permits_take(const struct permits *permits, const char *name, bool trial, struct error *error)
{
	int64_t half = range_of(name) + (trial ? TRIAL_BIT : 0);
	int64_t offset = half + getpid();
	for (int i = 0; !permits_lock(permits, offset); i++) {
		if (errno != EAGAIN && errno != EACCES)
			return error_set_errno(error, ERROR_STORE, errno, "cannot take a permit");
		if (permits_are_foreign(permits, offset, error))
			return false;
		if (i == MOST_SPILLS) /* at random, and all taken? */
			return error_set(error, ERROR_STORE, "cannot take a permit: too many calls hold one");
		offset = half + SPILL_BIT + clock_chance() % TRIAL_BIT;
	}
	return true;
}

void permits_release(const struct permits *permits)
{
	int64_t first = INT64_C(1) << BREAKER_SHIFT;
	if (permits->fd >= 0)
		permits_unlock(permits, first, PERMITS_END);
}

/* Some byte of the range that another process has locked as its own; -1 if there is none that is ours. */
static int64_t find_any(const struct permits *permits, int64_t start, int64_t end)
{
	struct flock found; /* of those who only wait none is in the way of a read lock */
	if (!lock_find(permits->fd, F_RDLCK, start, end - start, &found) || found.l_type == F_UNLCK ||
	    !is_ours(&found, start, end))
		return -1;
	return found.l_start;
}

int64_t permits_find(const struct permits *permits, const char *name, bool trial)
{
	int64_t base = range_of(name);
	if (!trial)
		return find_any(permits, base, base + 2 * SPILL_BIT);
	int64_t found = find_any(permits, base + TRIAL_BIT, base + SPILL_BIT);
	return found >= 0 ? found : find_any(permits, base + SPILL_BIT + TRIAL_BIT, base + 2 * SPILL_BIT);
}

int64_t permits_find_last(const struct permits *permits, int64_t start, int64_t end)
{
	int64_t last = -1;
	while (start < end) {
		int64_t middle = start + (end - start) / 2;
		int64_t found = find_any(permits, middle, end);
		if (found >= 0) {
			last = found;
			start = found + 1;
		} else {
			end = middle;
		}
	}
	return last;
}

/* A read lock is granted to all who wait for the byte, and is no permit, so nobody counts it. */
bool permits_await(const struct permits *permits, int64_t offset, int64_t timeout_us)
{
	struct alarm a;
	if (!alarm_set(&a, timeout_us))
		return false;
	bool free = lock_await(permits->fd, F_RDLCK, offset, 1);
	int reason = errno;
	alarm_clear(&a);
	if (free)
		permits_unlock(permits, offset, offset + 1);
	return free || reason == EINTR;
}

bool permits_lock_store(const struct permits *permits, int64_t timeout_ms, struct error *error)
{
	int64_t deadline_us = clock_boot_us() + timeout_ms * 1000;
	while (!permits_lock(permits, 0)) {
		if (errno != EAGAIN && errno != EACCES)
			return error_set_errno(error, ERROR_STORE, errno, "cannot lock the permits file");
		if (clock_boot_us() >= deadline_us)
			return !permits_are_foreign(permits, 0, error) &&
			       error_set(error, ERROR_STORE,
			                 "another process has been making or repairing the store for %lld ms",
			                 (long long)timeout_ms);
		clock_sleep_us(RETRY_US);
	}
	return true;
}

void permits_unlock_store(const struct permits *permits)
{
	permits_unlock(permits, 0, 1);
}
