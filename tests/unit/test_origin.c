/* test_origin.c: whose a file is, by how it begins. */
#include "scratch.h"
#include "suites.h"

#include "store/local/origin.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HEAD = 100, MARK = 68, INDEX = 32768 };

static const char database[HEAD] = "SQLite format 3";
static const char ours[] = "cbrn";

/* A database's head with that mark. */
static void make_head(char head[HEAD], const char mark[4])
{
	memcpy(head, database, HEAD);
	memcpy(head + MARK, mark, 4);
}

static bool left_over(const struct scratch *s, enum origin_kind kind, const void *bytes, size_t length)
{
	char path[PATH_MAX + 16];
	snprintf(path, sizeof(path), "%s/file", s->path);
	return scratch_write(path, bytes, length) && origin_is_left_over(path, kind);
}

static void what_is_left_of_a_database_has_our_mark(struct unit *u)
{
	struct scratch s;
	char head[HEAD];
	if (!scratch_begin(&s, u))
		return;
	make_head(head, ours);
	CHECK(u, left_over(&s, ORIGIN_DATABASE, head, HEAD));
	head[15] = 'x'; /* the magic ends with a NUL */
	CHECK(u, !left_over(&s, ORIGIN_DATABASE, head, HEAD));
	CHECK(u, !left_over(&s, ORIGIN_DATABASE, database, HEAD));
	CHECK(u, !left_over(&s, ORIGIN_DATABASE, "text\n", 5));
	make_head(head, "cbrm");
	CHECK(u, !left_over(&s, ORIGIN_DATABASE, head, HEAD));
	CHECK(u, left_over(&s, ORIGIN_DATABASE, "", 0));
	scratch_end(&s);
}

static void a_log_has_either_magic(struct unit *u)
{
	struct scratch s;
	if (!scratch_begin(&s, u))
		return;
	CHECK(u, left_over(&s, ORIGIN_LOG, "\x37\x7F\x06\x82", 4));
	CHECK(u, left_over(&s, ORIGIN_LOG, "\x37\x7F\x06\x83 and more", 13));
	CHECK(u, !left_over(&s, ORIGIN_LOG, "\x37\x7F\x06\x81", 4));
	CHECK(u, !left_over(&s, ORIGIN_LOG, "\x37\x7F\x06\x84", 4));
	CHECK(u, !left_over(&s, ORIGIN_LOG, "\x37\x7E\x06\x82", 4));
	CHECK(u, !left_over(&s, ORIGIN_LOG, "\x37\x7F\x06", 3));
	scratch_end(&s);
}

static void an_index_has_a_version_and_whole_units(struct unit *u)
{
	static char index[2 * INDEX];
	static const uint32_t version = 3007000;
	struct scratch s;
	if (!scratch_begin(&s, u))
		return;
	CHECK(u, left_over(&s, ORIGIN_INDEX, index, 3)); /* zeros */
	CHECK(u, left_over(&s, ORIGIN_INDEX, index, INDEX));
	memcpy(index, &version, sizeof(version));
	CHECK(u, left_over(&s, ORIGIN_INDEX, index, INDEX));
	CHECK(u, left_over(&s, ORIGIN_INDEX, index, sizeof(index)));
	CHECK(u, !left_over(&s, ORIGIN_INDEX, index, INDEX - 1));
	CHECK(u, !left_over(&s, ORIGIN_INDEX, index, INDEX + 1));
	index[0]++;
	CHECK(u, !left_over(&s, ORIGIN_INDEX, index, INDEX));
	memset(index, 0, sizeof(version));
	index[HEAD - 1] = 1;
	CHECK(u, !left_over(&s, ORIGIN_INDEX, index, INDEX));
	scratch_end(&s);
}

static void a_journal_has_its_magic_or_not_yet(struct unit *u)
{
	struct scratch s;
	char head[] = "\xD9\xD5\x05\xF9\x20\xA1\x63\xD7 and more";
	if (!scratch_begin(&s, u))
		return;
	CHECK(u, left_over(&s, ORIGIN_JOURNAL, head, sizeof(head)));
	head[7]++;
	CHECK(u, !left_over(&s, ORIGIN_JOURNAL, head, sizeof(head)));
	memset(head, 0, 8);
	CHECK(u, left_over(&s, ORIGIN_JOURNAL, head, sizeof(head)));
	head[7] = 1;
	CHECK(u, !left_over(&s, ORIGIN_JOURNAL, head, sizeof(head)));
	scratch_end(&s);
}

