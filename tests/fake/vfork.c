/* vfork() as some systems have it: a fork, whose child has memory of its own. Linked into a second program under test. */
#include <unistd.h>

pid_t vfork(void)
{
	return fork();
}
