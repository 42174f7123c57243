/*
 * call.h: the state of one guarded run, shared by the files of this directory.
 */
#ifndef CBRUN_GUARD_CALL_H
#define CBRUN_GUARD_CALL_H

#include "guard/guard.h"
#include "process/capture.h"
#include "process/hints.h"
#include "process/input.h"
#include "process/supervisor.h"
#include "store/store.h"

struct guarded_call {
	const struct guard_setup *setup;
	const struct settings *settings;
	char *const *argv;    /* NULL for a probe */
	struct policy policy; /* what the call goes by */
	int64_t start_us;     /* when it began, on the boot clock */
	int64_t deadline_us;  /* and by when it must have ended; INT64_MAX: at no time */
	struct store *store;  /* NULL: it cannot be used, the command runs unguarded */
	bool last_word;       /* a rejection now is one: there is no waiting left */
	bool disagrees;       /* the last call had another policy, `other_policy` */
	struct policy other_policy;
	struct admission admission;
	int64_t incarnation;    /* of the breaker that was asked for admission */
	struct store_step step; /* the last one, with the breaker and the journal as they were kept */
	struct message_sink lines; /* hands the supervisor's on */
	struct supervisor supervisor;
	struct input input;
	struct capture capture;
	struct hints hints; /* what the last attempt said */
	struct process_result result;
	struct guard_end end; /* of the command */
	bool ended;           /* it has run */
	bool reminds;         /* the last step has said that it is time to */
	enum ignored_cause cause; /* of a call that is ignored */
	bool recorded;   /* the store has its outcome */
	int64_t retries; /* attempts beyond the first, so far */
};

/* Hands a notice to the sink. */
void call_tell(const struct guarded_call *g, const struct guard_notice *notice);

/* The same, for one of which a text says all. */
void call_tell_text(const struct guarded_call *g, enum guard_notice_kind kind, const char *text);

#endif
