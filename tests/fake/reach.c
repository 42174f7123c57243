/*
 * reach.c: notes which code a program reaches, for tests/tools/reach. What gcc's -fsanitize-coverage=trace-pc
 * calls in each basic block is here: it sets a byte of a file in the directory $REACH, which must be there
 * and as long as the code. The file is mapped, so nothing is lost of a program that is killed, or executes
 * another.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

extern const char __executable_start, etext;

void __sanitizer_cov_trace_pc(void);

static unsigned char *bytes; /* one for each byte of code; NULL: nobody wants to know */

/* The file is called after the size of the code, which tells programs apart wherever they are copied to. */
static void open_map(void)
{
	char path[4096];
	const char *directory = getenv("REACH");
	size_t size = (size_t)(&etext - &__executable_start);
	if (directory == NULL)
		return;
	snprintf(path, sizeof(path), "%s/%zu", directory, size);
	int fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return;
	void *map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	bytes = map != MAP_FAILED ? map : NULL;
	close(fd);
}

void __sanitizer_cov_trace_pc(void)
{
	static int tried;
	if (!tried) {
		tried = 1;
		open_map();
	}
	if (bytes != NULL)
		bytes[(const char *)__builtin_return_address(0) - &__executable_start] = 1;
}
