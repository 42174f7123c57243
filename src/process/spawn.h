/*
 * spawn.h: starting a command.
 */
#ifndef CBRUN_PROCESS_SPAWN_H
#define CBRUN_PROCESS_SPAWN_H

#include "process/signals.h"

#include <sys/types.h>

struct spawn_plan {
	char *const *argv;        /* argv[0] is looked up in PATH */
	char *const *environment; /* NULL: our own */
	const int *descriptors;   /* [i], unless -1, becomes the child's descriptor i, of 0, 1, 2 */
	bool own_group;           /* it leads a process group of its own */
};

/*
 * Starts a child with the signals given back. Returns its pid, or -1 with the
 * errno of fork or exec in *failure.
 */
pid_t spawn_start(const struct spawn_plan *plan, const struct signals *signals, int *failure);

#endif
