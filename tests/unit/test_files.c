/* test_files.c: a new database made aside and put into place, whatever lies around. */
#include "scratch.h"
#include "suites.h"

#include "store/local/files.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The head of a database that a killed process of ours had begun. */
static const char begun[100] = "SQLite format 3";

static void beside(const struct scratch *s, const char *ending, char path[PATH_MAX + 64])
{
	snprintf(path, PATH_MAX + 64, "%s%s", s->where.database, ending);
}

static bool write_ours(const char *path)
{
	char head[sizeof(begun)];
	memcpy(head, begun, sizeof(begun));
	memcpy(head + 68, "cbrn", 4);
	return scratch_write(path, head, sizeof(head));
}

static void what_was_left_is_cleared(struct unit *u)
{
	struct scratch s;
	struct error error;
	char fresh[PATH_MAX + 64];
	char journal[PATH_MAX + 64];
	if (!scratch_begin(&s, u))
		return;
	beside(&s, ".new", fresh);
	beside(&s, ".new-journal", journal);
	CHECK(u, files_begin_fresh(&s.where, &error));
	CHECK_STR(u, s.where.fresh, fresh);
	CHECK_INT(u, files_size(fresh), 0);
	CHECK(u, write_ours(fresh));
	CHECK(u, scratch_write(journal, "", 0));
	CHECK(u, files_begin_fresh(&s.where, &error));
	CHECK_STR(u, s.where.fresh, fresh);
	CHECK_INT(u, files_size(fresh), 0);
	CHECK(u, !scratch_exists(journal));
	scratch_end(&s);
}

static void what_is_anothers_keeps_its_name(struct unit *u)
{
	static const char *const endings[] = {".new", ".new-wal", ".new-shm", ".new-journal"};
	struct scratch s;
	struct error error;
	char path[PATH_MAX + 64];
	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		if (!scratch_begin(&s, u))
			return;
		beside(&s, endings[i], path);
		CHECK(u, scratch_write(path, "precious", 8));
		CHECK(u, files_begin_fresh(&s.where, &error));
		beside(&s, ".new.", path);
		CHECK(u, strncmp(s.where.fresh, path, strlen(path)) == 0);
		CHECK(u, scratch_exists(s.where.fresh));
		beside(&s, endings[i], path);
		CHECK_INT(u, files_size(path), 8);
		scratch_end(&s);
	}
}

static void what_is_in_the_way_is_told(struct unit *u)
{
	static const char *const endings[] = {"-wal", "-shm", "-journal"};
	struct scratch s;
	struct error error;
	char path[PATH_MAX + 64];
	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		if (!scratch_begin(&s, u))
			return;
		beside(&s, endings[i], path);
		CHECK(u, scratch_write(path, "precious", 8));
		CHECK(u, !files_begin_fresh(&s.where, &error));
		CHECK(u, strstr(error.text, path) != NULL);
		CHECK_INT(u, files_size(path), 8);
		beside(&s, ".new", path);
		CHECK(u, !scratch_exists(path));
		scratch_end(&s);
	}
}

static void what_belonged_to_a_lost_one_goes(struct unit *u)
{
	static const char *const endings[] = {"-wal", "-shm", "-journal", ".output-7"};
	struct scratch s;
	struct error error;
	char path[PATH_MAX + 64];
	if (!scratch_begin(&s, u))
		return;
	CHECK(u, files_begin_fresh(&s.where, &error));
	CHECK(u, write_ours(s.where.fresh));
	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		beside(&s, endings[i], path);
		CHECK(u, scratch_write(path, "cbrunout", 8));
	}
	CHECK(u, files_install_fresh(&s.where, &error));
	CHECK_INT(u, files_size(s.where.database), sizeof(begun));
	CHECK(u, !scratch_exists(s.where.fresh));
	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		beside(&s, endings[i], path);
		CHECK(u, !scratch_exists(path));
	}
	scratch_end(&s);
}

static void a_damaged_one_is_set_aside_with_its_log(struct unit *u)
{
	struct scratch s;
	struct error error;
	char notice[ERROR_TEXT_SIZE];
	char path[PATH_MAX + 64];
	if (!scratch_begin(&s, u))
		return;
	CHECK(u, write_ours(s.where.database));
	CHECK(u, scratch_write(s.where.wal, "log", 3));
	CHECK(u, scratch_write(s.where.shm, "index", 5));
	CHECK(u, files_set_aside(&s.where, notice, sizeof(notice), &error));
	CHECK(u, !scratch_exists(s.where.database) && !scratch_exists(s.where.wal) &&
	                 !scratch_exists(s.where.shm));
	beside(&s, ".corrupt-", path);
	char *aside = strstr(notice, path);
	CHECK(u, aside != NULL);
	if (aside != NULL) {
		snprintf(path, sizeof(path), "%.*s", (int)strcspn(aside, ","), aside);
		CHECK_INT(u, files_size(path), sizeof(begun));
		snprintf(path + strlen(path), 5, "-wal");
		CHECK_INT(u, files_size(path), 3);
	}
	CHECK(u, !files_set_aside(&s.where, notice, sizeof(notice), &error)); /* there is none */
	scratch_end(&s);
}

static void its_size_and_its_log_are_told(struct unit *u)
{
	struct scratch s;
	struct error error;
	bool present = true;
	char head[20] = {0};
	if (!scratch_begin(&s, u))
		return;
	CHECK(u, files_present(&s.where, &present, &error) && !present);
	CHECK(u, files_has_log(&s.where)); /* nobody knows better */
	CHECK(u, scratch_write(s.where.database, "", 0));
	CHECK(u, files_present(&s.where, &present, &error) && !present);
	CHECK(u, scratch_write(s.where.database, head, 19));
	CHECK(u, files_present(&s.where, &present, &error) && present);
	CHECK(u, files_has_log(&s.where));
	CHECK(u, scratch_write(s.where.database, head, 20));
	CHECK(u, !files_has_log(&s.where));
	head[19] = 2;
	CHECK(u, scratch_write(s.where.database, head, 20));
	CHECK(u, files_has_log(&s.where));
	CHECK(u, files_obstacle(&s.where) == NULL);
	CHECK_INT(u, symlink("nowhere", s.where.shm), 0);
	CHECK(u, files_obstacle(&s.where) == s.where.shm);
	CHECK_INT(u, symlink("nowhere", s.where.wal), 0);
	CHECK(u, files_obstacle(&s.where) == s.where.wal);
	scratch_end(&s);
}

const struct unit_test files_tests[] = {
	{"files: what a killed process left of a new database is cleared", what_was_left_is_cleared},
	{"files: what another program calls so keeps its name, and the database is made all the same",
         what_is_anothers_keeps_its_name},
	{"files: another program's in the place of a log, index or journal is told, and nothing is made",
         what_is_in_the_way_is_told},
	{"files: what belonged to a database that was lost goes when a new one comes",
         what_belonged_to_a_lost_one_goes},
	{"files: a damaged database is set aside with its log", a_damaged_one_is_set_aside_with_its_log},
	{"files: whether one is there, and has a log", its_size_and_its_log_are_told},
	{NULL, NULL},
};
