/*
 * tree.h: what a command has started, wherever it went: for --kill-tree.
 *
 * cbrun becomes the subreaper of its descendants: a process whose parent dies
 * becomes cbrun's child instead of init's, so none can get out of sight.
 */
#ifndef CBRUN_PROCESS_TREE_H
#define CBRUN_PROCESS_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* The children that this process had before; they are nobody's business here. */
struct tree {
	pid_t *strangers;
	size_t stranger_count;
};

/* Makes this process the subreaper, and notes the children it has already. False if out of memory. */
bool tree_begin(struct tree *tree);

/* Sends to each descendant but strangers, and unless `all` but members of our process group. */
void tree_send(const struct tree *tree, int signal, bool all);

/* Waits for those of our children that have ended; returns how many descendants still live. */
int tree_reap(const struct tree *tree);

void tree_end(struct tree *tree);

#endif
