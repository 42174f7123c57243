/* location.c: paths and their safety. */
#include "store/local/location.h"

#include "base/clock.h"
#include "base/identity.h"
#include "base/trust.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_NAME "cbrun.db"
#define PATH_AT_HOME "/.local/state/cbrun/" FILE_NAME

static bool is_set(const char *name)
{
	const char *value = secure_getenv(name);
	return value != NULL && value[0] != '\0';
}

/* A directory that the environment names. A relative one would be another in each place, and counts as none. */
static const char *environment(const char *name)
{
	const char *value = secure_getenv(name);
	return value != NULL && value[0] == '/' ? value : NULL;
}

/* Writes the store's path as the user or the environment gives it. */
static bool choose(char path[PATH_MAX], const char *given, struct error *error)
{
	const char *state = environment("STATE_DIRECTORY");
	const char *xdg = environment("XDG_STATE_HOME");
	const char *home = environment("HOME");
	int length;
	if (given != NULL)
		length = snprintf(path, PATH_MAX, "%s", given);
	else if (state != NULL) /* systemd separates several directories by colons */
		length = snprintf(path, PATH_MAX, "%.*s/" FILE_NAME, (int)strcspn(state, ":"), state);
	else if (identity_is_root())
		length = snprintf(path, PATH_MAX, "/var/lib/cbrun/" FILE_NAME);
	else if (xdg != NULL)
		length = snprintf(path, PATH_MAX, "%s/cbrun/" FILE_NAME, xdg);
	else if (home != NULL)
		length = snprintf(path, PATH_MAX, "%s" PATH_AT_HOME, home);
	else
		return error_set(error, ERROR_STORE, "cannot find the store: HOME is not %s; use --store",
		                 is_set("HOME") ? "an absolute path" : "set");
	if (length >= PATH_MAX)
		return error_set_errno(error, ERROR_STORE, ENAMETOOLONG, "cannot use the store");
	return true;
}

bool location_flush(const char *directory, struct error *error)
{
	int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool ok = fd >= 0 && fsync(fd) == 0;
	if (!ok)
		error_set_errno(error, ERROR_STORE, errno, "cannot flush the directory %s", directory);
	if (fd >= 0)
		close(fd);
	return ok;
}

/* Makes the directory if it is missing. Its name is on disk then, unless the parent may not be read. */
static bool make_directory(const char *path, struct error *error)
{
	char parent[PATH_MAX + 4];
	if (mkdir(path, 0700) == 0) {
		snprintf(parent, sizeof(parent), "%s/..", path);
		return access(parent, R_OK) != 0 || location_flush(parent, error);
	}
	if (errno == EEXIST || access(path, F_OK) == 0)
		return true;
	return error_set_errno(error, ERROR_STORE, errno, "cannot make the directory %s", path);
}

static bool make_directories(char *path, struct error *error)
{
	for (char *slash = path + 1;; slash++) {
		slash = strchrnul(slash, '/');
		char kept = *slash;
		*slash = '\0';
		if (!make_directory(path, error))
			return false;
		*slash = kept;
		if (kept == '\0')
			return true;
	}
}

/* Splits at the last slash, and writes the directory behind the path. False if no file is named. */
static bool split(char path[2 * PATH_MAX], char **directory, const char **base)
{
	const char *slash = strrchr(path, '/');
	*base = slash != NULL ? slash + 1 : path;
	*directory = path + strlen(path) + 1;
	if (slash == NULL || slash == path)
		strcpy(*directory, slash == NULL ? "." : "/");
	else
		*(char *)mempcpy(*directory, path, (size_t)(slash - path)) = '\0';
	return **base != '\0' && strcmp(*base, ".") != 0 && strcmp(*base, "..") != 0;
}

/* Keeps the three parts as one name. NULL if it is too long. */
static const char *keep_name(struct location *l, const char *first, const char *second, const char *third)
{
	char *name = l->names + l->used;
	size_t length = strlen(first) + strlen(second) + strlen(third);
	if (length >= LOCATION_PATH_SIZE)
		return NULL;
	strcpy(stpcpy(stpcpy(name, first), second), third);
	l->used += length + 1;
	return name;
}

static bool name_files(struct location *l, const char *base)
{
	const char *separator = strcmp(l->directory, "/") == 0 ? "" : "/";
	l->database = keep_name(l, l->directory, separator, base);
	if (l->database == NULL || strlen(l->database) >= PATH_MAX)
		return false;
	l->wal = keep_name(l, l->database, "-wal", "");
	l->shm = keep_name(l, l->database, "-shm", "");
	l->permits = keep_name(l, l->database, ".permits", "");
	l->journal = keep_name(l, l->database, "-journal", "");
	l->fresh = keep_name(l, l->database, ".new", "");
	return l->journal != NULL;
}

