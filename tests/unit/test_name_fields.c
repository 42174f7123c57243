/* test_name_fields.c: {host} and {command} of a breaker's name. */
#include "suites.h"

#include "settings/name_fields.h"

#include <stdio.h>
#include <string.h>

/* The host of a command of at most six words behind its name. */
static void check_host(struct unit *u, const char *want, char *const *words)
{
	char *command[8] = {"command"};
	char host[NAME_FIELDS_SIZE];
	for (int i = 0; i < 6 && words[i] != NULL; i++)
		command[i + 1] = words[i];
	name_fields_host(command, host);
	CHECK_STR(u, host, want);
}

#define HOST(u, want, ...) check_host(u, want, (char *[]){__VA_ARGS__, NULL})

static void the_host_of_a_url(struct unit *u)
{
	HOST(u, "example.com", "https://user:pw@EXAMPLE.com:8443/x?y=http://z");
	HOST(u, "example.com", "http://example.com");
	HOST(u, "example.com", "http://example.com.");
	HOST(u, "example.com", "http://example.com?a@b");
	HOST(u, "example.com", "http://example.com#a@b/c");
	HOST(u, "h", "scp://user@h:2222/path");
	HOST(u, "h", "rsync://h/m");
	HOST(u, "h", "git+ssh://me@h/x.git");
	HOST(u, "h", "rest:https://me:pw@h:8000/");
	HOST(u, "h", "http://me:p@ss@h/");
	HOST(u, "10.0.0.1", "http://10.0.0.1:80/");
	HOST(u, "2001:db8::1", "http://[2001:DB8::1]:80/");
	HOST(u, "fe80::1_eth0", "http://[fe80::1%eth0]/");
	HOST(u, "a", "postgresql://me@a:5432,b:5432/db");
	HOST(u, "_a_b_.example.com", "http://{a,b}.example.com/");
	HOST(u, "b__cher.example",
	     "http://b\xC3\xBC"
	     "cher.example/");
}

static void the_host_of_a_location(struct unit *u)
{
	HOST(u, "github.com", "clone", "git@github.com:a/b.git");
	HOST(u, "h", "user@H");
	HOST(u, "h", "user@h:");
	HOST(u, "h", "h:path");
	HOST(u, "h", "h:/path:with:colons");
	HOST(u, "h", "h::mod");
	HOST(u, "h", "h::mod/./x");
	HOST(u, "a", "a:b");
	HOST(u, "10.0.0.1", "10.0.0.1:x");
	HOST(u, "::1", "[::1]:path");
	HOST(u, "::1", "user@[::1]:path");
	HOST(u, "::1", "user@[::1]");
	HOST(u, "2001:db8::1", "user@2001:db8::1");
}

static void what_names_no_host(struct unit *u)
{
	static const char *const words[] = {
		"h",
		"h.example.com",
		"./a:b",
		"/a:b",
		"a/b:c",
		"a/b@c",
		"@file",
		"C:\\x",
		"12:30",
		"8080:80",
		"Host: x",
		"Accept: text/html",
		"fix a@b",
		"key=val",
		"FOO=http://h/",
		"ProxyJump=me@h",
		"if=h:x",
		"file:///etc/passwd",
		"http://",
		"http:///x",
		"://h",
		"1://h",
		"-h:x",
		"--url=http://h/",
		"::1",
		"fe80::1",
		"2001:db8::1",
		"[::1]",
		"[::1",
		"[]:x",
		"user@",
		"user@:x",
		"user@h/x",
		"a b:c",
		"{\"a\":\"b\"}",
		":",
		":x",
		"@",
		"",
	};
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		char word[64];
		snprintf(word, sizeof(word), "%s", words[i]);
		HOST(u, "none", word);
	}
}

