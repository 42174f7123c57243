/*
 * supervisor.h: running commands with the manners of GNU timeout.
 *
 * A command gets this process's descriptors, and the signal mask and
 * dispositions that cbrun was started with. Terminating signals to cbrun are
 * passed on to the command. If cbrun is killed, the kernel kills the command.
 *
 * If there is a time limit, cbrun and the command share a process group of their
 * own, so that the limit reaches what the command has started. Otherwise they stay
 * in the caller's, and the terminal treats the command as if cbrun were not there.
 */
#ifndef CBRUN_PROCESS_SUPERVISOR_H
#define CBRUN_PROCESS_SUPERVISOR_H

#include "base/error.h"
#include "base/message.h"
#include "breaker/outcome.h"
#include "process/capture.h"
#include "process/hints.h"
#include "process/input.h"
#include "process/signals.h"
#include "process/tree.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	PROCESS_TIMED_OUT = 124, /* exit statuses, those of GNU timeout */
	PROCESS_CANNOT_RUN = 126,
	PROCESS_NOT_FOUND = 127,
	PROCESS_SIGNAL_BASE = 128,
};

struct supervisor_manners {
	bool limited;    /* something has a time limit */
	bool foreground; /* stay in the caller's process group all the same, and signal the command alone */
	bool kill_tree;  /* signal descendants that have left the group, too */
};

/* What is done again and again while a command runs, or between two. */
struct supervisor_pulse {
	int64_t every_ms; /* 0 = nothing is */
	void (*beat)(void *context); /* short */
	void *context;
};

/* What the commands that this process runs, one after the other, have in common. */
struct supervisor {
	bool begun;
	struct signals signals;
	struct tree tree;
	bool own_group; /* which gets what the command gets */
	bool kill_tree;
	const struct message_sink *sink;
	volatile int *failure; /* for struct spawn_plan */
	int cancelled_by; /* the signal that came and forbids further calls; 0 = none */
	struct supervisor_pulse pulse;
	int64_t beat_us; /* when it is due, on the boot clock */
};

struct process_request {
	char *const *argv;        /* NULL-terminated; argv[0] is looked up in PATH */
	char *const *environment; /* NULL: this process's own */
	int64_t timeout_ms;       /* 0 = none */
	int64_t kill_after_ms;    /* SIGKILL this long after the time limit's signal; 0 = never */
	bool kill_after_given;    /* and after a HUP, INT, QUIT or TERM that is passed on */
	int signal;               /* what is sent at the time limit */
	bool preserve_status;     /* at the time limit, pass on the command's own status */
	struct input *input;      /* the caller's; NULL: the command reads cbrun's standard input */
	struct capture *capture;  /* the caller's; NULL: it writes to cbrun's standard output and error */
	void (*meanwhile)(void *context); /* called while it runs; short. NULL: nothing is */
	void *context;
	struct hints *hints;      /* the caller's; NULL: the command gets no descriptor for them */
	/*
	 * Not the call itself, but a hook or a health check: in its own process
	 * group, without input, and with its output on standard error. Has
	 * neither `input` nor `capture` nor `hints`.
	 */
	bool aside;
};

struct process_result {
	struct ending ending;
	int status;       /* the exit status to pass on */
	int death_signal; /* the signal to die of, as the command did, by signals_die_of(); 0 = none */
	int64_t duration_us;
};

/*
 * Takes over this process's signals, which from here on only the functions
 * below notice, and makes a process group if the manners want one. The sink must
 * outlive the supervisor; it learns which signals commands are sent.
 * `file_limit` is what signals_survive_file_limit() returned.
 */
void supervisor_begin(struct supervisor *s, const struct supervisor_manners *manners,
                      const struct message_sink *sink, const struct sigaction *file_limit);

/* Beats from here on; with every_ms 0, stops. */
void supervisor_set_pulse(struct supervisor *s, const struct supervisor_pulse *pulse);

/* Restores the signals; what nobody has noticed is forgotten. Does nothing to a zeroed supervisor. */
void supervisor_end(struct supervisor *s);

/*
 * As supervisor_end(), for a process that ends now: its signals stay as they
 * are, so that none that comes late changes a status that was recorded.
 */
void supervisor_leave(struct supervisor *s);

/*
 * Runs the command and waits for its end. Returns false if it cannot be
 * started; then the result holds status 126 or 127. A signal cancels the call if
 * the command dies of it, or heeds it within a second. After such a signal, and
 * after any HUP, INT, QUIT or TERM, only what runs aside is started; for anything
 * else the result is that of a cancelled call.
 */
bool supervisor_run(struct supervisor *s, const struct process_request *request,
                    struct process_result *result, struct error *error);

/* Waits; returns 0, or the terminating signal that cut the wait short. */
int supervisor_pause(struct supervisor *s, int64_t duration_ms);

/*
 * Writes what is on its way out, however long the reader takes. A terminating
 * signal, or the time deadline_us on the boot clock (INT64_MAX: never), drops
 * the rest.
 */
void supervisor_flush(struct supervisor *s, struct capture *capture, int64_t deadline_us);

/*
 * From here until supervisor_shield(), a signal does to this process what it did before supervisor_begin(): for
 * work that may hang where no signal is noticed. No command may be running. A terminating signal that came
 * before has cancelled the call.
 */
void supervisor_expose(struct supervisor *s);
void supervisor_shield(struct supervisor *s);

/* Fills in the result of a call that a signal ended while no command ran. */
void supervisor_cancelled(int signal, struct process_result *result);

#endif
