/*
 * signals.h: the signals of cbrun itself while it supervises a command, and
 * those it sends. Its own are blocked and waited for, so that it needs no
 * handler and none is lost.
 */
#ifndef CBRUN_PROCESS_SIGNALS_H
#define CBRUN_PROCESS_SIGNALS_H

#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct signals {
	sigset_t waited;        /* SIGCHLD and every terminating signal */
	sigset_t original;      /* the mask before signals_take() */
	struct sigaction child; /* and the dispositions: SIGCHLD */
	struct sigaction ttin;
	struct sigaction ttou;
	struct sigaction file_limit; /* SIGXFSZ, before signals_survive_file_limit() */
	int fd;                      /* a signalfd of `waited`, for signals_poll(); -1 until it is needed */
};

/*
 * Makes a write past the limit of file sizes fail, instead of ending this
 * process. Call it before anything is written. Returns the disposition that
 * SIGXFSZ had, for signals_take().
 */
struct sigaction signals_survive_file_limit(void);

/*
 * Blocks the signals, makes the kernel tell of a child's end, and with `unstopped`
 * ignores the terminal's SIGTTIN and SIGTTOU. `file_limit` is what
 * signals_survive_file_limit() returned.
 */
void signals_take(struct signals *signals, const struct sigaction *file_limit, bool unstopped);

/* In the child, before exec: restores the mask and the dispositions. Async-signal-safe. */
void signals_give_back(const struct signals *signals);

/*
 * Until signals_shield(), signals do to this process what they did before signals_take(), but for SIGXFSZ. Of
 * those that have come already, returns the last that ends a process, or 0; they are forgotten.
 */
int signals_expose(const struct signals *signals);
void signals_shield(const struct signals *signals);

/* Restores them in this process, and forgets signals that came but nobody waited for. */
void signals_end(struct signals *signals);

/*
 * Waits for a signal until deadline_us on the boot clock (INT64_MAX: for ever).
 * Returns its number, or 0 when the time is up. Signals that were ignored before
 * signals_take() stay ignored. Neither what this process has sent to its own
 * group counts nor the SIGPIPE of its own writes.
 */
int signals_wait(const struct signals *signals, int64_t deadline_us, siginfo_t *info);

enum { SIGNALS_POLLS = 8 };

enum signals_event {
	SIGNALS_CAME, /* *info tells which */
	SIGNALS_TIME_IS_UP,
	SIGNALS_DESCRIPTORS, /* `revents` are set */
};

/* The same, but returns as soon as poll(2) reports any of at most SIGNALS_POLLS descriptors, too. */
enum signals_event signals_poll(struct signals *signals, int64_t deadline_us, struct pollfd *polls, int count,
                                siginfo_t *info);

/* Sends to a command that leads a process group of its own, and to everything in it; then CONT. */
void signals_send_apart(pid_t command, int signal);

/*
 * Sends to the command and then CONT, so that a stopped one takes notice. With
 * `group` each other member of our process group gets both, too; this process
 * is spared. Nobody gets the signal twice.
 */
void signals_send(const struct signals *signals, pid_t command, int signal, bool group);

enum { SIGNALS_NAME_SIZE = 16 };

/* Writes the signal's name as --signal takes it: TERM, RTMIN+1, RTMAX, or its number. */
void signals_name(int signal, char name[SIGNALS_NAME_SIZE]);

/* Ends this process by the signal, without a core dump; returns if the signal does not end a process. */
void signals_die_of(int signal);

#endif
