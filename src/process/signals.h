/*
 * signals.h: the signals of cbrun itself while a command runs: blocked and
 * waited for, so that no handler is needed and none can be lost.
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
	sigset_t original;      /* the mask when we began */
	struct sigaction child; /* the dispositions when we began */
	struct sigaction ttin;
	struct sigaction ttou;
	struct sigaction file_limit;
	int fd; /* a signalfd of `waited`, for signals_poll(); -1 until it is needed */
};

/*
 * A write past the limit of file sizes shall be an error of that write, not the
 * end of this process. For the very beginning; returns what was, for signals_take().
 */
struct sigaction signals_survive_file_limit(void);

/* Blocks the signals, and sees to it that a child is waited for and the terminal does not stop us. */
void signals_take(struct signals *signals, const struct sigaction *file_limit);

/* In the command, before exec: puts everything back. Async-signal-safe. */
void signals_give_back(const struct signals *signals);

/* Puts everything back in this process, and forgets what came meanwhile and nobody waited for. */
void signals_end(struct signals *signals);

/*
 * Waits for a signal at most until deadline_us on the boot clock (INT64_MAX:
 * for ever). Returns its number, or 0 when the time is up. A signal that was
 * ignored when we began stays so, and what this process sent to its own group,
 * or got for writing to a broken pipe, does not count.
 */
int signals_wait(const struct signals *signals, int64_t deadline_us, siginfo_t *info);

enum signals_event { SIGNALS_CAME, SIGNALS_TIME_IS_UP, SIGNALS_DESCRIPTORS };

/* The same, but returns too when poll(2) has something to say of the descriptors. */
enum signals_event signals_poll(struct signals *signals, int64_t deadline_us, struct pollfd *polls, int count,
                                siginfo_t *info);

/* Sends to a command that leads a process group of its own, and to all in it. */
void signals_send_apart(pid_t command, int signal);

/* Sends to the command, and in a group of our own to each of its members but this process; to each once. */
void signals_send(const struct signals *signals, pid_t command, int signal, bool group);

/* Ends this process by the signal, without a core dump; returns if the kernel does not let it. */
void signals_die_of(int signal);

#endif
