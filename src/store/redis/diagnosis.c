/* diagnosis.c: what `cbrun doctor` tells of a server. Changes nothing. */
#include "base/clock.h"
#include "base/text.h"
#include "base/units.h"
#include "store/findings.h"
#include "store/redis/engine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SLOW_US = 20 * US_PER_MS, LOOKS = 5, AHEAD_MS = 1000, LINE_SIZE = 128, OLDEST_MAJOR = 6 };

struct diagnosis {
	struct redis *redis;
	struct findings to;
	redisReply *info; /* of all sections; NULL: it may not be read */
	int64_t breakers;
	int64_t running;
};

/* What the server's INFO says of a key; "" if nothing. Returns line. */
static const char *info(const struct diagnosis *x, const char *key, char line[LINE_SIZE])
{
	char wanted[LINE_SIZE];
	line[0] = '\0';
	snprintf(wanted, sizeof(wanted), "\n%s:", key);
	const char *found = x->info != NULL ? strstr(x->info->str, wanted) : NULL;
	if (found == NULL)
		return line;
	found += strlen(wanted);
	snprintf(line, LINE_SIZE, "%.*s", (int)strcspn(found, "\r\n"), found);
	return line;
}

static bool is(const struct diagnosis *x, const char *key, const char *value)
{
	char line[LINE_SIZE];
	return strcmp(info(x, key, line), value) == 0;
}

static redisReply *ask(struct diagnosis *x, const char *first, const char *second, struct error *error)
{
	struct words words = {0};
	words_add(&words, first);
	if (second != NULL)
		words_add(&words, second);
	server_start_waiting(&x->redis->server, 0);
	return server_ask(&x->redis->server, &words, true, error);
}

static void look_at_version(struct diagnosis *x)
{
	char version[LINE_SIZE];
	const char *product = "Valkey";
	if (info(x, "valkey_version", version)[0] == '\0') {
		product = "Redis";
		info(x, "redis_version", version);
	}
	bool good = strtol(version, NULL, 10) >= OLDEST_MAJOR;
	findings_tell(&x->to, good, "%s %s%s", product, version,
	              good ? "" : "; cbrun needs version 6 or later");
}

static void look_at_role(struct diagnosis *x)
{
	char role[LINE_SIZE];
	bool writable = strcmp(info(x, "role", role), "master") == 0;
	findings_tell(&x->to, writable, "it is a %s%s", writable ? "primary server" : "replica",
	              writable ? "" : ", where nothing can be kept: name the primary server as --store");
	if (is(x, "cluster_enabled", "1"))
		findings_tell(&x->to, true,
		              "it is a node of a Cluster: each breaker lies on one of its nodes, and none "
		              "can be renamed");
}

static void look_at_persistence(struct diagnosis *x)
{
	bool log = is(x, "aof_enabled", "1");
	bool written = !log || is(x, "aof_last_write_status", "ok");
	bool saved = is(x, "rdb_last_bgsave_status", "ok");
	char replicas[LINE_SIZE];
	info(x, "connected_slaves", replicas);
	if (!written || !saved)
		findings_tell(&x->to, false,
		              "it cannot write its data to its disk: after a restart, breakers are as they "
		              "were when it last could");
	else
		findings_tell(&x->to, true, "persistence: %s; replicas: %s",
		              log ? "append-only file" : "snapshots, or none",
		              replicas[0] != '\0' ? replicas : "?");
}

static void look_at_memory(struct diagnosis *x)
{
	char policy[LINE_SIZE];
	char used[LINE_SIZE];
	char most[LINE_SIZE];
	info(x, "maxmemory_policy", policy);
	long long limit = strtoll(info(x, "maxmemory", most), NULL, 10);
	long long now = strtoll(info(x, "used_memory", used), NULL, 10);
	bool evicts = limit > 0 && strncmp(policy, "allkeys", strlen("allkeys")) == 0;
	if (evicts)
		findings_tell(&x->to, false,
		              "maxmemory-policy is %s: a full server forgets breakers; set it to noeviction, "
		              "or to a volatile one",
		              policy);
	else
		findings_tell(&x->to, true, "maxmemory-policy is %s%s", policy,
		              limit > 0 ? "" : ", and there is no memory limit");
	if (limit > 0)
		findings_tell(&x->to, now < limit - limit / 10, "memory: %lld of %lld KiB%s", now / 1024,
		              limit / 1024,
		              now < limit - limit / 10 ? ""
		                                       : "; when it is full, each host guards on its own");
}

