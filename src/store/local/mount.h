/*
 * mount.h: what a file is mounted on.
 */
#ifndef CBRUN_STORE_LOCAL_MOUNT_H
#define CBRUN_STORE_LOCAL_MOUNT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* One look at a file. */
struct mount_look {
	mode_t mode;
	int64_t size;
	uint64_t inode;
	uint64_t device;
	uint64_t mount;   /* the number of the mount; 0 if that is not known */
	bool tells_point; /* whether is_point is known; see mount_is_point() */
	bool is_point;
};

/* Looks at the file itself, if it is a link at that: its mode and its size. False with errno set. */
bool mount_look(const char *path, struct mount_look *file);

/* Looks at an open file: its size, inode, device and mount. False with errno set. */
bool mount_look_open(int fd, struct mount_look *file);

/* Whether the file that mount_look() has looked at is mounted by itself. */
bool mount_is_point(const char *path, const struct mount_look *file);

/* The name of the file system's kind if it is one that several hosts may share ("nfs"); else NULL. */
const char *mount_network_kind(const char *directory);

#endif
