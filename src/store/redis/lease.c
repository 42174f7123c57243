/* lease.c: permits that end by themselves. */
#include "store/redis/lease.h"

#include "base/clock.h"
#include "store/redis/surroundings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void lease_draw(struct lease *l, const char *host)
{
	if (l->token[0] == '\0')
		snprintf(l->token, sizeof(l->token), "%s/%ld/%08x%08x", host, (long)getpid(), clock_chance(),
		         clock_chance());
}

int64_t lease_pid(const char *token, const char *host)
{
	size_t length = strlen(host);
	bool ours = strncmp(token, host, length) == 0 && token[length] == '/';
	int64_t pid = ours ? strtol(token + length + 1, NULL, 10) : 0;
	return pid > 0 ? pid : 0;
}

static redisReply *run(struct lease *l, struct server *server, const char *prefix, const struct script *script,
                       struct error *error)
{
	struct words words = {0};
	struct keys keys;
	keys_of(&keys, prefix, l->name);
	keys_add(&keys, KEYS_RUNNING, KEYS_TRIALS, &words);
	words_add(&words, l->token);
	words_add_number(&words, surroundings_lease_ms());
	server_start_waiting(server, 0);
	return server_run(server, script, &words, true, error);
}

bool lease_renew(struct lease *l, struct server *server, const char *prefix, bool *gone, struct error *error)
{
	redisReply *reply = run(l, server, prefix, &script_renew, error);
	if (reply == NULL)
		return false;
	bool answered = reply->type == REDIS_REPLY_INTEGER;
	*gone = answered && reply->integer == 0;
	if (!answered)
		server_fail(server, reply, error);
	freeReplyObject(reply);
	return answered;
}

void lease_release(struct lease *l, struct server *server, const char *prefix)
{
	struct error error;
	if (l->held)
		freeReplyObject(run(l, server, prefix, &script_release, &error));
	l->held = l->lost = false;
}
