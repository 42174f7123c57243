/*
 * step.c: a step on the server. It is loaded by one round trip and kept by
 * another; where somebody was faster, the answer to the second brings what they left,
 * and the decision is taken anew.
 *
 * What the decision saw is compared by the version of the record, which is a random
 * number, so that a server which comes back with older data is not taken for what it was; and by the
 * running calls, where more of them could have led to another decision.
 */
#include "base/clock.h"
#include "base/units.h"
#include "store/redis/engine.h"
#include "store/redis/surroundings.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	HISTORY_KEPT = 10000, /* events of each breaker, or somewhat more */
	VERSION_SIZE = 17,
	NAMED_ONE_IN = 16, /* of the steps that are kept, so many say again that there is a breaker of that name */
	FIRST_PAUSE_US = 500, /* after somebody was faster */
	LONGEST_PAUSE_US = 32 * US_PER_MS,
};

/* One attempt at a step. */
struct attempt {
	struct redis *redis;
	const struct store_request *request;
	int number; /* of those that others were faster in */
	struct store_step *step;
	struct error *error;
	struct keys keys;
	redisReply *seen; /* the answer that the decision rests on */
};

static const redisReply *item(const struct attempt *a, enum load_item number)
{
	return a->seen->element[number];
}

/* Takes the answer for what the next decision rests on. *done tells whether the act was done. */
static bool take(struct attempt *a, redisReply *reply, bool *done)
{
	if (reply == NULL)
		return false;
	if (!load_is_answer(reply)) {
		server_fail(&a->redis->server, reply, a->error);
		freeReplyObject(reply);
		return false;
	}
	if (a->seen != NULL)
		freeReplyObject(a->seen);
	a->seen = reply;
	*done = reply->element[LOAD_DONE]->integer == 1;
	return true;
}

/* --- loading --- */

static bool load(struct attempt *a)
{
	bool done;
	struct words words = {0};
	load_ask(&words, &a->keys, a->redis->lease.held ? a->redis->lease.token : "");
	return take(a, server_run(&a->redis->server, &script_step, &words, true, a->error), &done);
}

/* A record of a later version is that one's to change. */
static bool refuse_newer(struct attempt *a)
{
	a->redis->refused = true;
	return error_set(a->error, ERROR_STORE,
	                 "cannot use breaker %s in the store %s: a newer cbrun wrote it (this is " CBRUN_VERSION
	                 "); upgrade cbrun or use --store",
	                 a->request->name, a->redis->server.address.text);
}

static int64_t draw_id(void)
{
	return (int64_t)(((uint64_t)clock_chance() << 32 | clock_chance()) >> 12) + 1;
}

/* A record that cannot be read starts afresh with the next step that keeps something. */
static bool read_record(struct attempt *a)
{
	struct store_step *step = a->step;
	step->exists = item(a, LOAD_RECORD)->len > 0;
	step->found = false;
	step->incarnation = load_number(item(a, LOAD_ID));
	if (step->exists) {
		switch (load_breaker(a->seen, step->breaker)) {
		case CODEC_OK:
			step->found = step->incarnation > 0;
			break;
		case CODEC_NEWER:
			return refuse_newer(a);
		case CODEC_DAMAGED:
			break;
		}
	}
	if (step->exists && !step->found)
		lines_add(&a->redis->store.remarks, "the record of breaker %s in the store %s is damaged%s",
		          a->request->name, a->redis->server.address.text,
		          a->request->intent != STORE_LOOK ? "; it starts afresh" : "");
	if (!step->found)
		step->incarnation = a->request->intent == STORE_CREATE || step->exists ? draw_id() : 0;
	return true;
}

static void read_load(struct attempt *a)
{
	struct store_step *step = a->step;
	step->load = (struct load){
		.running = load_number(item(a, LOAD_RUNNING)),
		.trials = load_number(item(a, LOAD_TRIALS)),
		.pid = lease_pid(load_bytes(item(a, LOAD_ONLY)), a->redis->host),
	};
}

/*
 * A permit that has gone was lost, and what its call did comes late. Where the breaker has gone with it, the server
 * has lost its data; nobody has removed the breaker, for that leaves permits alone.
 */
static void read_lease(struct attempt *a)
{
	struct lease *lease = &a->redis->lease;
	bool held = load_number(item(a, LOAD_HELD)) == 1;
	if (lease->held && !held)
		redis_lose_permit(a->redis);
	a->step->permit_lost = lease->lost;
	a->step->replaced = lease->lost && !a->step->exists;
}

