/* alarm.c: a timer that goes on. */
#include "base/alarm.h"

#include "base/clock.h"
#include "base/units.h"

#include <stddef.h>

/* A system call that was just about to block when the signal came is interrupted by the next one. */
enum { AGAIN_US = 5 * US_PER_MS };

static void interrupt(int signal)
{
	(void)signal;
}

bool alarm_set(struct alarm *a, int64_t after_us)
{
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGURG};
	struct sigaction action = {.sa_handler = interrupt}; /* without SA_RESTART */
	struct itimerspec times = {.it_value = clock_timespec(after_us > 0 ? after_us : 1),
	                           .it_interval = clock_timespec(AGAIN_US)};
	sigset_t set;
	if (timer_create(CLOCK_BOOTTIME, &event, &a->timer) != 0)
		return false;
	sigemptyset(&set);
	sigaddset(&set, SIGURG);
	sigaction(SIGURG, &action, &a->before);
	sigprocmask(SIG_UNBLOCK, &set, &a->mask); /* the caller may have blocked it */
	timer_settime(a->timer, 0, &times, NULL);
	return true;
}

void alarm_clear(struct alarm *a)
{
	timer_delete(a->timer);
	sigprocmask(SIG_SETMASK, &a->mask, NULL);
	sigaction(SIGURG, &a->before, NULL);
}
