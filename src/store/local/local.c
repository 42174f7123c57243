/* local.c: the engine for one machine: its files, opened, and what each call comes to. */
#include "store/local/local.h"

#include "base/clock.h"
#include "base/units.h"
#include "store/local/diagnosis.h"
#include "store/local/files.h"
#include "store/local/kept_output.h"
#include "store/local/mapping.h"
#include "store/local/origin.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct local *self(struct store *store)
{
	return (struct local *)store;
}

struct instant local_now(const struct local *l)
{
	return (struct instant){
		.boot_ms = clock_boot_us() / US_PER_MS,
		.wall_ms = clock_wall_ms(),
		.boot_id = l->connection.boot_id,
	};
}

static void release_permit(struct store *store)
{
	struct local *l = self(store);
	queue_leave(&l->queue, &l->connection.permits);
	permits_release(&l->connection.permits);
}

static void wait_for_change(struct store *store, const struct store_request *request,
                            const struct admission *admission, int64_t timeout_us)
{
	struct local *l = self(store);
	queue_wait(&l->queue, &l->connection, request, admission, timeout_us);
}

/* The breaker's id, which the last step has most likely told; 0 if there is no such breaker. */
static bool id_of(struct store *store, const char *name, int64_t *id, struct error *error)
{
	struct local *l = self(store);
	struct store_step step;
	bool known = strcmp(l->name, name) == 0;
	struct breaker *b = known ? NULL : malloc(sizeof(*b));
	if (!known && b == NULL)
		return error_set(error, ERROR_STORE, "cannot use the store: out of memory");
	bool ok = known || store_look(store, name, &step, b, error);
	free(b);
	*id = l->id;
	return ok;
}

static bool save_output(struct store *store, const char *name, const struct store_saving *saving,
                        struct error *error)
{
	struct local *l = self(store);
	struct kept_output output = {.kind = saving->kind, .number = saving->number, .at = local_now(l)};
	if (!id_of(store, name, &output.id, error))
		return false;
	return output.id == 0 ||
	       kept_output_save(&l->connection.where, &output, saving->read, saving->context, error);
}

struct local_output {
	struct store_output output; /* first: the interface sees only this */
	struct kept_output kept;
};

static ssize_t read_output(void *context, int64_t offset, void *bytes, size_t length)
{
	const struct local_output *o = context;
	return kept_output_read(&o->kept, offset, bytes, length);
}

static void close_output(struct store_output *output)
{
	struct local_output *o = (struct local_output *)output;
	kept_output_close(&o->kept);
	free(o);
}

/* How long ago that was; -1 if the clocks cannot tell. */
static int64_t age_ms(struct local *l, const struct instant *then)
{
	struct timeline timeline = {.clock_ms = 0, .anchor = *then};
	struct instant at = local_now(l);
	int64_t age = timeline_read(&timeline, &at);
	return age >= 0 ? age : -1;
}

static struct store_output *make_output(struct local *l, const struct kept_output *kept)
{
	struct local_output *o = malloc(sizeof(*o));
	if (o == NULL)
		return NULL;
	o->kept = *kept;
	o->output = (struct store_output){
		.age_ms = age_ms(l, &kept->at),
		.wall_ms = kept->at.wall_ms,
		.number = kept->number,
		.read = read_output,
		.context = o,
		.close = close_output,
	};
	return &o->output;
}

static bool load_output(struct store *store, const char *name, const struct store_wanted *wanted,
                        struct store_output **output, struct error *error)
{
	struct local *l = self(store);
	struct kept_output kept = {.kind = wanted->kind};
	bool present;
	if (!id_of(store, name, &kept.id, error))
		return false;
	if (kept.id == 0)
		return true;
	if (!kept_output_load(&l->connection.where, &kept, &present, error))
		return false;
	if (!present)
		return true;
	if (kept.number < wanted->least_number) {
		kept_output_close(&kept);
		return true;
	}
	*output = make_output(l, &kept);
	if (*output != NULL)
		return true;
	kept_output_close(&kept);
	return error_set(error, ERROR_STORE, "cannot read the output kept: out of memory");
}

