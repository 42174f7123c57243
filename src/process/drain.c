/* drain.c: waiting for whoever reads cbrun's output. */
#include "process/drain.h"

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

int drain_rest(struct capture *capture, struct signals *signals, int64_t deadline_us)
{
	int signal;
	capture_ended(capture);
	do {
		signal = drain_leaving(capture, signals, deadline_us);
	} while (capture_take_rest(capture));
	capture_finish(capture);
	return signal;
}