static void the_first_word_that_is_sure_counts(struct unit *u)
{
	HOST(u, "a", "-fsS", "https://a/", "https://b/");
	HOST(u, "h", "-H", "Accept: text/html", "https://h/");
	HOST(u, "h", "-H", "Host:x", "https://h/");
	HOST(u, "h", "-u", "me:secret", "https://h/");
	HOST(u, "h", "-u", "me@example.com:secret", "https://h/");
	HOST(u, "h", "-L", "8080:localhost:80", "user@h");
	HOST(u, "h", "-L", "here:8080:localhost:80", "user@h");
	HOST(u, "h", "user@h", "curl", "http://b/");
	HOST(u, "h", "-a", "user@h:x", "y");
	HOST(u, "a", "-a", "a:x", "b:y");
	HOST(u, "none", "-a", "x", "y");
}

static void the_command_itself_is_no_host(struct unit *u)
{
	char host[NAME_FIELDS_SIZE];
	name_fields_host((char *[]){"http://a/", NULL}, host);
	CHECK_STR(u, host, "none");
	name_fields_host((char *[]){NULL}, host);
	CHECK_STR(u, host, "none");
}

static void check_filled(struct unit *u, const char *text, const char *want)
{
	char *command[] = {"/usr/bin/curl", "-s", "https://Example.com/", NULL};
	char name[NAME_FIELDS_SIZE];
	struct error error = {0};
	CHECK(u, name_fields_fill(text, command, name, &error));
	CHECK_STR(u, name, want);
}

static void fields_are_filled(struct unit *u)
{
	check_filled(u, "{host}", "example.com");
	check_filled(u, "curl:{host}", "curl:example.com");
	check_filled(u, "{command}:{host}/x", "curl:example.com/x");
	check_filled(u, "{host}{host}", "example.comexample.com");
	check_filled(u, "plain", "plain");
}

static void check_refused(struct unit *u, const char *text, char *const *command, const char *why)
{
	char name[NAME_FIELDS_SIZE];
	struct error error = {0};
	CHECK(u, !name_fields_fill(text, command, name, &error));
	CHECK_STR(u, strstr(error.text, why) != NULL ? why : error.text, why);
}

static void other_fields_are_refused(struct unit *u)
{
	char *command[] = {"curl", "https://h/", NULL};
	check_refused(u, "x:{hots}", command, "there is no such field; the fields are {host} and {command}");
	check_refused(u, "x:{}", command, "there is no such field");
	check_refused(u, "x:{Host}", command, "there is no such field");
	check_refused(u, "x:{{host}}", command, "there is no such field");
	check_refused(u, "x:{host", command, "a '{' has no '}'");
	check_refused(u, "x:{host}}", command, "it becomes 'x:h}'");
	check_refused(u, "-{host}", command, "it becomes '-h'");
}

static void what_comes_out_must_be_a_name(struct unit *u)
{
	char url[512];
	char *command[] = {"curl", url, NULL};
	snprintf(url, sizeof(url), "http://%0400d/", 7);
	check_refused(u, "curl:{host}", command, "it becomes 'curl:000");
	check_refused(u, "{host}{host}{host}{host}{host}", command, "it becomes '000");
	char *odd[] = {"/opt/my tool\n", NULL};
	char name[NAME_FIELDS_SIZE];
	struct error error = {0};
	CHECK(u, name_fields_fill("{command}", odd, name, &error));
	CHECK_STR(u, name, "my_tool_");
}

const struct unit_test name_fields_tests[] = {
	{"name fields: the host of a URL", the_host_of_a_url},
	{"name fields: the host of a location", the_host_of_a_location},
	{"name fields: what names no host", what_names_no_host},
	{"name fields: the first word that is sure counts", the_first_word_that_is_sure_counts},
	{"name fields: the command itself is no host", the_command_itself_is_no_host},
	{"name fields: fields are filled", fields_are_filled},
	{"name fields: other fields are refused", other_fields_are_refused},
	{"name fields: what comes out must be a name", what_comes_out_must_be_a_name},
	{NULL, NULL},
};
