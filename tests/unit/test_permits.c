/*
 * test_permits.c: permits of several calls, each of which has the file open for itself, as processes have.
 * The bytes that are locked are told by the test, since calls of another version share them.
 */
#include "scratch.h"
#include "suites.h"

#include "store/local/permits.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

enum { CALLS = 4 };
#define SPILL (INT64_C(1) << 23)
#define TRIAL (INT64_C(1) << 22)

struct calls {
	struct scratch scratch;
	struct permits permits[CALLS];
	struct permits reader;
	struct error error;
};

static bool begin(struct calls *c, struct unit *u)
{
	if (!scratch_begin(&c->scratch, u))
		return false;
	for (int i = 0; i < CALLS; i++)
		CHECK(u, permits_make(&c->permits[i], &c->scratch.where, &c->error));
	CHECK(u, permits_open(&c->reader, &c->scratch.where, false, &c->error));
	return true;
}

static void end(struct calls *c)
{
	for (int i = 0; i < CALLS; i++)
		permits_close(&c->permits[i]);
	permits_close(&c->reader);
	scratch_end(&c->scratch);
}

/* The first byte of the breaker called "api". */
static int64_t range_of_api(void)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);
	for (const char *name = "api"; *name != '\0'; name++)
		hash = (hash ^ (uint8_t)*name) * UINT64_C(0x100000001b3);
	return ((int64_t)((hash ^ hash >> 38) % ((UINT64_C(1) << 38) - 1)) + 1) << 24;
}

static bool lock(int fd, short type, int64_t start, int64_t length)
{
	struct flock bytes = {.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = length};
	return fcntl(fd, F_OFD_SETLK, &bytes) == 0;
}

static bool is_locked(int fd, int64_t offset)
{
	struct flock byte = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = offset, .l_len = 1};
	return fcntl(fd, F_OFD_GETLK, &byte) == 0 && byte.l_type != F_UNLCK;
}

static void check_load(struct unit *u, struct calls *c, const struct load *most, int running, int trials)
{
	struct load load;
	CHECK(u, permits_count(&c->reader, "api", most, &load, &c->error));
	CHECK_INT(u, load.running, running);
	CHECK_INT(u, load.trials, trials);
}

static void a_missing_file_is_no_permit(struct unit *u)
{
	struct scratch scratch;
	struct permits permits;
	struct error error;
	struct load load = {.trials = 5, .running = 5};
	if (!scratch_begin(&scratch, u))
		return;
	CHECK(u, permits_open(&permits, &scratch.where, true, &error));
	CHECK_INT(u, permits.fd, -1);
	CHECK(u, permits_count(&permits, "api", NULL, &load, &error));
	CHECK_INT(u, load.running + load.trials, 0);
	CHECK(u, !scratch_exists(scratch.where.permits));
	permits_release(&permits);
	permits_close(&permits);
	scratch_end(&scratch);
}

static void a_permit_is_a_byte_that_tells_breaker_and_process(struct unit *u)
{
	struct calls c;
	if (!begin(&c, u))
		return;
	check_load(u, &c, NULL, 0, 0);
	CHECK(u, permits_take(&c.permits[0], "api", false, &c.error));
	CHECK(u, is_locked(c.reader.fd, range_of_api() + getpid()));
	CHECK(u, !is_locked(c.reader.fd, range_of_api() + getpid() + 1));
	check_load(u, &c, NULL, 1, 0);
	permits_release(&c.permits[0]);
	CHECK(u, permits_take(&c.permits[0], "api", true, &c.error));
	CHECK(u, is_locked(c.reader.fd, range_of_api() + TRIAL + getpid()));
	CHECK(u, !is_locked(c.reader.fd, range_of_api() + getpid()));
	check_load(u, &c, NULL, 1, 1);
	permits_close(&c.permits[0]);
	check_load(u, &c, NULL, 0, 0);
	end(&c);
}