static void what_is_missing_may_go_and_what_is_no_plain_file_may_not(struct unit *u)
{
	struct scratch s;
	char path[PATH_MAX + 16];
	if (!scratch_begin(&s, u))
		return;
	snprintf(path, sizeof(path), "%s/file", s.path);
	for (int kind = 0; kind < ORIGIN_KINDS; kind++) {
		CHECK(u, origin_is_left_over(path, (enum origin_kind)kind));
		CHECK(u, !origin_is_left_over(s.path, (enum origin_kind)kind));
		CHECK_INT(u, symlink("nowhere", path), 0);
		CHECK(u, !origin_is_left_over(path, (enum origin_kind)kind));
		CHECK_INT(u, unlink(path), 0);
		CHECK_INT(u, mkfifo(path, 0600), 0);
		CHECK(u, !origin_is_left_over(path, (enum origin_kind)kind));
		CHECK_INT(u, unlink(path), 0);
	}
	scratch_end(&s);
}

/* Whether a database of these bytes is ours; `text` must be in the error if not. */
static bool is_ours(struct unit *u, const struct scratch *s, const char *head, const char *text)
{
	struct error error = {0};
	CHECK(u, scratch_write(s->where.database, head, HEAD));
	bool is = origin_check(&s->where, &error);
	CHECK(u, is || strstr(error.text, text) != NULL);
	return is;
}

static void a_store_is_ours_by_its_mark_or_by_its_permits(struct unit *u)
{
	struct scratch s;
	char head[HEAD];
	static const char text[HEAD] = "shopping list";
	if (!scratch_begin(&s, u))
		return;
	make_head(head, ours);
	CHECK(u, is_ours(u, &s, head, ""));
	make_head(head, "abcd");
	CHECK(u, !is_ours(u, &s, head, "another program's database"));
	CHECK(u, !is_ours(u, &s, database, "another program's database"));
	CHECK(u, !is_ours(u, &s, text, "not cbrun's"));
	CHECK(u, scratch_write(s.where.permits, "", 0));
	CHECK(u, is_ours(u, &s, text, ""));
	CHECK(u, is_ours(u, &s, database, ""));
	/* one byte of the mark may be damaged */
	static const char *const damaged[] = {"xbrn", "cxrn", "cbxn", "cbr\xFF"};
	for (size_t i = 0; i < sizeof(damaged) / sizeof(damaged[0]); i++) {
		make_head(head, damaged[i]);
		CHECK(u, is_ours(u, &s, head, ""));
	}
	static const char *const foreign[] = {"xxrn", "cbxx", "xbrx", "abcd"};
	for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++) {
		make_head(head, foreign[i]);
		CHECK(u, !is_ours(u, &s, head, "another program's database"));
	}
	CHECK(u, scratch_write(s.where.permits, "x", 1)); /* ours are empty */
	CHECK(u, !is_ours(u, &s, text, "not cbrun's"));
	scratch_end(&s);
}

static void a_store_that_cannot_be_opened_is_told(struct unit *u)
{
	struct scratch s;
	struct error error;
	if (!scratch_begin(&s, u))
		return;
	CHECK(u, !origin_check(&s.where, &error));
	CHECK(u, strstr(error.text, "cannot open the store") != NULL);
	scratch_end(&s);
}

const struct unit_test origin_tests[] = {
	{"origin: what is left of a database has our mark", what_is_left_of_a_database_has_our_mark},
	{"origin: a log has the magic of either order of bytes", a_log_has_either_magic},
	{"origin: an index has its version and whole units, or zeros",
         an_index_has_a_version_and_whole_units},
	{"origin: a journal has its magic, or zeros in its place", a_journal_has_its_magic_or_not_yet},
	{"origin: what is missing may be removed, and what is no plain file may not",
         what_is_missing_may_go_and_what_is_no_plain_file_may_not},
	{"origin: a store is ours by its mark, or by its permits and no other mark",
         a_store_is_ours_by_its_mark_or_by_its_permits},
	{"origin: a store that cannot be opened is told", a_store_that_cannot_be_opened_is_told},
	{NULL, NULL},
};
