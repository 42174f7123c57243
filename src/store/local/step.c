/*
 * step.c: a step of a breaker, as one transaction.
 *
 * BEGIN IMMEDIATE, so that steps happen one after the other. A step that will
 * most likely keep nothing begins as a read instead, for which nobody need
 * wait, and is taken anew if it keeps something after all. What a transition
 * brought is flushed after the commit, so that no one waits for the disk.
 */
#include "store/codec.h"
#include "store/local/kept_output.h"
#include "store/local/local.h"
#include "store/local/mapping.h"
#include "store/local/needs.h"
#include "store/local/orphans.h"
#include "store/local/repair.h"

#include <stdio.h>
#include <string.h>

enum { MOST_DRAWS = 16 };

/* One attempt at a step. */
struct attempt {
	struct local *local;
	const struct store_request *request;
	struct store_step *step;
	struct error *error;
	enum store_verdict verdict;
	bool newer;     /* the record is a later version's */
	size_t remarks; /* there were so many before */
};

static bool take_breaker(void *context, const struct sqlite_values *row)
{
	struct attempt *a = context;
	struct store_step *step = a->step;
	enum codec_result read = codec_decode_breaker(step->breaker, row->record, row->record_length);
	step->exists = true;
	step->incarnation = row->id;
	step->found = permits_id_fits(row->id) && read == CODEC_OK;
	a->newer = read == CODEC_NEWER;
	if (step->found)
		events_load(&a->local->events, row);
	return false;
}

/* Makes the breaker's row, under an id that no other has. A name that is taken after all is damage. */
static enum sqlite_result reserve(struct attempt *a)
{
	struct sqlite_values values = {.name = a->request->name};
	enum sqlite_result result;
	int draws = 0;
	do {
		values.id = permits_draw_id();
		result = sqlite_run(a->local->connection.db, SQL_RESERVE, &values, NULL, NULL);
	} while (result == SQLITE_RESULT_TAKEN && ++draws < MOST_DRAWS);
	a->step->incarnation = values.id;
	return result == SQLITE_RESULT_TAKEN ? SQLITE_RESULT_DAMAGED : result;
}

static enum sqlite_result forget(struct connection *c, int64_t id)
{
	struct sqlite_values values = {.id = id};
	enum sqlite_result result = events_remove(c, id);
	return result == SQLITE_RESULT_OK ? sqlite_run(c->db, SQL_REMOVE, &values, NULL, NULL) : result;
}

/* A record that cannot be read: whoever takes a step that may write starts the breaker afresh. */
static enum sqlite_result replace(struct attempt *a)
{
	struct connection *c = &a->local->connection;
	bool writing = a->local->exclusive;
	if (writing || c->access == STORE_READ) /* else a step will come, and tell */
		lines_add(c->remarks, "the record of breaker %s in the store %s is damaged%s",
		          a->request->name, c->where.database, writing ? "; it starts afresh" : "");
	if (!writing)
		return SQLITE_RESULT_OK;
	enum sqlite_result result = forget(c, a->step->incarnation);
	kept_output_remove(&c->where, a->step->incarnation);
	return result == SQLITE_RESULT_OK ? reserve(a) : result;
}

/* A record of a later version is that one's to change. */
static enum sqlite_result refuse_newer(struct attempt *a)
{
	error_set(a->error, ERROR_STORE,
	          "cannot use breaker %s in the store %s: a newer cbrun wrote it (this is " CBRUN_VERSION
	          "); upgrade cbrun or use --store",
	          a->request->name, a->local->connection.where.database);
	return SQLITE_RESULT_FAILED;
}

/* Finds the breaker's row, or makes it. */
static enum sqlite_result find(struct attempt *a)
{
	struct store_step *step = a->step;
	struct sqlite_values values = {.name = a->request->name};
	step->exists = step->found = false;
	step->replaced = a->local->connection.replaced;
	step->permit_lost = false;
	step->incarnation = 0;
	step->load = (struct load){0};
	events_load(&a->local->events, NULL);
	enum sqlite_result result =
		sqlite_run(a->local->connection.db, SQL_FIND, &values, take_breaker, a);
	if (result != SQLITE_RESULT_OK || step->found)
		return result;
	if (a->newer)
		return refuse_newer(a);
	if (step->exists)
		return replace(a);
	return a->request->intent == STORE_CREATE && a->local->exclusive ? reserve(a) : result;
}

/* Remembers whose permits and output belong to the name. */
static void note_id(struct local *l, const char *name, int64_t id)
{
	l->id = id;
	snprintf(l->name, sizeof(l->name), "%s", name);
}

