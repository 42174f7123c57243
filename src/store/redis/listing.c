/*
 * listing.c: going through the breakers, the events of one, and its running
 * calls. Many breakers are asked for at once; all that is needed of them is read
 * before any of it is handed on.
 */
#include "base/text.h"
#include "base/units.h"
#include "store/redis/engine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 100, PAGE = 1000 };

/* The answer, if it is an array; else NULL with the error set. */
static redisReply *want_array(struct server *server, redisReply *reply, struct error *error)
{
	if (reply == NULL || reply->type == REDIS_REPLY_ARRAY)
		return reply;
	server_fail(server, reply, error);
	freeReplyObject(reply);
	return NULL;
}

static redisReply *ask(struct redis *r, const struct words *words, struct error *error)
{
	server_start_waiting(&r->server, 0);
	return want_array(&r->server, server_ask(&r->server, words, true, error), error);
}

/* --- breakers --- */

/* What is handed on of a breaker. */
struct viewer {
	struct redis *redis;
	bool load;
	store_breaker_visitor *visit;
	void *context;
	struct error *error;
	bool done; /* the visitor has seen enough */
};

static int compare_names(const void *left, const void *right)
{
	return strcmp(*(char *const *)left, *(char *const *)right);
}

/* A name that can be one; others are no work of ours. */
static const char *name_of(const redisReply *reply)
{
	const char *name = load_bytes(reply);
	return name != NULL && reply->len > 0 && reply->len < STORE_NAME_SIZE && strlen(name) == reply->len ? name
	                                                                                                   : NULL;
}

/* The names in their order, for the caller to free; they lie in the answer. */
static const char **sort_names(const redisReply *reply, size_t *count)
{
	const char **names = malloc((reply->elements + 1) * sizeof(*names));
	*count = 0;
	for (size_t i = 0; names != NULL && i < reply->elements; i++)
		if (name_of(reply->element[i]) != NULL)
			names[(*count)++] = name_of(reply->element[i]);
	if (names != NULL)
		qsort(names, *count, sizeof(*names), compare_names);
	return names;
}

/* Asks for one breaker alone. */
static redisReply *load_one(struct redis *r, const char *name, struct error *error)
{
	struct words words = {0};
	struct keys keys;
	keys_of(&keys, r->prefix, name);
	load_ask(&words, &keys, "");
	server_start_waiting(&r->server, 0);
	return server_run(&r->server, &script_step, &words, true, error);
}

static bool hand_on(struct viewer *v, const char *name, const redisReply *reply)
{
	struct redis *r = v->redis;
	struct breaker b;
	struct store_view view = {.name = name, .breaker = &b};
	if (!load_is_answer(reply))
		return server_fail(&r->server, reply, v->error);
	if (!load_time(reply->element[LOAD_SECONDS], reply->element[LOAD_MICROSECONDS], &view.now))
		return server_fail_oddly(&r->server, v->error);
	if (reply->element[LOAD_RECORD]->len == 0)
		return true;
	enum codec_result read = load_breaker(reply, &b);
	if (read != CODEC_OK) {
		lines_add(&r->store.remarks, "the record of breaker %s in the store %s is %s", name,
		          r->server.address.text, read == CODEC_NEWER ? "a newer cbrun's" : "damaged");
		return true;
	}
	view.incarnation = load_number(reply->element[LOAD_ID]);
	if (v->load)
		view.load = (struct load){.running = load_number(reply->element[LOAD_RUNNING]),
		                          .trials = load_number(reply->element[LOAD_TRIALS])};
	v->done = !v->visit(v->context, &view);
	return true;
}

