/*
 * launch.h: starting what a request asks for, with the pipes that it needs.
 */
#ifndef CBRUN_PROCESS_LAUNCH_H
#define CBRUN_PROCESS_LAUNCH_H

#include "process/signals.h"

#include <sys/types.h>

struct process_request;

/*
 * Opens the pipes of the request's input, capture and hints, and starts the command.
 * Our ends stay open, for input_ended(), capture_finish() and hints_ended(). Returns the pid,
 * or -1 with the errno of whatever failed in *failure; then no pipe is open.
 * See struct spawn_plan for `failure`.
 */
pid_t launch_command(const struct process_request *request, const struct signals *signals, volatile int *failure);

#endif
