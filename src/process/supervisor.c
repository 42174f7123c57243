/* supervisor.c: one command, from its start to its end. */
#include "process/supervisor.h"

#include "base/clock.h"
#include "base/units.h"
#include "process/drain.h"
#include "process/launch.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* How long a command may tidy up after a signal for its end to count as the signal's doing. */
enum { HEED_US = US_PER_S };

_Static_assert(CAPTURE_POLLS + INPUT_POLLS + HINTS_POLLS <= SIGNALS_POLLS, "signals_poll() takes them all");

/* The command that runs. */
struct watch {
	struct supervisor *supervisor;
	const struct process_request *request;
	pid_t pid;
	sigset_t early;   /* what was waiting for us when the command had started, and may have come before it */
	int64_t limit_us; /* when its time is up; INT64_MAX = never, or it was */
	int64_t kill_us;  /* when KILL is due; INT64_MAX = it is not, or was sent */
	bool kill_armed;
	bool killed;
	bool timed_out;
	sigset_t came;    /* signals to cbrun meanwhile */
	int asked_by;     /* the last one that asks a process to end; 0 = none */
	int64_t asked_us; /* when it came */
	int cancelled_by; /* the signal to cbrun that has ended the call; 0 = none */
};

static int64_t after(int64_t delay_ms)
{
	return clock_boot_us() + delay_ms * US_PER_MS;
}

