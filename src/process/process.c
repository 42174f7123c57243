/* process.c: supervising one command from its start to its end. */
#include "process/process.h"

#include "base/clock.h"
#include "process/signals.h"
#include "process/spawn.h"

#include <errno.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { US_PER_MS = 1000 };

/* What is known of the command that runs. */
struct watch {
	const struct process_request *request;
	struct signals signals;
	pid_t pid;
	int64_t deadline_us; /* when the next signal is due; INT64_MAX = never */
	bool kill_armed;     /* that signal will be KILL */
	bool timed_out;
	int cancelled_by; /* the signal to cbrun that ended the call; 0 = none */
};

static int64_t after(int64_t delay_ms)
{
	return clock_boot_us() + delay_ms * US_PER_MS;
}

/* The first signal arms --kill-after. */
static void arm_kill(struct watch *w)
{
	if (w->request->kill_after_ms == 0 || w->kill_armed)
		return;
	w->kill_armed = true;
	w->deadline_us = after(w->request->kill_after_ms);
}

static void send(struct watch *w, int signal)
{
	const char *name = sigabbrev_np(signal);
	message_print(w->request->level, MESSAGE_VERBOSE, "sending signal %s to command '%s'",
	              name != NULL ? name : strsignal(signal), w->request->argv[0]);
	signals_send(&w->signals, w->pid, signal, !w->request->foreground);
	if (signal != SIGKILL)
		arm_kill(w);
}

static void deadline_passed(struct watch *w)
{
	w->deadline_us = INT64_MAX;
	if (w->cancelled_by == 0)
		w->timed_out = true;
	send(w, w->kill_armed ? SIGKILL : w->request->signal);
}

/* What the terminal sent to the whole group, the command in it has got already. */
static bool has_it_already(const struct watch *w, const siginfo_t *info)
{
	return info->si_code == SI_KERNEL && getpgid(w->pid) == getpgrp();
}

static void pass_on(struct watch *w, int signal, const siginfo_t *info)
{
	if (info->si_code <= 0 && info->si_pid == getpid())
		return; /* our own copy of what we sent to the group */
	if (signal == SIGPIPE && info->si_code > 0)
		return; /* our standard error is broken; nobody asked us to stop */
	if (!w->timed_out && w->cancelled_by == 0)
		w->cancelled_by = signal;
	if (has_it_already(w, info))
		arm_kill(w);
	else
		send(w, signal);
}

/* Waits for the command's end; returns its wait status. */
static int supervise(struct watch *w)
{
	int status;
	for (;;) {
		siginfo_t info;
		int signal = signals_wait(&w->signals, w->deadline_us, &info);
		if (signal == 0)
			deadline_passed(w);
		else if (signal != SIGCHLD)
			pass_on(w, signal, &info);
		else if (waitpid(w->pid, &status, WNOHANG) == w->pid)
			return status;
	}
}

static struct ending ending_of(const struct watch *w, int status)
{
	if (w->cancelled_by != 0)
		return (struct ending){ENDING_CANCELLED, w->cancelled_by};
	if (w->timed_out)
		return (struct ending){ENDING_TIMED_OUT, 0};
	if (WIFSIGNALED(status))
		return (struct ending){ENDING_SIGNALED, WTERMSIG(status)};
	return (struct ending){ENDING_EXITED, WEXITSTATUS(status)};
}

/* The exit statuses of GNU timeout: 124 at the time limit, but 137 if it took a KILL. */
static void conclude(const struct watch *w, int status, struct process_result *result)
{
	int killer = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	result->ending = ending_of(w, status);
	result->status = killer != 0 ? PROCESS_SIGNAL_BASE + killer : WEXITSTATUS(status);
	if (w->timed_out && killer != SIGKILL && !w->request->preserve_status)
		result->status = PROCESS_TIMED_OUT;
	result->death_signal = w->timed_out ? 0 : killer;
}

static bool not_started(const struct process_request *request, int failure, struct process_result *result,
                        struct error *error)
{
	result->ending = (struct ending){ENDING_NOT_STARTED, failure};
	result->status = failure == ENOENT ? PROCESS_NOT_FOUND : PROCESS_CANNOT_RUN;
	return error_set_errno(error, ERROR_SYSTEM, failure, "cannot run '%s'", request->argv[0]);
}

bool process_run(const struct process_request *request, struct process_result *result, struct error *error)
{
	struct watch w = {.request = request, .deadline_us = INT64_MAX};
	int failure;
	memset(result, 0, sizeof(*result));
	signals_take(&w.signals);
	if (!request->foreground)
		setpgid(0, 0);
	int64_t start_us = clock_boot_us();
	w.pid = spawn(request->argv, &w.signals, &failure);
	if (w.pid < 0)
		return not_started(request, failure, result, error);
	if (request->timeout_ms > 0)
		w.deadline_us = after(request->timeout_ms);
	int status = supervise(&w);
	result->duration_us = clock_boot_us() - start_us;
	conclude(&w, status, result);
	return true;
}

void process_die_of(int signal)
{
	struct sigaction usual = {.sa_handler = SIG_DFL};
	sigset_t set;
	prctl(PR_SET_DUMPABLE, 0);
	sigaction(signal, &usual, NULL);
	sigemptyset(&set);
	sigaddset(&set, signal);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	raise(signal);
}
