/*
 * config_file.c: INI files, read by libinih.
 *
 * The library cuts section names at 49 bytes, folds indented lines into the
 * value above and knows no line numbers, so the lines go through next_line(),
 * which keeps the section's name and the number, and refuses what would be
 * read otherwise than it was meant. Some builds of it also take what stands
 * behind " ;" for a comment.
 */
#include "settings/config_file.h"

#include "base/text.h"
#include "base/trust.h"
#include "settings/apply.h"
#include "settings/values.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <ini.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LONGEST_LINE = 4096, LONGEST_PATTERN = 128 };

#define SYSTEM_FILE "/etc/cbrun.conf"

/*
 * Debian's build of the library lets programs set these; elsewhere they are
 * missing, and its defaults stand: what it would cut then is refused.
 */
extern int ini_max_line __attribute__((weak));
extern bool ini_allow_inline_comments __attribute__((weak));

struct reader {
	struct config_files *config;
	FILE *file;
	const char *path;
	int line;
	char section[LONGEST_PATTERN + 16];
	bool passing; /* over a section that is none */
	size_t value_length; /* of the line's value as it stands there */
	bool failed; /* the error is set */
	struct error *error;
};

__attribute__((format(printf, 2, 3))) static bool complain(struct reader *r, const char *format, ...)
{
	char text[ERROR_TEXT_SIZE / 2];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	if (r->config->lenient) {
		lines_add(&r->config->remarks, "%s:%d: %s", r->path, r->line, text);
		return false;
	}
	if (!r->failed)
		error_set(r->error, ERROR_USAGE, "%s:%d: %s", r->path, r->line, text);
	r->failed = true;
	return false;
}

/* The name or glob of "breaker NAME"; NULL with *known for "default". */
static const char *pattern_of(const char *section, bool *known)
{
	const char *pattern = section + strcspn(section, " \t");
	*known = strcmp(section, "default") == 0;
	if (*known || strncmp(section, "breaker", 7) != 0 || pattern != section + 7)
		return NULL;
	pattern += strspn(pattern, " \t");
	*known = value_is_name(pattern) || value_is_glob(pattern);
	return *known ? pattern : NULL;
}

/* The name of a section in full, behind its bracket; whether it is one. */
static bool read_section(struct reader *r, const char *line)
{
	size_t length = strcspn(line + 1, "]");
	bool known;
	if (line[1 + length] != ']')
		return complain(r, "the section's name has no ']'");
	const char *rest = line + 2 + length;
	rest += strspn(rest, " \t\r\n");
	if (*rest != '\0' && strchr(";#", *rest) == NULL)
		return complain(r, "nothing may follow the section's name; begin a new line");
	if (length >= sizeof(r->section))
		return complain(r, "the section's name is too long");
	memcpy(r->section, line + 1, length);
	r->section[length] = '\0';
	pattern_of(r->section, &known);
	return known || complain(r,
	                         "unknown section [%s]; expected [default] or [breaker NAME], NAME of the "
	                         "characters A-Za-z0-9._:/@+-, * and ?",
	                         r->section);
}

/* As fgets(), but a NUL, or a line that does not fit, is a mistake. False at the end, and then too. */
static bool read_line(struct reader *r, char *buffer, int size, bool *sound)
{
	int length = 0;
	int c = 0;
	const char *mistake = NULL;
	while (c != '\n' && (c = getc(r->file)) != EOF) {
		if (length == size - 1)
			mistake = "the line is too long";
		else if (c == '\0')
			mistake = "the line holds a NUL";
		if (mistake == NULL)
			buffer[length++] = (char)c;
	}
	buffer[length] = '\0';
	*sound = mistake == NULL ||
	         (length == size - 1 ? complain(r, "the line is longer than %d bytes", size - 3) : complain(r, "%s", mistake));
	return length > 0 || mistake != NULL;
}

/* How long the value behind the first '=' or ':' is without the blanks around it. */
static size_t value_length(const char *line)
{
	const char *value = line + strcspn(line, "=:");
	if (*value != '\0')
		value++;
	while (isspace((unsigned char)*value))
		value++;
	size_t length = strlen(value);
	while (length > 0 && isspace((unsigned char)value[length - 1]))
		length--;
	return length;
}

/* Whether the library will read the line as it was meant. Says what is wrong, but of a section that is passed over. */
static bool check_line(struct reader *r, char *buffer)
{
	const char *start = buffer + strspn(buffer, " \t\v\f\r"); /* what the library calls blank */
	if (strchr(";#\r\n", *start) != NULL)                       /* a comment, or empty */
		return true;
	if (start > buffer && (!r->passing || *start == '[')) {
		r->passing = *start == '[';
		return complain(r, "the line is indented; write each key at the start of its line");
	}
	if (*start == '[') {
		r->passing = !read_section(r, start);
		return !r->passing;
	}
	if (r->passing)
		return false;
	if (strpbrk(start, "=:") == NULL)
		return complain(r, "expected 'key = value' or '[section]'");
	r->value_length = value_length(start);
	return true;
}