static bool prepare(struct attempt *a)
{
	struct store_step *step = a->step;
	if (!load_time(item(a, LOAD_SECONDS), item(a, LOAD_MICROSECONDS), &step->now))
		return server_fail_oddly(&a->redis->server, a->error);
	if (!read_record(a))
		return false;
	read_load(a);
	read_lease(a);
	step->journal.count = 0;
	step->permit = PERMIT_NONE;
	return redis_look_at_needs(a->redis, a->request, step, a->error);
}

/* --- keeping --- */

/* From how many on more running calls than were seen may lead to another decision. */
static void word_limits(struct attempt *a, struct words *words)
{
	const struct policy *p = a->request->policy;
	bool limited = p != NULL && a->step->permit != PERMIT_NONE;
	words_add_number(words, a->step->load.running);
	words_add_number(words, limited ? p->max_concurrent : 0);
	words_add_number(words, a->step->load.trials);
	words_add_number(words, limited && a->step->permit == PERMIT_TRIAL ? p->probes : 0);
}

static const char *permit_word(const struct attempt *a)
{
	switch (a->step->permit) {
	case PERMIT_CALL:
		return "call";
	case PERMIT_TRIAL:
		return "trial";
	case PERMIT_NONE:
		break;
	}
	return a->request->last && a->redis->lease.held ? "release" : "";
}

/* What all acts begin with. */
static void word_act(struct attempt *a, const char *act, struct words *words)
{
	struct redis *r = a->redis;
	lease_draw(&r->lease, r->host);
	keys_add(&a->keys, KEYS_BREAKER, KEYS_EVENTS, words);
	words_add(words, act);
	words_add_bytes(words, item(a, LOAD_VERSION)->str, item(a, LOAD_VERSION)->len);
	words_add(words, r->lease.token);
	words_add_number(words, r->lease.held);
	word_limits(a, words);
	words_add(words, permit_word(a));
	words_add_number(words, surroundings_lease_ms());
}

static void note_permit(struct attempt *a)
{
	struct lease *lease = &a->redis->lease;
	if (a->step->permit == PERMIT_NONE) {
		lease->held = lease->held && !a->request->last;
		return;
	}
	lease->held = true;
	lease->lost = false;
	snprintf(lease->name, sizeof(lease->name), "%s", a->request->name);
}

/* Does the act. On a conflict, the next attempt has what is there now. */
static enum store_verdict act(struct attempt *a, const struct words *words)
{
	bool done;
	if (!take(a, server_run(&a->redis->server, &script_step, words, false, a->error), &done))
		return STORE_FAILED;
	if (!done)
		return STORE_AGAIN;
	note_permit(a);
	return STORE_DONE;
}

/* The list of names is not kept together with the breaker; see keys.h. */
static void tell_name(struct attempt *a, const char *command, const char *name)
{
	struct redis *r = a->redis;
	struct error error;
	struct words words = {0};
	char key[KEYS_SIZE];
	keys_of_names(key, r->prefix);
	words_add(&words, command);
	words_add(&words, key);
	words_add(&words, name);
	freeReplyObject(server_ask(&r->server, &words, true, &error));
}

static enum store_verdict keep(struct attempt *a)
{
	struct redis *r = a->redis;
	const struct journal *journal = &a->step->journal;
	struct words words = {0};
	uint8_t events[JOURNAL_SIZE][CODEC_EVENT_SIZE];
	char version[VERSION_SIZE];
	bool fresh = !a->step->found;
	uint32_t chance = clock_chance();
	snprintf(version, sizeof(version), "%08" PRIx32 "%08" PRIx32, chance, clock_chance());
	word_act(a, "keep", &words);
	words_add(&words, version);
	words_add_number(&words, a->step->incarnation);
	words_add_bytes(&words, r->record, codec_encode_breaker(a->step->breaker, r->record));
	words_add(&words, r->host);
	words_add_number(&words, HISTORY_KEPT);
	for (int i = 0; i < journal->count && i < JOURNAL_SIZE; i++) {
		words_add_number(&words, journal->events[i].seq);
		words_add_bytes(&words, events[i], codec_encode_event(&journal->events[i], events[i]));
	}
	enum store_verdict verdict = act(a, &words);
	if (verdict == STORE_DONE && (fresh || chance % NAMED_ONE_IN == 0))
		tell_name(a, "SADD", a->request->name);
	return verdict;
}