static void a_process_number_that_is_taken_spills_over(struct unit *u)
{
	struct calls c;
	if (!begin(&c, u))
		return;
	for (int i = 0; i < CALLS; i++)
		CHECK(u, permits_take(&c.permits[i], "api", i % 2 == 1, &c.error));
	check_load(u, &c, NULL, 4, 2);
	/* two have their own bytes; the others are in the other half, a trial call among the trial calls */
	permits_release(&c.permits[0]);
	permits_release(&c.permits[1]);
	check_load(u, &c, NULL, 2, 1);
	CHECK(u, !is_locked(c.reader.fd, range_of_api() + getpid()));
	CHECK(u, !is_locked(c.reader.fd, range_of_api() + TRIAL + getpid()));
	permits_release(&c.permits[3]);
	check_load(u, &c, NULL, 1, 0);
	end(&c);
}

static void where_the_rest_is_foreign_there_is_none(struct unit *u)
{
	struct calls c;
	int64_t start = range_of_api();
	if (!begin(&c, u))
		return;
	CHECK(u, lock(c.permits[0].fd, F_WRLCK, start + getpid(), 1));
	CHECK(u, lock(c.permits[0].fd, F_WRLCK, start + SPILL, TRIAL));
	CHECK(u, !permits_take(&c.permits[1], "api", false, &c.error));
	CHECK(u, permits_take(&c.permits[1], "api", true, &c.error));
	end(&c);
}

static void counting_goes_as_far_as_it_must(struct unit *u)
{
	struct calls c;
	const struct load one_running = {.running = 1};
	const struct load three_running = {.running = 3};
	const struct load one_trial = {.trials = 1};
	const struct load nine_trials = {.trials = 9};
	if (!begin(&c, u))
		return;
	for (int i = 0; i < CALLS; i++)
		CHECK(u, permits_take(&c.permits[i], "api", i > 0, &c.error));
	struct load load;
	CHECK(u, permits_count(&c.reader, "api", &one_running, &load, &c.error));
	CHECK_INT(u, load.running, 1);
	CHECK(u, permits_count(&c.reader, "api", &three_running, &load, &c.error));
	CHECK_INT(u, load.running, 3);
	CHECK(u, permits_count(&c.reader, "api", &one_trial, &load, &c.error));
	CHECK_INT(u, load.trials, 1);
	/* trial calls alone, in both halves: the other call is not looked at */
	check_load(u, &c, &nine_trials, 3, 3);
	CHECK(u, permits_count(&c.reader, "web", NULL, &load, &c.error));
	CHECK_INT(u, load.running, 0);
	end(&c);
}

static void the_ends_of_a_range_count(struct unit *u)
{
	struct calls c;
	int64_t start = range_of_api();
	if (!begin(&c, u))
		return;
	CHECK(u, lock(c.permits[0].fd, F_WRLCK, start, 1));
	CHECK(u, lock(c.permits[1].fd, F_WRLCK, start + 2 * SPILL - 1, 1));
	CHECK(u, lock(c.permits[2].fd, F_WRLCK, start - 1, 1)); /* its neighbours */
	CHECK(u, lock(c.permits[3].fd, F_WRLCK, start + 2 * SPILL, 1));
	check_load(u, &c, NULL, 2, 1);
	end(&c);
}

