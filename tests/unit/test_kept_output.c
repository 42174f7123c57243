/* test_kept_output.c: an output kept, read again, and damaged. */
#include "scratch.h"
#include "suites.h"

#include "store/local/kept_output.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ID = 4711, LONG = 150000, HEAD = 56, NUMBER = 7 };

/* An output of `size` bytes, of which the last cannot be read if `fails`. */
struct source {
	int64_t size;
	bool fails;
};

static char byte_at(int64_t offset)
{
	return (char)(offset * 7 + offset / 1000);
}

static ssize_t read_source(void *context, int64_t offset, void *bytes, size_t length)
{
	const struct source *source = context;
	int64_t rest = source->size - offset;
	if (rest <= 0 && source->fails) {
		errno = EIO;
		return -1;
	}
	int64_t count = rest < (int64_t)length ? rest : (int64_t)length;
	for (int64_t i = 0; i < count; i++)
		((char *)bytes)[i] = byte_at(offset + i);
	return (ssize_t)count;
}

static const struct kept_output kept = {.id = ID, .kind = STORE_OUTPUT_GOOD, .number = NUMBER, .at = {
	.boot_ms = 1000, .wall_ms = INT64_C(1700000000000), .boot_id = UINT64_C(0xFEDCBA9876543210)}};

static bool save(struct unit *u, struct scratch *s, int64_t size)
{
	struct source source = {.size = size};
	struct error error = {0};
	bool ok = kept_output_save(&s->where, &kept, read_source, &source, &error);
	CHECK_STR(u, ok ? "" : error.text, "");
	return ok;
}

static void name(const struct scratch *s, const char *ending, char path[PATH_MAX + 64])
{
	snprintf(path, PATH_MAX + 64, "%s.output-%d%s", s->where.database, ID, ending);
}

/* How many bytes are as they were kept; -1 if there is no output, -2 if it is refused. */
static int64_t load(struct unit *u, const struct scratch *s)
{
	static char bytes[LONG + 1];
	struct kept_output o = {.id = ID, .kind = STORE_OUTPUT_GOOD};
	struct error error;
	bool present;
	if (!kept_output_load(&s->where, &o, &present, &error))
		return -2;
	if (!present)
		return -1;
	CHECK_INT(u, o.at.boot_ms, kept.at.boot_ms);
	CHECK_INT(u, o.at.wall_ms, kept.at.wall_ms);
	CHECK(u, o.at.boot_id == kept.at.boot_id);
	CHECK_INT(u, o.number, NUMBER);
	int64_t right = 0;
	ssize_t length = kept_output_read(&o, 0, bytes, sizeof(bytes));
	for (ssize_t i = 0; i < length; i++)
		right += bytes[i] == byte_at(i);
	CHECK_INT(u, right, length);
	kept_output_close(&o);
	return right;
}

static void what_is_kept_is_read(struct unit *u)
{
	static const int64_t sizes[] = {LONG, 0, 1, 65536, 65537, 131072};
	struct scratch s;
	char path[PATH_MAX + 64];
	if (!scratch_begin(&s, u))
		return;
	CHECK_INT(u, load(u, &s), -1);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		save(u, &s, sizes[i]);
		CHECK_INT(u, load(u, &s), sizes[i]);
	}
	name(&s, ".new", path);
	CHECK(u, !scratch_exists(path));
	kept_output_remove(&s.where, ID);
	CHECK_INT(u, load(u, &s), -1);
	scratch_end(&s);
}

static void what_cannot_be_read_is_not_kept(struct unit *u)
{
	struct scratch s;
	struct source source = {.size = 10, .fails = true};
	struct error error;
	char path[PATH_MAX + 64];
	if (!scratch_begin(&s, u))
		return;
	save(u, &s, 3);
	CHECK(u, !kept_output_save(&s.where, &kept, read_source, &source, &error));
	CHECK(u, strstr(error.text, strerror(EIO)) != NULL);
	CHECK_INT(u, load(u, &s), 3);
	name(&s, ".new", path);
	CHECK(u, !scratch_exists(path));
	scratch_end(&s);
}

static void what_cannot_be_written_is_not_kept(struct unit *u)
{
	struct scratch s;
	struct source source = {.size = 5000};
	struct error error;
	struct rlimit before;
	if (!scratch_begin(&s, u))
		return;
	save(u, &s, 3);
	getrlimit(RLIMIT_FSIZE, &before);
	struct rlimit little = {.rlim_cur = 1000, .rlim_max = before.rlim_max};
	void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &little);
	CHECK(u, !kept_output_save(&s.where, &kept, read_source, &source, &error));
	setrlimit(RLIMIT_FSIZE, &before);
	signal(SIGXFSZ, handler);
	CHECK(u, strstr(error.text, strerror(EFBIG)) != NULL);
	CHECK_INT(u, load(u, &s), 3);
	scratch_end(&s);
}

/* Asserts that the output is refused with that byte changed, and served without. */
static void check_byte(struct unit *u, const struct scratch *s, const char *path, off_t at)
{
	char byte;
	int fd = open(path, O_RDWR);
	CHECK_INT(u, pread(fd, &byte, 1, at), 1);
	byte++;
	CHECK_INT(u, pwrite(fd, &byte, 1, at), 1);
	CHECK_INT(u, load(u, s), -2);
	byte--;
	CHECK_INT(u, pwrite(fd, &byte, 1, at), 1);
	CHECK_INT(u, load(u, s), 5);
	close(fd);
}

