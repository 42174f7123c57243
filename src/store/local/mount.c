/* mount.c: Linux's statx(), where there is one, its list of mounts, and its numbers of file systems. */
#include "store/local/mount.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#ifdef STATX_TYPE

/* A mount's number that is never used again: Linux 6.8; before that, the number it has. */
enum { MOUNT_ID_UNIQUE = 0x4000 };

/* Not all of it is asked for each time: a link's mount would be another's. */
static bool look(int fd, const char *path, int flags, unsigned mask, struct mount_look *look)
{
	struct statx status;
	if (statx(fd, path, flags, mask, &status) != 0)
		return false;
	*look = (struct mount_look){
		.mode = status.stx_mode,
		.size = (int64_t)status.stx_size,
		.inode = status.stx_ino,
		.device = (uint64_t)status.stx_dev_major << 32 | status.stx_dev_minor,
		.mount = status.stx_mnt_id,
		.tells_point = (status.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT) != 0,
		.is_point = (status.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0,
	};
	return true;
}

bool mount_look(const char *path, struct mount_look *file)
{
	return look(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, STATX_TYPE | STATX_SIZE, file);
}

bool mount_look_open(int fd, struct mount_look *file)
{
	return look(fd, "", AT_EMPTY_PATH, STATX_INO | STATX_SIZE | STATX_MNT_ID | MOUNT_ID_UNIQUE, file);
}

#else /* a C library without statx() */

static struct mount_look look(const struct stat *status)
{
	return (struct mount_look){.mode = status->st_mode, .size = status->st_size, .inode = status->st_ino,
	                           .device = status->st_dev};
}

bool mount_look(const char *path, struct mount_look *file)
{
	struct stat status;
	bool ok = lstat(path, &status) == 0;
	if (ok)
		*file = look(&status);
	return ok;
}

bool mount_look_open(int fd, struct mount_look *file)
{
	struct stat status;
	bool ok = fstat(fd, &status) == 0;
	if (ok)
		*file = look(&status);
	return ok;
}

#endif

/* The path as /proc/self/mountinfo writes it: proc_pid_mountinfo(5). */
static void escape_path(const char *path, char out[4 * PATH_MAX])
{
	for (; *path != '\0'; path++) {
		if (strchr(" \t\n\\", *path) != NULL)
			out += sprintf(out, "\\%03o", (unsigned)*path);
		else
			*out++ = *path;
	}
	*out = '\0';
}

/* Whether the list of mounts has the path. For where statx() does not tell: before Linux 5.8. */
static bool is_listed_mount(const char *path)
{
	char escaped[4 * PATH_MAX];
	char *line = NULL;
	size_t size = 0;
	bool found = false;
	FILE *mounts = fopen("/proc/self/mountinfo", "re");
	escape_path(path, escaped);
	while (!found && mounts != NULL && getline(&line, &size, mounts) > 0) {
		enum { MOUNT_POINT = 5 };
		char *rest = line;
		const char *field = NULL;
		for (int i = 0; i < MOUNT_POINT; i++)
			field = strsep(&rest, " ");
		found = field != NULL && strcmp(field, escaped) == 0;
	}
	free(line);
	if (mounts != NULL)
		fclose(mounts);
	return found;
}

bool mount_is_point(const char *path, const struct mount_look *file)
{
	return file->tells_point ? file->is_point : is_listed_mount(path);
}

const char *mount_network_kind(const char *directory)
{
	static const struct {
		int64_t type; /* statfs(2) */
		const char *name;
	} kinds[] = {
		{0x6969, "nfs"},      {0x517B, "smb"},        {0xFF534D42, "cifs"}, {0xFE534D42, "smb3"},
		{0x5346414F, "afs"},  {0x73757245, "coda"},   {0x00C36400, "ceph"}, {0x01021997, "9p"},
		{0x65735546, "fuse"}, {0x0BD00BD0, "lustre"}, {0x01161970, "gfs2"}, {0x7461636F, "ocfs2"},
		{0x47504653, "gpfs"},
	};
	struct statfs status;
	if (statfs(directory, &status) != 0)
		return NULL;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (kinds[i].type == (int64_t)(uint32_t)status.f_type)
			return kinds[i].name;
	return NULL;
}
