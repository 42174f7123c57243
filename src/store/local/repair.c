/*
 * repair.c: making and repairing the database.
 *
 * A new database is made aside and renamed into place; a damaged one is renamed
 * away. Both happen under the maintenance lock of the permits file, and whoever
 * gets the lock looks first whether another process has done the work.
 */
#include "store/local/repair.h"

#include "store/local/files.h"
#include "store/local/schema.h"

#include <stdio.h>

enum { DATABASE_PAGE_SIZE = 1024, LAST_ATTEMPT = 3, MANY_ATTEMPTS = 100 };

static void remark_network(struct connection *c, const char *kind)
{
	lines_add(c->remarks,
	          "the store %s is on a network file system (%s): each call flushes, and calls on "
	          "other hosts may not see each other's permits; name another place with --store",
	          c->where.database, kind);
}

/*
 * Builds a complete database at where.fresh, of which nobody knows yet: it needs
 * no journal, and is flushed as a whole before it gets its name. It is switched
 * to WAL last, so that everything else is in the one file that is renamed.
 */
static bool build_fresh(struct connection *c, struct error *error)
{
	struct sqlite *db;
	char pragmas[192];
	const char *kind = files_network_kind(&c->where);
	if (kind != NULL)
		remark_network(c, kind);
	snprintf(pragmas, sizeof(pragmas), "PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY; "
	         "PRAGMA page_size = %d; PRAGMA application_id = %d; BEGIN",
	         DATABASE_PAGE_SIZE, SCHEMA_APPLICATION_ID);
	enum sqlite_result result = sqlite_open(&db, c->where.fresh, SQLITE_MODE_WRITE, &c->deadline_us, c->boot_id);
	if (result == SQLITE_RESULT_OK)
		result = sqlite_script(db, pragmas);
	if (result == SQLITE_RESULT_OK)
		result = schema_migrate(db, 0);
	if (result == SQLITE_RESULT_OK)
		result = sqlite_script(db, kind == NULL ? "COMMIT; PRAGMA journal_mode = WAL" : "COMMIT");
	sqlite_close(db);
	return result == SQLITE_RESULT_OK || connection_fail(c, result, error, "make");
}

/* Others wait for as few flushes as can be: that of its name follows when they may go on. */
bool repair_make_missing(struct connection *c, struct error *error)
{
	bool present;
	if (!files_present(&c->where, &present, error))
		return false;
	if (present)
		return true;
	if (!permits_lock_store(&c->permits, connection_rest_ms(c), error))
		return false;
	bool ok = files_present(&c->where, &present, error);
	if (ok && !present)
		ok = files_begin_fresh(&c->where, error) && build_fresh(c, error) &&
		     files_install_fresh(&c->where, error);
	permits_unlock_store(&c->permits);
	return ok && (present || location_flush(c->where.directory, error));
}

/*
 * A store that was moved to a network file system has a log still, which does
 * not work between hosts: it is folded in for good, as soon as nobody else is
 * connected.
 */
void repair_give_up_log(struct connection *c)
{
	const char *kind = files_network_kind(&c->where);
	if (kind == NULL)
		return;
	if (sqlite_script(c->db, "PRAGMA journal_mode = DELETE; PRAGMA synchronous = EXTRA") != SQLITE_RESULT_OK)
		return;
	c->log = false;
	remark_network(c, kind);
}

/* Whether a file without our tables is marked as ours in its header: then it has lost them. */
static bool is_marked(struct connection *c)
{
	int64_t id = 0;
	return c->db != NULL &&
	       sqlite_number(c->db, SQL_APPLICATION_ID, &id) == SQLITE_RESULT_OK &&
	       id == SCHEMA_APPLICATION_ID;
}

static bool set_aside(struct connection *c, struct error *error)
{
	if (!permits_lock_store(&c->permits, connection_rest_ms(c), error))
		return false;
	bool done = sqlite_moved(c->db); /* another process was faster */
	char aside[ERROR_TEXT_SIZE];
	bool ok = done || files_set_aside(&c->where, aside, sizeof(aside), error);
	if (ok && !done) {
		lines_free(c->remarks); /* what was found in it matters no more */
		lines_add(c->remarks, "%s", aside);
	}
	permits_unlock_store(&c->permits);
	return ok;
}

enum remedy {
	REMEDY_NONE,
	REMEDY_RECONNECT, /* a new connection sees what others have done, and makes what is missing */
	REMEDY_SET_ASIDE,
};

/* What helps after a failure: the first row that fits, by the failures before it. */
static const struct {
	enum sqlite_result result;
	bool reader;
	int first;
	int last;
	enum remedy remedy;
} remedies[] = {
	/* perhaps a writer came or went just now; what a reader may not repair a writer will */
	{SQLITE_RESULT_READONLY, true, 0, LAST_ATTEMPT, REMEDY_RECONNECT},
	{SQLITE_RESULT_DAMAGED, true, 0, LAST_ATTEMPT, REMEDY_RECONNECT},
	{SQLITE_RESULT_GONE, true, 0, LAST_ATTEMPT, REMEDY_RECONNECT},
	{SQLITE_RESULT_FAILED, true, 0, LAST_ATTEMPT, REMEDY_RECONNECT},
	{SQLITE_RESULT_CHANGED, true, 0, MANY_ATTEMPTS, REMEDY_RECONNECT},
	{SQLITE_RESULT_GONE, false, 0, LAST_ATTEMPT, REMEDY_RECONNECT},
	/* what looks damaged is looked at once more */
	{SQLITE_RESULT_DAMAGED, false, 0, 0, REMEDY_RECONNECT},
	{SQLITE_RESULT_DAMAGED, false, 1, LAST_ATTEMPT, REMEDY_SET_ASIDE},
};

static enum remedy remedy_for(enum sqlite_result result, bool reader, int attempt)
{
	for (size_t i = 0; i < sizeof(remedies) / sizeof(remedies[0]); i++)
		if (remedies[i].result == result && remedies[i].reader == reader &&
		    remedies[i].first <= attempt && attempt <= remedies[i].last)
			return remedies[i].remedy;
	return REMEDY_NONE;
}

bool repair_after(struct connection *c, enum sqlite_result result, int attempt, struct error *error)
{
	bool reader = c->access == STORE_READ;
	if (result == SQLITE_RESULT_FOREIGN && is_marked(c))
		result = SQLITE_RESULT_DAMAGED;
	if (result == SQLITE_RESULT_READONLY && reader && !c->log)
		c->cut_short = true;
	enum remedy remedy = remedy_for(result, reader, attempt);
	bool ok = remedy != REMEDY_NONE;
	if (remedy == REMEDY_SET_ASIDE && c->db != NULL)
		ok = set_aside(c, error);
	if (ok || reader)
		connection_disconnect(c);
	c->replaced = c->replaced || (ok && (result == SQLITE_RESULT_GONE || remedy == REMEDY_SET_ASIDE));
	return ok;
}
