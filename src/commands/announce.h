/*
 * announce.h: what follows a transition, after it was committed: messages, the
 * log, hooks. Whoever commits a transition announces it, so that happens once.
 */
#ifndef CBRUN_COMMANDS_ANNOUNCE_H
#define CBRUN_COMMANDS_ANNOUNCE_H

#include "commands/command.h"
#include "process/supervisor.h"

/*
 * Announces the transitions in the journal. `supervisor` runs the hooks; NULL:
 * one is made for them if there are any.
 */
void announce(const struct invocation *in, const char *name, const struct breaker *b,
              const struct journal *journal, struct supervisor *supervisor);

/* Whether an event begins or ends an incident: the breaker opens or closes. Opening again does neither. */
bool announce_is_news(const struct event *event);

/* Logs that the store cannot be used. */
void announce_store_fault(const struct invocation *in, const char *name, const char *text);

enum { ANNOUNCE_VARIABLES = 5, ANNOUNCE_VARIABLE_SIZE = 1200 };

/* This process's environment with the variables BREAKER_... of a hook, fallback or health check. */
struct hook_environment {
	char variables[ANNOUNCE_VARIABLES][ANNOUNCE_VARIABLE_SIZE];
	char **all; /* NULL-terminated */
};

/* What the variables tell. retry_after_ms -1: unknown. False if out of memory. */
bool hook_environment_make(struct hook_environment *e, const char *name, const char *from, const char *to,
                           const char *reason, int64_t retry_after_ms);

void hook_environment_free(struct hook_environment *e);

#endif
