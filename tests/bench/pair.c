/*
 * pair ROUNDS A... --- B...: runs two commands in turn, so that whatever else the
 * machine does meets both, and prints the median time of A by that of B.
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now_us(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static double run(char **command)
{
	pid_t pid;
	int status;
	double start = now_us();
	if (posix_spawnp(&pid, command[0], NULL, NULL, command, environ) != 0 || waitpid(pid, &status, 0) != pid) {
		fprintf(stderr, "pair: cannot run %s\n", command[0]);
		exit(2);
	}
	return now_us() - start;
}

static int compare(const void *left, const void *right)
{
	const double *a = left;
	const double *b = right;
	return (*a > *b) - (*a < *b);
}

static double median(double *values, size_t count)
{
	qsort(values, count, sizeof(*values), compare);
	return values[count / 2];
}

int main(int argc, char **argv)
{
	long rounds = argc > 1 ? strtol(argv[1], NULL, 10) : 0;
	char **first = argv + 2;
	char **second = first;
	while (second < argv + argc && strcmp(*second, "---") != 0)
		second++;
	if (rounds < 1 || second == first || second + 1 >= argv + argc)
		return 2;
	*second++ = NULL;
	double *a = calloc((size_t)rounds, sizeof(*a));
	double *b = calloc((size_t)rounds, sizeof(*b));
	if (a == NULL || b == NULL)
		return 2;
	for (long i = 0; i < rounds; i++) {
		a[i] = run(first);
		b[i] = run(second);
	}
	printf("%.4f\n", median(a, (size_t)rounds) / median(b, (size_t)rounds));
	free(a);
	free(b);
	return 0;
}
