/* address.c: URLs. */
#include "store/redis/address.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TCP_SCHEME  "redis://"
#define UNIX_SCHEME "redis+unix://"
#define TLS_SCHEME  "rediss://"
#define FORM        "expected redis://[user@]host[:port][/db] or redis+unix:///path[?db=N]"

enum { LONGEST_SOCKET = 107, MOST_DATABASES = 1000000 };

/* What comes behind the prefix; NULL if the text begins otherwise. */
static const char *behind(const char *text, const char *prefix)
{
	size_t length = strlen(prefix);
	return strncmp(text, prefix, length) == 0 ? text + length : NULL;
}

bool address_claims(const char *store)
{
	return store != NULL && (behind(store, "redis:") != NULL || behind(store, "redis+unix:") != NULL ||
	                         behind(store, "rediss:") != NULL);
}

static bool copy(char *out, size_t size, const char *text, size_t length)
{
	if (length >= size)
		return false;
	memcpy(out, text, length);
	out[length] = '\0';
	return true;
}

static bool parse_number(const char *text, int64_t most, int64_t *number)
{
	char *end;
	if (*text < '0' || *text > '9')
		return false;
	*number = strtol(text, &end, 10);
	return *end == '\0' && *number <= most;
}

/* "host", "host:port", "[::1]:port" */
static bool parse_host(struct address *a, const char *text, size_t length)
{
	const char *end = text + length;
	const char *host = text;
	const char *host_end = end;
	int64_t port = 6379;
	if (length > 0 && *text == '[') {
		host = text + 1;
		host_end = memchr(text, ']', length);
		if (host_end == NULL)
			return false;
	} else if (memchr(text, ':', length) != NULL) {
		host_end = memchr(text, ':', length);
	}
	const char *rest = host_end + (*text == '[' ? 1 : 0);
	if (rest < end) {
		char digits[ADDRESS_PORT_SIZE];
		if (*rest != ':' || !copy(digits, sizeof(digits), rest + 1, (size_t)(end - rest - 1)) ||
		    !parse_number(digits, UINT16_MAX, &port) || port == 0)
			return false;
	}
	snprintf(a->port, sizeof(a->port), "%d", (int)port);
	return host_end > host && copy(a->host, sizeof(a->host), host, (size_t)(host_end - host));
}

static void describe(struct address *a)
{
	if (a->local)
		snprintf(a->text, sizeof(a->text), UNIX_SCHEME "%s", a->host);
	else if (strchr(a->host, ':') != NULL)
		snprintf(a->text, sizeof(a->text), TCP_SCHEME "[%s]:%s", a->host, a->port);
	else
		snprintf(a->text, sizeof(a->text), TCP_SCHEME "%s:%s", a->host, a->port);
}

static bool parse_tcp(struct address *a, const char *rest)
{
	size_t length = strcspn(rest, "/?");
	const char *database = rest + length;
	if (!parse_host(a, rest, length) || *database == '?')
		return false;
	return database[0] == '\0' || database[1] == '\0' ||
	       parse_number(database + 1, MOST_DATABASES, &a->database);
}

static bool parse_unix(struct address *a, const char *rest)
{
	size_t length = strcspn(rest, "?");
	const char *database = rest + length;
	a->local = true;
	if (*rest != '/' || length > LONGEST_SOCKET || !copy(a->host, sizeof(a->host), rest, length))
		return false;
	if (*database == '\0')
		return true;
	database = behind(database, "?db=");
	return database != NULL && parse_number(database, MOST_DATABASES, &a->database);
}

/* "user@" in front. False, with the error set, if there is a password in it. */
static bool take_user(struct address *a, const char **rest, struct error *error)
{
	size_t authority = strcspn(*rest, "/?");
	const char *at = memrchr(*rest, '@', authority);
	if (at == NULL)
		return true;
	size_t length = (size_t)(at - *rest);
	if (memchr(*rest, ':', length) != NULL)
		return error_set(error, ERROR_USAGE,
		                 "a password must not be part of --store, where everybody can see it; use "
		                 "CBRUN_REDIS_PASSWORD or redis-password-file");
	if (!copy(a->user, sizeof(a->user), *rest, length))
		return error_set(error, ERROR_USAGE, "the user's name in --store is too long");
	*rest = at + 1;
	return true;
}

bool address_parse(struct address *a, const char *store, struct error *error)
{
	const char *tcp = behind(store, TCP_SCHEME);
	const char *rest = tcp != NULL ? tcp : behind(store, UNIX_SCHEME);
	memset(a, 0, sizeof(*a));
	if (behind(store, TLS_SCHEME) != NULL)
		return error_set(error, ERROR_USAGE,
		                 "this cbrun does not speak TLS to a server; use redis:// to a proxy on this host, "
		                 "such as stunnel");
	if (rest != NULL && !take_user(a, &rest, error))
		return false;
	if (rest == NULL || !(tcp != NULL ? parse_tcp(a, rest) : parse_unix(a, rest)))
		return error_set(error, ERROR_USAGE, "invalid store '%.200s': " FORM, store);
	describe(a);
	return true;
}

bool address_move(struct address *a, const char *to)
{
	/* "host:port", where the host may be an IPv6 number without brackets */
	const char *colon = strrchr(to, ':');
	int64_t port;
	if (colon == NULL || colon == to || !parse_number(colon + 1, UINT16_MAX, &port) ||
	    !copy(a->host, sizeof(a->host), to, (size_t)(colon - to)))
		return false;
	a->local = false;
	snprintf(a->port, sizeof(a->port), "%d", (int)port);
	describe(a);
	return true;
}
