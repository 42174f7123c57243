/* name_fields.c: {host} and {command}. */
#include "settings/name_fields.h"

#include "base/text.h"
#include "settings/values.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>

static const char no_host[] = "none";
static const char host_characters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";

/* A part of a word. */
struct span {
	const char *start;
	size_t length;
};

/* How sure it is that a word names a host. */
enum certainty { NOT_A_HOST, MAYBE_A_HOST, SURELY_A_HOST };

bool name_fields_in(const char *text)
{
	return strchr(text, '{') != NULL;
}

static struct span span_until(const char *start, const char *ends)
{
	return (struct span){start, strcspn(start, ends)};
}

/* Whether it has nothing but these characters, and bytes beyond ASCII. */
static bool is_of(struct span part, const char *characters)
{
	for (size_t i = 0; i < part.length; i++)
		if ((unsigned char)part.start[i] < 0x80 && strchr(characters, part.start[i]) == NULL)
			return false;
	return true;
}

/* What is between the brackets of "[::1]:80"; nothing if they do not close. */
static struct span in_brackets(const char *start)
{
	size_t length = strcspn(start + 1, "]/");
	return (struct span){start + 1, start[1 + length] == ']' ? length : 0};
}

/* The length of "https", or of "rest:https", in front of "://"; 0 if the word does not begin so. */
static size_t scheme_length(const char *word)
{
	const char *end = strstr(word, "://");
	if (end == NULL || !isalpha((unsigned char)*word))
		return 0;
	for (const char *c = word; c < end; c++)
		if (!isalnum((unsigned char)*c) && strchr("+.-:", *c) == NULL)
			return 0;
	return (size_t)(end - word);
}

/* "example.com" of "https://user:pw@example.com:8443/path"; `start` is behind the "://". */
static enum certainty host_of_url(const char *start, struct span *host)
{
	struct span authority = span_until(start, "/?#");
	const char *at = memrchr(authority.start, '@', authority.length);
	if (at != NULL)
		start = at + 1;
	*host = *start == '[' ? in_brackets(start) : span_until(start, ":/?#");
	return host->length > 0 ? SURELY_A_HOST : NOT_A_HOST;
}

static bool is_address(const char *text)
{
	struct in6_addr address;
	return inet_pton(AF_INET6, text, &address) == 1;
}

/* Whether host:rest looks like one, but is something else: 12:30, 8080:80, C:\dir, "Subject: ...", an
 * address. */
static bool is_something_else(const char *word, struct span host)
{
	const char *rest = host.start + host.length;
	bool number = strspn(host.start, "0123456789") == host.length;
	bool drive = host.length == 1 && rest[1] == '\\';
	return number || drive || strpbrk(word, " \t\n") != NULL || is_address(word);
}

/* "host" of user@host, user@host:path, host:path and host::module; not of ./a:b and key=value. */
static enum certainty host_of_location(const char *word, struct span *host)
{
	struct span head = span_until(word, ":/[");
	const char *at = memrchr(head.start, '@', head.length);
	const char *start = at != NULL ? at + 1 : word;
	bool bracketed = *start == '[';
	*host = bracketed ? in_brackets(start) : span_until(start, ":/");
	if (at != NULL && is_address(start))
		host->length = strlen(start);
	const char *rest = host->start + host->length + (bracketed && host->length > 0);
	bool user = at != NULL && strcspn(word, " \t\n=") > (size_t)(at - word) && at > word;
	if (host->length == 0 || (at != NULL && !user) || (*rest != ':' && !(user && *rest == '\0')))
		return NOT_A_HOST;
	if (!bracketed && !is_of(*host, host_characters) && !is_address(start))
		return NOT_A_HOST;
	if (user)
		return SURELY_A_HOST;
	return is_something_else(word, *host) ? NOT_A_HOST : MAYBE_A_HOST;
}

static enum certainty host_of_word(const char *word, bool behind_option, struct span *host)
{
	size_t scheme = scheme_length(word);
	if (scheme > 0)
		return host_of_url(word + scheme + strlen("://"), host);
	if (*word == '-')
		return NOT_A_HOST;
	enum certainty certainty = host_of_location(word, host);
	/* the value of an option may be anything: curl -u me@example.com:secret */
	return certainty == SURELY_A_HOST && behind_option ? MAYBE_A_HOST : certainty;
}

