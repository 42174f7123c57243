/* signals.c: taking, waiting for and sending signals. */
#include "process/signals.h"

#include "base/clock.h"
#include "base/processes.h"
#include "base/signal_name.h"
#include "base/units.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

enum { KILL_PASSES = 8, BLIND_US = 20 * US_PER_MS };

/* The kernel sleeps on a clock that stands still while the machine is suspended: after that, look again soon. */
enum { LONGEST_SLEEP_US = 5 * US_PER_S };

static bool is_ignored(int signal)
{
	struct sigaction action;
	return sigaction(signal, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

/* The signals that end a process by default, except those that report its own faults. */
static void add_terminating(sigset_t *set)
{
	static const int terminating[] = {
		SIGHUP,    SIGINT,  SIGQUIT, SIGUSR1, SIGUSR2,   SIGPIPE, SIGALRM, SIGTERM,
		SIGSTKFLT, SIGXCPU, SIGXFSZ, SIGPROF, SIGVTALRM, SIGPOLL, SIGPWR,
	};
	for (size_t i = 0; i < sizeof(terminating) / sizeof(terminating[0]); i++)
		sigaddset(set, terminating[i]);
	for (int signal = SIGRTMIN; signal <= SIGRTMAX; signal++)
		sigaddset(set, signal);
}

struct sigaction signals_survive_file_limit(void)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	struct sigaction before;
	sigaction(SIGXFSZ, &ignore, &before);
	return before;
}

void signals_take(struct signals *signals, const struct sigaction *file_limit, bool unstopped)
{
	struct sigaction usual = {.sa_handler = SIG_DFL};
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	signals->fd = -1;
	signals->file_limit = *file_limit;
	sigemptyset(&signals->waited);
	sigaddset(&signals->waited, SIGCHLD);
	add_terminating(&signals->waited);
	sigprocmask(SIG_BLOCK, &signals->waited, &signals->original);
	/* it is blocked now and cannot hurt: one of our own making is noise, anybody else's is passed on */
	sigaction(SIGXFSZ, file_limit, NULL);
	sigaction(SIGCHLD, &usual, &signals->child);
	sigaction(SIGTTIN, unstopped ? &ignore : NULL, &signals->ttin);
	sigaction(SIGTTOU, unstopped ? &ignore : NULL, &signals->ttou);
}

void signals_give_back(const struct signals *signals)
{
	sigaction(SIGCHLD, &signals->child, NULL);
	sigaction(SIGTTIN, &signals->ttin, NULL);
	sigaction(SIGTTOU, &signals->ttou, NULL);
	sigaction(SIGXFSZ, &signals->file_limit, NULL);
	sigprocmask(SIG_SETMASK, &signals->original, NULL);
}

/* Signals that mean nothing here: ignored from the start, sent by ourselves, or raised by our own writes. */
static bool is_noise(int signal, const siginfo_t *info)
{
	if (signal == SIGCHLD)
		return false;
	return is_ignored(signal) || (info->si_code <= 0 && info->si_pid == getpid());
}

/* Returns the last of them that meant something to this process, or 0. */
static int forget_pending(const struct signals *signals)
{
	struct timespec at_once = {0};
	siginfo_t info;
	int last = 0;
	for (int signal; (signal = sigtimedwait(&signals->waited, &info, &at_once)) > 0;)
		if (signal != SIGCHLD && !is_noise(signal, &info))
			last = signal;
	return last;
}

int signals_expose(const struct signals *signals)
{
	int last = forget_pending(signals);
	signals_survive_file_limit();
	sigprocmask(SIG_SETMASK, &signals->original, NULL);
	return last;
}

void signals_shield(const struct signals *signals)
{
	sigprocmask(SIG_BLOCK, &signals->waited, NULL);
	sigaction(SIGXFSZ, &signals->file_limit, NULL);
}

void signals_end(struct signals *signals)
{
	forget_pending(signals);
	if (signals->fd >= 0)
		close(signals->fd);
	signals->fd = -1;
	signals_give_back(signals);
	signals_survive_file_limit();
}

static struct timespec rest_until(int64_t deadline_us)
{
	int64_t rest_us = deadline_us - clock_boot_us();
	if (rest_us < 0)
		rest_us = 0;
	if (rest_us > LONGEST_SLEEP_US)
		rest_us = LONGEST_SLEEP_US;
	return clock_timespec(rest_us);
}

int signals_wait(const struct signals *signals, int64_t deadline_us, siginfo_t *info)
{
	for (;;) {
		bool bounded = deadline_us != INT64_MAX;
		struct timespec rest = rest_until(deadline_us);
		int signal = sigtimedwait(&signals->waited, info, bounded ? &rest : NULL);
		if (signal > 0 && !is_noise(signal, info))
			return signal;
		if (signal < 0 && errno == EAGAIN && clock_boot_us() >= deadline_us)
			return 0;
	}
}

enum signals_event signals_poll(struct signals *signals, int64_t deadline_us, struct pollfd *polls, int count,
                                siginfo_t *info)
{
	struct pollfd all[SIGNALS_POLLS + 1];
	if (signals->fd < 0)
		signals->fd = signalfd(-1, &signals->waited, SFD_CLOEXEC | SFD_NONBLOCK);
	memcpy(all, polls, (size_t)count * sizeof(*polls));
	all[count] = (struct pollfd){.fd = signals->fd, .events = POLLIN};
	bool blind = signals->fd < 0; /* no descriptor is free: look every now and then */
	for (;;) {
		int64_t wake_us = blind ? clock_boot_us() + BLIND_US : deadline_us;
		struct timespec rest = rest_until(wake_us < deadline_us ? wake_us : deadline_us);
		struct timespec none = {0};
		int ready = ppoll(all, (nfds_t)count + 1, wake_us != INT64_MAX ? &rest : NULL, NULL);
		bool came = ready > 0 && all[count].revents != 0;
		if (came || blind) {
			int signal = sigtimedwait(&signals->waited, info, &none);
			if (signal > 0 && !is_noise(signal, info))
				return SIGNALS_CAME;
			all[count].revents = 0;
			ready -= came;
		}
		if (ready > 0) {
			memcpy(polls, all, (size_t)count * sizeof(*polls));
			return SIGNALS_DESCRIPTORS;
		}
		if (clock_boot_us() >= deadline_us)
			return SIGNALS_TIME_IS_UP;
	}
}

/* Sends to each member of our process group but this process; returns how many there were. */
static int send_to_members(int signal)
{
	pid_t group = getpgrp();
	int count = 0;
	struct processes all = processes_begin();
	for (pid_t pid = processes_next(&all); pid > 0; pid = processes_next(&all))
		if (pid != getpid() && getpgid(pid) == group && kill(pid, signal) == 0)
			count++;
	processes_end(&all);
	return count;
}

/*
 * A signal that cannot be ignored would hit this process, too, so the members
 * get it one by one, and again as long as there are more of them than before.
 * The dead count until their parents wait for them, so the passes are limited.
 */
static void send_unblockable(int signal)
{
	int before = 0;
	for (int pass = 0; pass < KILL_PASSES; pass++) {
		int count = send_to_members(signal);
		if (count <= before)
			return;
		before = count;
	}
}

/*
 * Our own copy is noise to signals_wait() if it is waited for, and SIGCONT does
 * no harm. Any other must be ignored while we send it. Where that is impossible
 * the command comes first, since finding the others takes a descriptor, and /proc.
 */
static void send_to_group(const struct signals *signals, pid_t command, int signal)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	struct sigaction before;
	if (sigismember(&signals->waited, signal) || signal == SIGCONT) {
		kill(0, signal);
	} else if (sigaction(signal, &ignore, &before) == 0) {
		kill(0, signal);
		sigaction(signal, &before, NULL);
	} else {
		kill(command, signal);
		send_unblockable(signal);
	}
}

