/* replacement.c: a new file beside the old one, renamed over it. */
#include "base/replacement.h"

#include "base/clock.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PROC_SIZE = 32 };

static bool fail(const struct replacement *r, int failure, struct error *error)
{
	return error_set_errno(error, ERROR_SYSTEM, failure, "cannot write %s", TEXT_BRIEF(r->path));
}

/* A device or a link to one, such as /dev/stdout, would be gone; and a link that is followed may lead anywhere. */
static bool check_old(const struct replacement *r, struct error *error)
{
	struct stat status;
	if (lstat(r->path, &status) != 0)
		return errno == ENOENT || fail(r, errno, error);
	if (S_ISDIR(status.st_mode))
		return fail(r, EISDIR, error);
	return S_ISREG(status.st_mode) ||
	       error_set(error, ERROR_SYSTEM, "cannot write %s: it is not a plain file, and would be replaced by one",
	                 TEXT_BRIEF(r->path));
}

/* The directory of the file, with the slash; "" if the path has none. Returns its length; -1 if that is too long. */
static int directory_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	size_t length = slash != NULL ? (size_t)(slash - path) + 1 : 0;
	return length < PATH_MAX - PROC_SIZE ? (int)length : -1;
}

/* Where the descriptor can be given a name. */
static bool can_be_named(int fd, char proc[PROC_SIZE])
{
	snprintf(proc, PROC_SIZE, "/proc/self/fd/%d", fd);
	return access(proc, F_OK) == 0;
}

/* Opens a file without a name where that is possible, else one with. Returns -1 with errno set. */
static int open_new(struct replacement *r, int directory)
{
	char proc[PROC_SIZE];
	snprintf(r->fresh, sizeof(r->fresh), "%.*s", directory > 0 ? directory : 2, directory > 0 ? r->path : "./");
	int fd = open(r->fresh, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
	r->unnamed = fd >= 0 && can_be_named(fd, proc);
	snprintf(r->fresh, sizeof(r->fresh), "%.*s.cbrun-%08x", directory, r->path, (unsigned)clock_chance());
	if (r->unnamed)
		return fd;
	if (fd >= 0)
		close(fd);
	return open(r->fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
}

static void give_signals_back(const struct replacement *r)
{
	sigprocmask(SIG_SETMASK, &r->signals, NULL);
}

static void discard(const struct replacement *r, int fd)
{
	close(fd);
	if (!r->unnamed)
		unlink(r->fresh);
}

bool replacement_begin(struct replacement *r, const char *path, struct error *error)
{
	sigset_t all;
	int directory = directory_of(path);
	r->path = path;
	r->file = NULL;
	if (directory < 0)
		return fail(r, ENAMETOOLONG, error);
	if (!check_old(r, error))
		return false;
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &r->signals);
	int fd = open_new(r, directory);
	if (fd >= 0)
		r->file = fdopen(fd, "w");
	if (r->file != NULL)
		return true;
	int failure = errno;
	if (fd >= 0)
		discard(r, fd);
	give_signals_back(r);
	return fail(r, failure, error);
}

static bool give_name(struct replacement *r)
{
	char proc[PROC_SIZE];
	if (!r->unnamed)
		return true;
	if (!can_be_named(fileno(r->file), proc) ||
	    linkat(AT_FDCWD, proc, AT_FDCWD, r->fresh, AT_SYMLINK_FOLLOW) != 0)
		return false;
	r->unnamed = false;
	return true;
}

/* False with errno set. */
static bool finish(struct replacement *r, mode_t mode)
{
	if (fflush(r->file) != 0)
		return false;
	errno = EIO; /* whatever it was that was lost earlier */
	return ferror(r->file) == 0 && fchmod(fileno(r->file), mode) == 0 && give_name(r);
}

bool replacement_commit(struct replacement *r, mode_t mode, struct error *error)
{
	bool ok = finish(r, mode);
	int failure = errno;
	/* a network file system may tell only now what it could not keep */
	if (fclose(r->file) != 0 && ok) {
		ok = false;
		failure = errno;
	}
	r->file = NULL;
	if (ok && rename(r->fresh, r->path) != 0) {
		ok = false;
		failure = errno;
	}
	if (!ok && !r->unnamed)
		unlink(r->fresh);
	give_signals_back(r);
	return ok || fail(r, failure, error);
}

void replacement_abandon(struct replacement *r)
{
	if (r->file == NULL)
		return;
	fclose(r->file);
	r->file = NULL;
	if (!r->unnamed)
		unlink(r->fresh);
	give_signals_back(r);
}