/* In lower case, without the dot of the root, and with '_' for what a name cannot hold. */
static void copy_host(struct span part, char host[NAME_FIELDS_SIZE])
{
	size_t length = part.length < NAME_FIELDS_SIZE ? part.length : NAME_FIELDS_SIZE - 1;
	if (length > 1 && part.start[length - 1] == '.')
		length--;
	for (size_t i = 0; i < length; i++) {
		char c = part.start[i];
		host[i] = c != ':' && strchr(host_characters, c) == NULL ? '_'
		                                                         : (char)tolower((unsigned char)c);
	}
	host[length] = '\0';
}

void name_fields_host(char *const *command, char host[NAME_FIELDS_SIZE])
{
	struct span best = {no_host, strlen(no_host)};
	enum certainty certainty = NOT_A_HOST;
	for (int i = 1; command[0] != NULL && command[i] != NULL && certainty < SURELY_A_HOST; i++) {
		struct span found;
		enum certainty of_word = host_of_word(command[i], i > 1 && command[i - 1][0] == '-', &found);
		if (of_word > certainty) {
			certainty = of_word;
			best = found;
		}
	}
	copy_host(best, host);
}

/* The base name of the command. */
static void copy_command(const char *command, char base[NAME_FIELDS_SIZE])
{
	const char *slash = command != NULL ? strrchr(command, '/') : NULL;
	const char *start = slash != NULL ? slash + 1 : command;
	snprintf(base, NAME_FIELDS_SIZE, "%s", start != NULL && *start != '\0' ? start : no_host);
	for (char *c = base; *c != '\0'; c++)
		if (strchr(host_characters, *c) == NULL && strchr("+@:", *c) == NULL)
			*c = '_';
}

/* The value of the field at `field`, "{host}..."; NULL if there is no such field. */
static const char *value_of(struct span field, char *const *command, char value[NAME_FIELDS_SIZE])
{
	static const char host[] = "{host}";
	static const char base[] = "{command}";
	if (field.length == strlen(host) && memcmp(field.start, host, field.length) == 0)
		name_fields_host(command, value);
	else if (field.length == strlen(base) && memcmp(field.start, base, field.length) == 0)
		copy_command(command[0], value);
	else
		return NULL;
	return value;
}

static bool refuse(const char *text, const char *what, struct error *error)
{
	return error_set(error, ERROR_USAGE, "invalid --name '%s': %s; the fields are {host} and {command}",
	                 TEXT_BRIEF(text), what);
}

/* Whether what the fields have made of it is a name. */
static bool check(const char *text, const char *name, struct error *error)
{
	if (value_is_name(name))
		return true;
	return error_set(error, ERROR_USAGE,
	                 "invalid --name '%s': it becomes '%s', but a name is 1 to 128 of the characters "
	                 "A-Za-z0-9._:/@+-, not starting with '-'",
	                 TEXT_BRIEF(text), TEXT_BRIEF(name));
}

bool name_fields_fill(const char *text, char *const *command, char name[NAME_FIELDS_SIZE],
                      struct error *error)
{
	size_t used = 0;
	name[0] = '\0';
	for (const char *rest = text; *rest != '\0' && used < NAME_FIELDS_SIZE;) {
		char value[NAME_FIELDS_SIZE];
		struct span plain = span_until(rest, "{");
		struct span field = span_until(rest + plain.length, "}");
		const char *end = field.start + field.length;
		if (plain.length == 0 && *end == '\0')
			return refuse(text, "a '{' has no '}'", error);
		field.length++;
		if (plain.length == 0 && value_of(field, command, value) == NULL)
			return refuse(text, "there is no such field", error);
		if (plain.length > 0)
			used += (size_t)snprintf(name + used, NAME_FIELDS_SIZE - used, "%.*s",
			                         (int)plain.length, rest);
		else
			used += (size_t)snprintf(name + used, NAME_FIELDS_SIZE - used, "%s", value);
		rest = plain.length > 0 ? rest + plain.length : end + 1;
	}
	return check(text, name, error);
}
