/*
 * outcome.h: how one call ended, as the breaker sees it, and the lists by
 * which a user says which endings are successes, failures or neither.
 */
#ifndef CBRUN_BREAKER_OUTCOME_H
#define CBRUN_BREAKER_OUTCOME_H

#include <stdbool.h>
#include <stdint.h>

enum outcome {
	OUTCOME_SUCCESS,
	OUTCOME_FAILURE,
	OUTCOME_TIMEOUT, /* a failure: the command ran past its time limit */
	OUTCOME_IGNORED, /* neither: it says nothing about the dependency */
};

/* How a command ended, before anybody judges it. */
enum ending_kind {
	ENDING_EXITED,      /* value: its exit status, 0 to 255 */
	ENDING_SIGNALED,    /* value: the signal that killed it */
	ENDING_TIMED_OUT,   /* value: unused */
	ENDING_CANCELLED,   /* a signal to cbrun ended the call; value: that signal */
	ENDING_NOT_STARTED, /* value: the errno of exec */
};

struct ending {
	enum ending_kind kind;
	int value;
};

/* A set of endings: `1,5-7,SIGSEGV,signal,timeout,any`. */
struct outcome_list {
	uint64_t exits[4]; /* bit n of the 256: exit status n */
	uint64_t signals;  /* bit n: signal n, 1 to 64 is kept in bits 0 to 63 as n - 1 */
	bool timeout;
	bool any;
};

struct outcome_rules {
	struct outcome_list success; /* exit 0 by default */
	struct outcome_list ignore;
	struct outcome_list failure;
	bool failure_given; /* then only `failure` lists failures, and the rest succeed */
};

void outcome_list_add_exit(struct outcome_list *list, int status);
void outcome_list_add_signal(struct outcome_list *list, int signal);

/*
 * Whether `list` names this ending. A death by signal N is also found under
 * exit status 128 + N, and the time limit under 124: what a shell shows of them.
 */
bool outcome_list_has(const struct outcome_list *list, struct ending ending);

/* Whether two lists name the same ending outright (`any` names none). */
bool outcome_lists_overlap(const struct outcome_list *a, const struct outcome_list *b);

/*
 * Judges an ending: a call that was cancelled or never started is ignored
 * whatever the lists say; then ignore goes before failure before success.
 */
enum outcome outcome_judge(const struct outcome_rules *rules, struct ending ending);

/* "success", "failure", "timeout", "ignored". */
const char *outcome_name(enum outcome outcome);

#endif