void supervisor_begin(struct supervisor *s, const struct supervisor_manners *manners,
                      const struct message_sink *sink, const struct sigaction *file_limit)
{
	memset(s, 0, sizeof(*s));
	s->begun = true;
	s->own_group = manners->limited && !manners->foreground;
	s->sink = sink;
	/* who keeps a time limit must not be stopped by the terminal; anybody else is, with the command */
	signals_take(&s->signals, file_limit, manners->limited);
	if (s->own_group)
		setpgid(0, 0);
	s->failure = mmap(NULL, sizeof(*s->failure), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	s->kill_tree = manners->kill_tree && tree_begin(&s->tree);
}

void supervisor_set_pulse(struct supervisor *s, const struct supervisor_pulse *pulse)
{
	s->pulse = *pulse;
	s->beat_us = pulse->every_ms > 0 ? after(pulse->every_ms) : INT64_MAX;
}

/* When it is due; INT64_MAX = never. */
static int64_t next_beat_us(const struct supervisor *s)
{
	return s->pulse.every_ms > 0 ? s->beat_us : INT64_MAX;
}

/* Whether it was due, and is done now. */
static bool beat(struct supervisor *s)
{
	if (s->pulse.every_ms == 0 || clock_boot_us() < s->beat_us)
		return false;
	s->pulse.beat(s->pulse.context);
	s->beat_us = after(s->pulse.every_ms);
	return true;
}

void supervisor_end(struct supervisor *s)
{
	if (!s->begun)
		return;
	if (s->failure != MAP_FAILED)
		munmap((void *)s->failure, sizeof(*s->failure));
	tree_end(&s->tree);
	signals_end(&s->signals);
	s->begun = false;
}

static int64_t min(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

void supervisor_leave(struct supervisor *s)
{
	tree_end(&s->tree);
}

void supervisor_expose(struct supervisor *s)
{
	int signal = signals_expose(&s->signals);
	if (signal != 0)
		s->cancelled_by = signal;
}

void supervisor_shield(struct supervisor *s)
{
	signals_shield(&s->signals);
}

/* --kill-after counts from the first signal that it applies to. */
static void arm_kill(struct watch *w)
{
	if (w->request->kill_after_ms == 0 || w->kill_armed)
		return;
	w->kill_armed = true;
	w->kill_us = after(w->request->kill_after_ms);
}

/* Others, such as USR1, may ask for anything. */
static bool asks_to_end(int signal)
{
	return signal == SIGHUP || signal == SIGINT || signal == SIGQUIT || signal == SIGTERM;
}

/* Whether a command that ends badly now does so because it was asked to. */
static bool was_asked_just_now(const struct watch *w)
{
	return w->asked_by != 0 && clock_boot_us() - w->asked_us <= HEED_US;
}

static void send(struct watch *w, int signal)
{
	const struct supervisor *s = w->supervisor;
	char name[SIGNALS_NAME_SIZE];
	signals_name(signal, name);
	message_send(s->sink, MESSAGE_VERBOSE, "sending signal %s to command '%s'", name, w->request->argv[0]);
	w->killed = w->killed || signal == SIGKILL;
	if (w->request->aside)
		signals_send_apart(w->pid, signal);
	else
		signals_send(&s->signals, w->pid, signal, s->own_group);
	if (s->kill_tree)
		tree_send(&s->tree, signal, !s->own_group);
}

/* One of them is over: the time limit, the time before a KILL, or that between two beats. */
static void deadline_passed(struct watch *w)
{
	if (beat(w->supervisor))
		return;
	if (w->kill_us <= w->limit_us) {
		w->kill_us = INT64_MAX;
		send(w, SIGKILL);
		return;
	}
	w->limit_us = INT64_MAX;
	w->timed_out = !was_asked_just_now(w);
	if (w->request->signal != SIGKILL)
		arm_kill(w);
	send(w, w->request->signal);
}

/*
 * What is typed reaches the whole group: a command in it has got the signal
 * already, unless it was not yet there. The kernel's other signals, such as HUP
 * or ALRM, are for one process.
 */
static bool has_it_already(const struct watch *w, const siginfo_t *info)
{
	bool typed = info->si_code == SI_KERNEL && (info->si_signo == SIGINT || info->si_signo == SIGQUIT);
	bool was_there = sigismember(&w->early, info->si_signo) == 0;
	return typed && was_there && getpgid(w->pid) == getpgrp();
}

static void note(struct watch *w, int signal)
{
	sigaddset(&w->came, signal);
	if (!asks_to_end(signal))
		return;
	w->asked_by = signal;
	w->asked_us = clock_boot_us();
}

static void pass_on(struct watch *w, int signal, const siginfo_t *info)
{
	const struct supervisor *s = w->supervisor;
	note(w, signal);
	if (asks_to_end(signal) && w->request->kill_after_given)
		arm_kill(w);
	if (!has_it_already(w, info))
		send(w, signal);
	else if (s->kill_tree)
		tree_send(&s->tree, signal, false);
	sigdelset(&w->early, signal);
}

/* Waits for a signal, and meanwhile moves input, output and hints. Returns 0 at the deadline. */
static int next_signal(struct watch *w, siginfo_t *info)
{
	struct signals *signals = &w->supervisor->signals;
	struct capture *capture = w->request->capture;
	struct input *input = w->request->input;
	struct hints *hints = w->request->hints;
	int64_t deadline_us = min(min(w->limit_us, w->kill_us), next_beat_us(w->supervisor));
	for (;;) {
		struct pollfd polls[CAPTURE_POLLS + INPUT_POLLS + HINTS_POLLS];
		int outputs = capture != NULL ? capture_polls(capture, polls) : 0;
		int inputs = input != NULL ? input_polls(input, polls + outputs) : 0;
		int others = outputs + inputs;
		int all = others + (hints != NULL ? hints_polls(hints, polls + others) : 0);
		if (all == 0)
			return signals_wait(signals, deadline_us, info);
		switch (signals_poll(signals, deadline_us, polls, all, info)) {
		case SIGNALS_CAME:
			return info->si_signo;
		case SIGNALS_TIME_IS_UP:
			return 0;
		case SIGNALS_DESCRIPTORS:
			if (outputs > 0)
				capture_move(capture, polls, outputs);
			if (inputs > 0)
				input_move(input, polls + outputs, inputs);
			if (all > others)
				hints_move(hints, polls + others);
			break;
		}
	}
}

/* A signal to our whole group, of which the command died, is pending here, too. */
static void take_pending(struct watch *w)
{
	siginfo_t info;
	int signal;
	while ((signal = signals_wait(&w->supervisor->signals, 0, &info)) != 0)
		if (signal != SIGCHLD)
			note(w, signal);
}

/*
 * The signal to cbrun that ended the command: it died of it, or says that it
 * did, or ended badly as soon as it was asked to. A signal that it survived has
 * ended nothing. 0: there is none.
 */
static int cancelling_signal(const struct watch *w, int status)
{
	int code = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status) - PROCESS_SIGNAL_BASE;
	if (w->timed_out)
		return 0;
	if (code > 0 && sigismember(&w->came, code) == 1)
		return code;
	if (WIFSIGNALED(status) && w->killed)
		return w->asked_by;
	bool succeeded = WIFEXITED(status) && WEXITSTATUS(status) == 0;
	return !succeeded && was_asked_just_now(w) ? w->asked_by : 0;
}

/* Waits for the command's end. Returns its wait status. */
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
	w->cancelled_by = cancelling_signal(w, status);
	/* even where it has ended nothing: who asked the command to end wants no further one */
	if (w->cancelled_by != 0 || w->asked_by != 0)
		w->supervisor->cancelled_by = w->cancelled_by != 0 ? w->cancelled_by : w->asked_by;
	return status;
}

