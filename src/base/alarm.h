/*
 * alarm.h: ends system calls that block.
 *
 * The timer sends SIGURG, which is ignored by default: one that somebody else
 * sends does no harm, and the caller's own alarm(2) stays as it is.
 */
#ifndef CBRUN_BASE_ALARM_H
#define CBRUN_BASE_ALARM_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

struct alarm {
	timer_t timer;
	struct sigaction before;
	sigset_t mask;
};

/*
 * From that time on each system call that blocks fails with EINTR, until
 * alarm_clear(). False, with nothing to clear, if the kernel gives no timer.
 */
bool alarm_set(struct alarm *a, int64_t after_us);

void alarm_clear(struct alarm *a);

#endif
