/* test_spool.c: bytes kept for later, against the same bytes in an array. */
#include "process/spool.h"

#include "rng.h"
#include "suites.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MIB = 1024 * 1024, LARGE = 3 * MIB };

static const struct spool empty = {.fd = -1};

/* A byte that tells its place. */
static char byte_at(int64_t offset)
{
	return (char)(offset * 31 + offset / 251 + offset / MIB);
}

/* Appends the bytes from the spool's end to `size`, `step` at a time. */
static bool fill(struct spool *s, int64_t size, int64_t step)
{
	char *bytes = malloc((size_t)step);
	bool ok = bytes != NULL;
	while (ok && s->size < size) {
		int64_t length = size - s->size < step ? size - s->size : step;
		for (int64_t i = 0; i < length; i++)
			bytes[i] = byte_at(s->size + i);
		ok = spool_append(s, bytes, (size_t)length);
	}
	free(bytes);
	return ok;
}

/* How many bytes from `offset` on come back as they should; each read asks for `step`. */
static int64_t count_right(const struct spool *s, int64_t offset, int64_t step)
{
	char *bytes = malloc((size_t)step);
	int64_t right = 0;
	ssize_t length = bytes != NULL ? spool_read(s, offset, bytes, (size_t)step) : 0;
	while (length > 0) {
		for (ssize_t i = 0; i < length; i++)
			right += bytes[i] == byte_at(offset + i);
		offset += length;
		length = spool_read(s, offset, bytes, (size_t)step);
	}
	free(bytes);
	return right;
}

static void an_empty_spool_has_nothing(struct unit *u)
{
	struct spool s = empty;
	char byte;
	CHECK_INT(u, spool_read(&s, 0, &byte, 1), 0);
	CHECK_INT(u, spool_read(&s, 100, &byte, 1), 0);
	CHECK(u, spool_append(&s, "", 0));
	CHECK_INT(u, s.size, 0);
	spool_free(&s);
	spool_free(&s);
}

static void a_small_one_is_in_memory_alone(struct unit *u)
{
	struct spool s = empty;
	CHECK(u, fill(&s, SPOOL_IN_MEMORY, 1000));
	CHECK_INT(u, s.size, SPOOL_IN_MEMORY);
	CHECK_INT(u, s.in_memory, SPOOL_IN_MEMORY);
	CHECK_INT(u, s.fd, -1);
	CHECK_INT(u, count_right(&s, 0, 4096), SPOOL_IN_MEMORY);
	spool_free(&s);
	CHECK_INT(u, s.size, 0);
}

static void a_large_one_goes_on_in_a_file_without_a_name(struct unit *u)
{
	struct spool s = empty;
	struct stat status;
	CHECK(u, fill(&s, LARGE, 65536));
	CHECK_INT(u, s.in_memory, SPOOL_IN_MEMORY);
	CHECK(u, s.fd >= 0);
	CHECK(u, (fcntl(s.fd, F_GETFD) & FD_CLOEXEC) != 0);
	CHECK_INT(u, fstat(s.fd, &status), 0);
	CHECK_INT(u, status.st_nlink, 0);
	CHECK_INT(u, status.st_mode & 07777, 0600);
	CHECK_INT(u, status.st_size, LARGE - SPOOL_IN_MEMORY);
	spool_free(&s);
	CHECK_INT(u, s.fd, -1);
}

static void every_byte_comes_back_however_it_was_cut(struct unit *u)
{
	static const int64_t steps[] = {97, 4096, 65536, MIB - 1, MIB, MIB + 1, LARGE};
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		struct spool s = empty;
		CHECK(u, fill(&s, LARGE + 5, steps[i]));
		CHECK_INT(u, count_right(&s, 0, 4096), LARGE + 5);
		int64_t seam = s.in_memory > 3 ? s.in_memory - 3 : 0;
		CHECK_INT(u, count_right(&s, seam, 7), LARGE + 5 - seam);
		CHECK_INT(u, count_right(&s, LARGE, steps[i]), 5);
		spool_free(&s);
	}
}

