/* diagnosis.c: what `cbrun doctor` tells of the store. Changes nothing. */
#include "store/local/diagnosis.h"

#include "base/clock.h"
#include "base/units.h"
#include "store/codec.h"
#include "store/findings.h"
#include "store/local/connection.h"
#include "store/local/files.h"
#include "store/local/mapping.h"
#include "store/local/origin.h"
#include "store/local/repair.h"
#include "store/local/schema.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { ENOUGH_SPACE = 1024 * 1024 };

struct diagnosis {
	struct connection connection;
	struct lines remarks; /* nobody reads them: the findings say it all */
	struct findings to;
	void (*tick)(void *context); /* NULL = nobody */
	void *tick_context;
};

/* One look at the database. Findings are told after it: whoever is told them may take as long as he likes. */
struct look {
	struct diagnosis *x;
	struct findings to; /* `kept` */
	struct findings_kept kept;
	int64_t now_ms; /* on the wall clock */
	int64_t breakers;
	int64_t running;
	bool uncountable; /* the running calls are */
	int64_t ahead;    /* breakers that were used at a time that has not come yet */
	enum sqlite_result result;
	struct error error;
};

static void look_at_directory(struct diagnosis *x)
{
	const struct location *where = &x->connection.where;
	struct statvfs space;
	struct stat status;
	if (stat(where->directory, &status) == 0)
		findings_tell(&x->to, true, "directory %s: mode %04o, uid %u", where->directory,
		              status.st_mode & 07777, status.st_uid);
	if (access(where->directory, W_OK) != 0)
		findings_tell(&x->to, false,
		              "directory %s cannot be written: state cannot be kept; chown or chmod it",
		              where->directory);
	if (statvfs(where->directory, &space) == 0) {
		int64_t bytes = (int64_t)space.f_bavail * (int64_t)space.f_frsize;
		bool enough = bytes >= ENOUGH_SPACE && (space.f_files == 0 || space.f_favail > 0);
		findings_tell(&x->to, enough, "free space: %lld KiB%s", (long long)bytes / 1024,
		              enough ? "" : "; make room, or outcomes are lost");
	}
	const char *kind = files_network_kind(where);
	if (kind != NULL)
		findings_tell(&x->to, false,
		              "the file system is %s: hosts do not see each other's running calls; "
		              "use a local directory",
		              kind);
	else
		findings_tell(&x->to, true, "the file system is local");
}

/* Whether a file can be trusted as far as its mode goes. */
static void look_at_file(struct diagnosis *x, const char *path)
{
	struct stat status;
	if (lstat(path, &status) != 0)
		return;
	mode_t wanted = x->connection.where.mode;
	mode_t foreign = status.st_mode & ~wanted & 0777;
	mode_t missing = wanted & ~status.st_mode & (S_IRGRP | S_IWGRP);
	if (!S_ISREG(status.st_mode))
		findings_tell(&x->to, false, "%s is not a plain file; remove it", path);
	else if (status.st_nlink > 1)
		findings_tell(&x->to, false,
		              "%s has %lu names: calls that use it by another one share no log with these; "
		              "keep one (find -samefile finds them)",
		              path, (unsigned long)status.st_nlink);
	else if (foreign != 0)
		findings_tell(&x->to, false, "%s has mode %04o; chmod it to %04o", path,
		              status.st_mode & 07777, wanted);
	else if (missing != 0)
		findings_tell(&x->to, false, "%s has mode %04o, and a group shares the store; chmod g+rw it",
		              path, status.st_mode & 07777);
	else if (access(path, R_OK | W_OK) != 0)
		findings_tell(&x->to, false,
		              "%s belongs to uid %u and cannot be used; chown it, or use --store", path,
		              status.st_uid);
	else
		findings_tell(&x->to, true, "%s: mode %04o, %lld bytes", path, status.st_mode & 07777,
		              (long long)status.st_size);
}

/* A step takes a fraction of a millisecond. Whoever is seen in one again and again does not come to an end.
 */
