/* fuzz_config.c: configuration files. */
#include "fuzz/fuzz.h"

#include "settings/settings.h"
#include "settings/values.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const names[] = {NULL, "api", "api:v2", "backup-db", "x"};

/* Puts the bytes into a file without a place on disk. */
static void write_file(char path[32], const uint8_t *data, size_t size)
{
	static int fd = -1;
	if (fd < 0) {
		fd = memfd_create("config", MFD_CLOEXEC);
		HOLDS(fd >= 0 && fchmod(fd, 0600) == 0);
	}
	HOLDS(ftruncate(fd, 0) == 0);
	HOLDS(pwrite(fd, data, size, 0) == (ssize_t)size);
	snprintf(path, 32, "/proc/self/fd/%d", fd);
}

/* The start of line `number`, from 1; NULL if there are fewer. */
static const char *find_line(const char *text, int number)
{
	while (--number > 0 && text != NULL) {
		text = strchr(text, '\n');
		text = text != NULL ? text + 1 : NULL;
	}
	return text;
}

/* The entry says what its line says: the key, "=" or ":", and the value, but for blanks around them. */
static void check_entry(const struct config_entry *entry, const char *text)
{
	const char *line = find_line(text, entry->line);
	HOLDS(line != NULL);
	if (entry->line == 1 && strncmp(line, "\xEF\xBB\xBF", 3) == 0)
		line += 3;
	size_t key = strlen(entry->row->name);
	size_t value = strlen(entry->text);
	HOLDS(strncmp(line, entry->row->name, key) == 0);
	line += key + strspn(line + key, " \t\v\f\r");
	HOLDS(*line == '=' || *line == ':');
	line++;
	line += strspn(line, " \t\v\f\r");
	HOLDS(strncmp(line, entry->text, value) == 0);
	line += value + strspn(line + value, " \t\v\f\r");
	HOLDS(*line == '\0' || *line == '\n');
	HOLDS((entry->row->scope & SCOPE_CONFIG) != 0);
	HOLDS(entry->pattern == NULL || strpbrk(entry->pattern, "*?") != NULL ||
	      value_is_name(entry->pattern));
}

/* What counts for a breaker: [default], then its glob, then its own section. */
static void check_selection(const struct config_files *config, const char *name)
{
	size_t count;
	int rank = 0;
	const struct config_entry **entries = config_file_select(config, name, &count);
	HOLDS(entries != NULL && count <= config->entries.count);
	for (size_t i = 0; i < count; i++) {
		const char *pattern = entries[i]->pattern;
		bool own = pattern != NULL && strpbrk(pattern, "*?") == NULL;
		int here = pattern == NULL ? 1 : own ? 3 : 2;
		HOLDS(here >= rank);
		HOLDS(!own || (name != NULL && strcmp(pattern, name) == 0));
		rank = here;
	}
	free(entries);
}

static void check_settings(struct config_files *config, const char *name)
{
	struct command_line line = {0};
	struct settings settings;
	struct error error = {0};
	if (settings_resolve(&settings, &line, config, name, &error))
		fuzz_check_settings(&settings);
	else
		fuzz_check_error(&error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char *none[] = {NULL};
	char path[32];
	struct config_files config;
	struct error error = {0};
	environ = none;
	write_file(path, data, size);
	if (!config_file_read(&config, path, &error)) {
		HOLDS(config.entries.count == 0 && config.entries.items == NULL);
		HOLDS(strncmp(error.text, path, strlen(path)) == 0); /* FILE:LINE: ... */
		fuzz_check_error(&error);
		return 0;
	}
	char *text = fuzz_text(data, size);
	HOLDS(strlen(text) == size);
	for (size_t i = 0; i < config.entries.count; i++)
		check_entry(config_file_entry(&config, i), text);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		check_selection(&config, names[i]);
		check_settings(&config, names[i]);
	}
	free(text);
	config_file_free(&config);
	return 0;
}
