/* scratch.c: below $TMPDIR, or /tmp. */
#include "scratch.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

bool scratch_begin(struct scratch *scratch, struct unit *u)
{
	struct error error;
	char given[PATH_MAX + 16];
	const char *directory = getenv("TMPDIR");
	snprintf(scratch->path, sizeof(scratch->path), "%s/unit-XXXXXX",
	         directory != NULL ? directory : "/tmp");
	bool ok = mkdtemp(scratch->path) != NULL;
	snprintf(given, sizeof(given), "%s/cbrun.db", scratch->path);
	ok = ok && location_find(&scratch->where, given, false, &error);
	CHECK(u, ok);
	return ok;
}

bool scratch_write(const char *path, const void *bytes, size_t length)
{
	unlink(path);
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	bool ok = fd >= 0 && write(fd, bytes, length) == (ssize_t)length;
	if (fd >= 0)
		close(fd);
	return ok;
}

bool scratch_exists(const char *path)
{
	return access(path, F_OK) == 0;
}

void scratch_end(struct scratch *scratch)
{
	DIR *directory = opendir(scratch->path);
	const struct dirent *entry;
	while (directory != NULL && (entry = readdir(directory)) != NULL)
		unlinkat(dirfd(directory), entry->d_name, 0);
	if (directory != NULL)
		closedir(directory);
	rmdir(scratch->path);
}
