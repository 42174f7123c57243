/*
 * spawn.c: vfork and exec. The child borrows our memory until it has executed,
 * which costs no copy of the page tables, and lets it tell us exec's errno by
 * a plain variable.
 */
#include "process/spawn.h"

#include <errno.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOT_EXECUTED = 127 };

/* What the child is to know. */
struct birth {
	const struct spawn_plan *plan;
	const struct signals *signals;
	pid_t parent;
	volatile int failure; /* set by the child */
};

/* In the child: nothing here may touch more of the parent's memory than birth->failure. */
static _Noreturn void become(struct birth *birth)
{
	const struct spawn_plan *plan = birth->plan;
	/* If cbrun is killed outright, nothing shall run on unguarded. It may be dead already. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != birth->parent)
		_exit(NOT_EXECUTED);
	if (plan->own_group)
		setpgid(0, 0);
	for (int i = 0; i < 3; i++)
		if (plan->descriptors[i] >= 0)
			dup2(plan->descriptors[i], i);
	signals_give_back(birth->signals);
	execvpe(plan->argv[0], plan->argv, plan->environment != NULL ? plan->environment : environ);
	birth->failure = errno;
	_exit(NOT_EXECUTED);
}

/* A frame of its own, so that vfork's return twice leaves no variable of the caller in doubt. */
static __attribute__((noinline)) pid_t start(struct birth *birth)
{
	pid_t pid = vfork();
	if (pid == 0)
		become(birth);
	return pid;
}

pid_t spawn_start(const struct spawn_plan *plan, const struct signals *signals, int *failure)
{
	struct birth birth = {.plan = plan, .signals = signals, .parent = getpid()};
	pid_t pid = start(&birth);
	*failure = pid < 0 ? errno : birth.failure;
	if (pid > 0 && birth.failure != 0) {
		waitpid(pid, NULL, 0);
		return -1;
	}
	return pid;
}
