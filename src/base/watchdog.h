/*
 * watchdog.h: ends this process when its time is over, whatever holds it then. A
 * file system that hangs lets nobody out of its system call but a process that
 * dies, and no timer could say why: so another thread waits.
 */
#ifndef CBRUN_BASE_WATCHDOG_H
#define CBRUN_BASE_WATCHDOG_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

struct watchdog {
	pthread_t thread;
	pthread_mutex_t mutex;
	pthread_cond_t called_off;
	bool begun;
	bool off;
	struct timespec until; /* on CLOCK_MONOTONIC */
	void (*end)(void *context);
	void *context;
};

/*
 * If it is not called off for so many microseconds, in which the machine is
 * awake, `end` is called in another thread, and must end the process. The
 * watchdog must not be moved. All signals are left to the caller's thread. Where
 * there can be no thread there is no watchdog.
 */
void watchdog_begin(struct watchdog *w, int64_t after_us, void (*end)(void *context), void *context);

/* Calls it off, and waits until its thread is gone. */
void watchdog_end(struct watchdog *w);

#endif