static void look_at_lock(struct diagnosis *x)
{
	enum { LOOKS = 10, PAUSE_US = 25000 };
	pid_t first = files_writer(&x->connection.where);
	pid_t writer = first;
	for (int look = 1; look < LOOKS && writer == first && first != 0; look++) {
		clock_sleep_us(PAUSE_US);
		writer = files_writer(&x->connection.where);
	}
	if (first != 0 && writer == first)
		findings_tell(&x->to, false,
		              "process %ld has held the store's lock for %d ms: calls wait for it up to "
		              "--lock-timeout, "
		              "and then run unguarded; see what it does, or end it",
		              (long)first, (LOOKS - 1) * PAUSE_US / 1000);
	else
		findings_tell(&x->to, true, "no process keeps the store locked");
}

static bool take_verdict(void *context, const struct sqlite_values *row)
{
	const struct look *look = context;
	bool good = strcmp(row->name, "ok") == 0;
	findings_tell(&look->to, good, "integrity: %s%s", row->name,
	              good ? "" : "; the next guarded run that meets the damage sets the file aside");
	return good;
}

static bool take_breaker(void *context, const struct sqlite_values *row)
{
	struct look *look = context;
	struct breaker b;
	struct load load;
	struct error error;
	look->breakers++;
	enum codec_result read = codec_decode_breaker(&b, row->record, row->record_length);
	if (read != CODEC_OK) {
		findings_tell(&look->to, false, "the record of breaker %s is %s", row->name,
		              read == CODEC_NEWER
		                      ? "a newer cbrun's, and its calls run unguarded; upgrade cbrun"
		                      : "damaged; its next call starts it afresh");
		return true;
	}
	if (!look->uncountable &&
	    permits_count(&look->x->connection.permits, row->name, NULL, &load, &error)) {
		look->running += load.running;
	} else if (!look->uncountable) {
		look->uncountable = true;
		findings_tell(&look->to, false, "%s", error.text);
	}
	look->ahead += b.timeline.anchor.wall_ms > look->now_ms + 1000;
	return true;
}

static void look_at_clock(const struct look *look)
{
	bool boots_differ = look->x->connection.boot_id != 0;
	findings_tell(&look->to, boots_differ,
	              boots_differ
	                      ? "the kernel tells one boot from another"
	                      : "/proc/sys/kernel/random/boot_id cannot be read: periods are only as good as "
	                        "the wall clock; mount /proc");
	if (look->ahead > 0)
		findings_tell(
			&look->to, false,
			"the wall clock is behind what %lld breaker%s seen: it was set back; set it right",
			(long long)look->ahead, look->ahead == 1 ? " has" : "s have");
	else
		findings_tell(&look->to, true, "the wall clock is ahead of all that the breakers have seen");
}

bool diagnosis_has_reset_defect(int version)
{
	enum { FIRST = 3007000, LAST = 3051002 };
	static const int mended[] = {3044006, 3050007}; /* later releases of older versions */
	for (size_t i = 0; i < sizeof(mended) / sizeof(mended[0]); i++)
		if (version / 1000 == mended[i] / 1000 && version >= mended[i])
			return false;
	return version >= FIRST && version <= LAST;
}

static void look_at_library(struct diagnosis *x)
{
	findings_tell(&x->to, true, "SQLite %s%s", sqlite_version_text(),
	              diagnosis_has_reset_defect(sqlite_version())
	                      ? ", which has a defect when a log begins anew (sqlite.org/wal.html#walresetbug); cbrun avoids "
	                        "it: no log begins anew while it makes a checkpoint; other programs must not write here"
	                      : "");
}

