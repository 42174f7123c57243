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

/* In the child: nothing here may touch more of the parent's memory than *failure. */
static _Noreturn void become(char *const argv[], const struct signals *signals, pid_t parent,
                             volatile int *failure)
{
	/* If cbrun is killed outright, nothing shall run on unguarded. It may be dead already. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(NOT_EXECUTED);
	signals_give_back(signals);
	execvp(argv[0], argv);
	*failure = errno;
	_exit(NOT_EXECUTED);
}

pid_t spawn(char *const argv[], const struct signals *signals, int *failure)
{
	volatile int child_failure = 0;
	pid_t parent = getpid();
	pid_t pid = vfork();
	if (pid == 0)
		become(argv, signals, parent, &child_failure);
	*failure = pid < 0 ? errno : child_failure;
	if (pid > 0 && child_failure != 0) {
		waitpid(pid, NULL, 0);
		return -1;
	}
	return pid;
}