void signals_send_apart(pid_t command, int signal)
{
	kill(-command, signal);
	if (signal != SIGKILL && signal != SIGCONT)
		kill(-command, SIGCONT);
}

void signals_send(const struct signals *signals, pid_t command, int signal, bool group)
{
	bool member = group && getpgid(command) == getpgrp(); /* the command may have left the group */
	if (!member)
		kill(command, signal);
	if (group)
		send_to_group(signals, command, signal);
	if (signal == SIGKILL || signal == SIGCONT)
		return;
	if (!member)
		kill(command, SIGCONT);
	if (group)
		kill(0, SIGCONT);
}

void signals_name(int signal, char name[SIGNALS_NAME_SIZE])
{
	const char *usual = signal_name(signal);
	if (usual != NULL)
		snprintf(name, SIGNALS_NAME_SIZE, "%s", usual);
	else if (signal == SIGRTMIN || signal == SIGRTMAX)
		snprintf(name, SIGNALS_NAME_SIZE, "%s", signal == SIGRTMIN ? "RTMIN" : "RTMAX");
	else if (signal > SIGRTMIN && signal < SIGRTMAX)
		snprintf(name, SIGNALS_NAME_SIZE, "RTMIN+%d", signal - SIGRTMIN);
	else
		snprintf(name, SIGNALS_NAME_SIZE, "%d", signal);
}

void signals_die_of(int signal)
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
