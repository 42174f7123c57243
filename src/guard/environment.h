/*
 * environment.h: what hooks, fallbacks and health checks are told about the breaker.
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
	int64_t last_exit;      /* of the last call; -1: there was none */
	int64_t down_since_wall_ms; /* since when the breaker has not been closed; 0 = it is, and was */
};

enum { ENVIRONMENT_VARIABLES = 7, ENVIRONMENT_VARIABLE_SIZE = 1200 };

struct environment {
	char variables[ENVIRONMENT_VARIABLES][ENVIRONMENT_VARIABLE_SIZE];
	char **all; /* NULL-terminated */
};

/* Makes this process's environment with the variables BREAKER_... in it. False if out of memory. */
bool environment_make(struct environment *e, const struct environment_facts *facts);

void environment_free(struct environment *e);

#endif
