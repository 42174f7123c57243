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
#include "base/text.h"
#include "base/units.h"
#include "store/redis/engine.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	HISTORY_KEPT = 10000, /* events of each breaker, or somewhat more */
	VERSION_SIZE = 17,
	ANSWER_ITEMS = 10,
	NAMED_ONE_IN = 16, /* of the steps that are kept, so many say again that there is a breaker of that name */
	FIRST_PAUSE_US = 500, /* after somebody was faster */
	LONGEST_PAUSE_US = 32 * US_PER_MS,
};

/* The items of an answer, see script.h. */
enum { ITEM_DONE, ITEM_SECONDS, ITEM_MICROSECONDS, ITEM_VERSION, ITEM_ID, ITEM_RECORD, ITEM_RUNNING, ITEM_TRIALS, ITEM_HELD, ITEM_ONLY };

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

static const redisReply *item(const struct attempt *a, int number)
{
	return a->seen->element[number];
}

static bool is_answer(const redisReply *reply)
{
	return reply->type == REDIS_REPLY_ARRAY && reply->elements == ANSWER_ITEMS &&
	       reply->element[ITEM_DONE]->type == REDIS_REPLY_INTEGER &&
	       redis_bytes(reply->element[ITEM_VERSION]) != NULL &&
	       redis_bytes(reply->element[ITEM_ID]) != NULL && redis_bytes(reply->element[ITEM_RECORD]) != NULL &&
	       redis_bytes(reply->element[ITEM_HELD]) != NULL && redis_bytes(reply->element[ITEM_ONLY]) != NULL;
}

/* Takes the answer for what the next decision rests on. *done tells whether the act was done. */
static bool take(struct attempt *a, redisReply *reply, bool *done)
{
	if (reply == NULL)
		return false;
	if (!is_answer(reply)) {
		server_fail(&a->redis->server, reply, a->error);
		freeReplyObject(reply);
		return false;
	}
	if (a->seen != NULL)
		freeReplyObject(a->seen);
	a->seen = reply;
	*done = reply->element[ITEM_DONE]->integer == 1;
	return true;
}

/* --- loading --- */

static void word_load(struct words *words, const struct keys *keys, const char *token)
{
	keys_add(keys, KEYS_BREAKER, KEYS_EVENTS, words);
	words_add(words, "load");
	words_add(words, "");
	words_add(words, token);
}

static bool load(struct attempt *a)
{
	bool done;
	struct words words = {0};
	word_load(&words, &a->keys, a->redis->lease.held ? a->redis->lease.token : "");
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
	const redisReply *record = item(a, ITEM_RECORD);
	step->exists = record->len > 0;
	step->found = false;
	step->incarnation = redis_number(item(a, ITEM_ID));
	if (step->exists) {
		switch (codec_decode_breaker(step->breaker, (const uint8_t *)record->str, record->len)) {
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
		.running = redis_number(item(a, ITEM_RUNNING)),
		.trials = redis_number(item(a, ITEM_TRIALS)),
		.pid = lease_pid(redis_bytes(item(a, ITEM_ONLY)), a->redis->host),
	};
}

/*
 * A permit that has gone was lost, and what its call did comes late. Where the breaker has gone with it, the server
 * has lost its data; nobody has removed the breaker, for that leaves permits alone.
 */
static void read_lease(struct attempt *a)
{
	struct lease *lease = &a->redis->lease;
	bool held = redis_number(item(a, ITEM_HELD)) == 1;
	if (lease->held && !held)
		redis_lose_permit(a->redis);
	a->step->permit_lost = lease->lost;
	a->step->replaced = lease->lost && !a->step->exists;
}

/* --- what is needed --- */

struct need {
	char name[STORE_NAME_SIZE];
	struct keys keys;
};

/* Whether a breaker, of which this is the answer, is open. In shadow mode it rejects nothing of others. */
static bool is_open(struct attempt *a, const redisReply *reply)
{
	struct breaker b;
	struct store_step *step = a->step;
	if (!is_answer(reply))
		return false;
	const redisReply *record = reply->element[ITEM_RECORD];
	if (codec_decode_breaker(&b, (const uint8_t *)record->str, record->len) != CODEC_OK)
		return false;
	int64_t now_ms = breaker_now_ms(&b, &step->now);
	step->load.needed_retry_ms = breaker_retry_after_ms(&b, now_ms);
	return breaker_state_at(&b, now_ms) == BREAKER_OPEN && !b.policy.shadow;
}

/* They lie in other slots, so no script can look at them together with the breaker. */
static bool look_at_needs(struct attempt *a)
{
	struct redis *r = a->redis;
	struct store_step *step = a->step;
	const char *rest = a->request->needs;
	while (rest != NULL && step->load.needed_open == NULL) {
		struct words words = {0};
		struct keys keys;
		rest = text_next_item(rest, step->needed_open, sizeof(step->needed_open));
		if (strcmp(step->needed_open, a->request->name) == 0)
			continue;
		keys_of(&keys, r->prefix, step->needed_open);
		word_load(&words, &keys, "");
		redisReply *reply = server_run(&r->server, &script_step, &words, true, a->error);
		if (reply == NULL)
			return false;
		if (is_open(a, reply))
			step->load.needed_open = step->needed_open;
		freeReplyObject(reply);
	}
	if (step->load.needed_open == NULL)
		step->load.needed_retry_ms = 0;
	return true;
}

static bool prepare(struct attempt *a)
{
	struct store_step *step = a->step;
	if (!redis_read_time(item(a, ITEM_SECONDS), item(a, ITEM_MICROSECONDS), &step->now))
		return server_fail_oddly(&a->redis->server, a->error);
	if (!read_record(a))
		return false;
	read_load(a);
	read_lease(a);
	step->journal.count = 0;
	step->permit = PERMIT_NONE;
	return look_at_needs(a);
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
	words_add_bytes(words, item(a, ITEM_VERSION)->str, item(a, ITEM_VERSION)->len);
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
	words_add_bytes(&words, item(a, ITEM_VERSION)->str, item(a, ITEM_VERSION)->len);
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
	a->redis->refused = true;
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
	server_start_waiting(&r->server);
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
	r->refused = false;
	r->conflicts_end_us = clock_boot_us() + r->lock_timeout_ms * US_PER_MS;
	server_start_waiting(&r->server);
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