/* The library's reader: hands on one line, as fgets() does; an empty one for a line that counts as not there. */
static char *next_line(char *buffer, int size, void *context)
{
	static const char bom[] = "\xEF\xBB\xBF";
	struct reader *r = context;
	bool sound = true;
	r->line++;
	if (r->failed || !read_line(r, buffer, size, &sound))
		return NULL;
	if (r->line == 1 && strncmp(buffer, bom, strlen(bom)) == 0)
		memmove(buffer, buffer + strlen(bom), strlen(buffer + strlen(bom)) + 1);
	if (!sound || !check_line(r, buffer))
		strcpy(buffer, "\n");
	return r->failed ? NULL : buffer;
}

static bool add_entry(struct reader *r, const struct config_entry *entry)
{
	struct config_entry *place = array_append(&r->config->entries, sizeof(*place));
	if (place == NULL)
		return complain(r, "out of memory");
	*place = *entry;
	return true;
}

static bool unknown_key(struct reader *r, const char *key)
{
	const struct option_row *nearest = option_nearest(key, SCOPE_CONFIG);
	if (nearest == NULL)
		return complain(r, "unknown key '%s'; 'man cbrun.conf' lists the keys", TEXT_BRIEF(key));
	return complain(r, "unknown key '%s'; did you mean '%s'?", TEXT_BRIEF(key), nearest->name);
}

/* A value must make sense even where another one counts before it. */
static bool check_value(struct reader *r, const struct option_row *row, const char *text)
{
	struct settings scratch = {0};
	struct error error;
	const struct value v = {
		.row = row,
		.text = text,
		.origin = {.kind = ORIGIN_FILE, .name = r->path, .line = r->line},
	};
	if (apply_value(&scratch, &v, &error))
		return true;
	if (r->config->lenient) {
		lines_add(&r->config->remarks, "%s", error.text);
		return false;
	}
	r->failed = true;
	return error_set(r->error, ERROR_USAGE, "%s", error.text);
}

static bool take_key(struct reader *r, const char *key, const char *value)
{
	bool known;
	const char *pattern = pattern_of(r->section, &known);
	const struct option_row *row = option_find(key);
	if (!known)
		return complain(r, "the key '%s' is in no section; begin with [default] or [breaker NAME]",
		                TEXT_BRIEF(key));
	if (row == NULL || (row->scope & SCOPE_CONFIG) == 0)
		return unknown_key(r, key);
	if (strlen(value) != r->value_length)
		return complain(r, "libinih would cut the value to '%s', since it takes the rest for a comment; "
		                   "put a command that contains ' ;' into a script",
		                TEXT_BRIEF(value));
	if (pattern != NULL && strcmp(key, "store") == 0)
		return complain(
			r, "the key 'store' belongs in [default]: all commands must find the same one");
	if (!check_value(r, row, value))
		return false;
	struct config_entry entry = {
		.row = row,
		.text = strdup(value),
		.file = r->path,
		.line = r->line,
		.pattern = pattern != NULL ? strdup(pattern) : NULL,
	};
	bool ok = entry.text != NULL && (pattern == NULL || entry.pattern != NULL);
	if (!ok)
		complain(r, "out of memory");
	else
		ok = add_entry(r, &entry);
	if (!ok) {
		free(entry.text);
		free(entry.pattern);
	}
	return ok;
}

/* The library's handler: one key and its value. A section's name is cut short there; see read_section(). */
static int take_value(void *context, const char *section, const char *key, const char *value)
{
	struct reader *r = context;
	(void)section;
	return take_key(r, key, value) || r->config->lenient;
}

/* As root: what others can write must not say which commands run how. */
static bool trust(FILE *file, const char *path, struct error *error)
{
	struct stat status;
	struct trust_fault fault;
	char text[TRUST_TEXT_SIZE];
	if (fstat(fileno(file), &status) != 0)
		return error_set_errno(error, ERROR_USAGE, errno, "cannot look at the configuration %s",
		                       path);
	if (S_ISCHR(status.st_mode)) /* /dev/null */
		return true;
	if (trust_status(&status, path, &fault) && (!S_ISREG(status.st_mode) || trust_path(path, &fault)))
		return true;
	return error_set(error, ERROR_USAGE, "refusing the configuration %.512s: %s", path,
	                 trust_explain(&fault, strcmp(fault.path, path) == 0 ? "it" : fault.path, text));
}

/* Reads one file to its end. */
static bool parse(struct config_files *config, FILE *file, const char *path, struct error *error)
{
	struct reader r = {.config = config, .file = file, .path = path, .error = error};
	if (&ini_max_line != NULL)
		ini_max_line = LONGEST_LINE;
	if (&ini_allow_inline_comments != NULL)
		ini_allow_inline_comments = false;
	ini_parse_stream(next_line, &r, take_value, &r);
	if (ferror(file) && !r.failed)
		return error_set_errno(error, ERROR_USAGE, EIO, "cannot read the configuration %s", path);
	return !r.failed;
}