static void read_database(struct look *look)
{
	const struct diagnosis *x = look->x;
	const struct connection *c = &x->connection;
	const char *journal = c->log ? "write-ahead log" : "rollback journal";
	if (c->older_schema != 0)
		findings_tell(&look->to, true, "schema %lld, which the next guarded run brings to %d, %s",
		              (long long)c->older_schema, SCHEMA_VERSION, journal);
	else
		findings_tell(&look->to, true, "schema %d, %s", SCHEMA_VERSION, journal);
	struct sqlite_values from_the_first = {.name = ""};
	look->now_ms = clock_wall_ms(); /* not before that state was written */
	sqlite_watch(c->db, x->tick, x->tick_context);
	look->result = sqlite_run(c->db, SQL_INTEGRITY, NULL, take_verdict, look);
	sqlite_watch(c->db, NULL, NULL);
	if (look->result == SQLITE_RESULT_OK)
		look->result = sqlite_run(c->db, SQL_LIST, &from_the_first, take_breaker, look);
	if (look->result != SQLITE_RESULT_OK) {
		connection_fail(c, look->result, &look->error, "read");
		findings_tell(&look->to, false, "%s", look->error.text);
	}
	findings_tell(&look->to, true, "breakers: %lld, running calls: %lld", (long long)look->breakers,
	              (long long)look->running);
	look_at_clock(look);
}

/* What was not one state of the database says nothing about it. */
static void look_once(void *context)
{
	struct look *look = context;
	struct connection *c = &look->x->connection;
	findings_forget(&look->kept);
	*look = (struct look){.x = look->x, .to = look->to};
	connection_start_waiting(c, 0);
	c->older_schema = 0;
	look->result = connection_begin(c, false, &look->error);
	if (look->result == SQLITE_RESULT_OK)
		read_database(look);
	else
		findings_tell(&look->to, false, "%s", look->error.text);
	if (connection_is_consistent(c))
		return;
	look->result = SQLITE_RESULT_CHANGED;
	connection_fail(c, look->result, &look->error, "read");
	findings_forget(&look->kept);
	findings_tell(&look->to, false, "%s", look->error.text);
}

/* Looks again if a writer disturbs, or if that may show it sound after all. */
static void look_at_database(struct diagnosis *x)
{
	struct connection *c = &x->connection;
	struct look look = {.x = x, .to = {findings_keep, &look.kept}};
	int failures = 0;
	bool held;
	do {
		held = mapping_guard(look_once, &look);
	} while (held && look.result != SQLITE_RESULT_OK &&
	         repair_after(c, look.result, failures++, &look.error));
	if (!held) {
		connection_lose(c, &look.error);
		findings_tell(&look.to, false, "%s", look.error.text);
	}
	connection_disconnect(c);
	findings_hand_on(&look.kept, &x->to);
}

static bool look_at_all(struct diagnosis *x, const char *path, struct error *error)
{
	struct location *where = &x->connection.where;
	struct error trouble;
	bool present = false;
	if (!location_find(where, path, false, error))
		return false;
	look_at_library(x);
	if (!where->exists) {
		findings_tell(&x->to, true, "there is no store yet: the first guarded run makes one");
		return true;
	}
	look_at_directory(x);
	bool safe = location_check(where, &trouble) && files_present(where, &present, &trouble);
	if (!safe) {
		findings_tell(&x->to, false, "%s", trouble.text);
		return true;
	}
	if (!present) {
		findings_tell(&x->to, true, "there is no store %s yet: the first guarded run makes one",
		              where->database);
		return true;
	}
	look_at_file(x, where->database);
	look_at_file(x, where->wal);
	look_at_file(x, where->shm);
	look_at_file(x, where->permits);
	if (!permits_open(&x->connection.permits, where, false, &trouble))
		findings_tell(&x->to, false, "%s", trouble.text);
	else if (x->connection.permits.fd < 0 && !origin_check(where, &trouble)) {
		findings_tell(&x->to, false, "%s", trouble.text);
		return true;
	}
	look_at_lock(x);
	look_at_database(x);
	return true;
}

bool diagnosis_run(const struct store_options *options, store_finding_visitor *visit, void *context,
                   struct error *error)
{
	struct diagnosis x = {
		.to = {visit, context}, .tick = options->tick, .tick_context = options->tick_context};
	connection_init(&x.connection, options, &x.remarks);
	bool ok = look_at_all(&x, options->path, error);
	connection_close(&x.connection);
	lines_free(&x.remarks);
	return ok;
}
