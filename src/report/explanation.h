/*
 * explanation.h: why a breaker is as it is: the facts, put together from the
 * breaker and its history. why.h has the words.
 */
#ifndef CBRUN_REPORT_EXPLANATION_H
#define CBRUN_REPORT_EXPLANATION_H

#include "breaker/breaker.h"

#include <stdbool.h>
#include <stddef.h>

enum {
	EXPLANATION_RUNS = 5,
	EXPLANATION_ACTS = 5,
	EXPLANATION_LINES = 3,
	EXPLANATION_LINE_SIZE = 256,
	EXPLANATION_ALTERNATIVES = 16,
};

/* From when it opened until it was closed again. */
struct explanation_incident {
	bool found;
	bool over;
	bool recorded;         /* the history has its beginning; else the breaker itself has kept what is known */
	struct event opening;
	struct event closing;  /* if it is over */
	struct event runs[EXPLANATION_RUNS]; /* which led to it, oldest first; the last of them */
	size_t run_count;
	int64_t first_wall_ms; /* when the first of those that count has ended; 0 = not known */
	int64_t rejected; /* those included that would have been but for --shadow */
	int64_t trials_failed;
	int64_t trials_succeeded;
	struct event last_trial_failed; /* meaningless if none has */
	int64_t reopenings;
	struct event acts[EXPLANATION_ACTS]; /* by hand, since it opened; the last of them */
	size_t act_count;
};

/* The end of a failing run's output. */
struct explanation_output {
	int64_t wall_ms; /* 0: nothing is kept */
	char lines[EXPLANATION_LINES][EXPLANATION_LINE_SIZE]; /* raw bytes; "" = there is none */
};

/* How the recorded runs go under some policy, see struct replay_tally. */
struct explanation_alternative {
	char options[96]; /* "--open-for 5m"; "" = as it is */
	bool matters;
	int64_t run;
	int64_t rejected;
	int64_t failures_run;
	int64_t failures_avoided;
	int64_t successes_rejected;
	int64_t opened;
	int64_t open_ms;
};

struct explanation {
	/* the question */
	const char *name;
	const struct breaker *breaker;
	struct instant now;
	int64_t at_wall_ms; /* the incident then, or before; 0 = now */
	int64_t running_ms; /* how long the process of admission.running_pid has been running; -1 = not known */
	/* the answer */
	enum breaker_state state;
	enum breaker_mode mode;
	int64_t retry_after_ms;
	struct admission admission; /* of a call that would ask now */
	struct explanation_incident incident;
	bool at_incident; /* the time that was asked for lies in it */
	/* what others add */
	struct explanation_output output;
	struct explanation_alternative as_it_is; /* of the runs in the history */
	int64_t recorded_since_wall_ms;          /* 0: there are none */
	struct explanation_alternative alternatives[EXPLANATION_ALTERNATIVES];
	size_t alternative_count;
};

/*
 * Answers the question, which the caller has filled in. `load` is what runs; the
 * events are the breaker's, oldest first. Of what others add, sets recorded_since_wall_ms.
 */
void explanation_make(struct explanation *e, const struct load *load, const struct event *events, size_t count);

/* Whether a person did it. */
bool explanation_is_by_hand(const struct reason *reason);

/* Takes the last lines of an output. */
void explanation_set_output(struct explanation *e, int64_t wall_ms, const char *bytes, size_t length);

#endif
