/*
 * supervisor.h: running commands with the manners of GNU timeout.
 *
 * A command gets this process's descriptors, its original signal mask and
 * dispositions, and unless `foreground` shares with it a process group of its
 * own. Every terminating signal that reaches cbrun meanwhile is passed on. If
 * cbrun is killed outright, the kernel kills the command.
 */
#ifndef CBRUN_PROCESS_SUPERVISOR_H
#define CBRUN_PROCESS_SUPERVISOR_H

#include "base/error.h"
#include "base/message.h"
#include "breaker/outcome.h"
#include "process/signals.h"
#include "process/streams.h"
#include "process/tree.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	PROCESS_TIMED_OUT = 124, /* exit statuses, as GNU timeout's */
	PROCESS_CANNOT_RUN = 126,
	PROCESS_NOT_FOUND = 127,
	PROCESS_SIGNAL_BASE = 128,
};

/* What all commands that this process runs, one after the other, have in common. */
struct supervisor {
	bool begun;
	struct signals signals;
	struct tree tree;
	bool foreground; /* stay in the caller's process group, signal the command alone */
	bool kill_tree;  /* signal descendants that have left the group, too */
	const struct message_sink *sink;
	int cancelled_by; /* the terminating signal that came; 0 = none. No further call is started then */
};

struct process_request {
	char *const *argv;        /* NULL-terminated; argv[0] is looked up in PATH */
	char *const *environment; /* NULL: this process's own */
	int64_t timeout_ms;       /* 0 = none */
	int64_t kill_after_ms;    /* SIGKILL this long after the first signal; 0 = never */
	int signal;               /* what is sent at the time limit */
	bool preserve_status;     /* at the time limit, pass the command's own status on */
	struct streams *streams;  /* NULL: nothing stands between */
	bool aside; /* not the call itself: no standard input, output to standard error, its own group */
};

struct process_result {
	struct ending ending;
	int status;       /* the exit status to pass on */
	int death_signal; /* not 0: die of this signal, as the command did; see signals_die_of() */
	int64_t duration_us;
};

/*
 * Takes this process's signals and, unless `foreground`, a process group. From
 * here on signals are noticed by the functions below alone. `file_limit` is
 * what signals_survive_file_limit() returned.
 */
void supervisor_begin(struct supervisor *s, bool foreground, bool kill_tree, const struct message_sink *sink,
                      const struct sigaction *file_limit);

/* Gives the signals back; what came too late is forgotten. Does nothing to a zeroed supervisor. */
void supervisor_end(struct supervisor *s);

/*
 * Runs the command and waits for its end. False if it could not be started:
 * then the error says why, and the result holds status 126 or 127. After a
 * terminating signal nothing is started but what is aside: the result is that
 * of a cancelled call.
 */
bool supervisor_run(struct supervisor *s, const struct process_request *request,
                    struct process_result *result, struct error *error);

/* Waits for so long; returns 0, or the terminating signal that ended the wait. */
int supervisor_pause(struct supervisor *s, int64_t duration_ms);

/*
 * Writes what is on its way out, however long the reader takes; a terminating
 * signal, or the time deadline_us on the boot clock, drops the rest.
 */
void supervisor_flush(struct supervisor *s, struct streams *streams, int64_t deadline_us);

/* The result of a call that a signal ended while no command ran. */
void supervisor_cancelled(int signal, struct process_result *result);

#endif