/* A file as it is now; all zeros if there is none. */
static void look_at(const char *path, uint64_t values[4])
{
	struct stat info;
	if (stat(path, &info) != 0)
		info = (struct stat){0};
	values[0] = info.st_ino;
	values[1] = (uint64_t)info.st_size;
	values[2] = (uint64_t)info.st_mtim.tv_sec;
	values[3] = (uint64_t)info.st_mtim.tv_nsec;
}

/*
 * By what a writer cannot but change. Of two that write within one tick of the
 * kernel's clock the second may leave no trace, so the caller looks once more.
 */
static bool changed(struct store *store, struct store_mark *mark)
{
	const struct location *where = &self(store)->connection.where;
	struct store_mark before = *mark;
	look_at(where->database, mark->values);
	look_at(where->wal, mark->values + 4);
	return memcmp(&before, mark, sizeof(before)) != 0;
}

/* Permits beside a database say that it is ours, so it must be before they are made. */
static bool make_permits(struct connection *c, struct error *error)
{
	bool present;
	if (!files_present(&c->where, &present, error))
		return false;
	if (present && !origin_check(&c->where, error))
		return false;
	return c->access == STORE_READ ||
	       permits_make(&c->permits, &c->where, error);
}

static bool open_permits(struct connection *c, struct error *error)
{
	if (!permits_open(&c->permits, &c->where, c->access != STORE_READ, error))
		return false;
	return c->permits.fd >= 0 || make_permits(c, error);
}

/* Finds and trusts the files. *present is false if there is nothing to open, and nothing is to be made. */
static bool prepare(struct connection *c, const char *path, bool *present, struct error *error)
{
	bool creating = c->access == STORE_WRITE;
	*present = creating;
	if (!location_find(&c->where, path, creating, error))
		return false;
	if (!creating && c->where.exists && !files_present(&c->where, present, error))
		return false;
	if (!*present)
		return true;
	c->trusted = location_check(&c->where, error);
	return c->trusted && open_permits(c, error);
}

static void close_store(struct store *store)
{
	connection_close(&self(store)->connection);
	free(store);
}

static void prepare_statements(void *context)
{
	connection_make_ready(context);
}

static void make_ready(struct store *store)
{
	struct error error; /* the next step has the same */
	struct connection *c = &self(store)->connection;
	if (!mapping_guard(prepare_statements, c))
		connection_lose(c, &error);
}

/* Where others provide the file system there is no log. */
static bool may_hang(const struct store *store)
{
	return !((const struct local *)store)->connection.log;
}

static void leave_store(struct store *store)
{
	connection_leave(&self(store)->connection);
}

static bool claims(const char *path)
{
	(void)path;
	return true;
}

static bool open_store(struct store **store, const struct store_options *options, struct error *error)
{
	bool present;
	*store = NULL;
	struct local *l = malloc(sizeof(*l));
	if (l == NULL)
		return error_set(error, ERROR_STORE, "cannot open the store: out of memory");
	l->store = (struct store){.engine = &local_engine};
	l->queue.place = -1;
	l->id = 0;
	l->name[0] = '\0';
	connection_init(&l->connection, options, &l->store.remarks);
	bool ok = prepare(&l->connection, options->path, &present, error);
	if (ok && present)
		*store = &l->store;
	else
		store_close(&l->store);
	return ok;
}

const struct store_engine local_engine = {
	.name = "sqlite",
	.claims = claims,
	.attempt = step_attempt,
	.open = open_store,
	.close = close_store,
	.leave = leave_store,
	.make_ready = make_ready,
	.may_hang = may_hang,
	.release_permit = release_permit,
	.wait = wait_for_change,
	.each_breaker = listing_each_breaker,
	.each_event = listing_each_event,
	.each_running = listing_each_running,
	.changed = changed,
	.save_output = save_output,
	.load_output = load_output,
	.diagnose = diagnosis_run,
};
