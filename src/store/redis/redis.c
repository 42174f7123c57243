/*
 * redis.c: the engine for several hosts, and where the host's own store steps in for it: for a guarded run, when the
 * server cannot be used. From then on, that run is the own store's alone.
 */
#include "store/redis/redis.h"

#include "base/clock.h"
#include "base/units.h"
#include "store/redis/engine.h"
#include "store/redis/password.h"
#include "store/redis/surroundings.h"

#include <stdlib.h>
#include <string.h>

static struct redis *self(struct store *store)
{
	return (struct redis *)store;
}

/* --- the own store instead --- */

/* What the server refuses, or could not do, is remembered, and told in one line with what follows from it. */
static void give_up(struct redis *r, const struct error *why, const char *consequence)
{
	if (!r->only_looks)
		memory_note(&r->memory, &r->own, r->refused);
	server_close(&r->server);
	lines_add(&r->store.remarks, "%s; %s", why->text, consequence);
}

static enum store_verdict step_here(struct redis *r, const struct store_request *request, struct store_step *step,
                                    struct error *error)
{
	bool late = r->lease.held || r->lease.lost;
	bool ok = own_step(&r->own, request, late, step, error);
	own_pass_on_remarks(&r->own, &r->store.remarks);
	return ok ? STORE_DONE : STORE_FAILED;
}

/* Whether the server is to be asked: not where it failed just now. */
static bool may_ask(struct redis *r)
{
	if (!r->falls_back || r->worked)
		return true;
	if (memory_lets_in(&r->memory, &r->own, r->only_looks))
		return true;
	lines_add(&r->store.remarks,
	          "cannot use the store %s: it failed just now, and is left alone for a moment; this host's own breaker guards",
	          r->server.address.text);
	return false;
}

/* Nobody waits for the answer any longer: that says nothing of the server, and nothing is left to guard. */
static bool is_over(const struct store_request *request)
{
	return request->until_us != 0 && clock_boot_us() >= request->until_us;
}

static enum store_verdict attempt(struct store *store, const struct store_request *request, int number,
                                  struct store_step *step, struct error *error)
{
	struct redis *r = self(store);
	(void)number;
	if (request->policy != NULL)
		r->own.policy = *request->policy;
	if (!r->own_guards && !may_ask(r))
		r->own_guards = true;
	if (r->own_guards)
		return step_here(r, request, step, error);
	enum store_verdict verdict = redis_step(r, request, step, error);
	if (verdict == STORE_DONE) {
		r->worked = true;
		memory_note(&r->memory, &r->own, true);
		return verdict;
	}
	if (!r->falls_back || r->declined || is_over(request))
		return verdict;
	bool late = r->lease.held || r->lease.lost;
	give_up(r, error, late ? "how the call ended counts on this host only" : "this host's own breaker guards");
	r->own_guards = true;
	return step_here(r, request, step, error);
}

/* --- permits --- */

static void release_permit(struct store *store)
{
	struct redis *r = self(store);
	if (r->own.store != NULL)
		store_release_permit(r->own.store);
	if (!r->own_guards)
		lease_release(&r->lease, &r->server, r->prefix);
}

static int64_t renew_after_ms(const struct store *store)
{
	enum { RENEWALS = 3 }; /* in the time that it lasts */
	const struct redis *r = (const struct redis *)store;
	return r->lease.held ? surroundings_lease_ms() / RENEWALS : 0;
}

void redis_lose_permit(struct redis *r)
{
	r->lease.held = false;
	r->lease.lost = true;
	lines_add(&r->store.remarks,
	          "the store %s has given the permit of this call to others, since nothing was heard of it for too long; how "
	          "it ends changes no state",
	          r->server.address.text);
}

/* A server that cannot be asked now may answer the next time; if not, the permit ends. */
static void renew_permit(struct store *store)
{
	struct redis *r = self(store);
	struct error error;
	bool gone;
	if (r->lease.held && lease_renew(&r->lease, &r->server, r->prefix, &gone, &error) && gone)
		redis_lose_permit(r);
}

