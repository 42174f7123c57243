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

/* Whether it counts as a failure. */
static inline bool outcome_is_failure(enum outcome outcome)
{
	return outcome == OUTCOME_FAILURE || outcome == OUTCOME_TIMEOUT;
}

/* Why a call was ignored. */
enum ignored_cause {
	IGNORED_UNKNOWN,     /* it was not, or an earlier version did not say why */
	IGNORED_BY_LIST,     /* --ignore-on says so */
	IGNORED_CALLER,      /* what is known of the program says that the caller is to blame */
	IGNORED_BY_HINT,     /* the command itself said so */
	IGNORED_CANCELLED,   /* by a signal to cbrun */
	IGNORED_NOT_STARTED, /* the command could not be executed, or was not found */
	IGNORED_TOO_LATE,    /* the time was used up before it could start */
	IGNORED_BROKEN_PIPE, /* whoever read its output went away */
	IGNORED_NEEDED_OPEN, /* it failed while a breaker that it needs was open */
	IGNORED_NO_VERDICT,  /* a health check that could not be run */
};
enum { IGNORED_CAUSES = IGNORED_NO_VERDICT + 1 };

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
	/* what is known of the program: of exit statuses that the lists above do not name */
	struct outcome_list program_success;
	struct outcome_list program_ignore; /* the caller's own fault */
};

/* What the command itself said of how it ended. */
enum outcome_hint { HINT_NONE, HINT_SUCCESS, HINT_FAILURE, HINT_IGNORED };

/* What a call counts as. */
struct verdict {
	enum outcome outcome;
	enum ignored_cause cause; /* of an ignored one */
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
 * whatever the lists say; then ignore overrides failure, that overrides success, and
 * all of them override what is known of the program.
 */
enum outcome outcome_judge(const struct outcome_rules *rules, struct ending ending);

/* Why outcome_judge() ignores an ending; IGNORED_UNKNOWN if it does not. */
enum ignored_cause outcome_ignored_cause(const struct outcome_rules *rules, struct ending ending);

/*
 * The same with what the command said: that overrides every list, but the
 * command has no say in a call that was cancelled, never started, or timed out.
 */
struct verdict outcome_decide(const struct outcome_rules *rules, struct ending ending, enum outcome_hint hint);

/* "success", "failure", "timeout", "ignored". */
const char *outcome_name(enum outcome outcome);

#endif
