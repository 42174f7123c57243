/*
 * pipe.h: pipes between cbrun and a command.
 */
#ifndef CBRUN_PROCESS_PIPE_H
#define CBRUN_PROCESS_PIPE_H

#include <stdbool.h>

/*
 * Makes a pipe that the child reads. Both ends are close-on-exec, and ours does
 * not block. Each end belongs to the caller, who gives it back by pipe_close().
 * Returns false with errno set; then both are -1.
 */
bool pipe_to_child(int *ours, int *child_end);

/* The same, for a pipe that the child writes. */
bool pipe_from_child(int *ours, int *child_end);

/* Closes an end, unless it is -1, and sets it to -1. Keeps errno. */
void pipe_close(int *end);

#endif
