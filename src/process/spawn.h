/*
 * spawn.h: starting a command.
 */
#ifndef CBRUN_PROCESS_SPAWN_H
#define CBRUN_PROCESS_SPAWN_H

#include "process/signals.h"

#include <sys/types.h>

struct spawn_plan {
	char *const *argv;        /* argv[0] is looked up in PATH */
	char *const *environment; /* NULL: this process's own */
	const int *descriptors;   /* [i] becomes descriptor i of the child, 0 to 2; -1: it has ours */
	int hint;                 /* becomes descriptor `hint_number` of the child; -1: there is none */
	int hint_number;
	bool own_group;           /* make it the leader of a process group of its own */
	volatile int *failure;    /* the errno of what kept it from executing, or 0; memory that a child shares */
};

/*
 * Starts a command with the mask and dispositions that were there before
 * signals_take(). Returns its pid, or -1 with the errno of fork or exec in
 * plan->failure; then there is no child to wait for. Where executing hangs, as
 * on a dead mount, this returns all the same, and plan->failure may be set
 * later: look at it when the child has ended.
 */
pid_t spawn_start(const struct spawn_plan *plan, const struct signals *signals);

#endif
