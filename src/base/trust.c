/* trust.c: a path is walked as the kernel does it, so that no link on the way is passed over. */
#include "base/trust.h"

#include "base/identity.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { MOST_LINKS = 40 };

struct walk {
	int links;
	uid_t lord; /* whoever owns the root directory, in whose hands everything is; in a user namespace not 0 */
	const char *rest; /* what is to be walked: of the path itself, or `made` */
	char done[PATH_MAX]; /* what has been walked: absolute, without links; "" is the root */
	char made[2 * PATH_MAX]; /* where a link, or the working directory, stands before the rest */
};

static bool fail(struct trust_fault *fault, const char *path, int failure)
{
	*fault = (struct trust_fault){.failure = failure};
	snprintf(fault->path, sizeof(fault->path), "%s", path);
	return false;
}

static bool check(const struct stat *status, uid_t lord, const char *path, struct trust_fault *fault)
{
	mode_t foreign = status->st_mode & (S_IWGRP | S_IWOTH);
	if (S_ISLNK(status->st_mode) || (S_ISDIR(status->st_mode) && (status->st_mode & S_ISVTX) != 0))
		foreign = 0;
	if (foreign == 0 && (status->st_uid == 0 || status->st_uid == lord))
		return true;
	fail(fault, path, 0);
	fault->owner = status->st_uid == lord ? 0 : status->st_uid;
	fault->mode = status->st_mode & 07777;
	return false;
}

bool trust_status(const struct stat *status, const char *path, struct trust_fault *fault)
{
	return !identity_is_root() || check(status, 0, path, fault);
}

bool trust_file(const char *path, struct trust_fault *fault)
{
	struct stat status;
	if (lstat(path, &status) != 0)
		return errno == ENOENT || fail(fault, path, errno);
	return trust_status(&status, path, fault);
}

static void leave_last(char *path)
{
	char *slash = strrchr(path, '/');
	if (slash != NULL)
		*slash = '\0';
}

/* Moves the first component of the rest to the end of `done`; false if it gets too long. */
static bool step(struct walk *w)
{
	const char *name = w->rest + strspn(w->rest, "/");
	size_t length = strcspn(name, "/");
	size_t used = strlen(w->done);
	bool fits = used + length + 1 < sizeof(w->done);
	if (length == 2 && strncmp(name, "..", 2) == 0)
		leave_last(w->done);
	else if (fits && length > 0 && !(length == 1 && *name == '.'))
		snprintf(w->done + used, sizeof(w->done) - used, "/%.*s", (int)length, name);
	w->rest = name + length;
	return fits;
}

/* Puts what a link points to before the rest. Not inlined: few paths have one, and each would pay for the memory. */
static __attribute__((noinline)) int follow(struct walk *w)
{
	char target[2 * PATH_MAX];
	ssize_t length = readlink(w->done, target, PATH_MAX);
	if (length < 0)
		return errno;
	if (++w->links > MOST_LINKS)
		return ELOOP;
	if (length == PATH_MAX || (size_t)length + strlen(w->rest) + 2 > sizeof(target))
		return ENAMETOOLONG;
	snprintf(target + length, sizeof(target) - (size_t)length, "/%s", w->rest);
	strcpy(w->made, target);
	w->rest = w->made;
	if (target[0] == '/')
		w->done[0] = '\0';
	else
		leave_last(w->done);
	return 0;
}

static bool walk(struct walk *w, struct trust_fault *fault)
{
	struct stat status;
	if (lstat("/", &status) != 0)
		return fail(fault, "/", errno);
	w->lord = status.st_uid;
	for (;;) {
		const char *path = w->done[0] != '\0' ? w->done : "/";
		if (!check(&status, w->lord, path, fault))
			return false;
		int failure = S_ISLNK(status.st_mode) ? follow(w) : 0;
		if (failure != 0)
			return fail(fault, path, failure);
		if (w->rest[strspn(w->rest, "/")] == '\0')
			return true;
		if (!step(w))
			return fail(fault, w->done, ENAMETOOLONG);
		if (lstat(w->done[0] != '\0' ? w->done : "/", &status) != 0)
			return errno == ENOENT || errno == ENOTDIR || fail(fault, w->done, errno);
	}
}

bool trust_path(const char *path, struct trust_fault *fault)
{
	if (!identity_is_root())
		return true;
	struct walk w;
	w.done[0] = '\0';
	w.links = 0;
	w.rest = path;
	if (path[0] != '/') {
		if (getcwd(w.made, PATH_MAX) == NULL)
			return fail(fault, path, errno);
		size_t used = strlen(w.made);
		if ((size_t)snprintf(w.made + used, sizeof(w.made) - used, "/%s", path) >= sizeof(w.made) - used)
			return fail(fault, path, ENAMETOOLONG);
		w.rest = w.made;
	}
	return walk(&w, fault);
}

char *trust_explain(const struct trust_fault *fault, const char *subject, char text[TRUST_TEXT_SIZE])
{
	if (fault->failure != 0)
		snprintf(text, TRUST_TEXT_SIZE, "%.512s cannot be looked at: %s", subject,
		         strerror(fault->failure));
	else if (fault->owner != 0)
		snprintf(text, TRUST_TEXT_SIZE, "%.512s belongs to uid %u, not to root; chown it", subject,
		         fault->owner);
	else
		snprintf(text, TRUST_TEXT_SIZE,
		         "%.512s can be written by others than root (mode %04o); chmod go-w it", subject,
		         fault->mode);
	return text;
}
