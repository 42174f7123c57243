/* peer.c: a look into /proc. */
#include "base/peer.h"

#include "base/clock.h"
#include "base/units.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { STAT_SIZE = 1024, STATE_FIELD = 3, START_FIELD = 22 }; /* as proc(5) numbers them */

/* Reads /proc/WHO/stat, and splits it: the program's name, and what stands behind it. */
static bool read_stat(const char *who, char text[STAT_SIZE], const char **name, char **rest)
{
	char path[64];
	snprintf(path, sizeof(path), "/proc/%s/stat", who);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length = fd >= 0 ? read(fd, text, STAT_SIZE - 1) : -1;
	if (fd >= 0)
		close(fd);
	text[length > 0 ? length : 0] = '\0';
	char *begin = strchr(text, '(');
	char *end = strrchr(text, ')'); /* the name may hold any character */
	if (begin == NULL || end == NULL || end < begin)
		return false;
	*end = '\0';
	*name = begin + 1;
	*rest = end + 1;
	return true;
}

/* When the process started, in milliseconds on the boot clock; -1 if the fields do not tell. */
static int64_t start_ms(char *fields)
{
	char *save;
	char *field = strtok_r(fields, " ", &save);
	for (int i = STATE_FIELD; i < START_FIELD && field != NULL; i++)
		field = strtok_r(NULL, " ", &save);
	long ticks_per_second = sysconf(_SC_CLK_TCK);
	if (field == NULL || ticks_per_second <= 0)
		return -1;
	return strtoll(field, NULL, 10) * MS_PER_S / ticks_per_second;
}

int64_t peer_age_ms(int64_t pid)
{
	char who[24];
	char own[STAT_SIZE];
	char other[STAT_SIZE];
	const char *own_name;
	const char *name;
	char *rest;
	snprintf(who, sizeof(who), "%lld", (long long)pid);
	if (pid <= 0 || !read_stat("self", own, &own_name, &rest) || !read_stat(who, other, &name, &rest) ||
	    strcmp(own_name, name) != 0)
		return -1;
	int64_t started_ms = start_ms(rest);
	int64_t age_ms = clock_boot_us() / US_PER_MS - started_ms;
	return started_ms >= 0 && age_ms >= 0 ? age_ms : -1;
}
