/* supervisor.c: supervising one command from its start to its end. */
#include "process/supervisor.h"

#include "base/clock.h"
#include "base/units.h"
#include "process/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* What is known of the command that runs. */
struct watch {
	struct supervisor *supervisor;
	const struct process_request *request;
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

void supervisor_begin(struct supervisor *s, bool foreground, bool kill_tree, const struct message_sink *sink,
                      const struct sigaction *file_limit)
{
	memset(s, 0, sizeof(*s));
	s->begun = true;
	s->foreground = foreground;
	s->sink = sink;
	signals_take(&s->signals, file_limit);
	if (!foreground)
		setpgid(0, 0);
	s->kill_tree = kill_tree && tree_begin(&s->tree);
}

void supervisor_end(struct supervisor *s)
{
	if (!s->begun)
		return;
	tree_end(&s->tree);
	signals_end(&s->signals);
	s->begun = false;
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
	const struct supervisor *s = w->supervisor;
	const char *name = sigabbrev_np(signal);
	message_send(s->sink, MESSAGE_VERBOSE, "sending signal %s to command '%s'",
	             name != NULL ? name : strsignal(signal), w->request->argv[0]);
	if (signal != SIGKILL)
		arm_kill(w);
	if (w->request->aside)
		signals_send_apart(w->pid, signal);
	else
		signals_send(&s->signals, w->pid, signal, !s->foreground);
	if (s->kill_tree)
		tree_send(&s->tree, signal, s->foreground);
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

static void cancel(struct watch *w, int signal)
{
	w->supervisor->cancelled_by = signal;
	if (!w->timed_out && w->cancelled_by == 0)
		w->cancelled_by = signal;
}

static void pass_on(struct watch *w, int signal, const siginfo_t *info)
{
	const struct supervisor *s = w->supervisor;
	cancel(w, signal);
	if (!has_it_already(w, info)) {
		send(w, signal);
		return;
	}
	arm_kill(w);
	if (s->kill_tree)
		tree_send(&s->tree, signal, false);
}

/* Waits for a signal, and meanwhile moves what flows between us and the command. */
static int next_signal(struct watch *w, siginfo_t *info)
{
	struct supervisor *s = w->supervisor;
	for (;;) {
		struct pollfd polls[STREAMS_POLLS];
		int count = w->request->streams != NULL ? streams_polls(w->request->streams, polls) : 0;
		if (count == 0)
			return signals_wait(&s->signals, w->deadline_us, info);
		enum signals_event event = signals_poll(&s->signals, w->deadline_us, polls, count, info);
		switch (event) {
		case SIGNALS_CAME:
			return info->si_signo;
		case SIGNALS_TIME_IS_UP:
			return 0;
		case SIGNALS_DESCRIPTORS:
			streams_move(w->request->streams, polls, count);
			break;
		}
	}
}

/* If a signal to our whole group has ended the command, we have got that signal, too, and before. */
static void take_pending(struct watch *w)
{
	siginfo_t info;
	int signal;
	while ((signal = signals_wait(&w->supervisor->signals, 0, &info)) != 0)
		if (signal != SIGCHLD)
			cancel(w, signal);
}

/* Waits for the command's end; returns its wait status. */
static int supervise(struct watch *w)
{
	int status;
	for (;;) {
		siginfo_t info;
		int signal = next_signal(w, &info);
		if (signal == 0)
			deadline_passed(w);
		else if (signal != SIGCHLD)
			pass_on(w, signal, &info);
		else if (waitpid(w->pid, &status, WNOHANG) == w->pid)
			break;
	}
	take_pending(w);
	return status;
}

static bool ended_by_us(const struct watch *w)
{
	return w->timed_out || w->cancelled_by != 0;
}

/* If cbrun ended the command, its descendants must not outlive --kill-after either. */
static void clear_tree(const struct watch *w)
{
	const struct supervisor *s = w->supervisor;
	if (!s->kill_tree || !ended_by_us(w))
		return;
	if (w->request->kill_after_ms > 0)
		tree_clear(&s->tree, &s->signals, w->deadline_us);
	else
		tree_reap(&s->tree);
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

/* Starts a command that must not take part in the call's input and output. */
static pid_t start_aside(const struct supervisor *s, const struct process_request *request, int *failure)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int descriptors[3] = {null, STDERR_FILENO, -1};
	struct spawn_plan plan = {request->argv, request->environment, descriptors, true};
	pid_t pid = spawn_start(&plan, &s->signals, failure);
	if (null >= 0)
		close(null);
	return pid;
}

static pid_t start_with_streams(const struct supervisor *s, const struct process_request *request,
                                int *failure)
{
	static const int own[3] = {-1, -1, -1};
	struct streams *streams = request->streams;
	struct spawn_plan plan = {request->argv, request->environment, own, false};
	if (streams == NULL)
		return spawn_start(&plan, &s->signals, failure);
	if (!streams_open(streams)) {
		*failure = errno;
		return -1;
	}
	plan.descriptors = streams->child;
	pid_t pid = spawn_start(&plan, &s->signals, failure);
	streams_started(streams);
	if (pid < 0)
		streams_finish(streams);
	return pid;
}

static bool not_started(const struct process_request *request, int failure, struct process_result *result,
                        struct error *error)
{
	result->ending = (struct ending){ENDING_NOT_STARTED, failure};
	result->status = failure == ENOENT ? PROCESS_NOT_FOUND : PROCESS_CANNOT_RUN;
	return error_set_errno(error, ERROR_SYSTEM, failure, "cannot run '%s'", request->argv[0]);
}

void supervisor_flush(struct supervisor *s, struct streams *streams, int64_t deadline_us)
{
	struct pollfd out = {.events = POLLOUT};
	while ((out.fd = streams_leaving(streams)) >= 0) {
		siginfo_t info;
		switch (signals_poll(&s->signals, deadline_us, &out, 1, &info)) {
		case SIGNALS_CAME:
			if (info.si_signo == SIGCHLD)
				break;
			s->cancelled_by = info.si_signo;
			streams_drop(streams);
			break;
		case SIGNALS_DESCRIPTORS:
			streams_move(streams, &out, 1);
			break;
		case SIGNALS_TIME_IS_UP:
			message_send(s->sink, MESSAGE_NORMAL, "nobody reads the output; the rest is lost");
			streams_drop(streams);
			break;
		}
	}
}

/* Takes what the command has left in the pipes. If it was us who ended it, the reader has a time limit. */
static void collect(const struct watch *w)
{
	struct streams *streams = w->request->streams;
	int64_t deadline_us = INT64_MAX;
	if (ended_by_us(w) && w->request->kill_after_ms > 0)
		deadline_us = after(w->request->kill_after_ms);
	streams_ended(streams);
	do {
		supervisor_flush(w->supervisor, streams, deadline_us);
	} while (streams_take_rest(streams));
	streams_finish(streams);
}

bool supervisor_run(struct supervisor *s, const struct process_request *request,
                    struct process_result *result, struct error *error)
{
	struct watch w = {.supervisor = s, .request = request, .deadline_us = INT64_MAX};
	int failure;
	memset(result, 0, sizeof(*result));
	if (s->cancelled_by != 0 && !request->aside) {
		supervisor_cancelled(s->cancelled_by, result);
		return true;
	}
	int64_t start_us = clock_boot_us();
	if (request->timeout_ms > 0)
		w.deadline_us = start_us + request->timeout_ms * US_PER_MS;
	w.pid = request->aside ? start_aside(s, request, &failure) : start_with_streams(s, request, &failure);
	if (w.pid < 0)
		return not_started(request, failure, result, error);
	int status = supervise(&w);
	clear_tree(&w);
	if (request->streams != NULL)
		collect(&w);
	result->duration_us = clock_boot_us() - start_us;
	conclude(&w, status, result);
	return true;
}

int supervisor_pause(struct supervisor *s, int64_t duration_ms)
{
	int64_t deadline_us = after(duration_ms);
	siginfo_t info;
	while (s->cancelled_by == 0) {
		int signal = signals_wait(&s->signals, deadline_us, &info);
		if (signal == 0)
			return 0;
		if (signal != SIGCHLD)
			s->cancelled_by = signal;
	}
	return s->cancelled_by;
}

void supervisor_cancelled(int signal, struct process_result *result)
{
	*result = (struct process_result){
		.ending = {ENDING_CANCELLED, signal},
		.status = PROCESS_SIGNAL_BASE + signal,
		.death_signal = signal,
	};
}