/* Whether what was found must be found again while nobody else can change it. */
static bool wants_to_be_alone(const struct attempt *a, bool needs_load)
{
	if (a->local->exclusive || a->request->intent == STORE_LOOK)
		return false;
	return needs_load || !a->step->found;
}

static enum store_verdict take_again(struct local *l)
{
	connection_end(&l->connection);
	l->exclusive = true;
	return STORE_AGAIN;
}

static enum store_verdict fail(struct local *l)
{
	connection_end(&l->connection);
	permits_release(&l->connection.permits);
	return STORE_FAILED;
}

/* After SQL that failed: the error is set. */
static enum store_verdict fail_or_repair(struct attempt *a, enum sqlite_result result)
{
	struct local *l = a->local;
	struct connection *c = &l->connection;
	if (c->access == STORE_READ) /* what was read may be of two versions */
		lines_cut(c->remarks, a->remarks);
	enum store_verdict verdict = fail(l);
	return repair_after(c, result, l->failures++, a->error) ? STORE_AGAIN : verdict;
}

static bool take_permit(const struct attempt *a)
{
	if (a->step->permit == PERMIT_NONE)
		return true;
	return permits_take(&a->local->connection.permits, a->request->name, a->step->permit == PERMIT_TRIAL,
	                    a->error);
}

static enum store_verdict leave(struct attempt *a)
{
	struct local *l = a->local;
	if (!take_permit(a))
		return fail(l);
	connection_end(&l->connection);
	a->step->journal.count = 0;
	if (!a->step->exists) /* what was reserved is no more */
		note_id(l, a->request->name, 0);
	return STORE_DONE;
}

/* Writes the breaker's row; `row` is then what it holds. */
static enum sqlite_result write_row(struct attempt *a, struct sqlite_values *row)
{
	struct local *l = a->local;
	struct connection *c = &l->connection;
	int64_t id = a->step->incarnation;
	enum sqlite_result result = events_add(&l->events, c, id, &a->step->journal);
	*row = (struct sqlite_values){
		.id = id,
		.name = a->request->name,
		.record = l->record,
		.record_length = codec_encode_breaker(a->step->breaker, l->record),
		.recent = l->events.waiting,
		.recent_length = l->events.length,
	};
	if (result == SQLITE_RESULT_OK)
		result = sqlite_run(c->db, SQL_KEEP, row, NULL, NULL);
	if (result == SQLITE_RESULT_OK)
		result = sqlite_run(c->db, SQL_COMMIT, NULL, NULL, NULL);
	return result;
}

static bool compare_row(void *context, const struct sqlite_values *found)
{
	struct sqlite_values *wanted = context;
	bool same = found->id == wanted->id && found->record_length == wanted->record_length &&
	            memcmp(found->record, wanted->record, wanted->record_length) == 0;
	if (same)
		wanted->seq = 1;
	return false;
}

/* A commit may fail when all is written already, in its last flush. Then the row is as it shall be. */
static bool is_written(struct connection *c, struct sqlite_values *row)
{
	row->seq = 0;
	connection_end(c);
	sqlite_run(c->db, SQL_FIND, row, compare_row, row);
	return row->seq != 0;
}

/* Nobody waits for this flush: the lock is given back. */
static void flush(struct attempt *a)
{
	struct error error;
	struct connection *c = &a->local->connection;
	if (!journal_has_transition(&a->step->journal) || connection_flush(c, &error))
		return;
	lines_add(c->remarks, "%s; if the power fails now, this transition may be lost", error.text);
}

static enum store_verdict keep(struct attempt *a)
{
	struct local *l = a->local;
	struct connection *c = &l->connection;
	struct sqlite_values row;
	if (!l->exclusive)
		return take_again(l);
	if (!take_permit(a))
		return fail(l);
	enum sqlite_result result = write_row(a, &row);
	if (result != SQLITE_RESULT_OK) {
		connection_fail(c, result, a->error, "write");
		if (result != SQLITE_RESULT_FAILED || !is_written(c, &row))
			return fail_or_repair(a, result);
	}
	flush(a);
	return STORE_DONE;
}

static enum store_verdict remove_breaker(struct attempt *a)
{
	struct connection *c = &a->local->connection;
	int64_t id = a->step->incarnation;
	enum sqlite_result result = forget(c, id);
	if (result == SQLITE_RESULT_OK)
		result = sqlite_run(c->db, SQL_COMMIT, NULL, NULL, NULL);
	if (result != SQLITE_RESULT_OK) {
		connection_fail(c, result, a->error, "write");
		return fail(a->local);
	}
	kept_output_remove(&c->where, id);
	orphans_remove(c);
	a->step->journal.count = 0;
	return STORE_DONE;
}

