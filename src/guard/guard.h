/*
 * guard.h: the guarded run: settings, store, breaker and process brought
 * together. It knows no command line and prints nothing: the caller brings the
 * settings, and a sink for what there is to report.
 */
#ifndef CBRUN_GUARD_GUARD_H
#define CBRUN_GUARD_GUARD_H

#include "base/error.h"
#include "base/message.h"
#include "breaker/breaker.h"
#include "settings/options.h"

#include <signal.h>

/* In brackets: which fields of the notice say more. */
enum guard_notice_kind {
	NOTICE_LINE,            /* of the supervisor's [needed, text] */
	NOTICE_REMARK,          /* of the store's [text] */
	NOTICE_STORE_FAULT,     /* the store cannot be used [text]; the consequence is reported, too */
	NOTICE_UNGUARDED,       /* so the command runs without a guard [text] */
	NOTICE_NOT_RECORDED,    /* so the outcome is lost [text] */
	NOTICE_POLICY_DIFFERS,  /* the last call had another [policy, other_policy] */
	NOTICE_IDLE,            /* the command runs, but does not count: it contacts nobody [text: the command] */
	NOTICE_LET_IN,          /* the command will run [admission, text: the command] */
	NOTICE_REJECTED,        /* it will not [admission] */
	NOTICE_REMINDER,        /* and still does not, or still fails [breaker, admission: of a rejection, at] */
	NOTICE_STALE,           /* nor will it, but its last good output is served [admission, ms: its age] */
	NOTICE_TROUBLE,         /* something around the command failed [text] */
	NOTICE_NOT_KEPT,        /* the output is not kept [text: why] */
	NOTICE_ATTEMPT,         /* another attempt [number, of] */
	NOTICE_NO_ATTEMPT,      /* no other: the breaker has opened */
	NOTICE_JUDGED,          /* the call has ended, and counts [breaker, end, call] */
	NOTICE_HEALTH_CHECK,    /* of a probe, and how it ended [needed, outcome] */
	NOTICE_TRANSITION,      /* [event, breaker, end: of the call that led to it, or NULL, ms: how long the
	                         * breaker will reject; -1 = it does not] */
	NOTICE_KEPT_OUTPUT,     /* the output of a call that failed follows [number: 0 = the first one, 1 = the last,
	                         * at, ms: when that was, on the wall clock] */
	NOTICE_HOOK_FAILED,     /* to start [text] */
	NOTICE_HOOK_TIMED_OUT,  /* [text: the hook] */
	NOTICE_HOOK_ENDED,      /* not with 0 [text: the hook, number: its status] */
};
enum { NOTICE_KINDS = NOTICE_HOOK_ENDED + 1 };

/* How a command has ended. */
struct guard_end {
	struct ending ending;
	int64_t limit_ms; /* its time limit; 0 = it had none */
};

struct guard_notice {
	enum guard_notice_kind kind;
	const char *text;
	enum message_level needed;
	const struct admission *admission;
	const struct event *event;
	const struct breaker *breaker; /* as it is now */
	const struct guard_end *end;
	const struct call *call;
	const struct instant *at;
	const struct policy *policy;
	const struct policy *other_policy;
	enum outcome outcome;
	int64_t number;
	int64_t of;
	int64_t ms;
};

/* Gets the notices as they come. It cannot fail, and keeps nothing that they point to. */
struct guard_sink {
	void (*take)(void *context, const struct guard_notice *notice);
	void *context;
};

struct guard_setup {
	const struct settings *settings;    /* their name is the breaker's */
	const struct sigaction *file_limit; /* what signals_survive_file_limit() returned */
	struct guard_sink sink;
};

struct guard_result {
	int status;       /* the exit status to pass on */
	int death_signal; /* not 0: to be died of, as the command did; see signals_die_of() */
};

/*
 * Guards one run of argv, which ends with NULL: asks the breaker, runs the
 * command or does what the settings want instead, records how it ended. False
 * with the error set if the store cannot be used and the settings want no
 * command without it. The process is to end after this: what the kernel then
 * cleans up is left to it.
 */
bool guard_run(const struct guard_setup *setup, char *const *argv, struct guard_result *result,
               struct error *error);

/*
 * Runs the health check of a breaker that waits for trial calls, as a trial
 * call; does nothing if it does not wait. The status is 0 if there was nothing to
 * do or the check succeeded, else 1. death_signal is the signal that cancelled
 * the check, or 0. False if the store cannot be used.
 */
bool guard_probe(const struct guard_setup *setup, struct guard_result *result, struct error *error);

/*
 * Tells the sink of the transitions in a journal that was kept, and runs their
 * hooks. Whoever keeps a transition announces it, so that happens once. Returns
 * the signal that came meanwhile and is to be died of, or 0.
 */
int guard_announce(const struct guard_setup *setup, const struct breaker *b, const struct journal *journal);

/* Whether an event begins or ends an incident: the breaker opens or closes. Opening again does neither. */
bool guard_is_news(const struct event *event);

#endif
