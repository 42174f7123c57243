/* server.c: questions and answers. */
#include "store/redis/server.h"

#include "base/clock.h"
#include "base/sha1.h"
#include "base/units.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_MOVES = 5 };

void server_init(struct server *s, int64_t timeout_ms)
{
	s->wire.fd = -1;
	s->timeout_ms = timeout_ms;
	server_start_waiting(s, 0);
}

void server_start_waiting(struct server *s, int64_t until_us)
{
	int64_t now_us = clock_boot_us();
	s->deadline_us = now_us + s->timeout_ms * US_PER_MS;
	if (until_us != 0 && until_us < s->deadline_us)
		s->deadline_us = until_us < now_us ? now_us : until_us;
	s->patience_ms = (s->deadline_us - now_us) / US_PER_MS;
	s->fresh = false;
}

void server_close(struct server *s)
{
	wire_close(&s->wire);
	s->greetings = 0;
}

/* The error is in errno. Whatever may still come on this connection is no answer to what is asked later. */
static bool fail(struct server *s, struct error *error)
{
	int failure = errno;
	server_close(s);
	if (failure == EPROTO)
		return error_set(error, ERROR_STORE, "cannot use the store %s: it does not answer as Redis does",
		                 s->address.text);
	if (failure == ECONNRESET || failure == EPIPE)
		return error_set(error, ERROR_STORE, "cannot use the store %s: it has closed the connection",
		                 s->address.text);
	if (failure == EHOSTUNREACH && !s->address.local)
		return error_set(error, ERROR_STORE, "cannot use the store %s: there is no such host, or no way to it",
		                 s->address.text);
	if (failure == ETIMEDOUT)
		return error_set(error, ERROR_STORE, "cannot use the store %s: no answer within %lld ms",
		                 s->address.text, (long long)s->patience_ms);
	return error_set_errno(error, ERROR_STORE, failure, "cannot use the store %s", s->address.text);
}

/* Whether the answer is an error of that kind, which is its first word. */
static bool is_error(const redisReply *reply, const char *kind)
{
	size_t length = strlen(kind);
	return reply->type == REDIS_REPLY_ERROR && strncmp(reply->str, kind, length) == 0 &&
	       (reply->str[length] == ' ' || reply->str[length] == '\0');
}

bool server_fail(const struct server *s, const redisReply *reply, struct error *error)
{
	static const struct {
		const char *kind;
		const char *meaning;
	} kinds[] = {
		{"NOAUTH", "it wants a password: set CBRUN_REDIS_PASSWORD or redis-password-file"},
		{"WRONGPASS", "it refuses the user or the password"},
		{"READONLY", "it is a replica that can only be read"},
		{"LOADING", "it is still reading its data"},
		{"OOM", "it has no memory left (maxmemory)"},
		{"CROSSSLOT", "it is part of a Cluster, where this cannot be done"},
	};
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (is_error(reply, kinds[i].kind))
			return error_set(error, ERROR_STORE, "cannot use the store %s: %s", s->address.text,
			                 kinds[i].meaning);
	if (reply->type == REDIS_REPLY_ERROR)
		return error_set(error, ERROR_STORE, "cannot use the store %s: it answers '%.200s'", s->address.text,
		                 reply->str);
	return server_fail_oddly(s, error);
}

bool server_fail_oddly(const struct server *s, struct error *error)
{
	return error_set(error, ERROR_STORE, "cannot use the store %s: it gave an answer that cbrun does not know",
	                 s->address.text);
}

static bool queue(struct server *s, const struct words *words)
{
	if (wire_queue(&s->wire, words->count, (const char **)words->words, words->lengths))
		return true;
	errno = ENOMEM;
	return false;
}

/* What each connection begins with goes out together with the first question. */
static bool greet(struct server *s)
{
	struct words auth = {0};
	struct words select = {0};
	words_add(&auth, "AUTH");
	if (s->address.user[0] != '\0')
		words_add(&auth, s->address.user);
	words_add(&auth, s->password);
	words_add(&select, "SELECT");
	words_add_number(&select, s->address.database);
	if (s->password[0] != '\0') {
		if (!queue(s, &auth))
			return false;
		s->greetings++;
	}
	if (s->address.database == 0)
		return true;
	s->greetings++;
	return queue(s, &select);
}

