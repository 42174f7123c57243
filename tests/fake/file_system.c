/*
 * A file system of any kind: statfs() tells the type that $FAKE_FILE_SYSTEM
 * gives as a number, as if the store lay there. With $FAKE_OLD_STATX, statx()
 * does not tell what is mounted, as before Linux 5.8. Linked into the program
 * beside the fake clock.
 */
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <unistd.h>

int statfs(const char *path, struct statfs *status)
{
	const char *type = getenv("FAKE_FILE_SYSTEM");
#ifdef SYS_statfs64 /* 32 bits, and -D_FILE_OFFSET_BITS=64 */
	int answer = (int)syscall(SYS_statfs64, path, sizeof(*status), status);
#else
	int answer = (int)syscall(SYS_statfs, path, status);
#endif
	if (answer == 0 && type != NULL)
		status->f_type = (__typeof__(status->f_type))strtol(type, NULL, 0);
	return answer;
}

#ifdef STATX_TYPE
int statx(int directory, const char *path, int flags, unsigned mask, struct statx *status)
{
	int answer = (int)syscall(SYS_statx, directory, path, flags, mask, status);
	if (answer == 0 && getenv("FAKE_OLD_STATX") != NULL)
		status->stx_attributes = status->stx_attributes_mask = 0;
	return answer;
}
#endif
