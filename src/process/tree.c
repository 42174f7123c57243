/* tree.c: descendants, found by their parents in /proc. */
#include "process/tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

struct process {
	pid_t pid;
	pid_t parent;
	bool ours; /* a descendant, and no stranger */
	bool dead; /* a zombie */
};

struct census {
	struct process *processes;
	size_t count;
	size_t capacity;
};

/* Reads state and parent from /proc/PID/stat: "PID (NAME) STATE PARENT ...". NAME may hold anything. */
static bool read_process(pid_t pid, struct process *process)
{
	char path[32];
	char text[512];
	char state;
	int parent;
	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	ssize_t length = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[length > 0 ? length : 0] = '\0';
	const char *name_end = strrchr(text, ')');
	if (name_end == NULL || sscanf(name_end + 1, " %c %d", &state, &parent) != 2)
		return false;
	*process = (struct process){.pid = pid, .parent = parent, .dead = state == 'Z' || state == 'X'};
	return true;
}

static bool add(struct census *census, const struct process *process)
{
	if (census->count == census->capacity) {
		size_t capacity = census->capacity > 0 ? 2 * census->capacity : 256;
		struct process *processes = realloc(census->processes, capacity * sizeof(*processes));
		if (processes == NULL)
			return false;
		census->processes = processes;
		census->capacity = capacity;
	}
	census->processes[census->count++] = *process;
	return true;
}

static bool is_stranger(const struct tree *tree, pid_t pid)
{
	for (size_t i = 0; i < tree->stranger_count; i++)
		if (tree->strangers[i] == pid)
			return true;
	return false;
}

/* Marks children of ours, then their children, until a round finds no more. */
static void mark_ours(const struct tree *tree, struct census *census)
{
	bool found = true;
	while (found) {
		found = false;
		for (size_t i = 0; i < census->count; i++) {
			struct process *p = &census->processes[i];
			bool ours = p->parent == getpid() && !is_stranger(tree, p->pid);
			for (size_t j = 0; j < census->count && !ours; j++)
				ours = census->processes[j].ours && census->processes[j].pid == p->parent;
			found = found || (ours && !p->ours);
			p->ours = ours;
		}
	}
}

static struct census take_census(const struct tree *tree)
{
	struct census census = {0};
	DIR *directory = opendir("/proc");
	struct dirent *entry;
	while (directory != NULL && (entry = readdir(directory)) != NULL) {
		struct process process;
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
		if (pid > 0 && read_process(pid, &process) && !add(&census, &process))
			break;
	}
	if (directory != NULL)
		closedir(directory);
	mark_ours(tree, &census);
	return census;
}

bool tree_begin(struct tree *tree)
{
	*tree = (struct tree){0};
	struct census census = take_census(tree);
	tree->strangers = calloc(census.count + 1, sizeof(*tree->strangers));
	for (size_t i = 0; i < census.count && tree->strangers != NULL; i++)
		if (census.processes[i].parent == getpid())
			tree->strangers[tree->stranger_count++] = census.processes[i].pid;
	free(census.processes);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	return tree->strangers != NULL;
}

void tree_send(const struct tree *tree, int signal, bool all)
{
	pid_t group = getpgrp();
	struct census census = take_census(tree);
	for (size_t i = 0; i < census.count; i++) {
		const struct process *p = &census.processes[i];
		if (!p->ours || p->dead || (!all && getpgid(p->pid) == group))
			continue;
		kill(p->pid, signal);
		if (signal != SIGKILL && signal != SIGCONT)
			kill(p->pid, SIGCONT);
	}
	free(census.processes);
}

int tree_reap(const struct tree *tree)
{
	int living = 0;
	struct census census = take_census(tree);
	for (size_t i = 0; i < census.count; i++) {
		const struct process *p = &census.processes[i];
		if (!p->ours)
			continue;
		if (p->parent == getpid() && waitpid(p->pid, NULL, WNOHANG) == p->pid)
			continue;
		living += !p->dead;
	}
	free(census.processes);
	return living;
}

void tree_end(struct tree *tree)
{
	free(tree->strangers);
	*tree = (struct tree){0};
}