/* The quickest of some answers, and how far the server's clock is from ours in the middle of that. */
static void look_at_time(struct diagnosis *x)
{
	struct error error;
	int64_t best_us = INT64_MAX;
	int64_t difference_ms = 0;
	for (int look = 0; look < LOOKS; look++) {
		struct instant now;
		int64_t start_us = clock_boot_us();
		redisReply *reply = ask(x, "TIME", NULL, &error);
		int64_t taken_us = clock_boot_us() - start_us;
		bool good = reply != NULL && reply->type == REDIS_REPLY_ARRAY && reply->elements == 2 &&
		            load_time(reply->element[0], reply->element[1], &now);
		if (good && taken_us < best_us) {
			best_us = taken_us;
			difference_ms = now.wall_ms - (clock_wall_ms() - taken_us / 2 / US_PER_MS);
		}
		if (reply != NULL)
			freeReplyObject(reply);
	}
	if (best_us == INT64_MAX) {
		findings_tell(&x->to, false, "%s", error.text);
		return;
	}
	char span[TEXT_VALUE_SIZE];
	text_span(difference_ms < 0 ? -difference_ms : difference_ms, span);
	findings_tell(&x->to, best_us < SLOW_US, "it answers within %lld.%02lld ms%s",
	              (long long)best_us / US_PER_MS, (long long)best_us % US_PER_MS / 10,
	              best_us < SLOW_US ? "" : ": each call waits four times as long");
	bool together = difference_ms > -AHEAD_MS && difference_ms < AHEAD_MS;
	findings_tell(&x->to, true, "its clock, which counts for all hosts, is %s%s",
	              together ? "this host's within " : span,
	              together            ? span
	              : difference_ms > 0 ? " ahead of this host's"
	                                  : " behind this host's");
}

static bool count(void *context, const struct store_view *view)
{
	struct diagnosis *x = context;
	x->breakers++;
	x->running += view->load.running;
	return true;
}

/* A record that cannot be read has become a remark. */
static void look_at_breakers(struct diagnosis *x)
{
	struct error error;
	const char *line;
	struct store *store = &x->redis->store;
	bool ok = redis_each_breaker(store, true, count, x, &error);
	for (size_t i = 0; (line = lines_get(store_remarks(store), i)) != NULL; i++)
		findings_tell(&x->to, false, "%s", line);
	if (ok)
		findings_tell(&x->to, true, "breakers: %lld, running calls: %lld", (long long)x->breakers,
		              (long long)x->running);
	else
		findings_tell(&x->to, false, "%s", error.text);
}

static void look_at_server(struct diagnosis *x)
{
	struct error error;
	redisReply *reply = ask(x, "INFO", NULL, &error);
	if (reply == NULL) {
		findings_tell(&x->to, false, "%s", error.text);
		return;
	}
	findings_tell(&x->to, true, "%s answers", x->redis->server.address.text);
	if (load_bytes(reply) == NULL) {
		findings_tell(
			&x->to, true,
			"this user may not read INFO, so its version, memory and persistence stay unknown");
	} else {
		x->info = reply;
		look_at_version(x);
		look_at_role(x);
		look_at_persistence(x);
		look_at_memory(x);
		x->info = NULL;
	}
	freeReplyObject(reply);
	look_at_time(x);
	look_at_breakers(x);
}

bool redis_diagnose(const struct store_options *options, store_finding_visitor *visit, void *context,
                    struct error *error)
{
	struct diagnosis x = {.to = {visit, context}};
	struct store *store;
	if (!redis_open(&store, options, error))
		return false;
	x.redis = (struct redis *)store;
	look_at_server(&x);
	store_close(store);
	return true;
}
