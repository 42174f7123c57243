/* location.c: paths and their safety. */
#include "store/local/location.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_NAME "cbrun.db"

static const char *environment(const char *name)
{
	const char *value = getenv(name);
	return value != NULL && value[0] != '\0' ? value : NULL;
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
	else if (geteuid() == 0)
		length = snprintf(path, PATH_MAX, "/var/lib/cbrun/" FILE_NAME);
	else if (xdg != NULL && xdg[0] == '/') /* the XDG standard: a relative path is invalid */
		length = snprintf(path, PATH_MAX, "%s/cbrun/" FILE_NAME, xdg);
	else if (home != NULL)
		length = snprintf(path, PATH_MAX, "%s/.local/state/cbrun/" FILE_NAME, home);
	else
		return error_set(error, ERROR_STORE, "cannot find the store: HOME is not set; use --store");
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

/* Splits at the last slash. False if no file is named. */
static bool split(const char *path, char directory[PATH_MAX], const char **base)
{
	const char *slash = strrchr(path, '/');
	*base = slash != NULL ? slash + 1 : path;
	if (slash == NULL)
		snprintf(directory, PATH_MAX, ".");
	else if (slash == path)
		snprintf(directory, PATH_MAX, "/");
	else
		snprintf(directory, PATH_MAX, "%.*s", (int)(slash - path), path);
	return **base != '\0' && strcmp(*base, ".") != 0 && strcmp(*base, "..") != 0;
}

/* Keeps the three parts as one name. NULL if it is too long. */
static const char *keep_name(struct location *l, const char *first, const char *second, const char *third)
{
	char *name = l->names + l->used;
	char text[LOCATION_PATH_SIZE];
	int length = snprintf(text, sizeof(text), "%s%s%s", first, second, third);
	if (length < 0 || (size_t)length >= sizeof(text))
		return NULL;
	memcpy(name, text, (size_t)length + 1);
	l->used += (size_t)length + 1;
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
	l->fresh = keep_name(l, l->database, ".new", "");
	return l->permits != NULL;
}

/* A directory that is set-group-ID and that its group may write is meant to be shared. */
static mode_t file_mode(const char *directory)
{
	struct stat status;
	mode_t shared = S_ISGID | S_IWGRP;
	return stat(directory, &status) == 0 && (status.st_mode & shared) == shared ? 0660 : 0600;
}

bool location_find(struct location *location, const char *given, bool create, struct error *error)
{
	char path[PATH_MAX];
	char directory[PATH_MAX];
	const char *base;
	if (!choose(path, given, error))
		return false;
	if (!split(path, directory, &base))
		return error_set(error, ERROR_STORE, "cannot use the store %s: it names no file", path);
	location->exists = access(directory, F_OK) == 0;
	if (!location->exists && !create)
		return true;
	if (!location->exists && !make_directories(directory, error))
		return false;
	location->directory = realpath(directory, location->names);
	if (location->directory == NULL)
		return error_set_errno(error, ERROR_STORE, errno, "cannot use the directory %s", directory);
	location->used = strlen(location->directory) + 1;
	location->exists = true;
	location->mode = file_mode(location->directory);
	if (!name_files(location, base))
		return error_set_errno(error, ERROR_STORE, ENAMETOOLONG, "cannot use the store %s", path);
	return true;
}

static bool trust(const char *path, bool directory, struct error *error)
{
	struct stat status;
	if (lstat(path, &status) != 0)
		return errno == ENOENT ||
		       error_set_errno(error, ERROR_STORE, errno, "cannot look at %s", path);
	mode_t foreign = status.st_mode & (S_IWGRP | S_IWOTH);
	if (directory && (status.st_mode & S_ISVTX) != 0)
		foreign = 0; /* as in /tmp, where nobody can replace another's file */
	if (status.st_uid != 0)
		return error_set(
			error, ERROR_STORE,
			"refusing the store: %s belongs to uid %u, not to root; chown it or use --store",
			path, status.st_uid);
	if (foreign != 0 && !S_ISLNK(status.st_mode))
		return error_set(error, ERROR_STORE,
		                 "refusing the store: %s can be written by others than root (mode %04o); "
		                 "chmod go-w it or use --store",
		                 path, status.st_mode & 07777);
	return true;
}

bool location_check(const struct location *location, struct error *error)
{
	if (geteuid() != 0)
		return true;
	return trust(location->directory, true, error) && trust(location->database, false, error) &&
	       trust(location->wal, false, error) && trust(location->shm, false, error) &&
	       trust(location->permits, false, error);
}
