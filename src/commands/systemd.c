/* systemd.c: from the words of systemd.exec(5) to an ending. */
#include "commands/systemd.h"

#include "base/text.h"
#include "settings/values.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

enum { TIMEOUT_STATUS = 124, SIGNAL_BASE = 128 };

/* systemd's own, where it could not execute the command: EXIT_CHDIR to EXIT_BPF. */
enum { FIRST_START_STATUS = 200, LAST_START_STATUS = 245 };

enum meaning { BY_PROCESS, NOTHING_RAN, NOT_STARTED, TIMED_OUT, FAILED, OUT_OF_MEMORY };

/* What the words of $SERVICE_RESULT mean; of the others it is the main process that tells. */
static const struct {
	const char *result;
	enum meaning meaning;
} results[] = {
	{"exec-condition", NOTHING_RAN}, /* `cbrun check` has rejected it, and a rejection is no call */
	{"start-limit-hit", NOTHING_RAN},
	{"resources", NOT_STARTED}, /* the machine's fault */
	{"timeout", TIMED_OUT},
	{"watchdog", TIMED_OUT}, /* it hung */
	{"protocol", FAILED},    /* it did not do what it promised */
	{"oom-kill", OUT_OF_MEMORY},
};

static const char *variable(const char *name)
{
	const char *value = secure_getenv(name);
	return value != NULL ? value : "";
}

static bool refuse(const char *name, struct error *error)
{
	return error_set(
		error, ERROR_USAGE,
		"--systemd is for ExecStopPost= of a service, where systemd sets SERVICE_RESULT, EXIT_CODE "
		"and EXIT_STATUS; %s is '%s' here",
		name, TEXT_BRIEF(variable(name)));
}

/* What `systemctl stop` and a shutdown send: they say nothing of what the service talks to. */
static bool is_request_to_end(int64_t signal)
{
	return signal == SIGTERM || signal == SIGINT || signal == SIGHUP;
}

static void set_exited(struct systemd_end *end, int64_t status)
{
	end->exit = status;
	end->ending = (struct ending){ENDING_EXITED, (int)status};
	if (status >= FIRST_START_STATUS && status <= LAST_START_STATUS)
		end->ending = (struct ending){ENDING_NOT_STARTED, ENOEXEC};
	else if (is_request_to_end(status - SIGNAL_BASE))
		end->ending = (struct ending){ENDING_CANCELLED, (int)status - SIGNAL_BASE};
}

static void set_killed(struct systemd_end *end, int64_t signal)
{
	end->exit = SIGNAL_BASE + signal;
	end->ending.kind = is_request_to_end(signal) ? ENDING_CANCELLED : ENDING_SIGNALED;
	end->ending.value = (int)signal;
}

/* By $EXIT_CODE and $EXIT_STATUS. */
static bool read_process(struct systemd_end *end, struct error *error)
{
	const char *code = variable("EXIT_CODE");
	const char *status = variable("EXIT_STATUS");
	int64_t number;
	if (strcmp(code, "exited") == 0) {
		if (!value_count(status, &number) || number > 255)
			return refuse("EXIT_STATUS", error);
		set_exited(end, number);
		return true;
	}
	if (strcmp(code, "killed") != 0 && strcmp(code, "dumped") != 0)
		return refuse("EXIT_CODE", error);
	if (!value_signal(status, &number))
		return refuse("EXIT_STATUS", error);
	set_killed(end, number);
	return true;
}

static enum meaning meaning_of(const char *result)
{
	for (size_t i = 0; i < sizeof(results) / sizeof(results[0]); i++)
		if (strcmp(results[i].result, result) == 0)
			return results[i].meaning;
	return BY_PROCESS;
}

bool systemd_read_end(struct systemd_end *end, struct error *error)
{
	const char *result = variable("SERVICE_RESULT");
	*end = (struct systemd_end){.ran = true};
	end->as_wanted = strcmp(result, "success") == 0;
	if (*result == '\0')
		return refuse("SERVICE_RESULT", error);
	switch (meaning_of(result)) {
	case BY_PROCESS:
		return read_process(end, error);
	case NOTHING_RAN:
		end->ran = false;
		break;
	case NOT_STARTED:
		set_exited(end, FIRST_START_STATUS);
		break;
	case TIMED_OUT:
		end->exit = TIMEOUT_STATUS;
		end->ending.kind = ENDING_TIMED_OUT;
		break;
	case FAILED:
		set_exited(end, 1);
		break;
	case OUT_OF_MEMORY:
		set_killed(end, SIGKILL);
		break;
	}
	return true;
}
