/* watchdog.c: a thread that waits to be called off. */
#include "base/watchdog.h"

#include "base/clock.h"

#include <errno.h>
#include <signal.h>

static void *wait_to_be_called_off(void *context)
{
	struct watchdog *w = context;
	int error = 0;
	pthread_mutex_lock(&w->mutex);
	while (!w->off && error != ETIMEDOUT)
		error = pthread_cond_timedwait(&w->called_off, &w->mutex, &w->until);
	if (!w->off)
		w->end(w->context);
	pthread_mutex_unlock(&w->mutex);
	return NULL;
}

static bool start_thread(struct watchdog *w)
{
	sigset_t all;
	sigset_t before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	bool ok = pthread_create(&w->thread, NULL, wait_to_be_called_off, w) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return ok;
}

void watchdog_begin(struct watchdog *w, int64_t after_us, void (*end)(void *context), void *context)
{
	pthread_condattr_t monotonic;
	*w = (struct watchdog){.until = clock_monotonic_after(after_us), .end = end, .context = context};
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_mutex_init(&w->mutex, NULL);
	pthread_cond_init(&w->called_off, &monotonic);
	pthread_condattr_destroy(&monotonic);
	w->begun = start_thread(w);
}

void watchdog_end(struct watchdog *w)
{
	if (w->begun) {
		pthread_mutex_lock(&w->mutex);
		w->off = true;
		pthread_cond_signal(&w->called_off);
		pthread_mutex_unlock(&w->mutex);
		pthread_join(w->thread, NULL);
	}
	pthread_cond_destroy(&w->called_off);
	pthread_mutex_destroy(&w->mutex);
}