static enum store_verdict leave(struct attempt *a)
{
	struct words words = {0};
	a->step->journal.count = 0;
	if (a->step->permit == PERMIT_NONE)
		return STORE_DONE;
	word_act(a, "permit", &words);
	return act(a, &words);
}

static enum store_verdict remove_breaker(struct attempt *a)
{
	struct words words = {0};
	a->step->journal.count = 0;
	word_act(a, "remove", &words);
	enum store_verdict verdict = act(a, &words);
	if (verdict != STORE_DONE)
		return verdict;
	tell_name(a, "SREM", a->request->name);
	own_rename(&a->redis->own, a->request->name, NULL);
	return STORE_DONE;
}

/* Answers as script_rename says. */
static int64_t ask_to_rename(struct attempt *a)
{
	struct words words = {0};
	struct keys to;
	keys_of(&to, a->redis->prefix, a->request->new_name);
	words_add_number(&words, 4);
	words_add(&words, a->keys.texts[KEYS_BREAKER]);
	words_add(&words, a->keys.texts[KEYS_EVENTS]);
	words_add(&words, to.texts[KEYS_BREAKER]);
	words_add(&words, to.texts[KEYS_EVENTS]);
	words_add_bytes(&words, item(a, LOAD_VERSION)->str, item(a, LOAD_VERSION)->len);
	redisReply *reply = server_run(&a->redis->server, &script_rename, &words, false, a->error);
	if (reply == NULL)
		return -1;
	int64_t answer = reply->type == REDIS_REPLY_INTEGER ? reply->integer : -1;
	if (answer < 0)
		server_fail(&a->redis->server, reply, a->error);
	freeReplyObject(reply);
	return answer;
}

/* On a Cluster the two names lie in two slots, and the server says that it cannot. */
static enum store_verdict rename_breaker(struct attempt *a)
{
	a->step->journal.count = 0;
	switch (ask_to_rename(a)) {
	case 0:
		return load(a) ? STORE_AGAIN : STORE_FAILED;
	case 1:
		tell_name(a, "SADD", a->request->new_name);
		tell_name(a, "SREM", a->request->name);
		own_rename(&a->redis->own, a->request->name, a->request->new_name);
		return STORE_DONE;
	case 2:
		a->redis->refused = true;
		error_set(a->error, ERROR_REFUSED, "there is a breaker named '%s' already", a->request->new_name);
		break;
	default:
		break;
	}
	return STORE_FAILED;
}

static enum store_verdict decide(struct attempt *a)
{
	switch (a->request->decide(a->request->context, a->step, a->error)) {
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
	a->redis->declined = true;
	return STORE_FAILED;
}

/* --- the step --- */

/*
 * Somebody was faster, and the server has answered, with what is there now. Where that happens again, a while that chance
 * decides on keeps us from meeting once more.
 */
static bool go_on(struct attempt *a)
{
	struct redis *r = a->redis;
	int64_t longest_us = FIRST_PAUSE_US;
	if (clock_boot_us() >= r->conflicts_end_us) {
		r->refused = true;
		return error_set(a->error, ERROR_STORE,
		                 "cannot use breaker %s in the store %s: for %lld ms others have been faster "
		                 "(--lock-timeout)",
		                 a->request->name, r->server.address.text, (long long)r->lock_timeout_ms);
	}
	server_start_waiting(&r->server, a->request->until_us);
	if (a->number++ == 0)
		return true;
	for (int i = 1; i < a->number && longest_us < LONGEST_PAUSE_US; i++)
		longest_us *= 2;
	clock_sleep_us((int64_t)(clock_chance() % (uint32_t)longest_us));
	return load(a);
}

enum store_verdict redis_step(struct redis *r, const struct store_request *request, struct store_step *step,
                              struct error *error)
{
	struct attempt a = {.redis = r, .request = request, .step = step, .error = error};
	enum store_verdict verdict = STORE_FAILED;
	r->refused = r->declined = false;
	r->conflicts_end_us = clock_boot_us() + r->lock_timeout_ms * US_PER_MS;
	server_start_waiting(&r->server, request->until_us);
	keys_of(&a.keys, r->prefix, request->name);
	bool ready = load(&a);
	while (ready) {
		verdict = prepare(&a) ? decide(&a) : STORE_FAILED;
		ready = verdict == STORE_AGAIN && go_on(&a);
	}
	if (a.seen != NULL)
		freeReplyObject(a.seen);
	return verdict == STORE_DONE ? STORE_DONE : STORE_FAILED;
}