static void every_byte_counts(struct unit *u)
{
	struct scratch s;
	char path[PATH_MAX + 64];
	if (!scratch_begin(&s, u))
		return;
	save(u, &s, 5);
	name(&s, "", path);
	for (off_t at = 0; at < HEAD + 5; at++)
		check_byte(u, &s, path, at);
	for (off_t size = HEAD + 4; size >= 0; size--) {
		CHECK_INT(u, truncate(path, size), 0);
		CHECK_INT(u, load(u, &s), -2);
	}
	scratch_end(&s);
}

static void it_begins_as_ever(struct unit *u)
{
	static const char want[] = "cbrunout"
				   "\x03\0\0\0\0\0\0\0"
				   "\xE8\x03\0\0\0\0\0\0"
				   "\x00\x68\xE5\xCF\x8B\x01\0\0"
				   "\x10\x32\x54\x76\x98\xBA\xDC\xFE"
				   "\x07\0\0\0\0\0\0\0";
	struct scratch s;
	char path[PATH_MAX + 64];
	char head[sizeof(want) - 1];
	if (!scratch_begin(&s, u))
		return;
	save(u, &s, 0);
	name(&s, "", path);
	int fd = open(path, O_RDONLY);
	CHECK_INT(u, read(fd, head, sizeof(head)), sizeof(head));
	CHECK(u, memcmp(head, want, sizeof(head)) == 0);
	close(fd);
	scratch_end(&s);
}

static void what_another_writes_is_left_to_it(struct unit *u)
{
	struct scratch s;
	char fresh[PATH_MAX + 64];
	struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	if (!scratch_begin(&s, u))
		return;
	save(u, &s, 3);
	name(&s, ".new", fresh);
	CHECK(u, scratch_write(fresh, "half", 4));
	int fd = open(fresh, O_RDWR);
	CHECK_INT(u, fcntl(fd, F_OFD_SETLK, &whole), 0);
	save(u, &s, 9);
	CHECK_INT(u, load(u, &s), 3);
	CHECK_INT(u, lseek(fd, 0, SEEK_END), 4);
	close(fd);
	save(u, &s, 9); /* what a killed process left is nobody's */
	CHECK_INT(u, load(u, &s), 9);
	scratch_end(&s);
}

static void what_has_another_name_is_not_written_to(struct unit *u)
{
	struct scratch s;
	struct source source = {.size = 3};
	struct error error;
	char fresh[PATH_MAX + 64];
	char other[PATH_MAX + 64];
	struct stat status;
	if (!scratch_begin(&s, u))
		return;
	name(&s, ".new", fresh);
	snprintf(other, sizeof(other), "%s/other", s.path);
	CHECK(u, scratch_write(other, "precious", 8));
	CHECK_INT(u, link(other, fresh), 0);
	CHECK(u, !kept_output_save(&s.where, &kept, read_source, &source, &error));
	CHECK_INT(u, stat(other, &status), 0);
	CHECK_INT(u, status.st_size, 8);
	CHECK_INT(u, load(u, &s), -1);
	scratch_end(&s);
}

/* Makes a file with that name behind "cbrun.db" and asks whose output it is. */
static int64_t id_of(const struct scratch *s, const char *behind, const void *bytes, size_t length)
{
	char path[PATH_MAX + 64];
	snprintf(path, sizeof(path), "%s%s", s->where.database, behind);
	return scratch_write(path, bytes, length) ? kept_output_id(&s->where, path + strlen(s->path) + 1)
	                                          : -1;
}

static void a_name_tells_whose_it_is(struct unit *u)
{
	static const char zeros[8];
	struct scratch s;
	if (!scratch_begin(&s, u))
		return;
	CHECK_INT(u, id_of(&s, ".output-12", "cbrunout", 8), 12);
	CHECK_INT(u, id_of(&s, ".output-9", "cbrunout and more", 17), 9);
	CHECK_INT(u, id_of(&s, ".output-12.new", "cbrunout", 8), 12);
	CHECK_INT(u, id_of(&s, ".output-12.new", "", 0), 12);
	CHECK_INT(u, id_of(&s, ".output-12.new", zeros, 8), 12);
	CHECK_INT(u, id_of(&s, ".output-12.new", "a diary.", 8), 0);
	CHECK_INT(u, id_of(&s, ".output-12", zeros, 8), 0);
	CHECK_INT(u, id_of(&s, ".output-12", "cbrunou", 7), 0);
	CHECK_INT(u, id_of(&s, ".output-12", "", 0), 0);
	CHECK_INT(u, id_of(&s, ".output-012", "cbrunout", 8), 0);
	CHECK_INT(u, id_of(&s, ".output--12", "cbrunout", 8), 0);
	CHECK_INT(u, id_of(&s, ".output-12.old", "cbrunout", 8), 0);
	CHECK_INT(u, id_of(&s, ".output-x", "cbrunout", 8), 0);
	CHECK_INT(u, id_of(&s, ".outputs12", "cbrunout", 8), 0);
	CHECK_INT(u, kept_output_id(&s.where, "cbrun.db.output-13"), 0);
	scratch_end(&s);
}

const struct unit_test kept_output_tests[] = {
	{"kept output: what is kept is read, and the last one counts", what_is_kept_is_read},
	{"kept output: what cannot be read to its end is not kept", what_cannot_be_read_is_not_kept},
	{"kept output: what cannot be written to its end is not kept", what_cannot_be_written_is_not_kept},
	{"kept output: one that differs in any byte, or is shorter, is refused", every_byte_counts},
	{"kept output: it begins as it ever did, on every machine", it_begins_as_ever},
	{"kept output: what another call is writing is left to it", what_another_writes_is_left_to_it},
	{"kept output: a file that has another name is not written to",
         what_has_another_name_is_not_written_to},
	{"kept output: name and beginning tell whose a file is", a_name_tells_whose_it_is},
	{NULL, NULL},
};