static void a_foreign_lock_is_told(struct unit *u)
{
	static const struct {
		short type;
		int64_t start; /* from the range's */
		int64_t length;
	} locks[] = {{F_WRLCK, 0, 0}, {F_RDLCK, 5, 2}, {F_WRLCK, 5, 2}, {F_WRLCK, -1, 2}};
	struct calls c;
	struct load load;
	if (!begin(&c, u))
		return;
	for (size_t i = 0; i < sizeof(locks) / sizeof(locks[0]); i++) {
		int64_t start = range_of_api() + locks[i].start;
		CHECK(u, lock(c.permits[0].fd, locks[i].type, start, locks[i].length));
		CHECK(u, !permits_count(&c.reader, "api", NULL, &load, &c.error));
		int64_t byte = locks[i].start < 0 ? start + 1 : start;
		CHECK(u, permits_are_foreign(&c.reader, byte, &c.error));
		CHECK(u, lock(c.permits[0].fd, F_UNLCK, start, locks[i].length));
		CHECK(u, !permits_are_foreign(&c.reader, byte, &c.error));
	}
	CHECK(u, lock(c.permits[0].fd, F_WRLCK, range_of_api() + 5, 1));
	CHECK(u, !permits_are_foreign(&c.reader, range_of_api() + 5, &c.error));
	/* nor is the lock of one who waited for it, for a moment */
	CHECK(u, lock(c.permits[1].fd, F_RDLCK, range_of_api() + 9, 1));
	CHECK(u, permits_count(&c.reader, "api", NULL, &load, &c.error));
	CHECK_INT(u, load.running, 1);
	CHECK(u, lock(c.permits[1].fd, F_UNLCK, 0, 0));
	/* also one that is found only beside a permit */
	CHECK(u, lock(c.permits[1].fd, F_WRLCK, range_of_api() + 1, 2));
	CHECK(u, !permits_count(&c.reader, "api", NULL, &load, &c.error));
	CHECK(u, lock(c.permits[1].fd, F_UNLCK, 0, 0));
	/* nor is a permit taken around one */
	CHECK(u, lock(c.permits[0].fd, F_RDLCK, 0, 0));
	CHECK(u, !permits_take(&c.permits[1], "api", false, &c.error));
	end(&c);
}

static void releasing_spares_the_maintenance_lock(struct unit *u)
{
	struct calls c;
	if (!begin(&c, u))
		return;
	CHECK(u, permits_lock_store(&c.permits[0], 0, &c.error));
	CHECK(u, permits_take(&c.permits[0], "api", false, &c.error));
	permits_release(&c.permits[0]);
	check_load(u, &c, NULL, 0, 0);
	CHECK(u, is_locked(c.reader.fd, 0));
	CHECK(u, !is_locked(c.reader.fd, 1));
	CHECK(u, !permits_lock_store(&c.permits[1], 0, &c.error));
	permits_unlock_store(&c.permits[0]);
	CHECK(u, permits_lock_store(&c.permits[1], 0, &c.error));
	end(&c);
}

static void ids_fit(struct unit *u)
{
	for (int i = 0; i < 1000; i++)
		CHECK(u, permits_id_fits(permits_draw_id()));
	CHECK(u, permits_draw_id() != permits_draw_id());
	CHECK(u, permits_id_fits(1) && permits_id_fits((INT64_C(1) << 38) - 1));
	CHECK(u, !permits_id_fits(0) && !permits_id_fits(-1) && !permits_id_fits(INT64_C(1) << 38));
}

const struct unit_test permits_tests[] = {
	{"permits: without a file nobody holds one, and none is made to count them",
         a_missing_file_is_no_permit},
	{"permits: each is a byte that tells breaker, trial call and process",
         a_permit_is_a_byte_that_tells_breaker_and_process},
	{"permits: a process number that is taken spills over, and all are counted",
         a_process_number_that_is_taken_spills_over},
	{"permits: where another program has locked what a call would spill over to, there is none",
         where_the_rest_is_foreign_there_is_none},
	{"permits: they are counted as far as a limit needs it", counting_goes_as_far_as_it_must},
	{"permits: the first and the last byte of a breaker count, and its neighbours' do not",
         the_ends_of_a_range_count},
	{"permits: another program's lock is told from a permit, and nothing is counted around it",
         a_foreign_lock_is_told},
	{"permits: releasing one keeps the maintenance lock, which one holds at a time",
         releasing_spares_the_maintenance_lock},
	{"permits: an id that is drawn fits", ids_fit},
	{NULL, NULL},
};