/* Opens a file that is to be read. *file is NULL if a usual one is missing. */
static bool open_file(FILE **file, const char *path, bool must_exist, struct error *error)
{
	struct stat status;
	*file = fopen(path, "re");
	if (*file == NULL)
		return (!must_exist && (errno == ENOENT || errno == ENOTDIR)) ||
		       error_set_errno(error, ERROR_USAGE, errno, "cannot open the configuration %s", path);
	bool directory = fstat(fileno(*file), &status) == 0 && S_ISDIR(status.st_mode);
	if (directory)
		error_set_errno(error, ERROR_USAGE, EISDIR, "cannot read the configuration %s", path);
	if (!directory && trust(*file, path, error))
		return true;
	fclose(*file);
	*file = NULL;
	return false;
}

/* A usual file that cannot be used is told and passed over: it may not be the reason that a job did not run. */
static bool read_file(struct config_files *config, const char *path, bool must_exist, struct error *error)
{
	FILE *file;
	struct error trouble;
	if (!open_file(&file, path, must_exist, must_exist ? error : &trouble)) {
		if (!must_exist)
			lines_add(&config->remarks, "%s; going on without it", trouble.text);
		return !must_exist;
	}
	if (file == NULL)
		return true;
	char *kept = strdup(path);
	bool ok = kept != NULL || error_set(error, ERROR_SYSTEM, "out of memory");
	if (ok) {
		config->paths[config->path_count++] = kept;
		ok = parse(config, file, kept, error);
	}
	fclose(file);
	return ok;
}

/* Writes the path of the user's file; false if there is none to look for. */
static bool user_file(char path[PATH_MAX])
{
	const char *xdg = secure_getenv("XDG_CONFIG_HOME");
	const char *home = secure_getenv("HOME");
	int length;
	if (xdg != NULL && xdg[0] == '/')
		length = snprintf(path, PATH_MAX, "%s/cbrun/cbrun.conf", xdg);
	else if (home != NULL && home[0] == '/')
		length = snprintf(path, PATH_MAX, "%s/.config/cbrun/cbrun.conf", home);
	else
		return false;
	return length < PATH_MAX;
}

static bool read_usual_files(struct config_files *config, struct error *error)
{
	char path[PATH_MAX];
	return read_file(config, SYSTEM_FILE, false, error) &&
	       (!user_file(path) || read_file(config, path, false, error));
}

static bool read_files(struct config_files *config, const char *given, bool lenient, struct error *error)
{
	*config = (struct config_files){.lenient = lenient};
	bool ok = given != NULL ? read_file(config, given, true, error) : read_usual_files(config, error);
	if (!ok)
		config_file_free(config);
	return ok;
}

bool config_file_read(struct config_files *config, const char *given, struct error *error)
{
	return read_files(config, given, given == NULL, error);
}

bool config_file_examine(struct config_files *config, const char *given, struct error *error)
{
	return read_files(config, given, true, error);
}

void config_file_free(struct config_files *config)
{
	struct config_entry *entries = config->entries.items;
	for (size_t i = 0; i < config->entries.count; i++) {
		free(entries[i].text);
		free(entries[i].pattern);
	}
	for (int i = 0; i < config->path_count; i++)
		free(config->paths[i]);
	array_free(&config->entries);
	lines_free(&config->remarks);
	config->path_count = 0;
}

const struct config_entry *config_file_entry(const struct config_files *config, size_t number)
{
	return (const struct config_entry *)config->entries.items + number;
}

static bool matches(const char *pattern, const char *name)
{
	return value_is_glob(pattern) ? fnmatch(pattern, name, 0) == 0 : strcmp(pattern, name) == 0;
}

/* The longest glob that matches; of two as long, the one that stands later. NULL if none does. */
static const char *longest_glob(const struct config_files *config, const char *name)
{
	const char *longest = NULL;
	for (size_t i = 0; i < config->entries.count; i++) {
		const char *pattern = config_file_entry(config, i)->pattern;
		if (pattern == NULL || !value_is_glob(pattern) || !matches(pattern, name))
			continue;
		if (longest == NULL || strlen(pattern) >= strlen(longest))
			longest = pattern;
	}
	return longest;
}

/* 1: [default], 2: the glob that counts, 3: the breaker's own section; 0: another breaker's. */
static int rank_of(const struct config_entry *entry, const char *name, const char *glob)
{
	if (entry->pattern == NULL)
		return 1;
	if (name == NULL)
		return 0;
	if (glob != NULL && strcmp(entry->pattern, glob) == 0)
		return 2;
	return !value_is_glob(entry->pattern) && matches(entry->pattern, name) ? 3 : 0;
}

const struct config_entry **config_file_select(const struct config_files *config, const char *name, size_t *count)
{
	enum { RANKS = 3 };
	const struct config_entry **selected = calloc(config->entries.count + 1, sizeof(*selected));
	const char *glob = name != NULL ? longest_glob(config, name) : NULL;
	*count = 0;
	if (selected == NULL)
		return NULL;
	for (int rank = 1; rank <= RANKS; rank++)
		for (size_t i = 0; i < config->entries.count; i++)
			if (rank_of(config_file_entry(config, i), name, glob) == rank)
				selected[(*count)++] = config_file_entry(config, i);
	return selected;
}
