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
	struct instant now;
	int64_t breakers;
	int64_t damaged;
	int64_t running;
	bool uncountable;            /* the running calls are */
	int64_t ahead;               /* breakers that were used at a time that has not come yet */
	void (*tick)(void *context); /* NULL = nobody */
	void *tick_context;
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
	struct diagnosis *x = context;
	bool good = strcmp(row->name, "ok") == 0;
	findings_tell(&x->to, good, "integrity: %s%s", row->name,
	              good ? "" : "; the next guarded run that meets the damage sets the file aside");
	return good;
}

static bool take_breaker(void *context, const struct sqlite_values *row)
{
	struct diagnosis *x = context;
	struct breaker b;
	struct load load;
	struct error error;
	x->breakers++;
	enum codec_result read = codec_decode_breaker(&b, row->record, row->record_length);
	if (read != CODEC_OK) {
		x->damaged += read == CODEC_DAMAGED;
		findings_tell(&x->to, false, "the record of breaker %s is %s", row->name,
		              read == CODEC_NEWER
		                      ? "a newer cbrun's, and its calls run unguarded; upgrade cbrun"
		                      : "damaged; its next call starts it afresh");
		return true;
	}
	if (!x->uncountable && permits_count(&x->connection.permits, row->name, NULL, &load, &error)) {
		x->running += load.running;
	} else if (!x->uncountable) {
		x->uncountable = true;
		findings_tell(&x->to, false, "%s", error.text);
	}
	x->ahead += b.timeline.anchor.wall_ms > x->now.wall_ms + 1000;
	return true;
}

static void look_at_clock(struct diagnosis *x)
{
	findings_tell(&x->to, x->now.boot_id != 0,
	              x->now.boot_id != 0
	                      ? "the kernel tells one boot from another"
	                      : "/proc/sys/kernel/random/boot_id cannot be read: periods are only as good as "
	                        "the wall clock; mount /proc");
	if (x->ahead > 0)
		findings_tell(
			&x->to, false,
			"the wall clock is behind what %lld breaker%s seen: it was set back; set it right",
			(long long)x->ahead, x->ahead == 1 ? " has" : "s have");
	else
		findings_tell(&x->to, true, "the wall clock is ahead of all that the breakers have seen");
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
	                        "it: nobody writes while it makes a checkpoint; other programs must not write here"
	                      : "");
}

static void look_at_database(void *context)
{
	struct diagnosis *x = context;
	struct error error;
	struct connection *c = &x->connection;
	if (connection_begin(c, false, &error) != SQLITE_RESULT_OK) {
		findings_tell(&x->to, false, "%s", error.text);
		return;
	}
	const char *journal = c->log ? "write-ahead log" : "rollback journal";
	if (c->older_schema != 0)
		findings_tell(&x->to, true, "schema %lld, which the next guarded run brings to %d, %s",
		              (long long)c->older_schema, SCHEMA_VERSION, journal);
	else
		findings_tell(&x->to, true, "schema %d, %s", SCHEMA_VERSION, journal);
	struct sqlite_values from_the_first = {.name = ""};
	sqlite_watch(c->db, x->tick, x->tick_context);
	enum sqlite_result result = sqlite_run(c->db, SQL_INTEGRITY, NULL, take_verdict, x);
	sqlite_watch(c->db, NULL, NULL);
	if (result == SQLITE_RESULT_OK)
		result = sqlite_run(c->db, SQL_LIST, &from_the_first, take_breaker, x);
	if (result != SQLITE_RESULT_OK) {
		connection_fail(c, result, &error, "read");
		findings_tell(&x->to, false, "%s", error.text);
	}
	findings_tell(&x->to, true, "breakers: %lld, running calls: %lld", (long long)x->breakers,
	              (long long)x->running);
	look_at_clock(x);
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
	connection_start_waiting(&x->connection, 0);
	if (!mapping_guard(look_at_database, x)) {
		connection_lose(&x->connection, &trouble);
		findings_tell(&x->to, false, "%s", trouble.text);
	}
	return true;
}

bool diagnosis_run(const struct store_options *options, store_finding_visitor *visit, void *context,
                   struct error *error)
{
	struct diagnosis x = {
		.to = {visit, context}, .tick = options->tick, .tick_context = options->tick_context};
	connection_init(&x.connection, options, &x.remarks);
	x.now = (struct instant){.wall_ms = clock_wall_ms(), .boot_id = x.connection.boot_id};
	bool ok = look_at_all(&x, options->path, error);
	connection_close(&x.connection);
	lines_free(&x.remarks);
	return ok;
}
