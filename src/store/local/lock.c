/* lock.c: Linux's open-file-description locks. */
#include "store/local/lock.h"

#include <unistd.h>

static struct flock range(short type, int64_t start, int64_t length)
{
	return (struct flock){.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = length};
}

bool lock_set(int fd, short type, int64_t start, int64_t length)
{
	struct flock lock = range(type, start, length);
	return fcntl(fd, F_OFD_SETLK, &lock) == 0;
}

bool lock_await(int fd, short type, int64_t start, int64_t length)
{
	struct flock lock = range(type, start, length);
	return fcntl(fd, F_OFD_SETLKW, &lock) == 0;
}

bool lock_find(int fd, short type, int64_t start, int64_t length, struct flock *found)
{
	*found = range(type, start, length);
	return fcntl(fd, F_OFD_GETLK, found) == 0;
}
