/* drain.c: waiting for whoever reads cbrun's output. */
#include "process/drain.h"

#include "base/clock.h"
#include "base/units.h"

enum { LINGER_US = US_PER_S };

int drain_leaving(struct capture *capture, struct signals *signals, int64_t deadline_us)
{
	struct pollfd out = {.events = POLLOUT};
	while ((out.fd = capture_leaving(capture)) >= 0) {
		siginfo_t info;
		switch (signals_poll(signals, deadline_us, &out, 1, &info)) {
		case SIGNALS_CAME:
			if (info.si_signo == SIGCHLD)
				break;
			capture_drop(capture);
			return info.si_signo;
		case SIGNALS_DESCRIPTORS:
			capture_move(capture, &out, 1);
			break;
		case SIGNALS_TIME_IS_UP:
			message_send(capture->sink, MESSAGE_NORMAL,
			             "nobody reads the output; the rest is lost");
			capture_drop(capture);
			break;
		}
	}
	return 0;
}

/* Reads until the last writer has closed its end: the `tee` of a script outlives the script by a moment. */
static int drain_writers(struct capture *capture, struct signals *signals, int64_t deadline_us)
{
	struct pollfd polls[CAPTURE_POLLS];
	int count;
	while ((count = capture_polls(capture, polls)) > 0) {
		siginfo_t info;
		switch (signals_poll(signals, deadline_us, polls, count, &info)) {
		case SIGNALS_CAME:
			if (info.si_signo == SIGCHLD)
				break;
			if (capture_leaving(capture) >= 0) { /* nobody reads, and nobody wants it */
				capture_drop(capture);
				capture_finish(capture);
			}
			return info.si_signo;
		case SIGNALS_DESCRIPTORS:
			capture_move(capture, polls, count);
			if (clock_boot_us() >= deadline_us) /* somebody writes without end */
				return 0;
			break;
		case SIGNALS_TIME_IS_UP:
			return 0;
		}
	}
	return 0;
}

int drain_rest(struct capture *capture, struct signals *signals, int64_t deadline_us)
{
	int64_t linger_us = clock_boot_us() + LINGER_US;
	int signal = drain_writers(capture, signals, linger_us < deadline_us ? linger_us : deadline_us);
	capture_ended(capture);
	do {
		int another = drain_leaving(capture, signals, deadline_us);
		signal = another != 0 ? another : signal;
	} while (capture_take_rest(capture));
	capture_finish(capture);
	return signal;
}
