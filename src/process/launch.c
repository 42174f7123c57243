/* launch.c: a call with its input and output, or a command aside. */
#include "process/launch.h"

#include "process/spawn.h"
#include "process/supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* A command aside is kept out of the call's input and output. */
static pid_t start_aside(const struct process_request *request, const struct signals *signals, volatile int *failure)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int descriptors[3] = {null, STDERR_FILENO, -1};
	struct spawn_plan plan = {
		.argv = request->argv,
		.environment = request->environment,
		.descriptors = descriptors,
		.hint = -1,
		.own_group = true,
		.failure = failure,
	};
	pid_t pid = spawn_start(&plan, signals);
	if (null >= 0)
		close(null);
	return pid;
}

/* Makes the pipes. Returns false with errno set; then none is open. */
static bool open_pipes(const struct process_request *request)
{
	bool hints = request->hints == NULL || hints_open(request->hints);
	bool input = hints && (request->input == NULL || input_open(request->input));
	if (input && (request->capture == NULL || capture_open(request->capture)))
		return true;
	int failure = errno;
	if (input && request->input != NULL) {
		input_started(request->input);
		input_ended(request->input);
	}
	if (hints && request->hints != NULL) {
		hints_started(request->hints);
		hints_ended(request->hints);
	}
	errno = failure;
	return false;
}

/* Closes the child's ends of the pipes, and unless it runs, ours. */
static void close_pipes(const struct process_request *request, bool runs)
{
	if (request->hints != NULL)
		hints_started(request->hints);
	if (request->input != NULL)
		input_started(request->input);
	if (request->capture != NULL)
		capture_started(request->capture);
	if (request->hints != NULL && !runs)
		hints_ended(request->hints);
	if (request->input != NULL && !runs)
		input_ended(request->input);
	if (request->capture != NULL && !runs)
		capture_finish(request->capture);
}

static pid_t start_call(const struct process_request *request, const struct signals *signals, volatile int *failure)
{
	const struct hints *hints = request->hints;
	if (!open_pipes(request)) {
		*failure = errno;
		return -1;
	}
	int descriptors[3] = {request->input != NULL ? request->input->child : -1, -1, -1};
	if (request->capture != NULL)
		capture_descriptors(request->capture, descriptors + 1);
	struct spawn_plan plan = {
		.argv = request->argv,
		.environment = hints != NULL ? hints->environment : request->environment,
		.descriptors = descriptors,
		.hint = hints != NULL ? hints->child : -1,
		.hint_number = hints != NULL ? hints->number : -1,
		.failure = failure,
	};
	pid_t pid = spawn_start(&plan, signals);
	close_pipes(request, pid > 0);
	return pid;
}

pid_t launch_command(const struct process_request *request, const struct signals *signals, volatile int *failure)
{
	return request->aside ? start_aside(request, signals, failure)
	                      : start_call(request, signals, failure);
}
