/* test_index.c: when the index of the log is kept. The bytes are those of SQLite's own description of its
 * files. */
#include "suites.h"

#include "store/local/index.h"
#include "store/local/mount.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { MARK = 0x12345678, FRAMES = 3, LAST_FRAME = 32 + 2 * (24 + 1024) };

static void put(uint8_t *bytes, uint32_t number)
{
	memcpy(bytes, &number, sizeof(number));
}

/* An index that was made under MARK, and knows of three frames. */
static void make_head(uint8_t head[INDEX_HEAD])
{
	const uint16_t page_size = INDEX_PAGE;
	index_clear(head, MARK);
	memcpy(head + 14, &page_size, sizeof(page_size));
	put(head + 16, FRAMES);
	put(head + 24, 0x01020304);
	put(head + 28, 0x05060708);
	memcpy(head + 32, "saltsalt", 8);
}

/* The log's end: a commit, and behind it what an earlier round has left. */
static void make_end(uint8_t end[INDEX_LOG_END])
{
	static const uint8_t sums[] = {1, 2, 3, 4, 5, 6, 7, 8};
	memset(end, 0xAA, INDEX_LOG_END);
	memcpy(end + 8, "saltsalt", 8);
	memcpy(end + 16, sums, sizeof(sums));
}

static void the_last_frame_is_found(struct unit *u)
{
	uint8_t head[INDEX_HEAD];
	make_head(head);
	CHECK_INT(u, index_last_frame(head, MARK), LAST_FRAME);
}

static void an_index_with_another_mark_is_not_kept(struct unit *u)
{
	uint8_t head[INDEX_HEAD];
	make_head(head);
	CHECK_INT(u, index_last_frame(head, MARK + 1), -1);
	put(head + 132, 0);
	CHECK_INT(u, index_last_frame(head, 0),
	          -1); /* nor one that nobody marked, where no mark can be had */
}

static void an_index_of_nothing_of_more_than_it_holds_or_of_other_pages_is_not_kept(struct unit *u)
{
	uint8_t head[INDEX_HEAD];
	const uint16_t other_size = 4096;
	make_head(head);
	put(head + 16, 0);
	CHECK_INT(u, index_last_frame(head, MARK), -1);
	put(head + 16, 4062);
	CHECK(u, index_last_frame(head, MARK) > 0);
	put(head + 16, 4063); /* whose place is in another region */
	CHECK_INT(u, index_last_frame(head, MARK), -1);
	make_head(head);
	memcpy(head + 14, &other_size, sizeof(other_size));
	CHECK_INT(u, index_last_frame(head, MARK), -1);
}

static void a_cleared_index_is_not_kept(struct unit *u)
{
	uint8_t head[INDEX_HEAD];
	make_head(head);
	index_clear(head, MARK);
	CHECK_INT(u, index_last_frame(head, MARK), -1);
}

static void it_fits_a_log_that_ends_as_it_says(struct unit *u)
{
	uint8_t head[INDEX_HEAD];
	uint8_t end[INDEX_LOG_END];
	make_head(head);
	make_end(end);
	CHECK(u, index_fits(head, end));
	memset(end + 24 + 1024, 0, 24); /* or nothing is behind it */
	CHECK(u, index_fits(head, end));
}

/* Each of these bytes counts. */
static void it_fits_no_other_log(struct unit *u)
{
	uint8_t head[INDEX_HEAD];
	uint8_t end[INDEX_LOG_END];
	make_head(head);
	for (int i = 8; i < 24; i++) {
		make_end(end);
		end[i] ^= 0x10;
		CHECK(u, !index_fits(head, end));
	}
}

static void it_does_not_fit_a_log_that_goes_on(struct unit *u)
{
	uint8_t head[INDEX_HEAD];
	uint8_t end[INDEX_LOG_END];
	make_head(head);
	make_end(end);
	memcpy(end + 24 + 1024 + 8, "saltsalt", 8);
	CHECK(u, !index_fits(head, end));
}

static void it_does_not_fit_a_log_whose_transaction_is_not_whole(struct unit *u)
{
	uint8_t head[INDEX_HEAD];
	uint8_t end[INDEX_LOG_END];
	make_head(head);
	make_end(end);
	memset(end + 4, 0, 4);
	CHECK(u, !index_fits(head, end));
}

static void a_mark_belongs_to_one_file_and_one_boot(struct unit *u)
{
	FILE *first = tmpfile();
	FILE *second = tmpfile();
	if (first == NULL || second == NULL || ftruncate(fileno(first), 32768) != 0 ||
	    ftruncate(fileno(second), 32768) != 0) {
		unit_fail(u, UNIT_HERE, "cannot make files");
		return;
	}
	struct mount_look file;
	uint32_t mark = index_mark(fileno(first), 1);
	if (mount_look_open(fileno(first), &file) && file.mount == 0) { /* no mount is told from another */
		CHECK_INT(u, mark, 0);
	} else {
		CHECK(u, mark != 0);
		CHECK(u, mark == index_mark(fileno(first), 1));
		CHECK(u, mark != index_mark(fileno(first), 2));
		CHECK(u, mark != index_mark(fileno(second), 1));
	}
	CHECK_INT(u, index_mark(fileno(first), 0), 0); /* no boot is told from another */
	fclose(first);
	fclose(second);
}

static void an_index_that_was_cut_has_no_mark(struct unit *u)
{
	FILE *file = tmpfile();
	if (file == NULL) {
		unit_fail(u, UNIT_HERE, "cannot make a file");
		return;
	}
	CHECK_INT(u, index_mark(fileno(file), 1), 0);
	CHECK_INT(u, ftruncate(fileno(file), 4096), 0);
	CHECK_INT(u, index_mark(fileno(file), 1), 0);
	CHECK_INT(u, ftruncate(fileno(file), 65536), 0);
	struct mount_look look;
	CHECK(u, index_mark(fileno(file), 1) != 0 || (mount_look_open(fileno(file), &look) && look.mount == 0));
	fclose(file);
}

const struct unit_test index_tests[] = {
	{"index: the last frame is found", the_last_frame_is_found},
	{"index: one with another mark is not kept", an_index_with_another_mark_is_not_kept},
	{"index: one of nothing, of more than it holds, or of other pages is not kept",
         an_index_of_nothing_of_more_than_it_holds_or_of_other_pages_is_not_kept},
	{"index: a cleared one is not kept", a_cleared_index_is_not_kept},
	{"index: it fits a log that ends as it says", it_fits_a_log_that_ends_as_it_says},
	{"index: it fits no other log", it_fits_no_other_log},
	{"index: it does not fit a log that goes on", it_does_not_fit_a_log_that_goes_on},
	{"index: it does not fit a log whose transaction is not whole",
         it_does_not_fit_a_log_whose_transaction_is_not_whole},
	{"index: a mark belongs to one file and one boot", a_mark_belongs_to_one_file_and_one_boot},
	{"index: one that was cut has no mark", an_index_that_was_cut_has_no_mark},
	{NULL, NULL},
};
