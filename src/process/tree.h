/*
 * tree.h: the descendants of a command, in whatever group or session: for
 * --kill-tree.
 *
 * cbrun becomes the subreaper of its descendants: a process whose parent dies
 * becomes cbrun's child instead of init's, so none can get out of sight.
 */
#ifndef CBRUN_PROCESS_TREE_H
#define CBRUN_PROCESS_TREE_H

#include "base/array.h"
#include "process/signals.h"

#include <stdbool.h>
#include <stdint.h>

struct tree {
	struct array strangers; /* pid_t: children that this process had before, to be left alone */
};

/*
 * Makes this process the subreaper, and notes the children it has already.
 * Returns false if out of memory; tree_end() is due either way.
 */
bool tree_begin(struct tree *tree);

/* Sends to each descendant but strangers, and unless `all`, but members of our process group. */
void tree_send(const struct tree *tree, int signal, bool all);

/* Waits for those of our children that have ended; returns how many descendants still live. */
int tree_reap(const struct tree *tree);

/*
 * Waits until no descendant lives. Those that still do at kill_us on the boot
 * clock get KILL, and again every 20 ms; INT64_MAX: they have got the first one
 * already. Some cannot be killed, so it gives up after 100 times. Signals that
 * come meanwhile are lost.
 */
void tree_clear(const struct tree *tree, const struct signals *signals, int64_t kill_us);

/* Frees what tree_begin() noted. Does nothing to a zeroed tree. */
void tree_end(struct tree *tree);

#endif