/* Those of some names, by one round trip. On a Cluster they may lie elsewhere, and are asked for one by one. */
static bool hand_on_batch(struct viewer *v, const char **names, size_t count)
{
	struct redis *r = v->redis;
	redisReply *replies[BATCH] = {NULL};
	bool ok = true;
	server_start_waiting(&r->server, 0);
	for (size_t i = 0; i < count && ok; i++) {
		struct words words = {0};
		struct keys keys;
		keys_of(&keys, r->prefix, names[i]);
		load_ask(&words, &keys, "");
		ok = server_queue_script(&r->server, &script_step, &words, v->error);
	}
	for (size_t i = 0; i < count && ok; i++)
		ok = (replies[i] = server_next(&r->server, v->error)) != NULL;
	for (size_t i = 0; i < count && ok && !v->done; i++) {
		if (replies[i]->type == REDIS_REPLY_ERROR) {
			freeReplyObject(replies[i]);
			replies[i] = load_one(r, names[i], v->error);
		}
		ok = replies[i] != NULL && hand_on(v, names[i], replies[i]);
	}
	for (size_t i = 0; i < count; i++)
		if (replies[i] != NULL)
			freeReplyObject(replies[i]);
	return ok;
}

bool redis_each_breaker(struct store *store, bool load, store_breaker_visitor *visit, void *context,
                        struct error *error)
{
	struct redis *r = (struct redis *)store;
	struct viewer v = {.redis = r, .load = load, .visit = visit, .context = context, .error = error};
	struct words words = {0};
	char key[KEYS_SIZE];
	size_t count;
	keys_of_names(key, r->prefix);
	words_add(&words, "SMEMBERS");
	words_add(&words, key);
	redisReply *reply = ask(r, &words, error);
	if (reply == NULL)
		return false;
	const char **names = sort_names(reply, &count);
	bool ok = names != NULL || error_set(error, ERROR_STORE, "cannot read the store: out of memory");
	for (size_t i = 0; ok && i < count && !v.done; i += BATCH)
		ok = hand_on_batch(&v, names + i, count - i < BATCH ? count - i : BATCH);
	free(names);
	freeReplyObject(reply);
	return ok;
}

/* --- events --- */

/* "57-0" */
static int64_t seq_of(const redisReply *id)
{
	const char *text = load_bytes(id);
	char *end;
	long long seq = text != NULL ? strtoll(text, &end, 10) : 0;
	return seq > 0 && strcmp(end, "-0") == 0 ? seq : 0;
}

/* An entry of the stream: its id, and the names of its fields with what they hold. */
static bool read_event(const redisReply *entry, struct event *event)
{
	if (entry->type != REDIS_REPLY_ARRAY || entry->elements != 2 ||
	    entry->element[1]->type != REDIS_REPLY_ARRAY || entry->element[1]->elements < 4)
		return false;
	const redisReply *fields = entry->element[1];
	const redisReply *bytes = fields->element[1];
	const redisReply *host = fields->element[3];
	if (load_bytes(bytes) == NULL || load_bytes(host) == NULL ||
	    !codec_decode_event(event, (const uint8_t *)bytes->str, bytes->len))
		return false;
	event->seq = seq_of(entry->element[0]);
	text_cut(host->str, event->host, sizeof(event->host));
	return event->seq > 0;
}

static redisReply *read_page(struct redis *r, const char *name, int64_t after, struct error *error)
{
	struct words words = {0};
	struct keys keys;
	keys_of(&keys, r->prefix, name);
	words_add(&words, "XRANGE");
	words_add(&words, keys.texts[KEYS_EVENTS]);
	words_add_number(&words, after + 1);
	words_add(&words, "+");
	words_add(&words, "COUNT");
	words_add_number(&words, PAGE);
	return ask(r, &words, error);
}

bool redis_each_event(struct store *store, const char *name, int64_t after, store_event_visitor *visit,
                      void *context, struct error *error)
{
	struct redis *r = (struct redis *)store;
	bool more = true;
	bool done = false; /* the visitor has seen enough */
	while (more && !done) {
		redisReply *page = read_page(r, name, after, error);
		if (page == NULL)
			return false;
		more = page->elements == PAGE;
		for (size_t i = 0; i < page->elements && !done; i++) {
			struct event event;
			if (!read_event(page->element[i], &event)) {
				lines_add(&r->store.remarks, "an event of breaker %s in the store %s is damaged", name,
				          r->server.address.text);
				continue;
			}
			after = event.seq;
			done = !visit(context, &event);
		}
		freeReplyObject(page);
	}
	return true;
}

