/*
 * test_config_file.c: configuration files where libinih was built as its
 * authors do by default: what stands behind " ;" is a comment, and a line has
 * at most 200 bytes.
 */
#include "settings/config_file.h"

#include "suites.h"

#include <ini.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Debian's build can be told; others are so. */
extern int ini_max_line __attribute__((weak));
extern bool ini_allow_inline_comments __attribute__((weak));

int __real_ini_parse_stream(ini_reader reader, void *stream, ini_handler handler, void *user);
int __wrap_ini_parse_stream(ini_reader reader, void *stream, ini_handler handler, void *user);

int __wrap_ini_parse_stream(ini_reader reader, void *stream, ini_handler handler, void *user)
{
	if (&ini_max_line != NULL)
		ini_max_line = 200;
	if (&ini_allow_inline_comments != NULL)
		ini_allow_inline_comments = true;
	return __real_ini_parse_stream(reader, stream, handler, user);
}

/* Reads a file of that text. False if it is refused, and with what words. */
static bool read_text(struct unit *u, const char *text, struct config_files *config, struct error *error)
{
	char path[] = "/tmp/test-config-file-XXXXXX";
	int fd = mkstemp(path);
	size_t length = strlen(text);
	bool written = fd >= 0 && write(fd, text, length) == (ssize_t)length;
	CHECK(u, written);
	bool ok = written && config_file_read(config, path, error);
	if (fd >= 0)
		close(fd);
	unlink(path);
	return ok;
}

static void check_value(struct unit *u, const char *value)
{
	char text[512];
	struct config_files config = {0};
	struct error error = {0};
	snprintf(text, sizeof(text), "[default]\non-open = %s  \n", value);
	CHECK(u, read_text(u, text, &config, &error));
	CHECK_INT(u, config.entries.count, 1);
	if (config.entries.count == 1)
		CHECK_STR(u, config_file_entry(&config, 0)->text, value);
	config_file_free(&config);
}

static void check_refused(struct unit *u, const char *value, const char *why)
{
	char text[512];
	struct config_files config = {0};
	struct error error = {0};
	snprintf(text, sizeof(text), "[default]\non-open = %s\n", value);
	CHECK(u, !read_text(u, text, &config, &error));
	CHECK(u, strstr(error.text, why) != NULL);
}

static void a_value_that_would_be_cut_is_refused(struct unit *u)
{
	check_refused(u, "echo a ; echo b", ":2: libinih would cut the value to 'echo a', since");
	check_refused(u, "echo a\t;", ":2: libinih would cut the value to 'echo a', since");
	check_refused(u, ";", ":2: libinih would cut the value to '', since");
}

static void other_values_are_whole(struct unit *u)
{
	check_value(u, "echo a; echo b");
	check_value(u, "echo a=b: c # d");
	check_value(u, "'quoted ' \"twice\"");
}

static void a_line_that_would_be_split_is_refused(struct unit *u)
{
	char value[301];
	memset(value, 'x', sizeof(value));
	value[300] = '\0';
	check_refused(u, value, ":2: the line is longer than 197 bytes");
	value[180] = '\0';
	check_value(u, value);
}

const struct unit_test config_file_tests[] = {
	{"config file: a value of which a plain libinih would cut the end is refused", a_value_that_would_be_cut_is_refused},
	{"config file: what it takes as it is stays whole", other_values_are_whole},
	{"config file: a line that is too long for it is refused", a_line_that_would_be_split_is_refused},
	{0},
};