/* The server tells nobody that a permit was given back. */
static void wait_a_while(struct store *store, const struct store_request *request,
                         const struct admission *admission, int64_t timeout_us)
{
	enum { SHORTEST_US = 20 * US_PER_MS, LONGEST_US = 250 * US_PER_MS };
	struct redis *r = self(store);
	if (r->own_guards) {
		store_wait(r->own.store, request, admission, timeout_us);
		return;
	}
	int64_t wait_us = SHORTEST_US + (int64_t)(clock_chance() % (LONGEST_US - SHORTEST_US));
	if (admission->retry_after_ms >= 0 && admission->retry_after_ms * US_PER_MS < wait_us)
		wait_us = (admission->retry_after_ms + 1) * US_PER_MS;
	clock_sleep_us(wait_us < timeout_us ? wait_us : timeout_us);
}

/* --- the rest --- */

static void make_ready(struct store *store)
{
	struct redis *r = self(store);
	if (r->own_guards && r->own.store != NULL)
		store_make_ready(r->own.store);
}

static bool save_output(struct store *store, const char *name, const struct store_saving *saving,
                        struct error *error)
{
	struct redis *r = self(store);
	bool ok = own_save_output(&r->own, name, saving, error);
	own_pass_on_remarks(&r->own, &r->store.remarks);
	return ok;
}

static bool load_output(struct store *store, const char *name, const struct store_wanted *wanted,
                        struct store_output **output, struct error *error)
{
	struct redis *r = self(store);
	return own_load_output(&r->own, name, wanted, output, error);
}

static void close_store(struct store *store)
{
	struct redis *r = self(store);
	release_permit(store);
	server_close(&r->server);
	own_close(&r->own);
	explicit_bzero(r->server.password, sizeof(r->server.password));
	free(r);
}

static bool take_options(struct redis *r, const struct store_options *options, struct error *error)
{
	const char *prefix = options->redis_prefix != NULL ? options->redis_prefix : "cbrun:";
	if (strlen(prefix) >= sizeof(r->prefix) || strpbrk(prefix, "{}") != NULL)
		return error_set(error, ERROR_USAGE,
		                 "invalid redis-prefix '%.100s': expected at most %d bytes, and no braces", prefix,
		                 KEYS_PREFIX_SIZE - 1);
	strcpy(r->prefix, prefix);
	return address_parse(&r->server.address, options->path, error) &&
	       password_read(options->redis_password_file, r->server.password, sizeof(r->server.password), error);
}

bool redis_open(struct store **store, const struct store_options *options, struct error *error)
{
	struct redis *r = calloc(1, sizeof(*r));
	*store = NULL;
	if (r == NULL)
		return error_set(error, ERROR_STORE, "cannot open the store: out of memory");
	r->store = (struct store){.engine = &redis_engine};
	server_init(&r->server, options->store_timeout_ms);
	r->lock_timeout_ms = r->own.lock_timeout_ms = options->lock_timeout_ms;
	r->falls_back = options->fall_back;
	r->only_looks = options->access == STORE_READ;
	surroundings_host(r->host);
	if (!take_options(r, options, error)) {
		close_store(&r->store);
		return false;
	}
	memory_init(&r->memory, &r->server.address);
	*store = &r->store;
	return true;
}

const struct store_engine redis_engine = {
	.name = "redis",
	.claims = address_claims,
	.attempt = attempt,
	.open = redis_open,
	.close = close_store,
	.leave = close_store, /* which costs nothing beside a connection */
	.make_ready = make_ready,
	.release_permit = release_permit,
	.renew_after_ms = renew_after_ms,
	.renew_permit = renew_permit,
	.wait = wait_a_while,
	.each_breaker = redis_each_breaker,
	.each_event = redis_each_event,
	.each_running = redis_each_running,
	.changed = redis_changed,
	.save_output = save_output,
	.load_output = load_output,
	.diagnose = redis_diagnose,
};