/* --- running calls --- */

/* The tokens of those whose permits have not ended. */
static redisReply *read_tokens(struct redis *r, const char *key, const char *after, struct error *error)
{
	struct words words = {0};
	words_add(&words, "ZRANGEBYSCORE");
	words_add(&words, key);
	words_add(&words, after);
	words_add(&words, "+inf");
	return ask(r, &words, error);
}

static bool is_among(const redisReply *tokens, const redisReply *token)
{
	for (size_t i = 0; i < tokens->elements; i++)
		if (load_bytes(tokens->element[i]) != NULL && strcmp(tokens->element[i]->str, token->str) == 0)
			return true;
	return false;
}

static void tell_calls(struct redis *r, const redisReply *running, const redisReply *trials,
                       store_call_visitor *visit, void *context, struct load *load)
{
	*load = (struct load){0};
	for (size_t i = 0; i < running->elements; i++) {
		const redisReply *token = running->element[i];
		if (load_bytes(token) == NULL)
			continue;
		bool trial = is_among(trials, token);
		load->running++;
		load->trials += trial;
		visit(context, lease_pid(token->str, r->host), trial);
	}
}

bool redis_each_running(struct store *store, const char *name, store_call_visitor *visit, void *context,
                        struct load *load, struct error *error)
{
	struct redis *r = (struct redis *)store;
	struct words words = {0};
	struct keys keys;
	char after[WORDS_NUMBER_SIZE + 1];
	keys_of(&keys, r->prefix, name);
	words_add(&words, "TIME");
	redisReply *time = ask(r, &words, error);
	if (time == NULL)
		return false;
	int64_t seconds = time->elements == 2 ? load_number(time->element[0]) : -1;
	int64_t microseconds = time->elements == 2 ? load_number(time->element[1]) : -1;
	freeReplyObject(time);
	if (seconds < 0 || microseconds < 0)
		return server_fail_oddly(&r->server, error);
	snprintf(after, sizeof(after), "(%lld", (long long)(seconds * MS_PER_S + microseconds / US_PER_MS));
	redisReply *running = read_tokens(r, keys.texts[KEYS_RUNNING], after, error);
	redisReply *trials = running != NULL ? read_tokens(r, keys.texts[KEYS_TRIALS], after, error) : NULL;
	bool ok = trials != NULL;
	if (ok)
		tell_calls(r, running, trials, visit, context, load);
	if (running != NULL)
		freeReplyObject(running);
	if (trials != NULL)
		freeReplyObject(trials);
	return ok;
}

/* --- changes --- */

/* By what the server counts of writes, in its own section; without the right to read that, anything may have. */
bool redis_changed(struct store *store, struct store_mark *mark)
{
	struct redis *r = (struct redis *)store;
	static const char *const lines[] = {"rdb_changes_since_last_save:", "rdb_last_save_time:"};
	struct words words = {0};
	struct error error;
	struct store_mark before = *mark;
	words_add(&words, "INFO");
	words_add(&words, "persistence");
	server_start_waiting(&r->server, 0);
	redisReply *reply = server_ask(&r->server, &words, true, &error);
	bool known = reply != NULL && load_bytes(reply) != NULL;
	for (size_t i = 0; known && i < sizeof(lines) / sizeof(lines[0]); i++) {
		const char *line = strstr(reply->str, lines[i]);
		mark->values[i] = line != NULL ? strtoull(line + strlen(lines[i]), NULL, 10) : 0;
	}
	mark->values[2] = 1;
	if (reply != NULL)
		freeReplyObject(reply);
	return !known || memcmp(&before, mark, sizeof(before)) != 0;
}
