/* tree.c: descendants, found by following parents. */
#include "process/tree.h"

#include "base/clock.h"
#include "base/processes.h"
#include "base/units.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { KILL_RETRY_US = 20 * US_PER_MS, KILL_ROUNDS = 100 };

struct process {
	pid_t pid;
	pid_t parent;
	bool ours; /* a descendant, and not a stranger */
	bool dead; /* a zombie */
};

/* A census is an array of struct process: all that there are. */
static struct process *process_at(const struct array *census, size_t i)
{
	return (struct process *)census->items + i;
}

static bool read_process(pid_t pid, struct process *process)
{
	struct process_facts facts;
	if (!processes_look(pid, &facts))
		return false;
	*process = (struct process){.pid = pid, .parent = facts.parent, .dead = facts.dead};
	return true;
}

static bool add(struct array *census, const struct process *process)
{
	struct process *place = array_append(census, sizeof(*place));
	if (place == NULL)
		return false;
	*place = *process;
	return true;
}

static bool is_stranger(const struct tree *tree, pid_t pid)
{
	const pid_t *strangers = tree->strangers.items;
	for (size_t i = 0; i < tree->strangers.count; i++)
		if (strangers[i] == pid)
			return true;
	return false;
}

static bool is_child_of_ours(const struct array *census, const struct process *p)
{
	for (size_t i = 0; i < census->count; i++)
		if (process_at(census, i)->ours && process_at(census, i)->pid == p->parent)
			return true;
	return false;
}

/* Marks our children, then their children, until a round finds no more. */
static void mark_ours(const struct tree *tree, struct array *census)
{
	bool found = true;
	while (found) {
		found = false;
		for (size_t i = 0; i < census->count; i++) {
			struct process *p = process_at(census, i);
			bool ours = (p->parent == getpid() && !is_stranger(tree, p->pid)) ||
			            is_child_of_ours(census, p);
			found = found || (ours && !p->ours);
			p->ours = ours;
		}
	}
}

/* The caller frees the census. If memory runs out, it is what fitted. */
static struct array take_census(const struct tree *tree)
{
	struct array census = {0};
	struct processes all = processes_begin();
	for (pid_t pid = processes_next(&all); pid > 0; pid = processes_next(&all)) {
		struct process process;
		if (read_process(pid, &process) && !add(&census, &process))
			break;
	}
	processes_end(&all);
	mark_ours(tree, &census);
	return census;
}

static bool add_stranger(struct tree *tree, pid_t pid)
{
	pid_t *place = array_append(&tree->strangers, sizeof(*place));
	if (place == NULL)
		return false;
	*place = pid;
	return true;
}

bool tree_begin(struct tree *tree)
{
	*tree = (struct tree){0};
	bool ok = true;
	struct array census = take_census(tree);
	for (size_t i = 0; i < census.count && ok; i++)
		if (process_at(&census, i)->parent == getpid())
			ok = add_stranger(tree, process_at(&census, i)->pid);
	array_free(&census);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	return ok;
}

void tree_send(const struct tree *tree, int signal, bool all)
{
	pid_t group = getpgrp();
	struct array census = take_census(tree);
	for (size_t i = 0; i < census.count; i++) {
		const struct process *p = process_at(&census, i);
		if (!p->ours || p->dead || (!all && getpgid(p->pid) == group))
			continue;
		kill(p->pid, signal);
		if (signal != SIGKILL && signal != SIGCONT)
			kill(p->pid, SIGCONT);
	}
	array_free(&census);
}

int tree_reap(const struct tree *tree)
{
	int living = 0;
	struct array census = take_census(tree);
	for (size_t i = 0; i < census.count; i++) {
		const struct process *p = process_at(&census, i);
		if (!p->ours)
			continue;
		if (p->parent == getpid() && waitpid(p->pid, NULL, WNOHANG) == p->pid)
			continue;
		living += !p->dead;
	}
	array_free(&census);
	return living;
}

void tree_clear(const struct tree *tree, const struct signals *signals, int64_t kill_us)
{
	int rounds = 0;
	while (tree_reap(tree) > 0 && rounds < KILL_ROUNDS) {
		siginfo_t info;
		if (kill_us == INT64_MAX)
			kill_us = clock_boot_us() + KILL_RETRY_US;
		if (signals_wait(signals, kill_us, &info) != 0) /* SIGCHLD: count again */
			continue;
		tree_send(tree, SIGKILL, true);
		kill_us = clock_boot_us() + KILL_RETRY_US;
		rounds++;
	}
}

void tree_end(struct tree *tree)
{
	array_free(&tree->strangers);
}
