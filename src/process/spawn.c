/*
 * spawn.c: vfork and exec. The child borrows our memory until it executes, so
 * the kernel copies no page tables, and the child reports exec's errno in a
 * plain variable.
 */
#include "process/spawn.h"

#include <errno.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOT_EXECUTED = 127 };

/* What the child needs to know. */
struct birth {
	const struct spawn_plan *plan;
	const struct signals *signals;
	pid_t parent;
	volatile int failure; /* set by the child */
};

/* In the child: the only memory of the parent that this may change is birth->failure. */
static _Noreturn void become(struct birth *birth)
{
	const struct spawn_plan *plan = birth->plan;
	/* if cbrun is killed, the command must not run on unguarded; cbrun may be dead already */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	pid_t parent = getppid(); /* 0 where a new pid namespace hides it */
	if (parent != birth->parent && parent != 0) {
		birth->failure = ESRCH;
		_exit(NOT_EXECUTED);
	}
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

/* vfork returns twice. In a frame of its own it cannot clobber a variable of the caller. */
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