static bool ended_by_us(const struct watch *w)
{
	return w->timed_out || w->cancelled_by != 0;
}

/* If cbrun ended the command, its descendants must not outlive a KILL that is due either. */
static void clear_tree(const struct watch *w)
{
	const struct supervisor *s = w->supervisor;
	if (!s->kill_tree || !ended_by_us(w))
		return;
	if (w->kill_armed || w->killed)
		tree_clear(&s->tree, &s->signals, w->kill_us);
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

/* As GNU timeout does: 124 at the time limit, but 137 if it took a KILL. */
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

/* Takes what the command has left in its pipes. If cbrun ended it, the reader has --kill-after at most. */
static void collect(const struct watch *w)
{
	struct supervisor *s = w->supervisor;
	int64_t deadline_us = INT64_MAX;
	if (w->request->hints != NULL)
		hints_ended(w->request->hints);
	if (w->request->input != NULL)
		input_ended(w->request->input);
	if (w->request->capture == NULL)
		return;
	if (ended_by_us(w) && w->request->kill_after_ms > 0)
		deadline_us = after(w->request->kill_after_ms);
	int signal = drain_rest(w->request->capture, &s->signals, deadline_us);
	if (signal != 0)
		s->cancelled_by = signal;
}

/* A signal that came while nothing ran is not lost on what is about to. */
static void take_early(struct supervisor *s)
{
	siginfo_t info;
	int signal;
	while ((signal = signals_wait(&s->signals, 0, &info)) != 0)
		if (signal != SIGCHLD)
			s->cancelled_by = signal;
}

bool supervisor_run(struct supervisor *s, const struct process_request *request,
                    struct process_result *result, struct error *error)
{
	struct watch w = {.supervisor = s, .request = request, .limit_us = INT64_MAX, .kill_us = INT64_MAX};
	memset(result, 0, sizeof(*result));
	sigemptyset(&w.came);
	take_early(s);
	if (s->cancelled_by != 0 && !request->aside) {
		supervisor_cancelled(s->cancelled_by, result);
		return true;
	}
	if (s->failure == MAP_FAILED)
		return not_started(request, ENOMEM, result, error);
	int64_t start_us = clock_boot_us();
	if (request->timeout_ms > 0)
		w.limit_us = start_us + request->timeout_ms * US_PER_MS;
	w.pid = launch_command(request, &s->signals, s->failure);
	sigpending(&w.early);
	if (w.pid < 0)
		return not_started(request, *s->failure, result, error);
	if (request->meanwhile != NULL)
		request->meanwhile(request->context);
	int status = supervise(&w);
	clear_tree(&w);
	collect(&w);
	if (*s->failure != 0)
		return not_started(request, *s->failure, result, error);
	result->duration_us = clock_boot_us() - start_us;
	conclude(&w, status, result);
	return true;
}

int supervisor_pause(struct supervisor *s, int64_t duration_ms)
{
	int64_t deadline_us = after(duration_ms);
	siginfo_t info;
	while (s->cancelled_by == 0) {
		int signal = signals_wait(&s->signals, min(deadline_us, next_beat_us(s)), &info);
		if (signal == 0 && !beat(s))
			return 0;
		if (signal != 0 && signal != SIGCHLD)
			s->cancelled_by = signal;
	}
	return s->cancelled_by;
}

void supervisor_flush(struct supervisor *s, struct capture *capture, int64_t deadline_us)
{
	int signal = drain_leaving(capture, &s->signals, deadline_us);
	if (signal != 0)
		s->cancelled_by = signal;
}

void supervisor_cancelled(int signal, struct process_result *result)
{
	*result = (struct process_result){
		.ending = {ENDING_CANCELLED, signal},
		.status = PROCESS_SIGNAL_BASE + signal,
		.death_signal = signal,
	};
}
