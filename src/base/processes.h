/*
 * processes.h: what the kernel tells of the processes of this machine, or of
 * this pid namespace.
 */
#ifndef CBRUN_BASE_PROCESSES_H
#define CBRUN_BASE_PROCESSES_H

#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct process_facts {
	char name[64];
	pid_t parent;
	bool dead;           /* it only waits to be waited for */
	bool never_executed; /* nothing since it was forked */
	int64_t start_ms;    /* on the boot clock; -1: not known */
};

/* Looks at a process, 0 being this one. False if there is none, or if it cannot be told. */
bool processes_look(pid_t pid, struct process_facts *facts);

/* Going through all. The caller ends what it began. */
struct processes {
	DIR *directory;
};

struct processes processes_begin(void);

/* The next one's pid; 0 behind the last, and at once where it cannot be told. */
pid_t processes_next(struct processes *processes);

void processes_end(struct processes *processes);

#endif
