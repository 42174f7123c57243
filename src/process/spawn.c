/*
 * spawn.c: vfork and exec. The child borrows our memory until it executes, so
 * the kernel copies no page tables, which would cost 7 % of a call. Until then
 * we sleep, deaf to signals and time limits; so a child that does not come to
 * execute within its patience is ended, and made anew by fork, with us awake.
 */
#include "process/spawn.h"

#include "base/clock.h"
#include "base/processes.h"
#include "base/units.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { NOT_EXECUTED = 127, PATIENCE_US = 500 * US_PER_MS, LOOK_US = US_PER_MS };

/* What the child needs to know. */
struct birth {
	const struct spawn_plan *plan;
	const struct signals *signals;
	pid_t parent;
	bool patient;           /* made by fork */
	volatile bool borrowed; /* the child has our memory: it was made by vfork, and vfork is not fork */
};

/* In the child: lets KILL come when the patience is over. Exec deletes the timer. */
static void limit_patience(void)
{
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGKILL};
	struct itimerspec time = {.it_value = {.tv_nsec = PATIENCE_US * NS_PER_US}};
	timer_t timer;
	if (timer_create(CLOCK_MONOTONIC, &event, &timer) == 0)
		timer_settime(timer, 0, &time, NULL);
}

/* In the child: without close-on-exec, which dup2() clears only where it copies. */
static void pass_on_hint(const struct spawn_plan *plan)
{
	if (plan->hint >= 0 && plan->hint == plan->hint_number)
		fcntl(plan->hint, F_SETFD, 0);
	else if (plan->hint >= 0)
		dup2(plan->hint, plan->hint_number);
}

/* In the child: the only memory of the parent that this may change is birth->borrowed and *plan->failure. */
static _Noreturn void become(struct birth *birth)
{
	const struct spawn_plan *plan = birth->plan;
	birth->borrowed = true;
	/* if cbrun is killed, the command must not run on unguarded; cbrun may be dead already */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	pid_t parent = getppid(); /* 0 where a new pid namespace hides it */
	if (parent != birth->parent && parent != 0) {
		*plan->failure = ESRCH;
		_exit(NOT_EXECUTED);
	}
	if (plan->own_group)
		setpgid(0, 0);
	for (int i = 0; i < 3; i++)
		if (plan->descriptors[i] >= 0)
			dup2(plan->descriptors[i], i);
	pass_on_hint(plan);
	if (!birth->patient)
		limit_patience();
	signals_give_back(birth->signals);
	execvpe(plan->argv[0], plan->argv, plan->environment != NULL ? plan->environment : environ);
	*plan->failure = errno;
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

/*
 * Whether the child has never executed anything. Once vfork has returned, such a
 * child is about to end: it lost its patience, and nothing runs twice.
 */
static bool never_executed(pid_t pid)
{
	struct process_facts facts;
	return processes_look(pid, &facts) && facts.never_executed;
}

/* Where vfork is fork, as under qemu-user: waits as it would, until the child has executed, or ended. */
static void wait_as_vfork(pid_t pid)
{
	siginfo_t ended = {0};
	while (ended.si_pid == 0 && never_executed(pid)) {
		clock_sleep_us(LOOK_US);
		waitid(P_PID, (id_t)pid, &ended, WEXITED | WNOHANG | WNOWAIT);
	}
}

/* Returns at once: exec's failure shows when the child has ended. */
static pid_t start_patiently(struct birth *birth)
{
	birth->patient = true;
	pid_t pid = fork();
	if (pid == 0)
		become(birth);
	if (pid < 0)
		*birth->plan->failure = errno;
	return pid;
}

pid_t spawn_start(const struct spawn_plan *plan, const struct signals *signals)
{
	struct birth birth = {.plan = plan, .signals = signals, .parent = getpid()};
	int64_t start_us = clock_boot_us();
	*plan->failure = 0;
	pid_t pid = start(&birth);
	if (pid < 0)
		*plan->failure = errno;
	if (pid > 0 && !birth.borrowed)
		wait_as_vfork(pid);
	if (pid < 0 || (*plan->failure == 0 && clock_boot_us() - start_us < PATIENCE_US))
		return pid;
	if (*plan->failure == 0 && !never_executed(pid))
		return pid;
	waitpid(pid, NULL, 0);
	return *plan->failure == 0 ? start_patiently(&birth) : -1;
}