void location_draw_fresh(struct location *location)
{
	char suffix[16];
	snprintf(suffix, sizeof(suffix), ".%08x", clock_chance());
	const char *name = keep_name(location, location->database, ".new", suffix);
	if (name != NULL)
		location->fresh = name;
}

/* A directory that is set-group-ID and that its group may write is meant to be shared. */
static mode_t file_mode(const char *directory)
{
	struct stat status;
	mode_t shared = S_ISGID | S_IWGRP;
	return stat(directory, &status) == 0 && (status.st_mode & shared) == shared ? 0660 : 0600;
}

static bool refuse(const struct trust_fault *fault, struct error *error)
{
	char text[TRUST_TEXT_SIZE];
	if (fault->failure != 0)
		return error_set_errno(error, ERROR_STORE, fault->failure, "cannot look at %s", fault->path);
	return error_set(error, ERROR_STORE, "refusing the store: %s or use --store",
	                 trust_explain(fault, fault->path, text));
}

/* Whether it is all theirs, and not root's with something of theirs in it. */
static bool is_theirs(const struct location *l, uid_t owner)
{
	struct stat directory;
	struct stat database;
	return owner != 0 && stat(l->directory, &directory) == 0 && directory.st_uid == owner &&
	       lstat(l->database, &database) == 0 && database.st_uid == owner;
}

/* Its owner could turn what root reads, and locks, into something else; but may look, and act, with no risk. */
static bool send_to_owner(const struct location *l, const struct trust_fault *fault, struct error *error)
{
	char name[64];
	char number[16];
	identity_name(fault->owner, name, sizeof(name));
	snprintf(number, sizeof(number), "'#%u'", fault->owner);
	const char *user = strchr(name, ' ') == NULL ? name : number;
	size_t length = strlen(l->database);
	size_t usual = strlen(PATH_AT_HOME);
	bool at_home = length > usual && strcmp(l->database + length - usual, PATH_AT_HOME) == 0;
	return error_set(error, ERROR_STORE,
	                 "refusing the store: %.512s belongs to uid %u, not to root; its owner may look: sudo "
	                 "-u %s cbrun %s%s%sstatus",
	                 fault->path, fault->owner, user, at_home ? "" : "--store ",
	                 at_home ? "" : l->database, at_home ? "" : " ");
}

static bool check_directory(const char *directory, struct error *error)
{
	struct trust_fault fault;
	return trust_path(directory, &fault) || refuse(&fault, error);
}

void location_share(const struct location *location, int fd)
{
	struct stat status;
	if ((location->mode & S_IWGRP) != 0 && fstat(fd, &status) == 0 && status.st_uid == geteuid() &&
	    (status.st_mode & location->mode) != location->mode)
		(void)!fchmod(fd, location->mode); /* where it fails, doctor says what to do */
}

bool location_find(struct location *location, const char *given, bool create, struct error *error)
{
	char path[2 * PATH_MAX];
	char *directory;
	const char *base;
	if (!choose(path, given, error))
		return false;
	if (!split(path, &directory, &base))
		return error_set(error, ERROR_STORE, "cannot use the store %s: it names no file", path);
	location->create = create;
	location->exists = access(directory, F_OK) == 0;
	if (!location->exists && !create)
		return true;
	if (!location->exists && !(check_directory(directory, error) && make_directories(directory, error)))
		return false;
	location->directory = realpath(directory, location->names);
	if (location->directory == NULL)
		return error_set_errno(error, ERROR_STORE, errno, "cannot use the directory %s", directory);
	location->used = strlen(location->directory) + 1;
	location->exists = true;
	location->mode = file_mode(location->directory);
	location->given = keep_name(location, directory, "", "");
	if (!name_files(location, base))
		return error_set_errno(error, ERROR_STORE, ENAMETOOLONG, "cannot use the store %s", path);
	return true;
}

bool location_check(const struct location *l, struct error *error)
{
	struct trust_fault fault;
	if (!identity_is_root())
		return true;
	if (trust_path(l->given, &fault) && trust_file(l->database, &fault) && trust_file(l->wal, &fault) &&
	    trust_file(l->shm, &fault) && trust_file(l->journal, &fault))
		return true;
	if (!l->create && is_theirs(l, fault.owner))
		return send_to_owner(l, &fault, error);
	return refuse(&fault, error);
}

bool location_check_open(const struct location *l, int fd, const char *path, struct error *error)
{
	struct stat status;
	struct trust_fault fault;
	if (fstat(fd, &status) != 0)
		return error_set_errno(error, ERROR_STORE, errno, "cannot look at %s", path);
	if (!trust_status(&status, path, &fault))
		return refuse(&fault, error);
	bool shared = (l->mode & S_IWGRP) != 0;
	if (!shared && status.st_uid != geteuid() && status.st_uid != 0)
		return error_set(error, ERROR_STORE, "refusing %s: it belongs to uid %u; remove it", path,
		                 status.st_uid);
	return true;
}