static void it_can_be_cut_and_go_on(struct unit *u)
{
	static const int64_t sizes[] = {0, 1, MIB - 1, MIB, MIB + 1, 2 * MIB, LARGE};
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct spool s = empty;
		CHECK(u, fill(&s, LARGE, 65536));
		spool_truncate(&s, sizes[i]);
		CHECK_INT(u, s.size, sizes[i]);
		CHECK_INT(u, count_right(&s, 0, 4096), sizes[i]);
		CHECK(u, fill(&s, LARGE + MIB, 10000));
		CHECK_INT(u, count_right(&s, 0, 4096), LARGE + MIB);
		spool_free(&s);
	}
}

static void what_does_not_fit_leaves_what_was_there(struct unit *u)
{
	struct spool s = empty;
	const char *before = getenv("TMPDIR");
	char *kept = before != NULL ? strdup(before) : NULL;
	CHECK(u, fill(&s, MIB - 10, 65536));
	setenv("TMPDIR", "/nonexistent", 1);
	errno = 0;
	CHECK(u, !spool_append(&s, "01234567890", 11));
	CHECK_INT(u, errno, ENOENT);
	CHECK_INT(u, s.size, MIB - 10);
	CHECK(u, fill(&s, MIB, 10));
	CHECK(u, !spool_append(&s, "0", 1));
	CHECK_INT(u, count_right(&s, 0, 4096), MIB);
	if (kept != NULL)
		setenv("TMPDIR", kept, 1);
	else
		unsetenv("TMPDIR");
	free(kept);
	CHECK(u, fill(&s, MIB + 1, 1));
	CHECK_INT(u, count_right(&s, 0, 4096), MIB + 1);
	spool_free(&s);
}

static void what_cannot_be_written_leaves_what_was_there(struct unit *u)
{
	struct spool s = empty;
	struct rlimit before;
	getrlimit(RLIMIT_FSIZE, &before);
	struct rlimit little = {.rlim_cur = 100, .rlim_max = before.rlim_max};
	void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
	CHECK(u, fill(&s, MIB + 50, 65536));
	setrlimit(RLIMIT_FSIZE, &little);
	errno = 0;
	CHECK(u, !fill(&s, MIB + 200, 150)); /* a part of it fits */
	CHECK_INT(u, errno, EFBIG);
	setrlimit(RLIMIT_FSIZE, &before);
	signal(SIGXFSZ, handler);
	CHECK_INT(u, s.size, MIB + 50);
	CHECK_INT(u, count_right(&s, 0, 4096), MIB + 50);
	CHECK(u, fill(&s, MIB + 300, 150));
	CHECK_INT(u, count_right(&s, 0, 4096), MIB + 300);
	spool_free(&s);
}

static void a_random_walk_ends_with_the_same_bytes(struct unit *u)
{
	struct rng rng = {.state = unit_seed(4)};
	for (int walk = 0; walk < 10; walk++) {
		struct spool s = empty;
		for (int step = 0; step < 40; step++) {
			int64_t length = 1 + rng_below(&rng, 100000);
			if (rng_below(&rng, 10) == 0)
				spool_truncate(&s, rng_below(&rng, s.size + 1));
			else
				CHECK(u, fill(&s, s.size + length, length));
			int64_t offset = rng_below(&rng, s.size + 1);
			CHECK_INT(u, count_right(&s, offset, 65536), s.size - offset);
		}
		spool_free(&s);
	}
}

const struct unit_test spool_tests[] = {
	{"an empty spool has nothing", an_empty_spool_has_nothing},
	{"a small spool is in memory alone", a_small_one_is_in_memory_alone},
	{"a large spool goes on in a file without a name", a_large_one_goes_on_in_a_file_without_a_name},
	{"every byte of a spool comes back, however it was cut", every_byte_comes_back_however_it_was_cut},
	{"a spool can be cut and go on", it_can_be_cut_and_go_on},
	{"what does not fit leaves a spool as it was", what_does_not_fit_leaves_what_was_there},
	{"what cannot be written leaves a spool as it was", what_cannot_be_written_leaves_what_was_there},
	{"a random walk of appends and cuts leaves a spool with the same bytes",
         a_random_walk_ends_with_the_same_bytes},
	{0},
};
