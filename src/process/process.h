/*
 * process.h: running one command with the manners of GNU timeout.
 *
 * The command gets this process's descriptors, its original signal mask and
 * dispositions, and unless `foreground` shares with it a process group of its
 * own. Every terminating signal that reaches cbrun meanwhile is passed on. If
 * cbrun is killed outright, the kernel kills the command.
 */
#ifndef CBRUN_PROCESS_PROCESS_H
#define CBRUN_PROCESS_PROCESS_H

#include "base/error.h"
#include "base/message.h"
#include "breaker/outcome.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	PROCESS_TIMED_OUT = 124,   /* exit statuses, as GNU timeout's */
	PROCESS_CANNOT_RUN = 126,
	PROCESS_NOT_FOUND = 127,
	PROCESS_SIGNAL_BASE = 128,
};

struct process_request {
	char *const *argv;     /* NULL-terminated; argv[0] is looked up in PATH */
	int64_t timeout_ms;    /* 0 = none */
	int64_t kill_after_ms; /* SIGKILL this long after the first signal; 0 = never */
	int signal;            /* what is sent at the time limit */
	bool foreground;       /* stay in the caller's process group, signal the command alone */
	bool preserve_status;  /* at the time limit, pass the command's own status on */
	enum message_level level;
};

struct process_result {
	struct ending ending;
	int status;       /* the exit status to pass on */
	int death_signal; /* not 0: die of this signal, as the command did; see process_die_of() */
	int64_t duration_us;
};

/*
 * Runs the command and waits for its end. False if it could not be started:
 * then the error says why, and the result holds status 126 or 127.
 */
bool process_run(const struct process_request *request, struct process_result *result, struct error *error);

/* Ends this process by the signal, without a core dump; returns if the kernel does not let it. */
void process_die_of(int signal);

#endif