/* Its events and its output go by the id, which stays. */
static enum store_verdict rename_breaker(struct attempt *a)
{
	struct local *l = a->local;
	struct connection *c = &l->connection;
	struct sqlite_values values = {.id = a->step->incarnation, .name = a->request->new_name};
	enum sqlite_result result = sqlite_run(c->db, SQL_RENAME, &values, NULL, NULL);
	if (result == SQLITE_RESULT_TAKEN) {
		error_set(a->error, ERROR_REFUSED, "there is a breaker named '%s' already", values.name);
		return fail(l);
	}
	if (result == SQLITE_RESULT_OK)
		result = sqlite_run(c->db, SQL_COMMIT, NULL, NULL, NULL);
	if (result != SQLITE_RESULT_OK) {
		connection_fail(c, result, a->error, "write");
		return fail(l);
	}
	note_id(l, values.name, values.id);
	a->step->journal.count = 0;
	return STORE_DONE;
}

static enum store_verdict decide(struct attempt *a)
{
	struct store_step *step = a->step;
	step->journal.count = 0;
	step->permit = PERMIT_NONE;
	switch (a->request->decide(a->request->context, step, a->error)) {
	case STORE_LEAVE:
		return leave(a);
	case STORE_KEEP:
		return keep(a);
	case STORE_REMOVE:
		return remove_breaker(a);
	case STORE_RENAME:
		return rename_breaker(a);
	case STORE_REFUSE:
		break;
	}
	return fail(a->local);
}

static enum sqlite_result begin(struct attempt *a)
{
	struct connection *c = &a->local->connection;
	enum sqlite_result result = connection_begin(c, a->local->exclusive, a->error);
	if (result != SQLITE_RESULT_OK)
		return result;
	result = find(a);
	if (!connection_is_consistent(c)) {
		result = SQLITE_RESULT_CHANGED;
		a->newer = false;
	}
	if (result != SQLITE_RESULT_OK && !a->newer)
		connection_fail(c, result, a->error, "read");
	return result;
}

/* A breaker that is made anew may have calls running from before it was removed. */
static bool needs_load(const struct attempt *a)
{
	const struct policy *policy = a->request->policy;
	if (policy == NULL)
		return false;
	return a->step->found ? breaker_needs_load(a->step->breaker, policy, &a->step->now)
	                      : policy->max_concurrent > 0;
}

/* Others wait meanwhile, so it is counted no further than the breaker looks. */
static bool count_load(struct attempt *a, bool needed)
{
	const struct policy *policy = a->request->policy;
	struct load most = {0};
	if (needed)
		most = (struct load){.running = policy->max_concurrent, .trials = policy->probes};
	bool all = !needed || a->request->load;
	return permits_count(&a->local->connection.permits, a->request->name, all ? NULL : &most,
	                     &a->step->load, a->error);
}

/* If the answer is not OK, the error is set. */
static enum sqlite_result look_at_needs(struct attempt *a)
{
	if (a->request->needs == NULL)
		return SQLITE_RESULT_OK;
	return needs_look(&a->local->connection, a->request, a->step, a->error);
}

static void take_step(void *context)
{
	struct attempt *a = context;
	struct local *l = a->local;
	struct store_step *step = a->step;
	const struct store_request *request = a->request;
	enum sqlite_result result = begin(a);
	if (result != SQLITE_RESULT_OK) {
		a->verdict = fail_or_repair(a, result);
		return;
	}
	step->now = local_now(l); /* not before the breaker was loaded: its clock does not run backward */
	bool needed = needs_load(a);
	if (wants_to_be_alone(a, needed)) {
		a->verdict = take_again(l);
		return;
	}
	note_id(l, request->name, step->incarnation);
	bool counted = !(needed || (step->found && request->load)) || count_load(a, needed);
	result = counted ? look_at_needs(a) : SQLITE_RESULT_OK;
	if (result != SQLITE_RESULT_OK)
		a->verdict = fail_or_repair(a, result);
	else
		a->verdict = counted ? decide(a) : fail(l);
}

enum store_verdict step_attempt(struct store *store, const struct store_request *request, int attempt,
                                struct store_step *step, struct error *error)
{
	struct local *l = (struct local *)store;
	struct attempt a = {l, request, step, error, STORE_FAILED, false, l->connection.remarks->texts.count};
	if (attempt == 0) {
		connection_start_waiting(&l->connection, request->until_us);
		l->exclusive = request->intent != STORE_LOOK && !request->quiet;
		l->failures = 0;
	}
	if (mapping_guard(take_step, &a)) {
		if (a.verdict == STORE_DONE && step->permit != PERMIT_NONE)
			queue_leave(&l->queue, &l->connection.permits);
		return a.verdict;
	}
	connection_lose(&l->connection, error);
	return fail(l);
}
