/* descriptors.c: no file of ours is standard output. */
#include "base/descriptors.h"

#include <fcntl.h>
#include <unistd.h>

void descriptors_guard(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		/* what is opened gets the lowest free number: fd */
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR | O_CLOEXEC) < 0)
			open("/", O_PATH | O_CLOEXEC); /* as deaf and mute as a closed one */
	}
}
