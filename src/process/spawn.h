/*
 * spawn.h: starting a command.
 */
#ifndef CBRUN_PROCESS_SPAWN_H
#define CBRUN_PROCESS_SPAWN_H

#include "process/signals.h"

#include <sys/types.h>

/*
 * Starts argv[0] in a child with the signals given back. `environment` NULL is
 * our own; descriptors[i], unless -1, becomes the child's descriptor i. Returns
 * its pid, or -1 with the errno of fork or exec in *failure.
 */
pid_t spawn(char *const argv[], char *const environment[], const int descriptors[3],
            const struct signals *signals, int *failure);

#endif
