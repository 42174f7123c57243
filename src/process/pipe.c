/* pipe.c: one end for us, one for the child. */
#include "process/pipe.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* Only our end is non-blocking: the command gets a pipe like any other. */
static bool open_ends(int *ours, int *child_end, bool child_writes)
{
	int ends[2] = {-1, -1};
	bool ok = pipe2(ends, O_CLOEXEC) == 0;
	*ours = ends[child_writes ? 0 : 1];
	*child_end = ends[child_writes ? 1 : 0];
	if (ok && fcntl(*ours, F_SETFL, O_NONBLOCK) == 0)
		return true;
	pipe_close(child_end);
	pipe_close(ours);
	return false;
}

bool pipe_to_child(int *ours, int *child_end)
{
	return open_ends(ours, child_end, false);
}

bool pipe_from_child(int *ours, int *child_end)
{
	return open_ends(ours, child_end, true);
}

void pipe_close(int *end)
{
	int before = errno;
	if (*end >= 0)
		close(*end);
	*end = -1;
	errno = before;
}