static bool connect_server(struct server *s)
{
	if (s->wire.fd >= 0)
		return true;
	s->greetings = 0;
	s->fresh = true;
	return wire_open(&s->wire, &s->address, s->deadline_us) && greet(s);
}

/* The next answer that was asked for. NULL with errno set, or, if *told, the error. */
static redisReply *next(struct server *s, bool *told, struct error *error)
{
	*told = false;
	for (; s->greetings > 0; s->greetings--) {
		redisReply *greeting = wire_next(&s->wire, s->deadline_us);
		if (greeting == NULL)
			return NULL;
		if (greeting->type == REDIS_REPLY_ERROR) {
			*told = !server_fail(s, greeting, error);
			freeReplyObject(greeting);
			server_close(s);
			return NULL;
		}
		freeReplyObject(greeting);
	}
	return wire_next(&s->wire, s->deadline_us);
}

/* One try. NULL with the error set; *gone tells that a connection from before was, and nothing else is known. */
static redisReply *try(struct server *s, const struct words *words, bool *gone, struct error *error)
{
	bool told = false;
	redisReply *reply = NULL;
	if (connect_server(s) && queue(s, words) && wire_flush(&s->wire, s->deadline_us))
		reply = next(s, &told, error);
	*gone = reply == NULL && !told && !s->fresh && (errno == ECONNRESET || errno == EPIPE);
	if (reply == NULL && !told)
		fail(s, error);
	return reply;
}

/* "MOVED 3999 127.0.0.1:6381": another node of the Cluster has the key. False if it is not that. */
static bool follow(struct server *s, const redisReply *reply)
{
	const char *to = is_error(reply, "MOVED") ? strrchr(reply->str, ' ') : NULL;
	if (to == NULL)
		return false;
	server_close(s);
	return address_move(&s->address, to + 1);
}

redisReply *server_ask(struct server *s, const struct words *words, bool again, struct error *error)
{
	bool gone;
	redisReply *reply = try(s, words, &gone, error);
	if (gone && again)
		reply = try(s, words, &gone, error);
	for (int moves = 0; reply != NULL && moves < MOST_MOVES && follow(s, reply); moves++) {
		freeReplyObject(reply);
		reply = try(s, words, &gone, error);
	}
	return reply;
}

/* The command that runs a script: by its digest, or with its text. */
static void word_script(struct words *out, const struct script *script, const struct words *words, char *digest)
{
	if (digest != NULL)
		sha1_format(script->text, strlen(script->text), digest);
	words_add(out, digest != NULL ? "EVALSHA" : "EVAL");
	words_add(out, digest != NULL ? digest : script->text);
	for (int i = 0; i < words->count; i++)
		words_add_bytes(out, words->words[i], words->lengths[i]);
}

redisReply *server_run(struct server *s, const struct script *script, const struct words *words, bool again,
                       struct error *error)
{
	char digest[SHA1_TEXT_SIZE];
	struct words known = {0};
	struct words whole = {0};
	word_script(&known, script, words, digest);
	redisReply *reply = server_ask(s, &known, again, error);
	if (reply == NULL || !is_error(reply, "NOSCRIPT"))
		return reply;
	freeReplyObject(reply);
	word_script(&whole, script, words, NULL);
	return server_ask(s, &whole, again, error);
}

bool server_queue(struct server *s, const struct words *words, struct error *error)
{
	return (connect_server(s) && queue(s, words)) || fail(s, error);
}

bool server_queue_script(struct server *s, const struct script *script, const struct words *words,
                         struct error *error)
{
	char digest[SHA1_TEXT_SIZE];
	struct words known = {0};
	word_script(&known, script, words, digest);
	return server_queue(s, &known, error);
}

redisReply *server_next(struct server *s, struct error *error)
{
	bool told = false;
	redisReply *reply = NULL;
	if (s->wire.length == 0 || wire_flush(&s->wire, s->deadline_us))
		reply = next(s, &told, error);
	if (reply == NULL && !told)
		fail(s, error);
	return reply;
}
