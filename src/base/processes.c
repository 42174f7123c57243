/* processes.c: a look into /proc. */
#include "base/processes.h"

#include "base/units.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FORKED_NO_EXEC = 0x40 }; /* PF_FORKNOEXEC of the kernel */

static bool read_file(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	ssize_t length = read(fd, text, size - 1);
	close(fd);
	text[length > 0 ? length : 0] = '\0';
	return true;
}

/*
 * proc_pid_stat(5): "PID (NAME) STATE PARENT GROUP SESSION TERMINAL FOREGROUND
 * FLAGS", twelve more, and when it started. NAME may contain anything,
 * parentheses too, but the last one ends it.
 */
bool processes_look(pid_t pid, struct process_facts *facts)
{
	char path[32] = "/proc/self/stat";
	char text[1024];
	char state;
	int parent;
	unsigned flags;
	long long ticks;
	if (pid != 0)
		snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	if (!read_file(path, text, sizeof(text)))
		return false;
	const char *name = strchr(text, '(');
	char *end = strrchr(text, ')');
	if (name == NULL || end == NULL || end < name)
		return false;
	*end = '\0';
	int count = sscanf(end + 1,
	                   " %c %d %*d %*d %*d %*d %u %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %lld", &state,
	                   &parent, &flags, &ticks);
	if (count < 3)
		return false;
	long ticks_per_second = sysconf(_SC_CLK_TCK);
	snprintf(facts->name, sizeof(facts->name), "%s", name + 1);
	facts->parent = parent;
	facts->dead = state == 'Z' || state == 'X';
	facts->never_executed = (flags & FORKED_NO_EXEC) != 0;
	facts->start_ms = count == 4 && ticks_per_second > 0 ? ticks * MS_PER_S / ticks_per_second : -1;
	return true;
}

struct processes processes_begin(void)
{
	return (struct processes){.directory = opendir("/proc")};
}

pid_t processes_next(struct processes *processes)
{
	const struct dirent *entry;
	while (processes->directory != NULL && (entry = readdir(processes->directory)) != NULL) {
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
		if (pid > 0)
			return pid;
	}
	return 0;
}

void processes_end(struct processes *processes)
{
	if (processes->directory != NULL)
		closedir(processes->directory);
}
