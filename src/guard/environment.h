/*
 * environment.h: what hooks, fallbacks and health checks learn of the breaker.
 */
#ifndef CBRUN_GUARD_ENVIRONMENT_H
#define CBRUN_GUARD_ENVIRONMENT_H

#include <stdbool.h>
#include <stdint.h>

struct environment_facts {
	const char *name;
	const char *from; /* a state's name */
	const char *to;
	const char *reason;
	int64_t retry_after_ms; /* -1: unknown */
};

enum { ENVIRONMENT_VARIABLES = 5, ENVIRONMENT_VARIABLE_SIZE = 1200 };

struct environment {
	char variables[ENVIRONMENT_VARIABLES][ENVIRONMENT_VARIABLE_SIZE];
	char **all; /* NULL-terminated */
};

/* Makes this process's environment with the variables BREAKER_... in it. False if out of memory. */
bool environment_make(struct environment *e, const struct environment_facts *facts);

void environment_free(struct environment *e);

#endif
