/* test_readers.c: readers and a checkpoint, each with the permits file open for itself. */
#include "scratch.h"
#include "suites.h"

#include "store/local/readers.h"

#include <fcntl.h>
#include <string.h>

static void readers_and_a_checkpoint_keep_each_other_out(struct unit *u)
{
	struct scratch s;
	struct permits permits[3];
	struct error error;
	if (!scratch_begin(&s, u))
		return;
	for (int i = 0; i < 3; i++)
		CHECK(u, permits_make(&permits[i], &s.where, &error));
	CHECK(u, readers_enter(&permits[0], 0, &error));
	CHECK(u, readers_enter(&permits[1], 0, &error));
	CHECK(u, !readers_keep_out(&permits[2]));
	readers_leave(&permits[0]);
	CHECK(u, !readers_keep_out(&permits[2]));
	readers_leave(&permits[1]);
	CHECK(u, readers_keep_out(&permits[2]));
	CHECK(u, !readers_keep_out(&permits[0]));
	CHECK(u, !readers_enter(&permits[0], 0, &error));
	CHECK(u, strstr(error.text, "has been copying its log for 0 ms") != NULL);
	/* neither has to do with the maintenance lock, nor with permits */
	CHECK(u, permits_lock_store(&permits[0], 0, &error));
	CHECK(u, permits_take(&permits[1], "api", false, &error));
	readers_leave(&permits[2]);
	CHECK(u, readers_enter(&permits[0], 0, &error));
	for (int i = 0; i < 3; i++)
		permits_close(&permits[i]);
	scratch_end(&s);
}

static void another_programs_lock_keeps_readers_out(struct unit *u)
{
	struct scratch s;
	struct permits ours;
	struct permits theirs;
	struct error error;
	struct flock all = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	if (!scratch_begin(&s, u))
		return;
	CHECK(u, permits_make(&ours, &s.where, &error));
	CHECK(u, permits_make(&theirs, &s.where, &error));
	CHECK_INT(u, fcntl(theirs.fd, F_OFD_SETLK, &all), 0);
	CHECK(u, !readers_enter(&ours, 60000, &error)); /* at once */
	CHECK(u, strstr(error.text, "another program has locked it") != NULL);
	permits_close(&ours);
	permits_close(&theirs);
	scratch_end(&s);
}

static void without_a_file_there_is_nobody_to_wait_for(struct unit *u)
{
	struct permits none = {.fd = -1};
	struct error error;
	CHECK(u, readers_enter(&none, 0, &error));
	CHECK(u, !readers_keep_out(&none));
	readers_leave(&none);
}

const struct unit_test readers_tests[] = {
	{"readers: they and a checkpoint keep each other out", readers_and_a_checkpoint_keep_each_other_out},
	{"readers: another program's lock keeps them out, and they say so",
         another_programs_lock_keeps_readers_out},
	{"readers: without a permits file there is nobody to wait for",
         without_a_file_there_is_nobody_to_wait_for},
	{NULL, NULL},
};
